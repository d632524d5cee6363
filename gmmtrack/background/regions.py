"""Regions: what is foreground, piece by piece, and which pieces have travelled."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.state import fitting
from gmmtrack.errors import ArgumentError

_FAR = 0.1  # [frame heights] that no leaf travels
_BIRTH = 4  # x, y of a centre and width, height [pixels]


class Regions:
    """Links each connected piece of foreground to the last frame's by overlap, and trusts those that have travelled.

    Objects travel; leaves, ripples and glints come and go where they are. A piece is trusted once its centre is farther
    from where it first appeared than half of its width (or height) then and now together, or than a tenth of the
    frame's height; pieces of a trusted one are trusted, however long they stand.

    labels (H, W) int32: pieces of the last frame, from 1 on · births (N, 4) float32: x, y, width, height [pixels] of
    each piece, [0] of none, when its chain began · trusted (N,) bool · sizes (N,) int32 [pixels]
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.labels = np.zeros(size, np.int32)
        self.births = np.zeros((1, _BIRTH), np.float32)
        self.trusted = np.zeros(1, np.bool_)
        self.sizes = np.zeros(1, np.int32)

    def follow(self, foreground: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Take in the next mask (H, W), nonzero where foreground; return the flat indices of its foreground."""
        n, found, stats, centres = cv2.connectedComponentsWithStats(foreground, connectivity=8, ltype=cv2.CV_32S)
        labels = np.asarray(found, np.int32)
        indices = np.flatnonzero(foreground)
        parents = self._parents(labels.reshape(-1)[indices], self.labels.reshape(-1)[indices], n)
        extents = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
        now = np.concatenate([centres, extents], axis=1).astype(np.float32)
        births = np.where(parents[:, None] > 0, self.births[parents], now)
        reach = np.minimum((births[:, 2:] + now[:, 2:]) / 2, _FAR * foreground.shape[0])
        travelled = np.any(np.abs(now[:, :2] - births[:, :2]) > reach, axis=1)
        trusted = self.trusted[parents] | travelled
        trusted[0] = False
        self.labels, self.births, self.trusted = labels, births, trusted
        self.sizes = np.asarray(stats[:, cv2.CC_STAT_AREA], np.int32)
        return indices

    def shares(self, flags: NDArray[np.bool_], indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return which share of each piece is flagged, (N,); flags: of the pixels at `indices`."""
        here = self.labels.reshape(-1)[indices]
        flagged = np.bincount(here, weights=flags, minlength=len(self.sizes))
        share: NDArray[np.float64] = flagged / np.maximum(self.sizes, 1)
        return share

    def restore(self, labels: NDArray[Any], births: NDArray[Any], trusted: NDArray[Any]) -> None:
        """Go on from the labels, births and trust of another; an ArgumentError if they do not fit one another."""
        n = len(births)
        self.labels = fitting(self.labels, labels)
        self.births = fitting(np.zeros((n, _BIRTH), np.float32), births)
        self.trusted = fitting(np.zeros(n, np.bool_), trusted)
        if not 0 <= self.labels.min() <= self.labels.max() < n:
            raise ArgumentError(f"labels must be >= 0 and < {n}, got {self.labels.min()} to {self.labels.max()}")

    def _parents(self, now: NDArray[np.int32], before: NDArray[np.int32], n: int) -> NDArray[np.int64]:
        """Return for each of n pieces the one of the last frame with which it shares most pixels, or 0."""
        parents = np.zeros(n, np.int64)
        pairs, counts = np.unique(now.astype(np.int64) * len(self.trusted) + before, return_counts=True)
        children, candidates = np.divmod(pairs, len(self.trusted))
        order = np.argsort(counts, kind="stable")
        order = order[candidates[order] > 0]
        parents[children[order]] = candidates[order]  # the last written, the greatest overlap, stays
        return parents
