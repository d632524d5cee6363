"""Event: something worth telling that happened in one frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gmmtrack.tracking.association import box_shares
from gmmtrack.tracking.tracks import Tracks

_SAME = 0.5  # share of the smaller of an event's place and the box of the track that it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something worth telling that happened in one frame.

    kind: a word: "scene_changed", "stopped", "went_on", "left_behind" or "taken_away" · time: [s]
    track: the id of the track that it is about, or None · xyxy: where [pixels], or None where it is everywhere
    """

    kind: str
    time: float
    track: int | None = None
    xyxy: tuple[float, float, float, float] | None = None

    def scaled(self, factor: float) -> Event:
        """Return the same event in an image `factor` times as large."""
        if self.xyxy is None or factor == 1:
            return self
        x0, y0, x1, y1 = self.xyxy
        return replace(self, xyxy=(factor * x0, factor * y0, factor * x1, factor * y1))

    def told_of(self, tracks: Tracks) -> Event:
        """Return the same event about the one of these tracks, of its frame, that is where it happened, if any is."""
        if self.xyxy is None or self.track is None:
            return self
        shares = box_shares(np.array([self.xyxy]), tracks.xyxy)[0]
        there = len(tracks) > 0 and shares.max() >= _SAME
        return replace(self, track=int(tracks.ids[shares.argmax()]) if there else None)
