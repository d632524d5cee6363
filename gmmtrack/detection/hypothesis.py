"""Hypothesis: one Gaussian that may be an object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import N_BINS, N_COLORS, Detections, Origin

Array = NDArray[np.float64]
Number = TypeVar("Number", np.int64, np.float64)

_STACKED = 0.3  # share of the lower one's height that two boxes above one another have in common, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One Gaussian that may be an object; a row of `Detections` in the making.

    xyxy (4,) and mean (2,) [pixels] · covariance (2, 2) [pixels²] · count: pixels seen · area: pixels in all
    misfit: by how much of what is seen of it blob and shapes differ, infinite where no shapes were fitted
    palette (N_COLORS,): pixels of each colour, silhouette (N_BINS, N_BINS): see `Detections`; None where they cannot be
    told from others'
    prediction: the row of the predicted track that it was started from, or -1
    """

    xyxy: NDArray[np.float64]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    count: float
    area: float
    origin: Origin
    prediction: int
    misfit: float = np.inf
    palette: NDArray[np.float64] | None = None
    silhouette: NDArray[np.float32] | None = None


def collect(hypotheses: Sequence[Hypothesis], frame_size: tuple[int, int]) -> Detections:
    """Return hypotheses of a frame (H, W) as one struct of arrays."""
    n = len(hypotheses)
    unknown = np.zeros(N_COLORS)
    palettes = np.array([unknown if h.palette is None else h.palette for h in hypotheses]).reshape(n, N_COLORS)
    hidden = np.zeros((N_BINS, N_BINS), np.float32)
    silhouettes = [hidden if h.silhouette is None else h.silhouette for h in hypotheses]
    return Detections(
        xyxy=np.array([h.xyxy for h in hypotheses], np.float64).reshape(n, 4),
        scores=np.ones(n),
        classes=np.full(n, -1),
        means=np.array([h.mean for h in hypotheses], np.float64).reshape(n, 2),
        covariances=np.array([h.covariance for h in hypotheses], np.float64).reshape(n, 2, 2),
        palettes=palettes / np.maximum(palettes.sum(axis=1, keepdims=True), 1.0),
        silhouettes=np.array(silhouettes, np.float32).reshape(n, N_BINS, N_BINS),
        counts=np.array([h.count for h in hypotheses], np.float64),
        areas=np.array([h.area for h in hypotheses], np.float64),
        origins=np.array([h.origin for h in hypotheses], np.int8),
        misfits=np.array([h.misfit for h in hypotheses], np.float64),
        predictions=np.array([h.prediction for h in hypotheses], np.int64),
        frame_size=frame_size,
    )


def pooled(counts: Array, means: Array, covariances: Array) -> tuple[Array, Array]:
    """Return mean (2,) and covariance (2, 2) of all pixels of several parts: counts (N,), means (N, 2), (N, 2, 2)."""
    shares = counts / counts.sum()
    mean = shares @ means
    apart = means - mean
    return mean, np.einsum("n,nij->ij", shares, covariances + apart[:, :, None] * apart[:, None, :])


def are_stacked(a: Array, b: Array, aligned: float) -> NDArray[np.bool_]:
    """Return (...) whether one of two boxes (..., 4) lies above the other, by a gap or hardly on it.

    aligned: share of the narrower one's width that is above or below the other one, at least
    """
    shared = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    least = np.minimum(a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2])
    is_above = shared[..., 1] <= _STACKED * least[..., 1]
    return np.asarray((shared[..., 0] >= aligned * least[..., 0]) & is_above)


def union(xyxy: NDArray[Number]) -> NDArray[Number]:
    """Return the box around boxes (N, 4)."""
    return np.concatenate([xyxy[:, :2].min(axis=0), xyxy[:, 2:].max(axis=0)])
