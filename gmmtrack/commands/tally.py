"""Tally: what a run has seen so far, and what is said of it at its end."""

from __future__ import annotations

import time
from collections import Counter

from gmmtrack.outputs.result import Result
from gmmtrack.outputs.shown import shown_rows


class Tally:
    """Counts frames and tracks while a run goes on; the clock starts at its birth."""

    def __init__(self) -> None:
        self.n_frames = 0
        self.ids: set[int] = set()
        self.most_at_once = 0
        self._kinds: Counter[str] = Counter()
        self._start = time.perf_counter()
        self._first: float | None = None
        self._video = [0.0, 0.0]

    def add(self, result: Result) -> None:
        """Count one frame."""
        if self._first is None:
            self._first = time.perf_counter() - self._start
            self._video[0] = result.frame.time
        self._video[1] = result.frame.time
        self.n_frames += 1
        self._kinds.update(event.kind for event in result.events)
        rows = shown_rows(result.tracks)
        self.ids.update(result.tracks.ids[rows].tolist())
        self.most_at_once = max(self.most_at_once, len(rows))

    def speed(self) -> str:
        """Return how fast it went, in a line."""
        seconds = time.perf_counter() - self._start
        rate = self.n_frames / seconds if seconds else 0.0
        return f"{seconds:.1f} s, {rate:.0f} frames/s; the first frame after {self._first or 0.0:.1f} s"

    def length(self, frame_rate: float | None) -> str:
        """Return how much was seen, in a line; frame_rate: [Hz] to say how long the last frame lasts."""
        last = 1 / frame_rate if frame_rate and self.n_frames else 0.0
        return f"{count(self.n_frames, 'frame')}, {self._video[1] - self._video[0] + last:.1f} s of video"

    def tracks(self) -> str:
        """Return how many tracks there were, in a line."""
        return f"{count(len(self.ids), 'track')} seen, at most {self.most_at_once} at once"

    def events(self) -> str:
        """Return how often what happened, in a line; "" if nothing did."""
        return ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in self._kinds.most_common())


def count(n: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is 1."""
    return f"{n} {noun}{'' if n == 1 else 's'}"
