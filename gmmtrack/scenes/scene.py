"""Scene: a clip declared: what stands, what moves, what disturbs, and how it is filmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes.actor import Actor, Occluder
from gmmtrack.scenes.background import Background, Region
from gmmtrack.scenes.camera import Camera, Image
from gmmtrack.scenes.disturbance import Disturbance
from gmmtrack.scenes.view import Above, View

FOREGROUND, SHADOW = 255, 50  # CDnet's values


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun:
    """Where shadows fall.

    fall: (x, y) offset of the shadow of what is one high, y other than 0 · strength: share of light lost
    """

    fall: tuple[float, float] = (0.7, -0.25)
    strength: float = 0.45

    def __post_init__(self) -> None:
        if not self.fall[1]:
            raise ArgumentError(f"fall must have y other than 0, got {self.fall!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFrame:
    """A rendered frame, and all that is true of it, one row an object that is within the frame, hidden or not.

    image: (H, W, 3) uint8 BGR, or (H, W) uint8 or uint16 as the camera has it · index: from 0 · time: [s]
    mask: (H, W) uint8, 255 object, 50 shadow, 0 background · owners: (H, W) int32, the id that each pixel shows, or 0
    ids: (N,) int64, from 1, rising · labels: (N,) int64, MOTChallenge's classes
    boxes: (N, 4) float64 x0, y0, x1, y1 [pixels], end exclusive, of the whole object, hidden parts too
    visible_boxes: (N, 4) of what is seen, zeros where nothing is · visibility: (N,) float64, share of pixels seen
    """

    image: Image
    index: int
    time: float
    mask: NDArray[np.uint8]
    owners: NDArray[np.int32]
    ids: NDArray[np.int64]
    labels: NDArray[np.int64]
    boxes: NDArray[np.float64]
    visible_boxes: NDArray[np.float64]
    visibility: NDArray[np.float64]

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(N,) whether at least one pixel is seen."""
        return np.asarray(self.visibility > 0)

    def object_mask(self, number: int) -> NDArray[np.bool_]:
        """Return the pixels that show the object with id `number`: (H, W)."""
        return np.asarray(self.owners == number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A clip declared; `frames` renders it, the same on every run.

    size: (W, H) [pixels] · frame_rate: [Hz] · duration: [s], None for endless · seed: of everything random
    sun: None for an overcast sky · objects and occluders may be in any order
    """

    size: tuple[int, int] = (640, 360)
    frame_rate: float = 25.0
    duration: float | None = 10.0
    background: Background = field(default_factory=lambda: Background((Region("pavement"),)))
    view: View = field(default_factory=Above)
    sun: Sun | None = None
    disturbances: tuple[Disturbance, ...] = ()
    objects: tuple[Actor, ...] = ()
    occluders: tuple[Occluder, ...] = ()
    camera: Camera = field(default_factory=Camera)
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.size) < 8:
            raise ArgumentError(f"size must be at least 8 x 8 pixels, got {self.size[0]} x {self.size[1]}")
        if not 0 < self.frame_rate <= 1000:
            raise ArgumentError(f"frame_rate must be > 0 and <= 1000 Hz, got {self.frame_rate!r}")
        if self.duration is not None and not self.duration > 0:
            raise ArgumentError(f"duration must be > 0 s, got {self.duration!r}")
        if self.seed < 0:
            raise ArgumentError(f"seed must be >= 0, got {self.seed!r}")

    @property
    def n_frames(self) -> int | None:
        """How many frames there are, or None for endlessly many."""
        return None if self.duration is None else max(round(self.duration * self.frame_rate), 1)

    def frames(self, start: int = 0) -> Iterator[TrueFrame]:
        """Render the frames from index `start` on, one by one as they are asked for."""
        from gmmtrack.scenes.renderer import Renderer  # it needs Scene

        renderer, index = Renderer(self), start
        while self.n_frames is None or index < self.n_frames:
            yield renderer.frame(index)
            index += 1
