"""Person: someone who walks, seen from the side or from ahead, in clothes of their own."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.easel import Easel
from gmmtrack.scenes.materials import Colour
from gmmtrack.scenes.path import Place
from gmmtrack.scenes.shape import PERSON, Body, Look
from gmmtrack.scenes.sprite import Sprite

_N_PHASES = 20  # postures in one double step
_N_SWINGS = 4  # widths of the stride, from standing to full
_STRIDE = 0.8  # heights that a double step covers

_SHIRTS = (
    (60, 40, 170), (150, 70, 40), (40, 40, 42), (196, 196, 200), (60, 120, 60), (40, 130, 190), (120, 90, 110),
    (70, 70, 80), (170, 140, 90), (50, 60, 110),
)  # fmt: skip
_TROUSERS = ((92, 62, 44), (44, 42, 42), (70, 78, 84), (110, 122, 132), (60, 46, 38))
_SKINS = ((150, 176, 214), (112, 140, 186), (70, 92, 130), (44, 60, 88))
_HAIRS = ((30, 30, 32), (40, 58, 84), (70, 110, 150), (140, 142, 146))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who walks. height: [nominal pixels] · shirt: BGR colour, None for one drawn at random."""

    height: float = 60.0
    shirt: Colour | None = None
    label: ClassVar[int] = PERSON
    upright: ClassVar[bool] = True

    def body(self, rng: np.random.Generator) -> Body:
        """Return one person, their clothes and build drawn from `rng`."""
        return _Walker(self, rng)


