"""Background: what the camera sees when nothing moves: regions of materials and flat markings, far to near."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes.materials import Colour, materials
from gmmtrack.scenes.noise import Plane
from gmmtrack.scenes.view import View

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A polygon of one material; the first region of a background covers the frame, whatever its polygon.

    material: a name of `materials()` · points: corners (x, y) [shares of the frame's width and height]
    shade: its brightness as a share of the material's own
    """

    material: str
    points: Points = ()
    shade: float = 1.0

    def __post_init__(self) -> None:
        if self.material not in materials():
            raise ArgumentError(f"material must be one of {', '.join(materials())}, got {self.material!r}")


@dataclass(frozen=True, slots=True)
class Marking:
    """A polygon of one colour: a lane line, a window, a kerb.

    points: as for `Region` · colour: BGR, 0-255 · wear: share of its pixels that are rubbed off
    """

    points: Points
    colour: Colour
    wear: float = 0.0


@dataclass(frozen=True, slots=True)
class Background:
    """What stands still, painted in the order given."""

    regions: tuple[Region, ...]
    markings: tuple[Marking, ...] = ()

    def __post_init__(self) -> None:
        if not self.regions:
            raise ArgumentError("regions must be at least 1, got 0")

    def paint(self, size: tuple[int, int], margin: int, view: View, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the (H + 2 margin, W + 2 margin, 3) BGR picture, 0-255, of a frame of `size` (W, H) and its margin."""
        width, height = size
        x = np.arange(-margin, width + margin, dtype=np.float32)[None, :] + 0.5
        y = np.arange(-margin, height + margin, dtype=np.float32)[:, None] + 0.5
        plate = np.zeros((y.size, x.size, 3), np.float32)
        for number, region in enumerate(self.regions):
            inside = inside_polygon(region.points, x / width, y / height) if number else np.True_
            np.copyto(plate, region.shade * _cover(region, x, y, view, rng), where=np.asarray(inside)[..., None])
        for marking in self.markings:
            kept = rng.random(plate.shape[:2], np.float32) >= marking.wear
            drawn = inside_polygon(marking.points, x / width, y / height) & kept
            plate[drawn] = 0.82 * np.asarray(marking.colour, np.float32) + 0.18 * plate[drawn]
        return np.clip(plate, 3, 250)


def inside_polygon(points: Points, x: Plane, y: Plane) -> NDArray[np.bool_]:
    """Return which of the positions `x` (1, W), `y` (H, 1) lie inside a polygon, by the even-odd rule: (H, W)."""
    inside = np.zeros(np.broadcast(x, y).shape, bool)
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if y0 == y1:
            continue
        rows = (y0 <= y) != (y1 <= y)
        inside ^= rows & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def _cover(
    region: Region, x: NDArray[np.float32], y: NDArray[np.float32], view: View, rng: np.random.Generator
) -> NDArray[np.float32]:
    painter, lies = materials()[region.material]
    u, v = view.ground(x, y) if lies else (x, y)
    u, v = np.broadcast_arrays(u, v)
    return painter(u, v, rng)
