"""Animals from above: fish that bend as they swim, mice with tails, insects that whirr."""

from dataclasses import dataclass
from math import pi
from typing import ClassVar, Literal

import numpy as np

from gmmtrack.scenes.easel import Easel
from gmmtrack.scenes.materials import Colour
from gmmtrack.scenes.path import Place
from gmmtrack.scenes.shape import ANIMAL, INSECT, Body, Look
from gmmtrack.scenes.sprite import Sprite

_COATS: dict[str, tuple[Colour, ...]] = {
    "fish": ((58, 66, 78), (48, 76, 120), (78, 70, 62), (44, 52, 58), (60, 88, 128)),
    "mouse": ((60, 66, 72), (196, 200, 206), (70, 96, 128)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Animal:
    """A fish or mouse seen from above; its place is its centre. length: [nominal pixels]."""

    length: float = 40.0
    kind: Literal["fish", "mouse"] = "fish"
    coat: Colour | None = None
    label: ClassVar[int] = ANIMAL
    upright: ClassVar[bool] = False

    def body(self, rng: np.random.Generator) -> Body:
        """Return one animal, its coat drawn from `rng`."""
        return _Swimmer(self, rng)


class _Swimmer:
    def __init__(self, animal: Animal, rng: np.random.Generator) -> None:
        self._animal = animal
        self._drawn = int(np.clip(1.3 * animal.length, 16, 200))
        coats = _COATS[animal.kind]
        self.coat: Colour = animal.coat or coats[rng.integers(len(coats))]
        self.stout = float(rng.uniform(0.85, 1.15))
        self._beat = float(rng.uniform(0, 2 * pi))
        self._sprite = self._draw(rng)

    def look(self, place: Place, time: float) -> Look:
        """Return it turned along its way, its tail swung as far as it has swum; at rest it is perfectly still."""
        del time
        phase = self._beat + 2 * pi * place.travelled / (0.7 * self._animal.length)
        strength = (0.16 if self._animal.kind == "fish" else 0.07) * self._drawn
        return Look(
            self._sprite,
            self._drawn / self._animal.length,
            angle=place.heading + 1e-9,
            bend=(strength * min(place.speed / self._animal.length + 0.25, 1.0), phase),
        )

    def _draw(self, rng: np.random.Generator) -> Sprite:
        long = float(self._drawn)
        fish = self._animal.kind == "fish"
        wide = (0.1 if fish else 0.15) * self.stout * long
        easel = Easel(self._drawn, int((0.5 if fish else 0.46) * long))
        middle = easel.height / 2
        tail = 0.02 * long
        dark = (self.coat[0] * 0.7, self.coat[1] * 0.7, self.coat[2] * 0.7)
        if fish:
            easel.limb((0.12 * long, middle), (tail, middle), (max(0.02 * long, 1.5), 0.07 * long), dark)
            for side in (-1, 1):
                fin = (0.5 * long, middle + side * 1.9 * wide)
                easel.limb((0.62 * long, middle + side * 0.6 * wide), fin, (0.04 * long, 0.015 * long), dark)
            easel.limb(
                (0.74 * long, middle), (0.08 * long, middle), (wide, max(0.022 * long, 1.5)), self.coat, self._stripes
            )
            easel.limb((0.74 * long, middle), (0.9 * long, middle), (wide, 0.5 * wide), self.coat)
            easel.limb((0.8 * long, middle), (0.3 * long, middle), (0.25 * wide, 0.1 * wide), dark)
        else:
            easel.limb(
                (0.4 * long, middle), (tail, middle), (max(0.025 * long, 1.5), max(0.015 * long, 1.5)), (120, 130, 170)
            )
            easel.limb((0.48 * long, middle), (0.72 * long, middle), (wide, 0.75 * wide), self.coat)
            easel.limb((0.75 * long, middle), (0.93 * long, middle), (0.6 * wide, 0.2 * wide), self.coat)
        for side in (-1, 1):
            eye = (0.86 * long, middle + side * (0.5 if fish else 0.45) * wide)
            easel.ball(eye, (0.02 * long, 0.02 * long), (18, 18, 20))
            if not fish:
                ear = (0.77 * long, middle + side * 0.62 * wide)
                easel.ball(ear, (0.045 * long, 0.045 * long), (130, 140, 180))
        easel.weave(rng, 0.05)
        return easel.sprite((easel.width / 2, middle), 0.08 * long)

    def _stripes(self, along: np.ndarray, aside: np.ndarray) -> np.ndarray:
        bands = np.where(np.sin(aside * (16.0 / (0.1 * self._drawn))) > 0.2, 1.35, 1.0)
        return np.asarray(bands * (1 - 0.1 * np.sin(along * 0.4)), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Insect:
    """A small dark insect with whirring wings; its place is its centre. length: [nominal pixels]."""

    length: float = 10.0
    label: ClassVar[int] = INSECT
    upright: ClassVar[bool] = False

    def body(self, rng: np.random.Generator) -> Body:
        """Return one insect."""
        return _Flier(self, rng)


class _Flier:
    def __init__(self, insect: Insect, rng: np.random.Generator) -> None:
        self._length = insect.length
        self._drawn = int(np.clip(2 * insect.length, 12, 120))
        self._offset = float(rng.random())
        self._sprites = tuple(self._draw(rng, spread) for spread in (0.25, 0.8, 1.2))

    def look(self, place: Place, time: float) -> Look:
        """Return it turned along its way, its wings where 17.3 beats a second have brought them."""
        wings = int((time * 17.3 + self._offset) * 3) % 3
        return Look(self._sprites[wings], self._drawn / self._length, angle=place.heading + 1e-9)

    def _draw(self, rng: np.random.Generator, spread: float) -> Sprite:
        long = float(self._drawn)
        easel = Easel(self._drawn, self._drawn)
        middle = long / 2
        for side in (-1, 1):
            tip = (middle - 0.2 * long * np.cos(spread), middle + side * 0.42 * long * np.sin(spread))
            easel.limb(
                (0.58 * long, middle), (float(tip[0]), float(tip[1])), (0.05 * long, 0.11 * long), (120, 124, 126)
            )
        easel.limb((0.12 * long, middle), (0.55 * long, middle), (0.07 * long, 0.11 * long), (40, 50, 56))
        easel.limb((0.6 * long, middle), (0.85 * long, middle), (0.12 * long, 0.08 * long), (28, 30, 32))
        easel.weave(rng, 0.06)
        return easel.sprite((middle, middle), 0.08 * long)