class _Walker:
    def __init__(self, person: Person, rng: np.random.Generator) -> None:
        self._height = person.height
        self._drawn = int(np.clip(1.3 * person.height, 24, 220))  # [sprite pixels]
        self.shirt: Colour = person.shirt or _SHIRTS[rng.integers(len(_SHIRTS))]
        self.trousers: Colour = _TROUSERS[rng.integers(len(_TROUSERS))]
        self.skin: Colour = _SKINS[rng.integers(len(_SKINS))]
        self.hair: Colour = _HAIRS[rng.integers(len(_HAIRS))]
        self.girth = float(rng.uniform(0.9, 1.2))
        self.stripes = float(rng.choice([0.0, 0.0, 0.3]))
        self.bag = bool(rng.random() < 0.35)
        self.start = float(rng.random())
        self._seed = int(rng.integers(2**31))
        self._sprites: dict[tuple[int, int], Sprite] = {}

    def look(self, place: Place, time: float) -> Look:
        """Return the posture after `place.travelled`; a stride is shorter when seen from ahead, and nil at rest."""
        del time
        pace = place.speed / self._height
        sideways = abs(cos(place.heading))
        swing = 0.0 if pace < 0.04 else min(0.45 + pace, 1.0) * (0.3 + 0.7 * sideways)
        level = int(np.ceil(swing * (_N_SWINGS - 1)))
        turn = (place.travelled / (_STRIDE * self._height) + self.start) % 1.0
        phase = int(turn * _N_PHASES) if level else 0
        if (phase, level) not in self._sprites:
            self._sprites[phase, level] = self._draw(2 * pi * phase / _N_PHASES, level / (_N_SWINGS - 1))
        return Look(self._sprites[phase, level], self._drawn / self._height, mirror=cos(place.heading) < 0)

    def _draw(self, phase: float, swing: float) -> Sprite:
        tall = float(self._drawn)
        easel = Easel(int(0.9 * tall), self._drawn)
        x, bob = 0.45 * tall, 0.012 * tall * swing * cos(2 * phase)
        hip, neck = (x, 0.5 * tall + bob), (x + 0.012 * tall * swing, 0.2 * tall + bob)
        wide = self.girth * (0.072 + 0.02 * (1 - swing)) * tall
        self._arm(easel, neck, phase + pi, swing, far=True)
        self._leg(easel, hip, phase, swing, far=True)
        self._leg(easel, hip, phase + pi, swing, far=False)
        easel.limb((neck[0], neck[1] + 0.04 * tall), hip, (wide, 0.86 * wide), self.shirt, self._cloth)
        if self.bag:
            side = (x - 0.9 * wide, 0.33 * tall + bob)
            easel.limb(side, (side[0], side[1] + 0.1 * tall), (0.05 * tall, 0.055 * tall), (46, 54, 66))
        easel.limb((neck[0], neck[1]), (neck[0], neck[1] - 0.05 * tall), (0.035 * tall, 0.03 * tall), self.skin)
        head = (neck[0] + 0.008 * tall, 0.085 * tall + bob)
        easel.ball((head[0] - 0.008 * tall, head[1] - 0.006 * tall), (0.056 * tall, 0.07 * tall), self.hair)
        easel.ball((head[0] + 0.016 * tall, head[1] + 0.014 * tall), (0.042 * tall, 0.054 * tall), self.skin)
        self._arm(easel, neck, phase, swing, far=False)
        easel.weave(np.random.default_rng(self._seed), 0.05)
        return easel.sprite((x, tall), 0.05 * tall)

    def _leg(self, easel: Easel, hip: tuple[float, float], phase: float, swing: float, *, far: bool) -> None:
        tall = float(self._drawn)
        thigh = 0.41 * swing * sin(phase)
        bend = swing * (0.12 + 0.62 * max(0.0, cos(phase)) ** 2)  # the knee bends while the leg comes forward
        apart = (0.03 if far else -0.03) * tall * (1 - swing)
        knee = (hip[0] + apart + 0.235 * tall * sin(thigh), hip[1] + 0.235 * tall * cos(thigh))
        shin = thigh - bend
        ankle = (knee[0] + 0.235 * tall * sin(shin), min(knee[1] + 0.235 * tall * cos(shin), 0.972 * tall))
        cloth = _dimmed(self.trousers, 0.72 if far else 1.0)
        easel.limb((hip[0] + apart, hip[1]), knee, (0.066 * tall, 0.05 * tall), cloth)
        easel.limb(knee, ankle, (0.05 * tall, 0.034 * tall), cloth)
        toe = (ankle[0] + 0.07 * tall * cos(shin), ankle[1] + 0.005 * tall)
        easel.limb(ankle, toe, (0.026 * tall, 0.02 * tall), (34, 34, 38))

    def _arm(self, easel: Easel, neck: tuple[float, float], phase: float, swing: float, *, far: bool) -> None:
        tall = float(self._drawn)
        angle = 0.5 * swing * sin(phase)
        apart = (0.07 if far else -0.07) * tall * (1 - swing)
        shoulder = (neck[0] + apart, neck[1] + 0.045 * tall)
        elbow = (shoulder[0] + 0.16 * tall * sin(angle), shoulder[1] + 0.16 * tall * cos(angle))
        lower = angle + 0.25 + 0.25 * swing
        hand = (elbow[0] + 0.14 * tall * sin(lower), elbow[1] + 0.14 * tall * cos(lower))
        cloth = _dimmed(self.shirt, 0.7 if far else 0.88)
        easel.limb(shoulder, elbow, (0.036 * tall, 0.03 * tall), cloth, self._cloth)
        easel.limb(elbow, hand, (0.03 * tall, 0.02 * tall), cloth, self._cloth)
        easel.ball(hand, (0.02 * tall, 0.024 * tall), self.skin)

    def _cloth(self, along: NDArray[np.float32], aside: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return stripes around the body, and folds."""
        tall = float(self._drawn)
        stripes = np.where(np.sin(along * (2 * pi / (0.055 * tall))) > 0, 1.0, 1.0 - self.stripes)
        folds = 1 + 0.07 * np.sin(along * (2 * pi / (0.13 * tall)) + aside * (9.0 / tall))
        return np.asarray(stripes * folds, np.float32)


def _dimmed(colour: Colour, share: float) -> Colour:
    return colour[0] * share, colour[1] * share, colour[2] * share
