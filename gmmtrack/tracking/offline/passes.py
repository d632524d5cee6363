"""Passes: what a tracker saw that ran forward through a clip, and one that ran backward, as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from gmmtrack.detection.detections import Origin
from gmmtrack.tracking.offline.recording import Sightings, runs

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

_COVERED = 0.3  # share of the smaller box that another one covers, from which on they may be taken for each other
_ALIKE = 0.5  # intersection over union of two boxes that show the same
_AT_BORDER = 0.15  # [sizes] from the farthest place where anything was ever seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """What was seen by two passes through a clip; one row a sighting.

    seen: of both, in the order of serials, which are > 0 forward and < 0 backward, and then of frames
    partners: (N,) the row of the other pass that shows the same in the same frame, or -1
    entangled: (N,) bool, shared a blob or overlaps another one of its pass: they may be taken for each other
    groups: (N,) numbers, the same for boxes of either pass that hang together in a frame
    """

    seen: Sightings
    partners: Rows
    entangled: NDArray[np.bool_]
    groups: Rows

    @staticmethod
    def of(forward: Sightings, backward: Sightings) -> Passes:
        """Return both passes as one; serials of the backward one are < 0."""
        seen = Sightings(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in (backward, forward)])
                for field in fields(Sightings)
            }
        )
        partners, groups = np.full(len(seen), -1), np.zeros(len(seen), np.int64)
        entangled, n_groups = np.equal(seen.origins, Origin.SPLIT), 0
        for rows in _frames(seen.frames):
            z, is_forward = seen.z[rows], seen.serials[rows] > 0
            covers = _covers(z) > _COVERED
            entangled[rows] |= (covers & (is_forward[:, None] == is_forward)).any(axis=1)
            a, b = (rows[pairs] for pairs in _alike(z, is_forward))
            partners[a], partners[b] = b, a
            n, members = connected_components(covers, directed=False)
            groups[rows] = n_groups + members
            n_groups += n
        return Passes(seen=seen, partners=partners, entangled=entangled, groups=groups)

    @property
    def tracks(self) -> dict[int, Rows]:
        """The rows of each serial."""
        return {int(self.seen.serials[run.start]): np.arange(run.start, run.stop) for run in runs(self.seen.serials)}

    def partner_serials(self, rows: Rows) -> Rows:
        """Return the serials of the tracks of the other pass that show the same as rows (K,), 0 where none does."""
        partners = self.partners[rows]
        return np.where(partners >= 0, self.seen.serials[partners], 0)

    def at_limits(self) -> NDArray[np.bool_]:
        """Return (N,) whether objects may come or go there: at the border, or in the first or the last frame."""
        seen = self.seen
        if not len(seen):
            return np.zeros(0, np.bool_)
        half = seen.z[:, 2:] / 2
        low, high = seen.z[:, :2] - half, seen.z[:, :2] + half
        room = np.minimum(low - low.min(axis=0), high.max(axis=0) - high).min(axis=1)
        at_border = room < _AT_BORDER * np.sqrt(np.prod(seen.z[:, 2:], axis=1))
        return np.asarray(at_border | (seen.frames == 0) | (seen.frames == seen.frames.max()))


def _frames(frames: Rows) -> Iterator[Rows]:
    """Yield the rows of each frame."""
    order = np.argsort(frames, kind="stable")
    for run in runs(frames[order]):
        yield order[run]


def _alike(z: Array, is_forward: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Return which boxes (N, 4) of the forward pass show the same as which ones of the backward one."""
    forward, backward = np.flatnonzero(is_forward), np.flatnonzero(~is_forward)
    shared, areas = _shared(z[forward], z[backward]), np.prod(z[:, 2:], axis=1)
    overlaps = shared / np.maximum(areas[forward, None] + areas[backward] - shared, 1e-9)
    a, b = linear_sum_assignment(-np.where(overlaps >= _ALIKE, overlaps, 0.0))
    is_alike = overlaps[a, b] >= _ALIKE
    return forward[a[is_alike]], backward[b[is_alike]]


def _covers(z: Array) -> Array:
    """Return (N, N) the share of the smaller of two boxes (N, 4) that the other covers, 0 with itself."""
    areas = np.maximum(np.prod(z[:, 2:], axis=1), 1e-9)
    shares = _shared(z, z) / np.minimum(areas[:, None], areas)
    np.fill_diagonal(shares, 0.0)
    return np.asarray(shares)


def _shared(a: Array, b: Array) -> Array:
    """Return (N, M) the areas that boxes (N, 4) and (M, 4), centre and extent, share [pixels]."""
    low = np.maximum(a[:, None, :2] - a[:, None, 2:] / 2, b[:, :2] - b[:, 2:] / 2)
    high = np.minimum(a[:, None, :2] + a[:, None, 2:] / 2, b[:, :2] + b[:, 2:] / 2)
    return np.asarray(np.prod(np.maximum(high - low, 0.0), axis=2))
