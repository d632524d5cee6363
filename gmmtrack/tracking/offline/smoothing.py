"""Smoothing: where an object was in every frame, from all that was seen of it before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.tracking import motion
from gmmtrack.tracking.offline import kernels
from gmmtrack.tracking.offline.noise import Noise
from gmmtrack.tracking.offline.recording import Sightings
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_SHARED = 1.5  # how much larger the error of a centre is that EM found in a shared blob
_UNSEEN = -1.0  # the variance of what was not measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """Where an object was in every frame from its first sighting to its last.

    first: the number of the first frame · seen: (T,) row of the sighting in each, or -1 · size: its usual [pixels]
    x: (T, 4, 2) value and rate of change of centre and extent [pixels, pixels/s]
    P: (T, 4, 3) their variances, the covariance of value and rate in the middle
    """

    first: int
    seen: NDArray[np.int64]
    size: float
    x: Array
    P: Array

    @property
    def xyxy(self) -> Array:
        """(T, 4) boxes [pixels]."""
        half = np.maximum(self.x[:, motion.EXTENT, 0], 1.0) / 2
        center = self.x[:, motion.CENTER, 0]
        return np.concatenate([center - half, center + half], axis=1)


def smooth(track: Sightings, times: Array, noise: Noise, settings: TrackingSettings) -> Trajectory:
    """Return the trajectory of one track, whose frames rise; times: (F,) those of all frames [s]."""
    first, last = int(track.frames[0]), int(track.frames[-1])
    seen = np.full(last - first + 1, -1)
    seen[track.frames - first] = np.arange(len(track))
    size = track.size
    z, variances = _measured(track, seen, size, noise)
    x, P = np.empty((len(seen), 4, 2)), np.empty((len(seen), 4, 3))
    moves = ((noise.acceleration * size) ** 2, 0.0, (settings.birth_speed * size) ** 2)
    drifts = (0.0, (noise.drift * size) ** 2, 0.0)
    for axis in range(4):
        values, spread = np.empty((len(seen), 2)), np.empty((len(seen), 3))
        dynamics = moves if axis < motion.CENTER.stop else drifts
        kernels.smooth(times[first : last + 1], z[axis], variances[axis], *dynamics, values, spread)
        x[:, axis], P[:, axis] = values, spread
    return Trajectory(first=first, seen=seen, size=size, x=x, P=P)


def _measured(track: Sightings, seen: NDArray[np.int64], size: float, noise: Noise) -> tuple[Array, Array]:
    """Return (4, T) what was measured of an object in each frame, and the variances of that."""
    rows, is_seen, is_whole = np.maximum(seen, 0), seen >= 0, track.whole
    z = track.z[rows].T.copy()
    sigmas = np.empty((4, len(seen)))
    sigmas[motion.CENTER] = noise.position * size * np.where(is_whole[rows], 1.0, _SHARED)
    sigmas[motion.EXTENT] = noise.extent * size
    variances = np.where(is_seen, sigmas**2, _UNSEEN)
    known = is_seen & is_whole[rows]
    if known.any():
        variances[motion.EXTENT, ~known] = _UNSEEN
        start = int(np.argmax(known))  # before it was seen whole, it was as large as when it was
        z[motion.EXTENT, 0] = z[motion.EXTENT, start]
        variances[motion.EXTENT, 0] = sigmas[motion.EXTENT, 0] ** 2
    return np.ascontiguousarray(z), np.ascontiguousarray(variances)
