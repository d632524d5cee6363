"""Appearance: how much the colours of two tracklets speak for one object, learned from the clip itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import N_COLORS
from gmmtrack.tracking.offline.tracklets import Tip, Tracklet

Array = NDArray[np.float64]

# Of logs of differences of colours, before any were seen: of one object, of two, and the standard deviation of both
_SAME, _OTHER, _SPREAD = np.log(0.02), np.log(0.12), 0.8
_PRIOR = 10.0  # differences that this is worth
_LEAST = 0.003  # difference of colours that says no less than none
_LONG = 1.0  # [s] that the two ends of a tracklet are apart for their difference to be that of one object
_MOST = 3.0  # log odds that colours say for one object, at most: others may be dressed alike


@dataclass(frozen=True, slots=True)
class Appearance:
    """What differences of colours say in a clip: their logs are normal, about `same` for one object, `other` for two.

    variance: of both (linear discriminant analysis, Fisher 1936); where all look alike, the two means are close to
    each other, and colours say nothing
    """

    same: float
    other: float
    variance: float

    @staticmethod
    def learned(tracklets: Sequence[Tracklet]) -> Appearance:
        """Learn from the two ends of each tracklet, which are of one object, and from those at one time, of several."""
        colored = [tracklet for tracklet in tracklets if tracklet.begin.palette.any() and tracklet.end.palette.any()]
        colored.sort(key=lambda tracklet: tracklet.begin.time)
        begins, ends = ([getattr(tracklet, tip) for tracklet in colored] for tip in ("begin", "end"))
        starts, stops = (np.array([tip.time for tip in tips]) for tips in (begins, ends))
        same = _logs(_roots(begins), _roots(ends))[stops - starts > _LONG]
        others = np.searchsorted(starts, stops)  # those that begin after it and before its end are there with it
        other = [
            _logs(roots[k + 1 : stop], roots[k])
            for roots in (_roots(begins), _roots(ends))
            for k, stop in enumerate(others)
        ]
        return Appearance(*_normals(same, np.concatenate(other or [np.zeros(0)])))

    def log_odds(self, ends: Sequence[Tip], begins: Sequence[Tip]) -> Array:
        """Return (N,) the log odds that each pair shows one object, by its colours; 0 where those are not known."""
        if self.other <= self.same:
            return np.zeros(len(ends))
        middle, slope = (self.same + self.other) / 2, (self.other - self.same) / self.variance
        known = np.array([a.palette.any() and b.palette.any() for a, b in zip(ends, begins, strict=True)], np.bool_)
        # a half: palettes of one tracklet are nearer to each other than those before and after a meeting
        return np.where(known, np.minimum(0.5 * slope * (middle - _logs(_roots(ends), _roots(begins))), _MOST), 0.0)


def _normals(same: Array, other: Array) -> tuple[float, float, float]:
    """Return both means and the variance, each of the two kinds weighing as much as the other in that."""
    means, variances = [], []
    for logs, usual in ((same, _SAME), (other, _OTHER)):
        n = len(logs) + _PRIOR
        means.append(float((logs.sum() + _PRIOR * usual) / n))
        variances.append(float((((logs - means[-1]) ** 2).sum() + _PRIOR * _SPREAD**2) / n))
    return means[0], means[1], sum(variances) / 2


def _roots(tips: Sequence[Tip]) -> Array:
    """Return (N, N_COLORS) the roots of the shares of colours."""
    return np.sqrt(np.array([tip.palette for tip in tips], np.float64).reshape(-1, N_COLORS))


def _logs(a: Array, b: Array) -> Array:
    """Return (N,) the logs of the differences of colours of pairs, 1 less the Bhattacharyya coefficient, from roots."""
    return np.asarray(np.log(np.maximum(1 - (a * b).sum(axis=1), 0.0) + _LEAST))
