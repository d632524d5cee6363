"""Predictions: where the tracks are expected in the next frame, and what they look like."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import N_BINS, N_COLORS


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Where the tracks are expected in the next frame, and what they look like, one row a track.

    ids: (T,) int64, 0 for those that have none yet · xyxy: (T, 4) float64 boxes [pixels]
    means: (T, 2) float64 centroids of their pixels [pixels] · shapes: (T, 2, 2) float64 spread of these [pixels²]
    areas: (T,) float64 pixels · extents: (T, 2) float64 of their boxes when seen whole [pixels]
    palettes: (T, N_COLORS) float64 shares of their colours, zeros where not known
    silhouettes: (T, N_BINS, N_BINS) float32 outlines in their boxes, see `Detections`
    likenesses: (T,) float64 how alike these were from frame to frame [0-1]
    places: (T, 2) float64 centres at which they had these shapes, areas and extents [pixels]
    steady: (T,) bool, seen alone for so long that these may be relied on
    moved: (T,) bool, seen to move by their own size: no ghosts · turn: (T,) bool, do not always lie the same way
    alone: (T,) bool, seen whole and alone in the last frame · divided: (T,) float64, how long seen in parts [s]
    """

    ids: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    means: NDArray[np.float64]
    shapes: NDArray[np.float64]
    areas: NDArray[np.float64]
    extents: NDArray[np.float64]
    palettes: NDArray[np.float64]
    silhouettes: NDArray[np.float32]
    likenesses: NDArray[np.float64]
    places: NDArray[np.float64]
    steady: NDArray[np.bool_]
    moved: NDArray[np.bool_]
    turn: NDArray[np.bool_]
    alone: NDArray[np.bool_]
    divided: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.xyxy)

    @property
    def centers(self) -> NDArray[np.float64]:
        """(T, 2) float64 box centres [pixels]."""
        return (self.xyxy[:, :2] + self.xyxy[:, 2:]) / 2

    def grown(self, factors: NDArray[np.float64]) -> Predictions:
        """Return what the tracks look like `factors` (T,) times as large, in the same places."""
        wide = factors[:, None]
        return replace(
            self,
            means=self.centers + (self.means - self.centers) * wide,
            shapes=self.shapes * wide[:, :, None] ** 2,
            areas=self.areas * factors**2,
            extents=self.extents * wide,
        )

    @staticmethod
    def none() -> Predictions:
        """Return predictions of no tracks."""
        return Predictions(
            ids=np.zeros(0, np.int64),
            xyxy=np.zeros((0, 4)),
            means=np.zeros((0, 2)),
            shapes=np.zeros((0, 2, 2)),
            areas=np.zeros(0),
            extents=np.zeros((0, 2)),
            palettes=np.zeros((0, N_COLORS)),
            silhouettes=np.zeros((0, N_BINS, N_BINS), np.float32),
            likenesses=np.zeros(0),
            places=np.zeros((0, 2)),
            steady=np.zeros(0, np.bool_),
            moved=np.zeros(0, np.bool_),
            turn=np.zeros(0, np.bool_),
            alone=np.zeros(0, np.bool_),
            divided=np.zeros(0),
        )
