"""Where EM starts: responsibilities from k-means, seeds spread by k-means++, points at random, or noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import kernel
from gmmtrack.mixture.densities import Floats

_KMEANS_ITERATIONS = 100


def responsibilities(
    method: str, points: Floats, point_weights: Floats, n_components: int, random: np.random.RandomState
) -> Floats:
    """Return (N, K) responsibilities to start from; method as `GaussianMixture`'s init_params. points (N, D)"""
    if method == "random":
        drawn = random.uniform(size=(len(points), n_components))
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))
    if method == "random_from_data":
        share = point_weights / point_weights.sum()
        n_usable = int((share > 0.0).sum())
        chosen = random.choice(len(points), n_components, replace=n_usable < n_components, p=share)
        labels = nearest(points, points[chosen])[0]
    else:
        centres = spread(points, point_weights, n_components, random)
        labels = kmeans(points, point_weights, centres) if method == "kmeans" else nearest(points, centres)[0]
    return np.eye(n_components)[labels]


def spread(points: Floats, point_weights: Floats, n_components: int, random: np.random.RandomState) -> Floats:
    """Return K points, each the best of a few drawn with chances by squared distance to those already taken.

    k-means++ (Arthur and Vassilvitskii 2007, section 2.2) with its greedy candidates.
    """
    n_candidates = 2 + int(np.log(n_components))
    first = random.choice(len(points), p=point_weights / point_weights.sum())
    chosen = [int(first)]
    gaps = _gaps(points, points[first : first + 1])[:, 0]
    for _ in range(1, n_components):
        chances = np.cumsum(point_weights * gaps)
        if not chances[-1] > 0.0:
            chances = np.cumsum(point_weights)
        candidates = np.searchsorted(chances, random.uniform(size=n_candidates) * chances[-1], side="right")
        candidates = np.minimum(candidates, len(points) - 1)
        closer = np.minimum(gaps[:, None], _gaps(points, points[candidates]))
        best = int(np.argmin(point_weights @ closer))
        chosen.append(int(candidates[best]))
        gaps = closer[:, best]
    return points[chosen]


def _gaps(points: Floats, centres: Floats) -> Floats:
    """Return squared distances (N, K)."""
    return np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres], axis=1)


def kmeans(points: Floats, point_weights: Floats, centres: Floats) -> NDArray[np.int64]:
    """Return the labels (N,) where Lloyd's iteration rests, or after 100 rounds; an empty cluster keeps its centre."""
    labels = np.zeros(len(points), np.int64)
    for _ in range(_KMEANS_ITERATIONS):
        old = labels
        labels, sums, counts = nearest(points, centres, point_weights)
        if np.array_equal(labels, old):
            break
        used = counts > 0.0
        centres = centres.copy()
        centres[used] = sums[used] / counts[used, None]
    return labels


def nearest(
    points: Floats, centres: Floats, point_weights: Floats | None = None
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return the nearest centre of each point (N,), and of each centre the weighted sum (K, D) and weight (K,)."""
    labels = np.empty(len(points), np.int64)
    sums, counts = np.zeros_like(centres), np.zeros(len(centres))
    weights = np.ones(len(points)) if point_weights is None else point_weights
    _assign(np.ascontiguousarray(points), np.ascontiguousarray(centres), weights, labels, sums, counts)
    return labels, sums, counts


@kernel
def _assign(
    points: Floats, centres: Floats, point_weights: Floats, labels: NDArray[np.int64], sums: Floats, counts: Floats
) -> None:
    """Write labels (N,), and add to sums (K, D) and counts (K,). points (N, D) · centres (K, D)"""
    for j in range(len(points)):
        best, least = 0, 1e308
        for k in range(len(centres)):
            gap = 0.0
            for d in range(points.shape[1]):
                gap += (points[j, d] - centres[k, d]) ** 2
            if gap < least:
                best, least = k, gap
        labels[j] = best
        counts[best] += point_weights[j]
        for d in range(points.shape[1]):
            sums[best, d] += point_weights[j] * points[j, d]
