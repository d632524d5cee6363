"""Identities: who is who after tracks have shared a blob."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.tracking import motion
from gmmtrack.tracking.association import Matches, color_distances
from gmmtrack.tracking.population import Population, log_areas, whole

Array = NDArray[np.float64]

_ENOUGH = 3  # frames seen alone before colours are compared
_TOO_LATE = 12  # frames seen alone after which nobody is left to compare with
_REACH = 4.0  # [sizes] those who shared a blob a moment ago are not farther apart
_SURE = 0.05  # by how much an exchange must better the mean distance of colours
_AREA = 0.0125  # of a difference in area, squared [sigma²], against a difference of colours
_STEADIEST = 0.07  # standard deviation of the logs of an object's areas before and after, at least
_MOST = 16.0  # [sigma²] such a difference, at most
_IDENTITY = (
    "serials",
    "ids",
    "hits",
    "scores",
    "classes",
    "alone",
    "apart",
    "palettes",
    "usual_areas",
    "area_variances",
    "birthplaces",
    "moved",
)


def tell_apart(population: Population, matches: Matches, found: Detections) -> None:
    """Exchange the identities of tracks that left a shared blob on one another's places, as their looks say.

    In a shared blob position alone says who is where. Once tracks have been alone for some frames again, the colours
    and areas remembered from before are compared with those seen since; where another assignment is clearly better, the
    identities follow the looks.
    """
    _collect(population, matches, found)
    ready = np.flatnonzero(population.mixed & (population.n_fresh >= _ENOUGH))
    for group in _neighbours(population, ready):
        if len(group) > 1:
            _exchange(population, group)
            population.mixed[group] = False
    population.mixed[ready[population.n_fresh[ready] >= _TOO_LATE]] = False


def _collect(population: Population, matches: Matches, found: Detections) -> None:
    """Sum up the colours and areas that tracks show since they left a shared blob."""
    tracks, rows = matches.tracks, matches.rows
    shared = tracks[found.origins[rows] == Origin.SPLIT]
    population.mixed[shared] = True
    population.fresh[shared], population.n_fresh[shared], population.fresh_areas[shared] = 0.0, 0, 0.0
    alone = population.mixed[tracks] & whole(found.origins[rows])
    population.fresh[tracks[alone]] += found.palettes[rows[alone]]
    population.fresh_areas[tracks[alone]] += log_areas(found.areas[rows[alone]])
    population.n_fresh[tracks[alone]] += 1


def _neighbours(population: Population, tracks: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the tracks in groups of those near one another."""
    groups: list[NDArray[np.int64]] = []
    left = tracks
    while len(left):
        apart = np.linalg.norm(population.x[left, motion.CENTER] - population.x[left[0], motion.CENTER], axis=1)
        near = apart <= _REACH * population.sizes[left[0]]
        groups.append(left[near])
        left = left[~near]
    return groups


def _exchange(population: Population, group: NDArray[np.int64]) -> None:
    """Give each of the tracks the identity whose looks fit best, if that is clearly better than as they are."""
    seen = population.fresh[group] / population.n_fresh[group][:, None]
    areas = population.fresh_areas[group] / population.n_fresh[group]
    variances = population.area_variances[group] + _STEADIEST**2
    off2 = (population.usual_areas[group, None] - areas) ** 2 / variances[:, None]
    costs = color_distances(population.palettes[group], seen) + _AREA * np.minimum(off2, _MOST)
    owners, places = linear_sum_assignment(costs)
    if np.trace(costs) - costs[owners, places].sum() > _SURE * len(group):
        for name in _IDENTITY:
            column = getattr(population, name)
            column[group[places]] = column[group[owners]]
