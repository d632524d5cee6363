"""Claims: which predicted tracks lay hold of which blobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection import kernels
from gmmtrack.detection.blobs import Blobs
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.settings import DetectionSettings

# A solid ellipse with half axes a and b has covariance diag(a², b²) / 4: its rim lies at 2 standard deviations.
RIM2 = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Blobs and predicted tracks that are bound together by claims; either may be none."""

    blobs: NDArray[np.int64]
    tracks: NDArray[np.int64]


def group_by_claims(blobs: Blobs, predictions: Predictions, settings: DetectionSettings) -> list[Group]:
    """Return the connected groups of blobs and steady tracks, each blob in one of them."""
    steady = np.flatnonzero(predictions.steady)
    claims = _claims(blobs, predictions, steady, settings)
    of_track, of_blob = (np.empty(n, np.int64) for n in claims.shape)
    n_groups = kernels.group(claims, of_track, of_blob)
    groups = (
        Group(blobs=np.flatnonzero(of_blob == group), tracks=steady[of_track == group]) for group in range(n_groups)
    )
    return [group for group in groups if len(group.blobs)]


def ellipse_boxes(
    means: NDArray[np.float64], covariances: NDArray[np.float64], radius2: float, size: tuple[int, int]
) -> NDArray[np.int64]:
    """Return (N, 4) int64 boxes x0, y0, x1, y1 around ellipses, clipped to a frame of `size` (H, W) [pixels]."""
    reach = np.sqrt(radius2 * np.diagonal(covariances, axis1=1, axis2=2))
    height, width = size
    limits = np.array([width, height])
    low = np.clip(np.floor(means - reach), 0, limits)
    high = np.clip(np.ceil(means + reach), 0, limits)
    return np.concatenate([low, high], axis=1).astype(np.int64)


def _claims(
    blobs: Blobs, predictions: Predictions, steady: NDArray[np.int64], settings: DetectionSettings
) -> NDArray[np.bool_]:
    """Return (S, B) bool: whether steady track s claims blob b, by how their pixels overlap."""
    shared = np.zeros((len(steady), len(blobs)), np.int64)
    if not shared.size:
        return shared.astype(np.bool_)
    areas = np.zeros(len(steady), np.int64)
    means, shapes = predictions.means[steady], predictions.shapes[steady]
    boxes = ellipse_boxes(means, shapes, RIM2, blobs.labels.shape)
    kernels.overlap(blobs.labels, means, np.linalg.inv(shapes), boxes, RIM2, shared, areas)
    covered = shared / np.maximum(areas, 1)[:, None]
    included = shared / blobs.counts
    claims = np.asarray((covered >= settings.covers) | (included >= settings.includes))
    _join_companions(claims, blobs, predictions, steady, settings)
    return claims


def _join_companions(
    claims: NDArray[np.bool_],
    blobs: Blobs,
    predictions: Predictions,
    steady: NDArray[np.int64],
    settings: DetectionSettings,
) -> None:
    """Let tracks that shared a blob, and claim none now, claim the nearest one that is too large for who claims it.

    claims (S, B): changed in place
    """
    left_over = np.flatnonzero(~claims.any(axis=1) & ~predictions.alone[steady])
    if not len(left_over):
        return
    areas, sizes = predictions.areas[steady], np.sqrt(np.prod(predictions.extents[steady], axis=1))
    for s in left_over:
        surplus = blobs.counts - areas @ claims
        roomy = np.flatnonzero(claims.any(axis=0) & (surplus >= settings.surplus * areas[s]))
        if len(roomy):
            x, y = predictions.means[steady[s]]
            boxes = blobs.xyxy[roomy]
            away = np.hypot(
                np.maximum(np.maximum(boxes[:, 0] - x, x - boxes[:, 2]), 0.0),
                np.maximum(np.maximum(boxes[:, 1] - y, y - boxes[:, 3]), 0.0),
            )
            nearest = away.argmin()
            claims[s, roomy[nearest]] = away[nearest] <= settings.beside * sizes[s]
