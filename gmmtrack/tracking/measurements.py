"""Measurements: what detections measure, how exactly, and how much they speak for an object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.tracking import kernels, motion
from gmmtrack.tracking.population import whole
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_UNMEASURED = 1e4  # [sizes] error of an extent that a detection says nothing about
_SHARED = 1.5  # how much larger the error of a centre is that EM found in a shared blob
_MISFIT = 5.0  # [sizes] that error, times the squared misfit of shapes and blob, where that is more
STILL = 0.03  # [sizes] a distance, or that of two pixels next to each other, that shows no change of speed
_NEVER = 1e6  # [sizes] farther than anything moves
_LIMITS = (0.001, 0.989)  # of scores: none is surer, so that no single one decides for good
_SURE = 4.5  # log-odds of the higher of these


@dataclass(frozen=True, slots=True)
class Measurements:
    """What detections measure, one row a detection.

    z: (M, 4) centre and extent [pixels] · errors: (M, 2) standard deviations of both [sizes of the track]
    moves: (M,) from which distance [sizes of the track] on a detection shows that its object has changed its speed;
    `_NEVER` outside shared blobs, where the filter finds that by itself
    gains: (M,) by how much each raises the log-odds that its object exists
    lacking: (M,) log-odds that its score lacks to a sure one
    has_blobs: whether any is not from a detector from outside
    """

    z: Array
    errors: Array
    moves: Array
    gains: Array
    lacking: Array
    has_blobs: bool


def measure(found: Detections, settings: TrackingSettings) -> Measurements:
    """Return what detections measure.

    A detector's score is taken at its word, and the lower it is, the less exact is the place; of blobs there is none,
    and each counts as much as a score of `blob_score`. The extent is measured of whole objects only.
    """
    numbers = *_LIMITS, _SURE, settings.weak_error, settings.position_sigma, settings.extent_sigma, settings.repeat_odds
    z, errors, gains, lacking = kernels.measure(found.xyxy, found.scores, numbers)
    moves = np.full(len(z), _NEVER)
    has_blobs = bool(found.origins.any())
    if has_blobs:
        odds = np.log(settings.blob_score / (1 - settings.blob_score))
        gains[found.origins != Origin.GIVEN] = odds + settings.repeat_odds
        errors[~whole(found.origins)] = settings.position_sigma * _SHARED, _UNMEASURED
        pixel = 1 / np.sqrt(np.maximum(np.prod(z[:, motion.EXTENT], axis=1), 1.0))
        moves = np.clip(_MISFIT * found.misfits**2, np.maximum(STILL, pixel), _NEVER)
    return Measurements(z, errors, moves, gains, lacking, has_blobs)
