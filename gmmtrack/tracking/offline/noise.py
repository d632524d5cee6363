"""Noise: how exactly objects are detected and how they move, learned from a whole clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.tracking.offline import kernels
from gmmtrack.tracking.offline.recording import Sightings
from gmmtrack.tracking.settings import TrackingSettings

_FEWEST = 8  # sightings of a track that is learned from
_ENOUGH = 20000  # sightings to learn from
_FINEST = 2**0.25  # factor at which the search ends
_LOWEST, _HIGHEST = 0.1, (1.5, 10.0)  # times the settings, of errors and of motion
_FIRST_SPEED = 2.0  # [sizes/s]


@dataclass(frozen=True, slots=True)
class Noise:
    """How exactly objects are detected, and how they move; of their own sizes.

    position, extent: errors of a detected centre and extent [sizes] · acceleration [sizes/s²] · drift: of the extent
    [sizes/√s]
    """

    position: float
    extent: float
    acceleration: float
    drift: float


def learn_noise(tracks: list[Sightings], settings: TrackingSettings) -> Noise:
    """Return the noise under which the clip's own tracks are the least surprising; that of `settings` without any.

    A pattern search over the likelihood of the filter's innovations (Bar-Shalom, Li and Kirubarajan 2001, section
    5.4.2). The longest tracks are heard first, for they are the least likely to be false. An extent is the difference
    of two edges and a centre their mean, so the error of the one is twice that of the other.
    """
    chosen = _longest(tracks)
    position, acceleration = _search(chosen, slice(0, 2), (settings.position_sigma, settings.acceleration))
    _, drift = _search(chosen, slice(2, 4), (2 * position, settings.extent_drift), fixed=True)
    return Noise(position, 2 * position, acceleration, drift)


def jerkiness(track: Sightings, noise: Noise) -> float:
    """Return how ill a track's centre follows any smooth motion: minus the log likelihood of a sighting, about."""
    z = track.z[:, :2] / track.size
    return _disbelief(track.times, z, np.full(len(z), noise.position**2), noise.acceleration) / max(len(z), 1)


def _longest(tracks: list[Sightings]) -> list[Sightings]:
    """Return the longest of the tracks that had an id, whole sightings only."""
    believed = [track.at(np.flatnonzero(track.whole)) for track in tracks if track.ids.any()]
    believed = sorted((track for track in believed if len(track) >= _FEWEST), key=len, reverse=True)
    n_before = np.cumsum([0, *(len(track) for track in believed)])
    return [track for track, n in zip(believed, n_before[:-1], strict=True) if n < _ENOUGH]


def _search(
    tracks: list[Sightings], axes: slice, start: tuple[float, float], *, fixed: bool = False
) -> tuple[float, float]:
    """Return the error and the motion that make `axes` of the tracks likeliest; fixed: the error is known.

    Of centres the motion is an acceleration, of extents a drift.
    """
    parts = [(track.times, track.z[:, axes] / track.size) for track in tracks]
    drifts = axes.start > 1

    def cost(error: float, move: float) -> float:
        return sum(_disbelief(times, z, np.full(len(z), error**2), move, drifts=drifts) for times, z in parts)

    best, at, step = cost(*start), start, 4.0
    factors = (0, 1, -1)
    while parts and step >= _FINEST:
        moves = [(step**e, step**m) for e in factors[: 1 if fixed else 3] for m in factors]
        bounds = [(_LOWEST * value, high * value) for value, high in zip(start, _HIGHEST, strict=True)]
        tried = [tuple(float(np.clip(a * f, *b)) for a, f, b in zip(at, move, bounds, strict=True)) for move in moves]
        costs = [cost(*pair) for pair in tried]
        lowest = int(np.argmin(costs))
        if costs[lowest] < best - 1e-6:
            best, at = costs[lowest], (tried[lowest][0], tried[lowest][1])
        else:
            step **= 0.5
    return at


def _disbelief(
    times: NDArray[np.float64],
    z: NDArray[np.float64],
    variances: NDArray[np.float64],
    move: float,
    *,
    drifts: bool = False,
) -> float:
    acceleration2, drift2, speed2 = (0.0, move**2, 0.0) if drifts else (move**2, 0.0, _FIRST_SPEED**2)
    columns = np.ascontiguousarray(z.T)
    dynamics = acceleration2, drift2, speed2
    return float(sum(kernels.disbelieve(times, axis, variances, *dynamics) for axis in columns))
