"""Families of random meetings, for statistical tests: who is who after objects have been one blob?"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes.actor import Actor
from gmmtrack.scenes.animal import Animal
from gmmtrack.scenes.background import Background, Region
from gmmtrack.scenes.path import Path
from gmmtrack.scenes.scene import Scene
from gmmtrack.scenes.vehicle import Vehicle
from gmmtrack.scenes.view import Above

Kind = Literal["pass", "turn_back", "together"]

_KINDS = ("pass", "turn_back", "together")
_BEFORE, _AFTER = 2.4, 2.4  # [s] alone before and after the meeting
_MEETING = 0.6  # [s] for which they touch: 15 frames at 25 Hz
_GROUNDS = ("pavement", "asphalt", "grass", "gravel", "tank", "carpet")


def merges(kind: Kind, seed: int, *, n_objects: int = 2, size: tuple[int, int] = (320, 240)) -> Scene:
    """Return a scene in which `n_objects` (2 or 3) meet in the middle, touch for about 15 frames, and part.

    kind: they "pass" each other, "turn_back" the way they came, or go on "together" · seed: their sizes, speeds,
    directions and looks · size: (W, H) [pixels] of the frame
    They are seen from above, begin alone, in view, after one second, and meet at about 3.4 s; 25 Hz.
    """
    if kind not in _KINDS:
        raise ArgumentError(f"kind must be one of {', '.join(_KINDS)}, got {kind!r}")
    if n_objects not in (2, 3):
        raise ArgumentError(f"n_objects must be 2 or 3, got {n_objects!r}")
    rng = np.random.default_rng([seed, _KINDS.index(kind), n_objects])
    lengths = rng.uniform(0.1, 0.17, n_objects) * min(size)
    bearings = rng.uniform(0, 2 * np.pi) + 2 * np.pi / n_objects * np.arange(n_objects) + rng.normal(0, 0.08, n_objects)
    middle = np.array(size) * rng.uniform(0.46, 0.54, 2)
    common = rng.uniform(0, 2 * np.pi)
    objects = []
    for number in range(n_objects):
        away = np.array([np.cos(bearings[number]), np.sin(bearings[number])])
        path = _meeting(
            kind, middle, away, number, n_objects, lengths, common, 0.34 * min(size) * rng.uniform(0.85, 1.15)
        )
        shape = _shape(rng, float(lengths[number]))
        objects.append(Actor(shape=shape, path=path))
    return Scene(
        size=size,
        duration=1.0 + _BEFORE + _MEETING + _AFTER,
        background=Background((Region(_GROUNDS[rng.integers(len(_GROUNDS))]),)),
        view=Above(),
        objects=tuple(objects),
        seed=seed,
    )


def _meeting(
    kind: Kind,
    middle: NDArray[np.float64],
    away: NDArray[np.float64],
    number: int,
    n_objects: int,
    lengths: NDArray[np.float64],
    common: float,
    distance: float,
) -> Path:
    """Return the path from `distance` [pixels] away in direction `away` to the middle, and on as `kind` has it."""
    arrive = 1.0 + _BEFORE
    leave = arrive + _MEETING
    # Bodies reach 0.55 to 0.62 lengths ahead of their centres: [pixels] from the middle at which they overlap.
    reach = (0.13 * n_objects + 0.22 if kind == "turn_back" else 0.55) * float(lengths.mean())
    start, touch = middle + distance * away, middle + reach * away
    aside = 0.04 * lengths[number] * np.array([-away[1], away[0]])
    if kind == "pass":
        touch, out = touch + aside, middle - reach * away + aside
        end = middle - distance * away
    elif kind == "turn_back":
        out, end = touch + aside, start + 2 * aside
    else:
        on = np.array([np.cos(common), np.sin(common)])
        beside = (number - (n_objects - 1) / 2) * 0.42 * lengths.mean() * np.array([-on[1], on[0]])
        out = middle + beside
        end = out + distance * on
    waypoints = ((0.0, start), (arrive, touch), (leave, out), (leave + _AFTER, end))
    return Path(
        tuple((float(time) + 1e-9 * row, float(at[0]), float(at[1])) for row, (time, at) in enumerate(waypoints))
    )


def _shape(rng: np.random.Generator, length: float) -> Animal | Vehicle:
    kind = int(rng.integers(3))
    if kind == 2:
        return Vehicle(size=1.1 * length, view="above")
    return Animal(length=1.25 * length, kind="mouse" if kind else "fish")
