"""Measurements: what detections measure, how exactly, and how much they speak for an object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.tracking import kernels
from gmmtrack.tracking.population import whole
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_UNMEASURED = 1e4  # [sizes] error of an extent that a detection says nothing about
_SHARED = 1.5  # how much larger the error of a centre is that EM found in a shared blob
_LIMITS = (0.001, 0.989)  # of scores: none is surer, so that no single one decides for good
_SURE = 4.5  # log-odds of the higher of these


@dataclass(frozen=True, slots=True)
class Measurements:
    """What detections measure, one row a detection.

    z: (M, 4) centre and extent [pixels] · errors: (M, 2) standard deviations of both [sizes of the track]
    gains: (M,) by how much each raises the log-odds that its object exists
    lacking: (M,) log-odds that its score lacks to a sure one
    """

    z: Array
    errors: Array
    gains: Array
    lacking: Array


def measure(found: Detections, settings: TrackingSettings) -> Measurements:
    """Return what detections measure.

    A detector's score is taken at its word, and the lower it is, the less exact is the place; of blobs there is none,
    and each counts as much as a score of `blob_score`. The extent is measured of whole objects only.
    """
    least, most = _LIMITS
    likely = np.minimum(np.maximum(found.scores, least), most)
    odds = np.log(likely / (1 - likely))
    lacking = _SURE - odds
    errors = (1 + settings.weak_error * lacking)[:, None] * (settings.position_sigma, settings.extent_sigma)
    if found.origins.any():
        odds = np.where(found.origins == Origin.GIVEN, odds, np.log(settings.blob_score / (1 - settings.blob_score)))
        errors[~whole(found.origins)] = settings.position_sigma * _SHARED, _UNMEASURED
    return Measurements(kernels.measurements(found.xyxy), errors, odds + settings.repeat_odds, lacking)
