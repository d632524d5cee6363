"""Weaving: the sightings of each object, along its chain of tracklets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gmmtrack.tracking import motion
from gmmtrack.tracking.offline.recording import Sightings, runs
from gmmtrack.tracking.offline.tracklets import Tracklet

Rows = NDArray[np.int64]


def weave(seen: Sightings, tracklets: Sequence[Tracklet], chains: Sequence[Sequence[int]]) -> list[Sightings]:
    """Return what was seen of each object: that of its tracklets, and between them that of the tracks they are of.

    Where an object goes over from one track to another, it does so where the two are nearest to each other. Tracks
    without a tracklet stay as they are.
    """
    tracks = {int(seen.serials[run.start]): run for run in runs(seen.serials)}
    first = {tracklet.serial: tracklet for tracklet in reversed(tracklets)}
    last = {tracklet.serial: tracklet for tracklet in tracklets}
    strands = []
    for chain in chains:
        a, b = tracklets[chain[0]], tracklets[chain[-1]]
        start = tracks[a.serial].start if first[a.serial] is a else a.rows.start
        stop = tracks[b.serial].stop if last[b.serial] is b else b.rows.stop
        parts = [np.arange(start, a.rows.start)]
        for before, after in pairwise(tracklets[k] for k in chain):
            parts += [np.arange(before.rows.start, before.rows.stop), *_between(seen, before, after, tracks)]
        strands.append(np.concatenate([*parts, np.arange(b.rows.start, stop)]))
    strands += [np.arange(run.start, run.stop) for serial, run in tracks.items() if serial not in first]
    return [seen.at(rows) for rows in strands]


def _between(seen: Sightings, a: Tracklet, b: Tracklet, tracks: dict[int, slice]) -> list[Rows]:
    """Return the rows between two linked tracklets: of the track of the one, and then of that of the other."""
    if a.serial == b.serial:
        return [np.arange(a.rows.stop, b.rows.start)]
    left = np.arange(a.rows.stop, tracks[a.serial].stop)
    left = left[seen.frames[left] < seen.frames[b.rows.start]]
    right = np.arange(tracks[b.serial].start, b.rows.start)
    right = right[seen.frames[right] > seen.frames[a.rows.stop - 1]]
    shared, i, j = np.intersect1d(seen.frames[left], seen.frames[right], return_indices=True)
    if len(shared):
        centers = seen.z[:, motion.CENTER]
        change = shared[np.linalg.norm(centers[left[i]] - centers[right[j]], axis=1).argmin()]
    else:
        change = seen.frames[left[-1]] if len(left) else -1
    return [left[seen.frames[left] <= change], right[seen.frames[right] > change]]
