"""Looks: what tracks look like, learned from the blobs that they take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.axes import elongations, turned, turned_extents
from gmmtrack.detection.detections import N_BINS, Detections, Origin
from gmmtrack.detection.silhouettes import likenesses
from gmmtrack.tracking import kernels, motion
from gmmtrack.tracking.association import Matches
from gmmtrack.tracking.measurements import Measurements
from gmmtrack.tracking.population import Population, log_areas, whole

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


def learn_looks(
    population: Population,
    matches: Matches,
    found: Detections,
    measured: Measurements,
    interval: float,
    memory: float,
    turn: float,
) -> None:
    """Renew what tracks look like where they were seen whole, and keep account of how they were seen.

    interval: since the last frame [s] · memory: the share kept of what was remembered · turn: see `Population.turn`
    """
    tracks, rows = matches.tracks, matches.rows
    in_parts = found.origins[rows] == Origin.FRAGMENTS
    population.divided[tracks] = np.where(in_parts, population.divided[tracks] + interval, 0.0)
    split = found.origins[rows] == Origin.SPLIT
    # what is remembered stays as it was seen whole; only the box has the scale of where the track is now
    population.x[tracks[split], motion.EXTENT] = measured.z[rows[split], motion.EXTENT]
    turning = population.turn(turn)
    _follow(population, tracks[split & turning[tracks]], found, measured, rows[split & turning[tracks]])
    is_whole = whole(found.origins[rows])
    tracks, rows = tracks[is_whole], rows[is_whole]
    population.alone[tracks] += interval
    long = elongations(found.covariances[rows])
    population.ways[tracks] += interval * np.column_stack([long, np.hypot(long[:, 0], long[:, 1])])
    _turn(population, tracks[turning[tracks]], found.covariances[rows[turning[tracks]]])
    _renew(population, tracks, found, measured, rows, memory)


def _follow(population: Population, tracks: Rows, found: Detections, measured: Measurements, rows: Rows) -> None:
    """Let what turns lie as it was found among others."""
    centers, extents = measured.z[rows, motion.CENTER], measured.z[rows, motion.EXTENT]
    population.shapes[tracks] = found.covariances[rows]
    population.offsets[tracks] = found.means[rows] - centers
    population.extents[tracks], population.places[tracks] = extents, centers


def _turn(population: Population, tracks: Rows, seen: Array) -> None:
    """Let what turns lie as it does now (K, 2, 2), so that the memory of its shape is not that of all directions."""
    if not len(tracks):
        return
    before = population.shapes[tracks]
    now = turned(before, seen)
    population.extents[tracks] = turned_extents(population.extents[tracks], before, now)
    population.shapes[tracks] = now


def _renew(
    population: Population, tracks: Rows, found: Detections, measured: Measurements, rows: Rows, memory: float
) -> None:
    """Blend what tracks look like with what was seen: a running mean at first, then a fading memory."""
    keep = np.minimum(memory, 1 - 1 / population.hits[tracks])
    _renew_areas(population, tracks, found.areas[rows], keep)
    centers, extents = measured.z[:, motion.CENTER], measured.z[:, motion.EXTENT]
    outlines, outlines_seen = (it.silhouettes.reshape(-1, N_BINS**2) for it in (population, found))
    is_outlined = outlines_seen[rows].any(axis=1)
    alike = likenesses(population.silhouettes[tracks], found.silhouettes[rows])
    population.likenesses[tracks] = keep * population.likenesses[tracks] + (1 - keep) * alike
    for remembered, seen, share in (
        (population.shapes[:, 0], found.covariances[:, 0], keep),
        (population.shapes[:, 1], found.covariances[:, 1], keep),
        (population.offsets, found.means - centers, keep),
        (population.areas[:, None], found.areas[:, None], keep),
        (outlines, outlines_seen, np.where(is_outlined, keep, 1.0)),
        (population.extents, extents, keep),
        (population.places, centers, keep),
        (population.palettes, found.palettes, np.where(population.mixed[tracks], 1.0, keep)),
    ):
        kernels.blend(remembered, seen, tracks, rows, share)


def _renew_areas(population: Population, tracks: Rows, areas: Array, keep: Array) -> None:
    """Learn how large tracks (K,) usually are, and how much that varies, while nobody else may be taken for them."""
    known = ~population.mixed[tracks]
    tracks, share = tracks[known], 1 - keep[known]
    off = log_areas(areas[known]) - population.usual_areas[tracks]
    population.usual_areas[tracks] += share * off
    population.area_variances[tracks] += share * (off**2 - population.area_variances[tracks])
