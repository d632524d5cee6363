"""Certainty: how exact detections are, and how much they speak for an object."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.tracking.population import whole
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_UNMEASURED = 1e4  # [sizes] error of an extent that a detection says nothing about
_SHARED = 1.5  # how much larger the error of a centre is that EM found in a shared blob
_SURE = 4.5  # log-odds of a score than which none is surer: 0.99
_LIMITS = (0.001, 0.999)  # of scores, so that no single one decides for good


def log_odds(scores: Array) -> Array:
    """Return (N,) log-odds of scores (N,) [0-1]."""
    likely = np.clip(scores, *_LIMITS)
    return np.asarray(np.log(likely / (1 - likely)))


def lacking(scores: Array) -> Array:
    """Return (N,) the log-odds that scores (N,) [0-1] lack to a sure one."""
    return np.maximum(_SURE - log_odds(scores), 0.0)


def errors_of(found: Detections, settings: TrackingSettings) -> Array:
    """Return (N, 2) standard deviations of the centres and of the extents of detections [sizes].

    Weak detections are less exact; the extent is measured of whole objects only.
    """
    is_whole = whole(found.origins)
    errors = np.empty((len(found), 2))
    errors[:, 0] = settings.position_sigma * np.where(is_whole, 1.0, _SHARED)
    errors[:, 1] = np.where(is_whole, settings.extent_sigma, _UNMEASURED)
    return np.asarray(errors * (1 + settings.weak_error * lacking(found.scores))[:, None])


def evidence(found: Detections, settings: TrackingSettings) -> Array:
    """Return (N,) by how much each detection raises the log-odds that its object exists.

    A detector's score is taken at its word; a blob counts as one of the score `blob_score`.
    """
    scores = np.where(found.origins == Origin.GIVEN, found.scores, settings.blob_score)
    return log_odds(scores) + settings.repeat_odds
