"""Association: which track takes which detection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.tracking import motion
from gmmtrack.tracking.population import Population, measurements
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class Matches:
    """Which tracks took which detections: tracks[i] took rows[i]."""

    tracks: NDArray[np.int64]
    rows: NDArray[np.int64]


def associate(population: Population, found: Detections, R: Array, settings: TrackingSettings) -> Matches:
    """Return which predicted tracks take which detections.

    R (N, 4): variances of the errors that the tracks' measurements would have [pixels²]

    A hypothesis that EM split off belongs to the track it was started from. Of the rest, those with an id choose first
    among what is likely; what is left over may then go to whoever is near it, however unlikely: the motion model is
    learned while tracking, and a surprise teaches it most.
    """
    split = np.flatnonzero(found.origins == Origin.SPLIT)
    matches = Matches(found.predictions[split], split)
    if not len(population) or not len(found):
        return matches
    costs, likely, near = _costs(population, found, R, settings)
    believed = (population.ids > 0)[:, None]
    for eligible in (likely & believed, likely, near & believed, near):
        eligible[matches.tracks] = False
        eligible[:, matches.rows] = False
        tracks, rows = assign(costs, eligible)
        matches = Matches(np.concatenate([matches.tracks, tracks]), np.concatenate([matches.rows, rows]))
    return matches


def _costs(
    population: Population, found: Detections, R: Array, settings: TrackingSettings
) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (N, M) costs of tracks taking detections, and which of these are likely, and which near."""
    z = measurements(found.xyxy)
    innovations = z[None] - population.x[:, None, : motion.N_MEASURED]
    S = population.P[:, : motion.N_MEASURED, : motion.N_MEASURED] + R[:, :, None] * np.eye(motion.N_MEASURED)
    places2 = squared_distances(innovations[:, :, motion.CENTER], S[:, motion.CENTER, motion.CENTER])
    extents2 = squared_distances(innovations[:, :, motion.EXTENT], S[:, motion.EXTENT, motion.EXTENT])
    overlaps = box_overlaps(population.xyxy, found.xyxy)
    costs = places2 + settings.extent_weight * extents2 - settings.overlap_weight * overlaps
    colored = (population.palettes.sum(axis=1) > 0)[:, None] & (found.palettes.sum(axis=1) > 0)
    costs += np.where(colored, settings.color_weight * color_distances(population.palettes, found.palettes) ** 2, 0.0)
    steps = np.linalg.norm(innovations[:, :, motion.CENTER], axis=2) / population.sizes[:, None]
    # a track so uncertain that it could be anywhere is nobody in particular
    likely = (places2 < settings.gate**2) & (steps < settings.gate * settings.coast_sigma)
    return costs, likely, steps < settings.reach


def box_overlaps(a: Array, b: Array) -> Array:
    """Return (N, M) intersection over union of boxes a (N, 4) and b (M, 4)."""
    corners_low = np.maximum(a[:, None, :2], b[None, :, :2])
    corners_high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(corners_high - corners_low, 0, None), axis=2)
    areas_a, areas_b = (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (a, b))
    joined = areas_a[:, None] + areas_b[None, :] - shared
    return np.asarray(np.divide(shared, joined, out=np.zeros_like(shared), where=joined > 0))


def color_distances(a: Array, b: Array) -> Array:
    """Return (N, M) Hellinger distances [0-1] of palettes a (N, C) and b (M, C), each summing to 1."""
    return np.asarray(np.sqrt(np.clip(1 - np.sqrt(a) @ np.sqrt(b).T, 0, None)))


def squared_distances(innovations: Array, S: Array) -> Array:
    """Return (N, M) squared Mahalanobis distances of innovations (N, M, D) under covariances S (N, D, D)."""
    return np.asarray(((innovations @ np.linalg.inv(S)) * innovations).sum(axis=2))


def assign(costs: Array, allowed: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns of the pairs that match: as many as are allowed, at the least total cost.

    costs (N, M) · allowed (N, M) bool
    """
    if not allowed.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows, columns = linear_sum_assignment(np.where(allowed, costs, _FORBIDDEN))
    kept = allowed[rows, columns]
    return rows[kept], columns[kept]
