"""Tracklets: the parts of tracks about which there is no doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.tracking import motion
from gmmtrack.tracking.offline.noise import Noise
from gmmtrack.tracking.offline.passes import Passes
from gmmtrack.tracking.offline.recording import runs
from gmmtrack.tracking.offline.smoothing import smooth
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_FEWEST = 3  # sightings of a tracklet
_LOOKS = 3.0  # [s] from its end over which a tracklet's looks are averaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """One end of a tracklet.

    forward, backward: serials of the tracks that hold it in either pass, 0 for none
    time [s] · x (2, 2): place and velocity of x and y [pixels, pixels/s] · P (2, 3): their variances, the covariance in
    the middle · extent (2,) [pixels] · palette (N_COLORS,): its colours near this end · area: its pixels, likewise
    """

    forward: int
    backward: int
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


def cut(
    passes: Passes, taken: NDArray[np.bool_], times: Array, noise: Noise, settings: TrackingSettings
) -> list[Tracklet]:
    """Return the tracklets of all tracks, those of one track after one another.

    taken (N,): whether a sighting may be part of one · times: of all frames [s]
    """
    clear = taken & ~passes.entangled
    found: list[Tracklet] = []
    for track in runs(passes.seen.serials):
        for run in runs(clear[track].astype(np.int64)):
            rows = slice(track.start + run.start, track.start + run.stop)
            if clear[rows.start] and rows.stop - rows.start >= _FEWEST:
                found.append(_tracklet(passes, rows, times, noise, settings))
    return found


def _tracklet(passes: Passes, rows: slice, times: Array, noise: Noise, settings: TrackingSettings) -> Tracklet:
    part = passes.seen.at(rows)
    path = smooth(part, times, noise, settings)
    serial = int(part.serials[0])
    others = passes.partner_serials(np.arange(rows.start, rows.stop))
    known = others[others != 0].tolist() or [0]
    tips = []
    for index, other, near in (
        (0, known[0], part.times <= part.times[0] + _LOOKS),
        (-1, known[-1], part.times >= part.times[-1] - _LOOKS),
    ):
        looks = part.at(np.flatnonzero(near))
        tips.append(
            Tip(
                forward=max(serial, other),
                backward=min(serial, other),
                time=float(part.times[index]),
                x=path.x[index, motion.CENTER],
                P=path.P[index, motion.CENTER],
                extent=path.x[index, motion.EXTENT, 0],
                palette=looks.palette(),
                area=float(np.median(looks.areas)),
            )
        )
    return Tracklet(serial=serial, rows=rows, size=path.size, begin=tips[0], end=tips[1])
