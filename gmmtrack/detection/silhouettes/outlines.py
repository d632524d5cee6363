"""Outlines of bodies in their boxes, and how alike two are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.blobs import Blobs
from gmmtrack.detection.detections import N_BINS

Silhouettes = NDArray[np.float32]


def silhouette(blobs: Blobs, members: NDArray[np.int64], xyxy: NDArray[np.int64]) -> Silhouettes:
    """Return (N_BINS, N_BINS) which share of each part of a box (4,) [pixels] is of some blobs."""
    x0, y0, x1, y1 = xyxy.tolist()
    is_own = np.zeros(len(blobs) + 1, np.float32)
    is_own[members + 1] = 1
    own = is_own.take(blobs.labels[y0:y1, x0:x1])
    return np.asarray(cv2.resize(own, (N_BINS, N_BINS), interpolation=cv2.INTER_AREA), np.float32)


def likenesses(a: Silhouettes, b: Silhouettes) -> NDArray[np.float64]:
    """Return (N,) intersections over unions of silhouettes (N, N_BINS, N_BINS) in the same box [0-1]."""
    both, either = np.minimum(a, b).sum(axis=(1, 2)), np.maximum(a, b).sum(axis=(1, 2))
    return np.asarray(both / np.maximum(either, 1e-9), np.float64)
