"""Predictions: where the tracks are expected in the next frame, and what they look like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """Where the tracks are expected in the next frame, and what they look like, one row a track.

    xyxy: (T, 4) float64 boxes [pixels] · means: (T, 2) float64 centroids of their pixels [pixels]
    uncertainties: (T, 2, 2) float64 covariances of those centroids [pixels²]
    shapes: (T, 2, 2) float64 spread of their own pixels [pixels²] · counts: (T,) float64 pixels
    steady: (T,) bool, seen often enough that their shape may be relied on
    moved: (T,) bool, seen to move by their own size: no ghosts
    """

    xyxy: NDArray[np.float64]
    means: NDArray[np.float64]
    uncertainties: NDArray[np.float64]
    shapes: NDArray[np.float64]
    counts: NDArray[np.float64]
    steady: NDArray[np.bool_]
    moved: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.xyxy)

    @staticmethod
    def none() -> Predictions:
        """Return predictions of no tracks."""
        return Predictions(
            xyxy=np.zeros((0, 4)),
            means=np.zeros((0, 2)),
            uncertainties=np.zeros((0, 2, 2)),
            shapes=np.zeros((0, 2, 2)),
            counts=np.zeros(0),
            steady=np.zeros(0, np.bool_),
            moved=np.zeros(0, np.bool_),
        )
