"""Shape: what an object looks like, declared; body: the same, ready to be drawn."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gmmtrack.scenes.path import Place
from gmmtrack.scenes.sprite import Sprite

PERSON, VEHICLE, ANIMAL, INSECT = 1, 3, 13, 14  # MOTChallenge's classes, and two beyond its last


@dataclass(frozen=True, slots=True)
class Look:
    """A body in one posture. mirror, angle, bend: as for `Pose` · resolution: sprite pixels a nominal pixel."""

    sprite: Sprite
    resolution: float
    mirror: bool = False
    angle: float = 0.0
    bend: tuple[float, float] = (0.0, 0.0)


class Body(Protocol):
    """One object's looks, fixed at random once."""

    def look(self, place: Place, time: float) -> Look:
        """Return how it looks at `place` and `time` [s]."""


class Shape(Protocol):
    """A kind of object."""

    @property
    def label(self) -> int:
        """The class that truth files give it."""

    @property
    def upright(self) -> bool:
        """Whether it stands on its place (and casts its silhouette), or is seen from above."""

    def body(self, rng: np.random.Generator) -> Body:
        """Return one object of this kind, its looks drawn from `rng`."""
