"""Trails: where the tracks have been in the last few seconds."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from gmmtrack.outputs.shown import shown_rows
from gmmtrack.tracking.tracks import Tracks

_MOST_POINTS = 32  # a track; enough for a smooth line at any frame rate


class Trails:
    """Remembers the centres of the tracks over the last `seconds`, and forgets a track when it is gone.

    Memory is bounded by 34 points for each track that is alive. Time that jumps back, as in a new video, starts anew.
    """

    def __init__(self, seconds: float = 3.0) -> None:
        self.seconds = seconds
        self._points: dict[int, deque[tuple[float, float, float]]] = {}
        self._time = -np.inf

    def __len__(self) -> int:
        return len(self._points)

    def update(self, tracks: Tracks, time: float) -> None:
        """Add the centres of the tracks shown at `time` [s]; the same time again changes nothing."""
        if time == self._time:
            return
        if time < self._time:
            self._points.clear()
        self._time = time
        centers = tracks.centers.tolist()
        shown = {int(tracks.ids[t]): centers[t] for t in shown_rows(tracks)}
        self._points = {track: self._points.get(track, deque()) for track in shown}
        for track, (x, y) in shown.items():
            self._extend(self._points[track], (time, x, y))

    def of(self, track: int) -> NDArray[np.float64]:
        """Return where `track` has been, (N, 2) [pixels], the oldest first; none if it is not known."""
        return np.array([point[1:] for point in self._points.get(track, ())], np.float64).reshape(-1, 2)

    def _extend(self, points: deque[tuple[float, float, float]], point: tuple[float, float, float]) -> None:
        """Append `point`, in place of the last one if that stands too close to the one before it in time."""
        if len(points) > 1 and points[-1][0] - points[-2][0] < self.seconds / _MOST_POINTS:
            points.pop()
        points.append(point)
        while points[0][0] < point[0] - self.seconds:
            points.popleft()
