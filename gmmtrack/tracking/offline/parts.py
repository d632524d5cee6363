"""Parts: tracks that were hardly ever seen but within another one's body."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Origin
from gmmtrack.tracking.association import shared_areas
from gmmtrack.tracking.offline.recording import Sightings, by_frame, corners

_COVERED = 0.7  # share of a part's box that its body's covers
_LARGER = 2.0  # times as large a box, a body has at least
_MOST = 0.5  # share of the sightings of a part of which that is so


def are_parts(tracks: Sequence[Sightings]) -> NDArray[np.bool_]:
    """Return (N,) which of some tracks are parts of others.

    A tail or a leg that began as a track of its own goes on as one in its body's blob. Of an object something is seen
    by itself: before or after it met a larger one, or beside it. Who shares a blob with a larger one, and lies within
    its box, in most of its sightings is a part of it.
    """
    if not tracks:
        return np.zeros(0, np.bool_)
    numbers = np.repeat(np.arange(len(tracks)), [len(track) for track in tracks])
    xyxy = corners(np.concatenate([track.z for track in tracks]))
    areas = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    within = np.zeros(len(numbers), np.bool_)
    for rows in by_frame(np.concatenate([track.frames for track in tracks])):
        covers = shared_areas(xyxy[rows], xyxy[rows]) > _COVERED * areas[rows, None]
        within[rows] = (covers & (areas[rows] > _LARGER * areas[rows, None])).any(axis=1)
    within &= np.concatenate([track.origins for track in tracks]) == Origin.SPLIT
    return np.asarray(np.bincount(numbers, within) > _MOST * np.bincount(numbers))
