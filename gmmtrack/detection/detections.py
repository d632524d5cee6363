"""Detections: what was measured in one frame, one row an object."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

N_COLORS = 125  # bins of a palette: 5 steps in each of B, G, R
N_BINS = 16  # a side of a silhouette


class Origin(IntEnum):
    """How a detection was made."""

    GIVEN = 0  # by a detector from outside
    BLOB = 1  # the moments of one blob that at most one track claims
    FRAGMENTS = 2  # the moments of several blobs that one track claims
    SPLIT = 3  # EM on a blob that several tracks claim, started from those tracks


@dataclass(frozen=True, slots=True, kw_only=True)
class Detections:
    """What was measured in one frame, one row an object.

    xyxy: (N, 4) float64 boxes [pixels], end exclusive · scores: (N,) float64 [0-1] · classes: (N,) int64, -1 unknown
    means: (N, 2) float64 [pixels] · covariances: (N, 2, 2) float64 [pixels²], the spread of the object's own pixels
    palettes: (N, N_COLORS) float64 shares of each colour, which sum to 1; zeros where not known
    silhouettes: (N, N_BINS, N_BINS) float32, which share of each part of the box is the object's; zeros where not known
    counts: (N,) float64 pixels seen · areas: (N,) float64 pixels of the whole object, also of parts not seen
    origins: (N,) int8 of `Origin`
    misfits: (N,) float64, by how much of what is seen of an object its blob may differ from the shapes of those that
    share it [0: not at all]; infinite where no shapes were fitted
    predictions: (N,) int64, the row of the predicted track that the hypothesis was started from, or -1
    frame_size: (H, W) of the frame [pixels], None where it is not known
    """

    xyxy: NDArray[np.float64]
    scores: NDArray[np.float64]
    classes: NDArray[np.int64]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]
    palettes: NDArray[np.float64]
    silhouettes: NDArray[np.float32]
    counts: NDArray[np.float64]
    areas: NDArray[np.float64]
    origins: NDArray[np.int8]
    misfits: NDArray[np.float64]
    predictions: NDArray[np.int64]
    frame_size: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.xyxy)

    @staticmethod
    def none() -> Detections:
        """Return detections of nothing."""
        return Detections(
            xyxy=np.zeros((0, 4)),
            scores=np.zeros(0),
            classes=np.zeros(0, np.int64),
            means=np.zeros((0, 2)),
            covariances=np.zeros((0, 2, 2)),
            palettes=np.zeros((0, N_COLORS)),
            silhouettes=np.zeros((0, N_BINS, N_BINS), np.float32),
            counts=np.zeros(0),
            areas=np.zeros(0),
            origins=np.zeros(0, np.int8),
            misfits=np.zeros(0),
            predictions=np.zeros(0, np.int64),
        )
