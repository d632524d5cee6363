"""Association: which track takes which detection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]

_FORBIDDEN = 1e6


def box_overlaps(a: Array, b: Array) -> Array:
    """Return (N, M) intersection over union of boxes a (N, 4) and b (M, 4)."""
    corners_low = np.maximum(a[:, None, :2], b[None, :, :2])
    corners_high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(corners_high - corners_low, 0, None), axis=2)
    areas_a, areas_b = (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (a, b))
    joined = areas_a[:, None] + areas_b[None, :] - shared
    return np.divide(shared, joined, out=np.zeros_like(shared), where=joined > 0)


def squared_distances(innovations: Array, S: Array) -> Array:
    """Return (N, M) squared Mahalanobis distances of innovations (N, M, D) under covariances S (N, D, D)."""
    return np.asarray(np.einsum("nmi,nij,nmj->nm", innovations, np.linalg.inv(S), innovations))


def assign(costs: Array, allowed: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns of the pairs that match: as many as are allowed, at the least total cost.

    costs (N, M) · allowed (N, M) bool
    """
    if not allowed.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows, columns = linear_sum_assignment(np.where(allowed, costs, _FORBIDDEN))
    kept = allowed[rows, columns]
    return rows[kept], columns[kept]
