"""Light that changes: slowly, in flicker, at a switch, by passing clouds, and at night."""

from dataclasses import dataclass
from math import cos, sin
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.actor import Actor
from gmmtrack.scenes.disturbance import Apply, Moment, Picture, Setting, Stage
from gmmtrack.scenes.noise import Noise, sway, waves
from gmmtrack.scenes.path import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Brightness that wanders. depth: share of the brightness · period: [s] of its slowest swing."""

    depth: float = 0.08
    period: float = 20.0
    stage: ClassVar[Stage] = Stage.LIGHT

    def start(self, setting: Setting) -> Apply:
        """Return what applies it."""
        modes = waves(setting.rng, 3, self.period, self.period / 4)

        def apply(picture: Picture, moment: Moment) -> None:
            picture.canvas *= np.float32(1 + self.depth * sway(modes, moment.time))

        return apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Flicker:
    """Lamps that beat against the frame rate. depth: share of the brightness · frequency: [Hz] of the beat."""

    depth: float = 0.08
    frequency: float = 3.7
    stage: ClassVar[Stage] = Stage.LIGHT

    def start(self, setting: Setting) -> Apply:
        """Return what applies it; each colour beats a little apart, as phosphors do."""
        phases = setting.rng.uniform(0, 2 * np.pi) + np.array([0.0, 0.2, 0.35])

        def apply(picture: Picture, moment: Moment) -> None:
            wave = np.sin(2 * np.pi * self.frequency * moment.time + phases) + 0.3 * moment.rng.standard_normal()
            picture.canvas *= (1 + self.depth * wave).astype(np.float32)

        return apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Brightness by the clock: a switch, a sunset. levels: (time [s], gain), joined by straight lines."""

    levels: tuple[tuple[float, float], ...]
    stage: ClassVar[Stage] = Stage.LIGHT

    def start(self, setting: Setting) -> Apply:
        """Return what applies it."""
        del setting
        times, gains = np.array(self.levels).T

        def apply(picture: Picture, moment: Moment) -> None:
            picture.canvas *= np.float32(np.interp(moment.time, times, gains))

        return apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Clouds:
    """Shadows of clouds that cross the ground. depth: share of the brightness · size, speed: [pixels], [pixels/s]."""

    depth: float = 0.2
    size: float = 260.0
    speed: float = 40.0
    stage: ClassVar[Stage] = Stage.LIGHT

    def start(self, setting: Setting) -> Apply:
        """Return what applies it; the map is worked out at an eighth of the resolution."""
        noise = Noise(setting.rng)
        height, width = setting.plate.shape[:2]
        x = np.arange(0, width + 8, 8, dtype=np.float32)[None, :] / np.float32(self.size)
        y = np.arange(0, height + 8, 8, dtype=np.float32)[:, None] / np.float32(self.size)

        def apply(picture: Picture, moment: Moment) -> None:
            thick = noise(x + np.float32(self.speed * moment.time / self.size), y)
            gain = 1 - self.depth * np.clip(0.5 + thick, 0, 1)
            picture.canvas *= _enlarged(gain.astype(np.float32), 8)[:height, :width, None]

        return apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Little light but lamps' and headlights'. ambient: share of daylight · lamps: (x, y, radius) [shares of width]."""

    ambient: float = 0.12
    lamps: tuple[tuple[float, float, float], ...] = ()
    stage: ClassVar[Stage] = Stage.LIGHT

    def start(self, setting: Setting) -> Apply:
        """Light the street lamps, and return what lights each picture."""
        height, width = setting.plate.shape[:2]
        still = np.full((height, width), self.ambient, np.float32)
        for x, y, radius in self.lamps:
            at = (x * setting.size[0] + setting.margin, y * setting.size[0] + setting.margin)
            add_glow(still, at, (radius * setting.size[0], 0.6 * radius * setting.size[0]), 0.6)

        def apply(picture: Picture, moment: Moment) -> None:
            light = still.copy()
            lit = [(actor, place) for actor, place in moment.cast if actor.headlights]
            for actor, place in lit:
                _shine(light, actor, place, setting)
            picture.canvas *= light[..., None]
            for actor, place in lit:
                _dazzle(picture.canvas, actor, place, setting)

        return apply


def add_glow(
    plane: NDArray[np.float32], centre: tuple[float, float], radii: tuple[float, float], strength: float
) -> None:
    """Add a Gaussian spot to `plane` (H, W), cut off at three of its `radii` (x, y) [pixels]."""
    height, width = plane.shape[:2]
    x0, x1 = (int(np.clip(centre[0] + side * 3 * radii[0], 0, width)) for side in (-1, 1))
    y0, y1 = (int(np.clip(centre[1] + side * 3 * radii[1], 0, height)) for side in (-1, 1))
    across = np.exp(-0.5 * ((np.arange(x0, x1) + 0.5 - centre[0]) / radii[0]) ** 2)
    down = np.exp(-0.5 * ((np.arange(y0, y1) + 0.5 - centre[1]) / radii[1]) ** 2)
    plane[y0:y1, x0:x1] += (strength * down[:, None] * across[None, :]).astype(np.float32)


def _shine(light: NDArray[np.float32], actor: Actor, place: Place, setting: Setting) -> None:
    """Light the ground ahead of a vehicle."""
    reach = _size(actor) * setting.view.scale(place.y - setting.margin)
    ahead = (place.x + 1.3 * reach * cos(place.heading), place.y + 0.8 * reach * sin(place.heading))
    add_glow(light, ahead, (0.75 * reach, 0.4 * reach), 0.8)
    add_glow(light, (place.x, place.y - 0.3 * reach), (0.6 * reach, 0.4 * reach), 0.12)


def _dazzle(canvas: NDArray[np.float32], actor: Actor, place: Place, setting: Setting) -> None:
    """Draw a vehicle's lamps: white when it comes nearer, red when it leaves."""
    reach = _size(actor) * setting.view.scale(place.y - setting.margin)
    nearing = sin(place.heading) > -0.3
    radius = (0.09 if nearing else 0.05) * reach
    for side in (-0.33, 0.33):
        at = (
            place.x + side * reach * abs(sin(place.heading)) + 0.5 * reach * cos(place.heading),
            place.y - 0.3 * reach,
        )
        for channel, strength in enumerate((210, 235, 240) if nearing else (10, 15, 170)):
            add_glow(canvas[..., channel], at, (radius, radius), strength)


def _size(actor: Actor) -> float:
    return float(getattr(actor.shape, "size", 60.0))


def _enlarged(coarse: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Return `coarse` (h, w) enlarged by straight lines between its samples: ((h - 1) factor, (w - 1) factor)."""
    share = (np.arange(factor, dtype=np.float32) / factor)[None, :]
    wide = coarse[:, :-1, None] * (1 - share) + coarse[:, 1:, None] * share
    wide = wide.reshape(coarse.shape[0], -1)
    tall = wide[:-1, None, :] * (1 - share.T)[None] + wide[1:, None, :] * share.T[None]
    return np.asarray(tall.reshape(-1, wide.shape[1]), np.float32)
