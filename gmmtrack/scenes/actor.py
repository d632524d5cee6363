"""Actor: an object of a scene: what it looks like and where it goes; occluder: scenery that stands in front."""

from dataclasses import dataclass

from gmmtrack.scenes.background import Points, Region
from gmmtrack.scenes.path import Path
from gmmtrack.scenes.shape import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An object of a scene. headlights: whether it lights the ground ahead at night."""

    shape: Shape
    path: Path
    headlights: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Occluder:
    """Scenery that hides what stands behind it.

    region: its outline [shares of the frame] and material · base: [share of the frame's height] where it stands:
    objects whose feet are farther down pass in front of it; None for always in front
    """

    region: Region
    base: float | None = None


def pillar(x: float, width: float, top: float, base: float, material: str = "concrete") -> Occluder:
    """Return an upright rectangle centred on `x`; all in shares of the frame."""
    left, right = x - width / 2, x + width / 2
    points: Points = ((left, top), (right, top), (right, base), (left, base))
    return Occluder(region=Region(material, points, 0.75), base=base)
