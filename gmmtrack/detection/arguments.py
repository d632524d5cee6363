"""What a clusterer may be called with: each function returns an argument in its working form, or refuses it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import N_COLORS
from gmmtrack.errors import ArgumentError
from gmmtrack.frames.bgr import to_bgr

Size = tuple[int, int]


def checked_mask(mask: Any) -> NDArray[np.uint8]:
    """Return a mask (H, W) uint8 with pixels in it."""
    if not _is_plane(mask) or not mask.size:
        raise ArgumentError(f"mask must be (H, W) uint8, got {_kind(mask)}")
    return np.ascontiguousarray(mask)


def checked_image(image: Any, size: Size) -> NDArray[np.uint8] | None:
    """Return a frame, grey or of colours, as (H, W, 3), BGR; or None."""
    if image is None:
        return None
    bgr = to_bgr(image)
    if bgr.shape[:2] != size:
        raise ArgumentError(f"image must be {(*size, 3)} uint8 as the mask is {size}, got {_kind(image)}")
    return bgr


def checked_colors(colors: Any, size: Size) -> NDArray[np.uint8] | None:
    """Return which of `N_COLORS` colours pixels have, (H, W); or None."""
    if colors is None:
        return None
    if not _is_plane(colors) or colors.shape != size:
        raise ArgumentError(f"colors must be {size} uint8 as the mask, got {_kind(colors)}")
    if colors.max() >= N_COLORS:
        raise ArgumentError(f"colors must be < {N_COLORS}, got {colors.max()}")
    return np.ascontiguousarray(colors)


def checked_boxes(boxes: Any, size: Size) -> NDArray[np.int64] | None:
    """Return boxes (N, 4) that lie within a mask; or None."""
    if boxes is None:
        return None
    if not isinstance(boxes, np.ndarray) or boxes.ndim != 2 or boxes.shape[1] != 4 or boxes.dtype.kind not in "iu":
        raise ArgumentError(f"boxes must be (N, 4) int64, got {_kind(boxes)}")
    low, high, limits = boxes[:, :2], boxes[:, 2:], (size[1], size[0])
    if not ((low >= 0) & (low < high) & (high <= limits)).all():
        raise ArgumentError(f"boxes must have 0 <= x0 < x1 <= {size[1]} and 0 <= y0 < y1 <= {size[0]}")
    return boxes.astype(np.int64, copy=False)


def _is_plane(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype == np.uint8


def _kind(value: Any) -> str:
    return f"{value.shape} {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
