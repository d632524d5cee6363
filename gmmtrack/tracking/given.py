"""Detections given by any detector: boxes, masks, or objects that hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.detection.detections import N_BINS, N_COLORS, Detections, Origin
from gmmtrack.errors import ArgumentError
from gmmtrack.tracking import kernels

_GIVEN = int(Origin.GIVEN)
_FARTHEST = 1e12  # [pixels] from 0, so that areas and their squares are numbers
_CLASSES = np.iinfo(np.int64)


def given_detections(
    found: Any, scores: ArrayLike | None, classes: ArrayLike | None, masks: ArrayLike | None
) -> Detections:
    """Return what a detector gave as Detections; see `Tracker.update`."""
    if isinstance(found, Detections):
        if any(column is not None for column in (scores, classes, masks)):
            raise ArgumentError("scores, classes and masks must not be given beside Detections, which hold them")
        return found
    if hasattr(found, "xyxy"):
        scores = getattr(found, "confidence", None) if scores is None else scores
        classes = getattr(found, "class_id", None) if classes is None else classes
        masks = getattr(found, "mask", None) if masks is None else masks
        found = found.xyxy
    if found is None and masks is None:
        raise ArgumentError("xyxy or masks must be given, got neither; where nothing was found, xyxy=[]")
    seen = None if masks is None else _pixels(masks)
    xyxy = _mask_boxes(seen) if found is None and seen is not None else _boxes(found)
    n = len(xyxy)
    means, shapes, counts = kernels.ellipses(xyxy)
    if seen is not None:
        means, shapes, counts = _mask_moments(seen, means, shapes, counts)
    return Detections(
        xyxy=xyxy,
        scores=np.ones(n) if scores is None else _likely("scores", scores, n),
        classes=np.full(n, -1) if classes is None else _whole("classes", classes, n),
        means=means,
        covariances=shapes,
        palettes=np.zeros((n, N_COLORS)),
        silhouettes=np.zeros((n, N_BINS, N_BINS), np.float32),
        counts=counts,
        areas=counts,
        origins=np.full(n, _GIVEN, np.int8),
        misfits=np.full(n, np.inf),
        predictions=np.full(n, -1),
        frame_size=(seen.shape[1], seen.shape[2]) if seen is not None and len(seen) else None,
    )


def _boxes(boxes: ArrayLike) -> NDArray[np.float64]:
    """Return boxes as (N, 4) float64."""
    try:
        xyxy = np.array(boxes, np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"xyxy must be (N, 4) numbers, got {boxes!r}") from None
    if xyxy.size == 0:
        return np.zeros((0, 4))
    if xyxy.ndim != 2 or xyxy.shape[1] != 4:
        raise ArgumentError(f"xyxy must be (N, 4), got {xyxy.shape}")
    row = kernels.first_unfair(xyxy, _FARTHEST)
    if row >= 0 and np.isfinite(xyxy[row]).all() and (xyxy[row, :2] <= xyxy[row, 2:]).all():
        raise ArgumentError(f"xyxy must be within {_FARTHEST:g} pixels of 0, got {xyxy[row].tolist()} in row {row}")
    if row >= 0:
        raise ArgumentError(f"xyxy must be finite with x0 <= x1 and y0 <= y1, got {xyxy[row].tolist()} in row {row}")
    return xyxy


def _column(name: str, values: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return one finite number a detection."""
    try:
        column = np.array(values, np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} must be numbers, got {values!r}") from None
    if column.shape != (n,):
        raise ArgumentError(f"{name} must be ({n},) as xyxy has {n} rows, got {column.shape}")
    if not np.isfinite(column).all():
        raise ArgumentError(f"{name} must be finite, got {column.tolist()}")
    return column


def _likely(name: str, values: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return one number from 0 to 1 a detection."""
    column = _column(name, values, n)
    if n and not 0 <= column.min() <= column.max() <= 1:
        row = int(np.flatnonzero((column < 0) | (column > 1))[0])
        raise ArgumentError(f"{name} must be from 0 to 1, got {float(column[row])!r} in row {row}")
    return column


def _whole(name: str, values: ArrayLike, n: int) -> NDArray[np.int64]:
    """Return one whole number a detection, exactly."""
    column = np.asarray(values)
    if column.dtype.kind not in "iu" or column.shape != (n,):
        column = _column(name, values, n)
        if (column % 1 != 0).any():
            raise ArgumentError(f"{name} must be whole numbers, got {column.tolist()}")
    if n and not (_CLASSES.min <= int(column.min()) and int(column.max()) <= _CLASSES.max):
        raise ArgumentError(f"{name} must be of 64 bits, got {column.tolist()}")
    return column.astype(np.int64)


def _pixels(masks: ArrayLike) -> NDArray[np.bool_]:
    """Return masks as (N, H, W) bool."""
    try:
        pixels = np.asarray(masks)
    except ValueError:
        raise ArgumentError("masks must be (N, H, W), all of one size, got some of others") from None
    if pixels.shape == (0,):
        return np.zeros((0, 1, 1), np.bool_)
    if pixels.ndim != 3:
        raise ArgumentError(f"masks must be (N, H, W), got {pixels.shape}")
    return pixels.astype(np.bool_)


def _mask_boxes(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (N, 4) the boxes around the pixels of masks (N, H, W)."""
    xyxy = np.empty((len(masks), 4))
    for row, mask in enumerate(masks):
        y, x = mask.any(axis=1).nonzero()[0], mask.any(axis=0).nonzero()[0]
        if not len(x):
            raise ArgumentError(f"masks must have a pixel where no boxes are given, that of row {row} has none")
        xyxy[row] = x[0], y[0], x[-1] + 1, y[-1] + 1
    return xyxy


def _mask_moments(
    masks: NDArray[np.bool_], means: NDArray[np.float64], shapes: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return means, covariances and counts of the pixels of masks; those of the boxes where a mask is empty."""
    if len(masks) != len(means):
        raise ArgumentError(f"masks must be ({len(means)}, H, W) as xyxy has {len(means)} rows, got {masks.shape}")
    means, shapes, counts = means.copy(), shapes.copy(), counts.copy()
    for row, mask in enumerate(masks):
        y, x = np.nonzero(mask)
        if len(x):
            points = np.stack([x, y]) + 0.5
            means[row], counts[row] = points.mean(axis=1), len(x)
            shapes[row] = np.cov(points, bias=True) + np.eye(2) / 12
    return means, shapes, counts
