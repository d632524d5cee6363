"""Vehicle: a car, van or lorry, seen from the side, from its end, or from above."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import ClassVar, Literal

import numpy as np

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes.background import Points
from gmmtrack.scenes.easel import Easel
from gmmtrack.scenes.materials import Colour
from gmmtrack.scenes.path import Place
from gmmtrack.scenes.shape import VEHICLE, Body, Look
from gmmtrack.scenes.sprite import Sprite

_PAINTS = (
    (196, 196, 198), (52, 50, 50), (150, 146, 140), (44, 40, 150), (140, 80, 46), (96, 98, 96), (226, 228, 228),
    (70, 96, 60), (60, 120, 170),
)  # fmt: skip
_GLASS: Colour = (76, 66, 58)
_TYRE: Colour = (34, 34, 36)
_VIEWS = ("side", "end", "above")
_BUILDS = ("car", "van", "lorry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A car, van or lorry. size: [nominal pixels], its length, or its width where seen from the end."""

    size: float = 110.0
    view: Literal["side", "end", "above"] = "side"
    build: Literal["car", "van", "lorry"] = "car"
    paint: Colour | None = None
    label: ClassVar[int] = VEHICLE

    def __post_init__(self) -> None:
        if self.view not in _VIEWS:
            raise ArgumentError(f"view must be one of {', '.join(_VIEWS)}, got {self.view!r}")
        if self.build not in _BUILDS:
            raise ArgumentError(f"build must be one of {', '.join(_BUILDS)}, got {self.build!r}")

    @property
    def upright(self) -> bool:
        """Whether it stands on its place: not so from above."""
        return self.view != "above"

    def body(self, rng: np.random.Generator) -> Body:
        """Return one vehicle, its paint drawn from `rng`."""
        return _Driven(self, rng)


