"""Belief: which tracks are objects, in the knowledge of the whole clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Origin
from gmmtrack.tracking.offline.noise import Noise, jerkiness
from gmmtrack.tracking.offline.recording import Sightings, runs
from gmmtrack.tracking.population import log_areas

Array = NDArray[np.float64]

# Log odds that a track is true, by a logistic regression over tracks from filmed and rendered scenes
_TRUE = -1.5
_OF_DURATION = 1.0  # a neper of its duration [s]
_OF_JERKINESS = -0.4  # a nat by which its motion foretells each sighting worse
_OF_LITTER = 1.5  # a neper by which the odds are worse that what is as large as it is seen for long
_LITTER = 0.65  # share of what is as large that is seen for long, below which it is litter

_PASSING = 0.3  # [s] that who comes and goes is seen at least, and a blink is not
_LONG = 1.0  # [s] that objects are seen at least, and litter, leaves and glints, hardly ever
_ALIKE = np.log(2.0)  # [nepers] of the areas of what is as large


@dataclass(frozen=True, slots=True)
class Belief:
    """Which tracks are objects, in the knowledge of all that was seen in the clip.

    areas (N,): of all sightings, in order [nepers] · n_long (N + 1,): how many of those before are of tracks that last
    """

    areas: Array
    n_long: NDArray[np.int64]

    @staticmethod
    def of(seen: Sightings, at_limits: NDArray[np.bool_]) -> Belief:
        """Return what the sightings of all tracks, those that are false too, let one believe.

        at_limits (N,): whether objects may come or go where and when they were seen; who did both was seen for long
        """
        areas, lasting = log_areas(seen.areas), np.zeros(len(seen), np.bool_)
        clip = np.ptp(seen.times) if len(seen) else 0.0
        for track in runs(seen.serials):
            first, last = track.start, track.stop - 1
            passes = at_limits[first] and at_limits[last]
            lasting[track] = seen.times[last] - seen.times[first] >= (_PASSING if passes else min(_LONG, clip / 3))
        order = np.argsort(areas, kind="stable")
        return Belief(areas[order], np.concatenate([[0], np.cumsum(lasting[order])]))

    def holds(self, track: Sightings, noise: Noise) -> bool:
        """Return whether a track is an object; a detector from outside answers for what it gives."""
        if not track.ids.any():
            return False
        if (track.origins == Origin.GIVEN).all():
            return True
        duration = max(float(track.times[-1] - track.times[0]), 1e-3)
        odds = _TRUE + _OF_DURATION * np.log(duration) + _OF_JERKINESS * jerkiness(track, noise)
        return bool(odds + _OF_LITTER * min(_logit(self.lasting(track)) - _logit(_LITTER), 0.0) > 0)

    def lasting(self, track: Sightings) -> float:
        """Return which share of what is about as large as a track was seen for long."""
        area = np.median(log_areas(track.areas))
        first, last = np.searchsorted(self.areas, [area - _ALIKE, area + _ALIKE])
        return float((self.n_long[last] - self.n_long[first]) / max(last - first, 1))


def _logit(share: float) -> float:
    share = min(max(share, 0.01), 0.99)
    return float(np.log(share / (1 - share)))
