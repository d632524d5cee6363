"""Passes: what a tracker saw that ran forward through a clip, and one that ran backward, as one."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gmmtrack.detection.detections import Origin
from gmmtrack.tracking.association import shared_areas
from gmmtrack.tracking.offline.recording import Sightings, by_frame, corners, runs

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
        partners, entangled = np.full(len(seen), -1), np.equal(seen.origins, Origin.SPLIT)
        edges = [np.zeros((2, 0), np.int64)]
        for rows in by_frame(seen.frames):
            z, is_forward = seen.z[rows], seen.serials[rows] > 0
            xyxy = corners(z)
            shared, areas = shared_areas(xyxy, xyxy), np.maximum(np.prod(z[:, 2:], axis=1), 1e-9)
            a, b = np.nonzero(np.triu(shared > _COVERED * np.minimum(areas[:, None], areas), 1))
            edges.append(np.stack([rows[a], rows[b]]))
            rivals = is_forward[a] == is_forward[b]
            entangled[edges[-1][:, rivals]] = True
            a, b = (rows[pairs] for pairs in _alike(shared, areas, is_forward))
            partners[a], partners[b] = b, a
        first, second = np.concatenate(edges, axis=1)
        graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(len(seen), len(seen)))
        _, groups = connected_components(graph, directed=False)
        return Passes(seen=seen, partners=partners, entangled=entangled, groups=groups.astype(np.int64))

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
        is_at_border = at_border(seen.z, np.sqrt(np.prod(seen.z[:, 2:], axis=1)))
        return np.asarray(is_at_border | (seen.frames == 0) | (seen.frames == seen.frames.max()))


def _alike(shared: Array, areas: Array, is_forward: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Return which boxes of the forward pass show the same as which ones of the backward one."""
    forward, backward = np.flatnonzero(is_forward), np.flatnonzero(~is_forward)
    both = shared[forward[:, None], backward]
    overlaps = both / (areas[forward, None] + areas[backward] - both)
    a, b = linear_sum_assignment(-np.where(overlaps >= _ALIKE, overlaps, 0.0))
    is_alike = overlaps[a, b] >= _ALIKE
    return forward[a[is_alike]], backward[b[is_alike]]


def at_border(z: Array, sizes: Array) -> NDArray[np.bool_]:
    """Return (N,) whether boxes z (N, 4), centre and extent, are where objects enter and leave the frame.

    That is where the farthest of them are; sizes (N,) of the objects [pixels]
    """
    xyxy = corners(z)
    room = np.minimum(xyxy[:, :2] - xyxy[:, :2].min(axis=0), xyxy[:, 2:].max(axis=0) - xyxy[:, 2:]).min(axis=1)
    return np.asarray(room < _AT_BORDER * sizes)
