"""A plain tracker, as one would put it together from published parts: SORT (Bewley et al. 2016)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gmmtrack.evaluation.similarity import overlap

Boxes = NDArray[np.float64]


class PlainTracker:
    """Boxes to tracks by constant velocity, overlap and the Hungarian method; the settings are the paper's own.

    min_overlap: [0-1] of a detection with the predicted box · min_hits: frames in a row before a track is shown
    max_misses: frames that a track lives on without a detection
    """

    def __init__(self, *, min_overlap: float = 0.3, min_hits: int = 3, max_misses: int = 1) -> None:
        self.min_overlap, self.min_hits, self.max_misses = min_overlap, min_hits, max_misses
        self._tracks: list[_PlainTrack] = []
        self._n_ids = 0
        self._n_frames = 0

    def update(self, xyxy: Boxes) -> tuple[NDArray[np.int64], Boxes]:
        """Return the ids (M,) and boxes (M, 4) of the tracks shown, given the detected boxes (N, 4) of one frame."""
        self._n_frames += 1
        self._tracks = [track for track in self._tracks if track.predict()]
        matches = self._match(xyxy)
        for t, d in matches:
            self._tracks[t].correct(xyxy[d])
        for d in sorted(set(range(len(xyxy))) - {d for _, d in matches}):
            self._n_ids += 1
            self._tracks.append(_PlainTrack(xyxy[d], self._n_ids))
        self._tracks = [track for track in self._tracks if track.n_misses <= self.max_misses]
        shown = [track for track in self._tracks if self._is_shown(track)]
        ids = np.array([track.id for track in shown], dtype=np.int64)
        return ids, np.array([track.xyxy for track in shown]).reshape(-1, 4)

    def _match(self, xyxy: Boxes) -> list[tuple[int, int]]:
        """Return pairs of track and detection that overlap enough."""
        predicted = np.array([track.xyxy for track in self._tracks]).reshape(-1, 4)
        shared = overlap(_sized(predicted), _sized(xyxy))
        pairs = zip(*linear_sum_assignment(-shared), strict=True)
        return [(int(t), int(d)) for t, d in pairs if shared[t, d] >= self.min_overlap]

    def _is_shown(self, track: _PlainTrack) -> bool:
        known = track.n_hits >= self.min_hits or self._n_frames <= self.min_hits
        return known and track.n_misses == 0


class _PlainTrack:
    """One Kalman filter over centre, area, aspect, and the speeds of the first three [pixels, frames]."""

    def __init__(self, box: Boxes, track_id: int) -> None:
        self.id = track_id
        self.n_hits, self.n_misses = 1, 0
        self._filter = _new_filter(_measured(box))

    def predict(self) -> bool:
        """Advance by one frame; return whether the box is still one."""
        x = self._filter.x
        if x[2] + x[6] <= 0:
            x[6] = 0.0
        self._filter.predict()
        self.n_misses += 1
        if self.n_misses > 1:
            self.n_hits = 0
        return bool(np.isfinite(self._filter.x).all() and self._filter.x[2] > 0 and self._filter.x[3] > 0)

    def correct(self, box: Boxes) -> None:
        self._filter.update(_measured(box))
        self.n_hits, self.n_misses = self.n_hits + 1, 0

    @property
    def xyxy(self) -> Boxes:
        x, y, area, aspect = self._filter.x[:4]
        width = np.sqrt(max(area * aspect, 1e-9))
        half = np.array([width, area / width]) / 2
        return np.array([x - half[0], y - half[1], x + half[0], y + half[1]])


def _new_filter(measured: Boxes) -> Any:
    """Return a filterpy filter at rest; speeds, of which nothing is known, begin a thousand times as uncertain."""
    from filterpy.kalman import KalmanFilter

    kalman = KalmanFilter(dim_x=7, dim_z=4)
    kalman.F = np.eye(7) + np.eye(7, k=4)
    kalman.H = np.eye(4, 7)
    kalman.R = np.diag([1.0, 1.0, 10.0, 10.0])
    kalman.P = np.diag([10.0] * 4 + [1e4] * 3)
    kalman.Q = np.diag([1.0, 1.0, 1.0, 1.0, 1e-2, 1e-2, 1e-4])
    kalman.x = np.concatenate([measured, np.zeros(3)])
    return kalman


def _measured(box: Boxes) -> Boxes:
    """Return centre, area and aspect of a box x0, y0, x1, y1."""
    width, height = box[2:] - box[:2]
    return np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, width * height, width / height])


def _sized(xyxy: Boxes) -> Boxes:
    """Return boxes as x, y, width, height."""
    return np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)
