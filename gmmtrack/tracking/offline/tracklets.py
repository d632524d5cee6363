"""Tracklets: the parts of tracks about which there is no doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Origin
from gmmtrack.tracking import motion
from gmmtrack.tracking.offline.noise import Noise
from gmmtrack.tracking.offline.recording import Sightings, runs
from gmmtrack.tracking.offline.smoothing import smooth
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_COVERED = 0.3  # share of the smaller box that another one covers, from which on they may be taken for each other
_FEWEST = 3  # sightings of a tracklet
_LOOKS = 3.0  # [s] from its end over which a tracklet's looks are averaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """One end of a tracklet.

    time [s] · x (2, 2): place and velocity of x and y [pixels, pixels/s] · P (2, 3): their variances, the covariance in
    the middle · extent (2,) [pixels] · palette (N_COLORS,): its colours near this end · area: its pixels, likewise
    """

    time: float
    x: Array
    P: Array
    extent: Array
    palette: Array
    area: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracklet:
    """A part of a track in which the object was clear of all others; rows: its sightings · size [pixels]."""

    serial: int
    rows: slice
    size: float
    begin: Tip
    end: Tip


def cut(seen: Sightings, times: Array, noise: Noise, settings: TrackingSettings) -> list[Tracklet]:
    """Return the tracklets of all tracks, those of one track after one another; times: of all frames [s]."""
    clear = ~_entangled(seen)
    found: list[Tracklet] = []
    for track in runs(seen.serials):
        for run in runs(clear[track].astype(np.int64)):
            rows = slice(track.start + run.start, track.start + run.stop)
            if clear[rows.start] and rows.stop - rows.start >= _FEWEST:
                found.append(_tracklet(seen, rows, times, noise, settings))
    return found


def _tracklet(seen: Sightings, rows: slice, times: Array, noise: Noise, settings: TrackingSettings) -> Tracklet:
    part = seen.at(rows)
    path = smooth(part, times, noise, settings)
    tips = []
    for index, near in (
        (0, part.times <= part.times[0] + _LOOKS),
        (-1, part.times >= part.times[-1] - _LOOKS),
    ):
        looks = part.at(np.flatnonzero(near))
        tips.append(
            Tip(
                time=float(part.times[index]),
                x=path.x[index, motion.CENTER],
                P=path.P[index, motion.CENTER],
                extent=path.x[index, motion.EXTENT, 0],
                palette=looks.palette(),
                area=float(np.median(looks.areas)),
            )
        )
    return Tracklet(serial=int(part.serials[0]), rows=rows, size=path.size, begin=tips[0], end=tips[1])


def _entangled(seen: Sightings) -> NDArray[np.bool_]:
    """Return (N,) which sightings shared a blob or overlap another one, so that they may be taken for each other."""
    entangled = np.equal(seen.origins, Origin.SPLIT)
    for rows in _frames(seen.frames):
        entangled[rows] |= (_covers(seen.z[rows]) > _COVERED).any(axis=1)
    return entangled


def _frames(frames: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each frame that has two or more."""
    order = np.argsort(frames, kind="stable")
    for run in runs(frames[order]):
        if run.stop - run.start > 1:
            yield order[run]


def _covers(z: Array) -> Array:
    """Return (N, N) the share of the smaller of two boxes (N, 4) that the other covers, 0 with itself."""
    low, high = z[:, :2] - z[:, 2:] / 2, z[:, :2] + z[:, 2:] / 2
    shared = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    areas = np.maximum(np.prod(z[:, 2:], axis=1), 1e-9)
    shares = np.prod(np.maximum(shared, 0.0), axis=2) / np.minimum(areas[:, None], areas[None])
    np.fill_diagonal(shares, 0.0)
    return np.asarray(shares)
