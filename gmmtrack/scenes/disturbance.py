"""Disturbance: whatever makes footage harder than objects on a still picture; what it works on, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.actor import Actor
from gmmtrack.scenes.path import Place
from gmmtrack.scenes.view import View


class Stage(IntEnum):
    """When a disturbance is applied, in this order."""

    GROUND = 0  # to the background, before the objects
    AIR = 1  # in front of everything
    LIGHT = 2  # to the whole picture's brightness
    CAMERA = 3  # to where the camera points


@dataclass(slots=True)
class Picture:
    """A frame in the making; disturbances change it in place. H and W include a margin around the frame.

    canvas: (H, W, 3) float32 BGR, 0-255 · front: (H, W) float32 [pixels], where the scenery shown by a pixel stands:
    objects with feet above that line are hidden; -inf for ground · offset: (x, y) [pixels] by which the camera strays
    """

    canvas: NDArray[np.float32]
    front: NDArray[np.float32]
    offset: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a disturbance may know of the instant.

    time: [s] · rng: this frame's own · cast: who is where, margin added
    """

    time: float
    rng: np.random.Generator
    cast: tuple[tuple[Actor, Place], ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a disturbance may know beforehand.

    size: (W, H) [pixels] of the frame · margin: [pixels] around it · plate: the background, margin included
    front: as in `Picture` · rng: its own
    """

    size: tuple[int, int]
    margin: int
    plate: NDArray[np.float32]
    front: NDArray[np.float32]
    view: View
    rng: np.random.Generator

    def box(self, shares: tuple[float, float, float, float]) -> tuple[slice, slice]:
        """Return rows and columns of the box `shares` (x0, y0, x1, y1) of the frame; what touches an edge goes on."""
        width, height = self.size
        x0, y0, x1, y1 = shares
        left = 0 if x0 <= 0 else int(x0 * width) + self.margin
        top = 0 if y0 <= 0 else int(y0 * height) + self.margin
        right = width + 2 * self.margin if x1 >= 1 else int(x1 * width) + self.margin
        bottom = height + 2 * self.margin if y1 >= 1 else int(y1 * height) + self.margin
        return slice(top, bottom), slice(left, right)


Apply = Callable[[Picture, Moment], None]


class Disturbance(Protocol):
    """A declared disturbance."""

    @property
    def stage(self) -> Stage:
        """When it is applied."""

    def start(self, setting: Setting) -> Apply:
        """Return what applies it to a picture in place, worked out for this setting."""
