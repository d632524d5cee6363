"""Association: which track takes which detection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.tracking import kernels, motion
from gmmtrack.tracking.measurements import Measurements
from gmmtrack.tracking.population import Population
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.surprises import kernels as surprises

Array = NDArray[np.float64]

_PACE = 0.36  # [sizes/s] by which places become less exact from one update to the next
_STILL_NEAR = 0.3, 0.5, 0.7, 0.3  # see `surprises.still_near`; the first is SORT's


@dataclass(frozen=True, slots=True)
class Matches:
    """Which tracks took which detections: tracks[i] took rows[i].

    n_likely: how many of them did so because it was where they were expected; the others come after these
    """

    tracks: NDArray[np.int64]
    rows: NDArray[np.int64]
    n_likely: int


def associate(
    population: Population,
    found: Detections,
    measured: Measurements,
    unseen: Array,
    interval: float,
    settings: TrackingSettings,
) -> Matches:
    """Return which predicted tracks take which detections.

    measured: what the detections measure · unseen (N,): for how long the tracks were not detected [s]
    interval: since the last update [s]

    A hypothesis that EM split off belongs to the track it was started from. The rest goes to where it is likeliest:
    all at once, so that nobody takes what fits another better, but to tracks with an id before those without. A blob
    left over may then go to whoever is near it, however unlikely: the motion model is learned while tracking, and a
    surprise teaches it most. So may a given box left over, if that is nobody else's: see `_and_near`.
    """
    if not len(population) or not len(found):
        return Matches(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)
    likely = _costs(population, found, measured, unseen, interval, settings)
    if not measured.has_blobs:
        return _and_near(_matches(*assign(likely)), population, measured)
    split = np.flatnonzero(found.origins == Origin.SPLIT)
    matches = _and_more(_matches(found.predictions[split], split), likely)
    if len(matches.tracks) == len(population) or len(matches.rows) == len(found):
        return matches
    steps = _steps(population, measured) - settings.reach
    near = np.where(steps < 0, steps - settings.reach * (population.ids > 0)[:, None], 0.0)
    return _and_more(matches, near * (found.origins != Origin.GIVEN))


def _and_more(matches: Matches, costs: Array) -> Matches:
    """Return matches and those of what is left at the least total cost; costs (N, M): changed in place."""
    costs[matches.tracks] = 0
    costs[:, matches.rows] = 0
    tracks, rows = assign(costs)
    return _matches(np.concatenate([matches.tracks, tracks]), np.concatenate([matches.rows, rows]))


def _matches(tracks: NDArray[np.int64], rows: NDArray[np.int64]) -> Matches:
    return Matches(tracks, rows, len(tracks))


def _and_near(matches: Matches, population: Population, measured: Measurements) -> Matches:
    """Return matches, and tracks with the given boxes that are left on the place of them alone.

    The place of a track just seen is where that was, for it may have turned; of one unseen, where it is expected: the
    cost of the time that it was not seen is no reason to take for somebody else who comes back there alone.
    """
    if len(matches.tracks) == len(population) or len(matches.rows) == len(measured.z):
        return matches
    left = measured.z, matches.tracks, matches.rows
    tracks, rows = surprises.still_near(population.whereabouts, *left, _STILL_NEAR)
    if not len(tracks):
        return matches
    both = np.concatenate([matches.tracks, tracks]), np.concatenate([matches.rows, rows])
    return Matches(*both, len(matches.tracks))


def _costs(
    population: Population,
    found: Detections,
    measured: Measurements,
    unseen: Array,
    interval: float,
    settings: TrackingSettings,
) -> Array:
    """Return (N, M) costs of tracks taking detections, below 0 where that is likely.

    Where a track may be is a doubt only as far as it exceeds what the time between two updates leaves open to all.
    """
    colors = np.zeros((len(population), len(found)))
    if measured.has_blobs:
        colored = (population.palettes.sum(axis=1) > 0)[:, None] & (found.palettes.sum(axis=1) > 0)
        distances = color_distances(population.palettes, found.palettes)
        colors = np.where(colored, settings.color_weight * distances**2, 0.0)
    weights = (
        settings.gate**2,
        max(settings.position_sigma, _PACE * interval),
        settings.doubt_weight,
        settings.extent_weight,
        settings.overlap_weight,
        settings.unseen_cost,
        settings.score_weight,
        settings.id_worth,
    )
    tracks = population.x, population.P, population.ids, unseen
    return np.asarray(kernels.costs(*tracks, measured.z, measured.errors, measured.lacking, colors, weights))


def _steps(population: Population, measured: Measurements) -> Array:
    """Return (N, M) distances of detections from where tracks are expected [sizes of the track]."""
    innovations = measured.z[:, motion.CENTER] - population.x[:, None, motion.CENTER]
    return np.asarray(np.linalg.norm(innovations, axis=2) / population.sizes[:, None])


def box_shares(a: Array, b: Array) -> Array:
    """Return (N, M) intersection of boxes a (N, 4) and b (M, 4) over the smaller of the two."""
    shared = shared_areas(a, b)
    smaller = np.minimum(_areas(a)[:, None], _areas(b))
    return np.asarray(np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0))


def overlaps(a: Array, b: Array) -> Array:
    """Return (N, M) intersection over union of boxes a (N, 4) and b (M, 4), of which each has an area."""
    shared = shared_areas(a, b)
    return np.asarray(shared / (_areas(a)[:, None] + _areas(b) - shared))


def shared_areas(a: Array, b: Array) -> Array:
    """Return (N, M) intersection of boxes a (N, 4) and b (M, 4) [pixels²]."""
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    return np.asarray(np.prod(np.clip(high - low, 0, None), axis=2))


def _areas(xyxy: Array) -> Array:
    return np.asarray(np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1))


def color_distances(a: Array, b: Array) -> Array:
    """Return (N, M) Hellinger distances [0-1] of palettes a (N, C) and b (M, C), each summing to 1."""
    return np.asarray(np.sqrt(np.clip(1 - np.sqrt(a) @ np.sqrt(b).T, 0, None)))


def assign(costs: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns of the pairs that match, at the least total cost, where no pair costs nothing.

    costs (N, M), none above 0: a pair that costs 0 never matches
    """
    rows, columns = linear_sum_assignment(costs)
    kept = costs[rows, columns] < 0
    return rows[kept], columns[kept]


def unclaimed(found: Detections, matches: Matches, duplicate: float) -> NDArray[np.int64]:
    """Return the rows of detections that nobody took, less those given that lie on one taken, or on a surer one.

    duplicate: from which share of the smaller box on another's it is the same object once more
    """
    if len(matches.rows) == len(found):
        return np.zeros(0, np.int64)
    free = np.ones(len(found), np.bool_)
    free[matches.rows] = False
    rows = free.nonzero()[0]
    if len(rows) and len(found) > 1:
        rivals = free[None] & (found.scores > found.scores[rows, None])
        rivals[:, matches.rows] = True
        covered = ((box_shares(found.xyxy[rows], found.xyxy) > duplicate) & rivals).any(axis=1)
        rows = rows[~covered | (found.origins[rows] != Origin.GIVEN)]
    return rows