class _Driven:
    def __init__(self, vehicle: Vehicle, rng: np.random.Generator) -> None:
        self._vehicle = vehicle
        self._drawn = int(np.clip(1.2 * vehicle.size, 24, 400))
        self.paint: Colour = vehicle.paint or _PAINTS[rng.integers(len(_PAINTS))]
        self._seed = int(rng.integers(2**31))
        self._sprites: dict[tuple[int, bool], Sprite] = {}

    def look(self, place: Place, time: float) -> Look:
        """Return it with its wheels turned, showing its front when it comes nearer and its rear when it leaves."""
        del time
        resolution = self._drawn / self._vehicle.size
        view = self._vehicle.view
        nearing = sin(place.heading) > 0
        spokes = int(place.travelled / self._vehicle.size * 12) % 4 if view == "side" else 0
        key = (spokes, nearing and view == "end")
        if key not in self._sprites:
            self._sprites[key] = self._draw(*key)
        if view == "above":
            return Look(self._sprites[key], resolution, angle=place.heading)
        return Look(self._sprites[key], resolution, mirror=view == "side" and cos(place.heading) < 0)

    def _draw(self, spokes: int, nearing: bool) -> Sprite:
        view, build = self._vehicle.view, self._vehicle.build
        if view == "side":
            easel, anchor = self._side({"car": 0.34, "van": 0.42, "lorry": 0.4}[build], spokes)
        elif view == "end":
            easel, anchor = self._end({"car": 0.82, "van": 1.1, "lorry": 1.35}[build], nearing)
        else:
            easel, anchor = self._above({"car": 0.44, "van": 0.42, "lorry": 0.32}[build])
        easel.weave(np.random.default_rng(self._seed), 0.02)
        return easel.sprite(anchor, 0.03 * self._drawn)

    def _side(self, aspect: float, spokes: int) -> tuple[Easel, tuple[float, float]]:
        width, height = self._drawn, int(self._drawn * aspect)
        easel = Easel(width, height)
        build = self._vehicle.build
        if build == "car":
            easel.panel(((0.16, 0.48), (0.3, 0.05), (0.62, 0.03), (0.8, 0.46)), self.paint)
            easel.panel(((0.22, 0.44), (0.32, 0.12), (0.46, 0.11), (0.46, 0.44)), _GLASS)
            easel.panel(((0.49, 0.44), (0.49, 0.11), (0.6, 0.11), (0.73, 0.44)), _GLASS)
            easel.panel(_rounded(0.01, 0.4, 0.99, 0.86, 0.05), self.paint)
        else:
            easel.panel(_rounded(0.01, 0.02, 0.78 if build == "lorry" else 0.86, 0.86, 0.02), self.paint)
            cab = self.paint if build == "van" else (70, 60, 140)
            easel.panel(((0.76, 0.86), (0.78, 0.12), (0.9, 0.14), (0.98, 0.5), (0.99, 0.86)), cab)
            easel.panel(((0.82, 0.44), (0.82, 0.18), (0.89, 0.18), (0.95, 0.44)), _GLASS)
        dark = _times(self.paint, 0.7)
        easel.panel(((0.475, 0.46), (0.48, 0.46), (0.48, 0.8), (0.475, 0.8)), dark)
        easel.panel(((0.01, 0.7), (0.99, 0.7), (0.985, 0.86), (0.015, 0.86)), dark)
        easel.panel(_rounded(0.95, 0.5, 0.985, 0.6, 0.01), (200, 220, 226))
        easel.panel(_rounded(0.015, 0.5, 0.045, 0.6, 0.01), (40, 36, 190))
        radius = 0.075 * width
        for centre in (0.2 * width, 0.8 * width):
            at = (centre, height - radius)
            easel.ball(at, (radius, radius), _TYRE)
            easel.ball(at, (0.55 * radius, 0.55 * radius), (150, 150, 152))
            turn = spokes * pi / 8
            arm = (0.5 * radius * cos(turn), 0.5 * radius * sin(turn))
            rod = 0.1 * radius
            easel.limb((at[0] - arm[0], at[1] - arm[1]), (at[0] + arm[0], at[1] + arm[1]), (rod, rod), (70, 70, 74))
        return easel, (width / 2, float(height))

    def _end(self, aspect: float, nearing: bool) -> tuple[Easel, tuple[float, float]]:
        width, height = self._drawn, int(self._drawn * aspect)
        easel = Easel(width, height)
        for left in (0.06, 0.78):
            easel.panel(_rounded(left, 0.8, left + 0.16, 1.0, 0.02), _TYRE)
        if self._vehicle.build == "car":
            easel.panel(((0.08, 0.46), (0.22, 0.06), (0.3, 0.02), (0.7, 0.02), (0.78, 0.06), (0.92, 0.46)), self.paint)
            easel.panel(((0.15, 0.44), (0.26, 0.12), (0.74, 0.12), (0.85, 0.44)), _GLASS)
            easel.panel(((0.3, 0.42), (0.42, 0.14), (0.5, 0.14), (0.4, 0.42)), _times(_GLASS, 1.5))
            easel.panel(_rounded(0.01, 0.42, 0.99, 0.88, 0.07), self.paint)
            top = 0.46
        else:
            easel.panel(_rounded(0.03, 0.01, 0.97, 0.9, 0.04), self.paint)
            easel.panel(_rounded(0.12, 0.12, 0.88, 0.42, 0.03), _GLASS if nearing else _times(self.paint, 0.8))
            top = 0.55
        lamp: Colour = (216, 230, 236) if nearing else (44, 38, 200)
        for left in (0.05, 0.79):
            easel.panel(_rounded(left, top + 0.05, left + 0.16, top + 0.16, 0.02), lamp)
        if nearing:
            easel.panel(_rounded(0.26, top + 0.08, 0.74, top + 0.18, 0.02), (46, 44, 44))
        easel.panel(_rounded(0.03, 0.78, 0.97, 0.88, 0.03), _times(self.paint, 0.55))
        easel.panel(_rounded(0.38, 0.74, 0.62, 0.81, 0.005), (190, 214, 220))
        return easel, (width / 2, float(height))

    def _above(self, aspect: float) -> tuple[Easel, tuple[float, float]]:
        width, height = self._drawn, int(self._drawn * aspect)
        easel = Easel(width, height)
        easel.panel(_rounded(0.01, 0.04, 0.99, 0.96, 0.06), self.paint)
        easel.panel(((0.62, 0.16), (0.74, 0.1), (0.74, 0.9), (0.62, 0.84)), _GLASS)
        easel.panel(((0.14, 0.14), (0.22, 0.2), (0.22, 0.8), (0.14, 0.86)), _GLASS)
        easel.panel(_rounded(0.24, 0.12, 0.6, 0.88, 0.03), _times(self.paint, 1.08))
        return easel, (width / 2, height / 2)


def _rounded(left: float, top: float, right: float, bottom: float, corner: float) -> Points:
    """Return a rectangle with cut corners, in shares of the easel."""
    tall = min(2.2 * corner, (bottom - top) / 2)
    return (
        (left + corner, top), (right - corner, top), (right, top + tall), (right, bottom - tall),
        (right - corner, bottom), (left + corner, bottom), (left, bottom - tall), (left, top + tall),
    )  # fmt: skip


def _times(colour: Colour, share: float) -> Colour:
    return min(colour[0] * share, 255.0), min(colour[1] * share, 255.0), min(colour[2] * share, 255.0)
