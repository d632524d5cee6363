"""Tracks: who is where in one frame, one row a track."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class TrackState(IntEnum):
    """Where a track is in its life."""

    TENTATIVE = 0  # seen too few times to be believed; has no id yet
    CONFIRMED = 1  # believed, and detected in this frame
    COASTING = 2  # believed, and not detected in this frame: carried on by its motion alone
    STATIONARY = 3  # believed, detected, and standing still
    ENDED = 4  # given up; never comes back


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Who is where in one frame, one row a track.

    ids: (N,) int64, from 1 · xyxy: (N, 4) float64 boxes [pixels], end exclusive · states: (N,) int8 of `TrackState`
    velocities: (N, 2) float64 [pixels/s] · covariances: (N, 4, 4) float64 of centre and velocity [pixels, pixels/s]
    scores: (N,) float64 [0-1], of the detection that each took last; blobs have 1 · classes: (N,) int64, -1 unknown
    detections: (N,) int64, the row of the detection that each track took in this frame, or -1
    """

    ids: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    states: NDArray[np.int8]
    velocities: NDArray[np.float64]
    covariances: NDArray[np.float64]
    scores: NDArray[np.float64]
    classes: NDArray[np.int64]
    detections: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @staticmethod
    def none() -> Tracks:
        """Return nobody."""
        return Tracks(
            ids=np.zeros(0, np.int64),
            xyxy=np.zeros((0, 4)),
            states=np.zeros(0, np.int8),
            velocities=np.zeros((0, 2)),
            covariances=np.zeros((0, 4, 4)),
            scores=np.zeros(0),
            classes=np.zeros(0, np.int64),
            detections=np.zeros(0, np.int64),
        )

    def scaled(self, factor: float) -> Tracks:
        """Return the same tracks in an image `factor` times as large."""
        if factor == 1:
            return self
        return replace(
            self,
            xyxy=factor * self.xyxy,
            velocities=factor * self.velocities,
            covariances=factor**2 * self.covariances,
        )

    @property
    def centers(self) -> NDArray[np.float64]:
        """(N, 2) float64 box centres [pixels]."""
        return (self.xyxy[:, :2] + self.xyxy[:, 2:]) / 2
