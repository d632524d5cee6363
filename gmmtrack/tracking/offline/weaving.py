"""Weaving: the sightings of each object, along its chain of tracklets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gmmtrack.tracking import motion
from gmmtrack.tracking.offline.choosing import Choice
from gmmtrack.tracking.offline.passes import Passes
from gmmtrack.tracking.offline.recording import Sightings
from gmmtrack.tracking.offline.tracklets import Tracklet

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NONE = np.zeros(0, np.int64)


def weave(
    passes: Passes, choice: Choice, at_limits: Flags, tracklets: Sequence[Tracklet], chains: Sequence[Sequence[int]]
) -> list[Sightings]:
    """Return what was seen of each object: that of its tracklets, and between them that of the tracks they are of.

    After a tracklet the forward pass knows where its object went, before one the backward pass knows where it came
    from: each began with those who are apart. Tracks of the forward pass without a tracklet stay as they are.
    """
    loom = _Loom(passes, choice, at_limits, tracklets)
    strands = [loom.strand([tracklets[k] for k in chain]) for chain in chains]
    return [passes.seen.at(rows) for rows in [*strands, *loom.others()] if len(rows)]


class _Loom:
    """Rows of two passes; each sighting of the backward one is woven in at most once, and not beside its partner."""

    def __init__(self, passes: Passes, choice: Choice, at_limits: Flags, tracklets: Sequence[Tracklet]) -> None:
        self._frames, self._centers = passes.seen.frames, passes.seen.z[:, motion.CENTER]
        self._partners, self._choice, self._at_limits = passes.partners, choice, at_limits
        self._tracks = passes.tracks
        self._first = {tracklet.serial: tracklet.rows.start for tracklet in reversed(tracklets)}
        self._last = {tracklet.serial: tracklet.rows.stop for tracklet in tracklets}
        self._used = np.zeros(len(self._frames), np.bool_)
        for tracklet in tracklets:
            self._used[tracklet.rows] = True

    def strand(self, chain: Sequence[Tracklet]) -> Rows:
        """Return the rows of the object that a chain of tracklets shows."""
        parts = [self._before(chain[0])]
        for a, b in pairwise(chain):
            parts += [_rows(a), self._between(a, b)]
        return np.concatenate([*parts, _rows(chain[-1]), self._after(chain[-1])])

    def others(self) -> list[Rows]:
        """Return the rows of each track of the forward pass that has no tracklet."""
        free = (rows for serial, rows in self._tracks.items() if serial > 0 and serial not in self._first)
        return [rows[~self._choice.refuted[rows]] for rows in free]

    def _before(self, a: Tracklet) -> Rows:
        """Return what was seen before an object's first tracklet; backward, if it came from where objects come from."""
        start = a.rows.start
        back = self._back(a.begin.backward, -1, start)
        if len(back) and not self._at_limits[back[0]]:
            back = back[self._choice.taken[back]]
        own = self._forth(a.serial, -1, start) if self._first[a.serial] == start else _NONE
        return self._use(self._united(back, own))

    def _after(self, b: Tracklet) -> Rows:
        """Return what was seen after an object's last tracklet."""
        return self._forth(b.serial, b.rows.stop - 1, None) if self._last[b.serial] == b.rows.stop else _NONE

    def _between(self, a: Tracklet, b: Tracklet) -> Rows:
        """Return the rows between two linked tracklets: of the track of the one, and then of that of the other."""
        end, start = a.rows.stop - 1, b.rows.start
        left, right = self._forth(a.end.forward, end, start), self._back(b.begin.backward, end, start)
        if a.serial == b.serial:
            return self._use(self._united(left, right[self._choice.taken[right]]))
        right = self._united(right, self._forth(b.serial, end, start))
        shared, i, j = np.intersect1d(self._frames[left], self._frames[right], return_indices=True)
        if len(shared):
            change = shared[np.linalg.norm(self._centers[left[i]] - self._centers[right[j]], axis=1).argmin()]
        else:
            change = self._frames[left[-1]] if len(left) else -1
        return self._use(np.append(left[self._frames[left] <= change], right[self._frames[right] > change]))

    def _forth(self, serial: int, after: int, before: int | None) -> Rows:
        """Return the rows of a forward track between the frames of two rows; -1 and None for the ends of the clip."""
        rows = self._within(serial, after, before) if serial > 0 else _NONE
        return rows[~self._choice.refuted[rows]]

    def _back(self, serial: int, after: int, before: int) -> Rows:
        """Return the rows of a backward track between the frames of two rows, which are not in use otherwise."""
        rows = self._within(serial, after, before) if serial < 0 else _NONE
        partners = self._partners[rows]
        return rows[~(self._used[rows] | ((partners >= 0) & self._used[partners]))]

    def _within(self, serial: int, after: int, before: int | None) -> Rows:
        rows = self._tracks[serial]
        first = -1 if after < 0 else self._frames[after]
        last = self._frames[rows[-1]] + 1 if before is None else self._frames[before]
        return np.asarray(rows[(self._frames[rows] > first) & (self._frames[rows] < last)])

    def _united(self, one: Rows, other: Rows) -> Rows:
        """Return the rows of one, and of the other one in those frames in which there is none of the first."""
        rows = np.append(one, other[~np.isin(self._frames[other], self._frames[one])])
        return np.asarray(rows[np.argsort(self._frames[rows], kind="stable")])

    def _use(self, rows: Rows) -> Rows:
        self._used[rows] = True
        return rows


def _rows(tracklet: Tracklet) -> Rows:
    return np.arange(tracklet.rows.start, tracklet.rows.stop)
