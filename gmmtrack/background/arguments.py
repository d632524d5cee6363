"""What a background model may be called with: each function returns an argument in its working form, or refuses it."""

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.state import NONE_HELD
from gmmtrack.errors import ArgumentError

DTYPES = tuple(np.dtype(name) for name in ("uint8", "uint16", "float32", "float64"))
_FARTHEST = 1e6  # [pixels] a polygon may reach; beyond, OpenCV's fixed-point coordinates overflow
_HIGHEST = 1e15  # [counts] a floating-point frame may reach


def checked_frame(image: Any, before: tuple[tuple[int, int, int], np.dtype[Any]] | None) -> tuple[int, int, int]:
    """Return (H, W, C) of a frame; `before` is that of the frames before, if any, and their dtype."""
    is_image = isinstance(image, np.ndarray) and image.ndim in (2, 3) and image.size > 0
    if not is_image or image.dtype not in DTYPES:
        raise ArgumentError(f"image must be (H, W) or (H, W, C) {_listed(DTYPES)}, got {_kind(image)}")
    shape = frame_shape(image)
    if before is not None and (shape, image.dtype) != before:
        told = f"{before[0]} {before[1]} as the frames before, got {shape} {image.dtype}"
        raise ArgumentError(f"image must be {told}; call reset() first")
    if image.dtype.kind == "f":
        _check_levels(image)
    return shape


def _check_levels(image: NDArray[Any]) -> None:
    """Refuse floating-point levels that single precision cannot square."""
    low, high = float(image.min()), float(image.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ArgumentError("image must be finite, got NaN or infinity")
    if max(-low, high) > _HIGHEST:
        raise ArgumentError(f"image must be within {_HIGHEST:g}, got {high if high > -low else low:g}")


def frame_shape(image: NDArray[Any]) -> tuple[int, int, int]:
    """Return (H, W, C) of an image, which may be grey; an ArgumentError for more than 4 channels."""
    n_channels = image.shape[2] if image.ndim == 3 else 1
    if n_channels > 4:
        raise ArgumentError(f"image must have 1 to 4 channels, got {n_channels}")
    return image.shape[0], image.shape[1], n_channels


def checked_pixels(image: Any) -> NDArray[np.uint8] | NDArray[np.float32]:
    """Return a frame of any real dtype as the kernel takes it: uint8, or all else as float32."""
    is_image = isinstance(image, np.ndarray) and image.ndim in (2, 3) and image.size > 0
    if not is_image or image.dtype.kind not in "buif":
        raise ArgumentError(f"image must be (H, W) or (H, W, C) of numbers, got {_kind(image)}")
    if image.dtype.kind == "f":
        _check_levels(image)
    pixels: NDArray[Any] = image if image.dtype == np.uint8 else image.astype(np.float32)
    return pixels


def checked_region(
    roi: NDArray[Any] | Sequence[tuple[float, float]] | None, size: tuple[int, int]
) -> NDArray[np.bool_] | None:
    """Return the (H, W) bool mask of a region given as such a mask, or as a polygon of (x, y) points [pixels]."""
    if roi is None:
        return None
    try:
        array = np.asarray(roi)
    except ValueError:  # rows of different lengths
        array = np.empty(0, object)
    if array.shape == size and array.dtype in (np.bool_, np.uint8):
        return array.astype(np.bool_)
    if array.ndim != 2 or array.shape[1] != 2 or len(array) < 3 or array.dtype.kind not in "iuf":
        kind = _kind(array) if array.dtype != object else repr(roi)
        raise ArgumentError(f"roi must be {size} bool or uint8, or a polygon of (x, y) points, got {kind}")
    if not np.all(np.abs(array.astype(np.float64)) <= _FARTHEST):
        raise ArgumentError(f"roi must have points within {_FARTHEST:g} pixels, got {array.tolist()}")
    inside = np.zeros(size, np.uint8)
    cv2.fillPoly(inside, [np.rint(array).astype(np.int32)], 1)
    return inside.view(np.bool_)


def checked_held(
    update_mask: Any, inside: NDArray[np.bool_] | None, size: tuple[int, int], *, name: str = "update_mask"
) -> NDArray[np.uint8]:
    """Return which pixels must not be learned, flat, nonzero there; or `NONE_HELD`."""
    outside = None if inside is None else np.logical_not(inside).view(np.uint8).reshape(-1)
    if update_mask is None:
        return NONE_HELD if outside is None else outside
    fits = isinstance(update_mask, np.ndarray) and update_mask.shape == size
    if not fits or update_mask.dtype not in (np.bool_, np.uint8):
        raise ArgumentError(f"{name} must be {size} bool or uint8, got {_kind(update_mask)}")
    held: NDArray[np.uint8] = np.ascontiguousarray(update_mask).view(np.uint8).reshape(-1)
    return held if outside is None else held | outside


def scaled(held: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return which pixels must not be learned, flat, of a mask (h, w) of any size, or `NONE_HELD` as it is."""
    if not held.size:
        return held
    height, width = size
    large = np.asarray(cv2.resize(held, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    return np.ascontiguousarray(large).reshape(-1)


def checked_output(out: Any, size: tuple[int, int], *read: Any) -> NDArray[np.uint8]:
    """Return where to write the mask, while `read` is read."""
    if out is None:
        return np.empty(size, np.uint8)
    if not isinstance(out, np.ndarray) or out.shape != size or out.dtype != np.uint8:
        raise ArgumentError(f"out must be {size} uint8, got {_kind(out)}")
    if any(np.may_share_memory(out, array) for array in read if isinstance(array, np.ndarray)):
        raise ArgumentError("out must not share memory with image, update_mask or roi")
    if not out.flags.c_contiguous or not out.flags.writeable:
        raise ArgumentError(f"out must be contiguous and writeable, got strides {out.strides}, {_access(out)}")
    return out


def checked_rate(learning_rate: Any) -> float | None:
    """Return a learning rate given by the caller, or None."""
    if learning_rate is None:
        return None
    if not _is_number(learning_rate) or not 0 <= learning_rate <= 1:
        raise ArgumentError(f"learning_rate must be >= 0 and <= 1, got {learning_rate!r}")
    return float(learning_rate)


def checked_time(time: Any, before: float | None) -> float | None:
    """Return when a frame was taken [s], or None; `before` is when the last one was."""
    if time is None:
        return None
    if not _is_number(time) or not _is_finite(time):
        raise ArgumentError(f"time must be a number [s], got {time!r}")
    if before is not None and time < before:
        raise ArgumentError(f"time must be >= {before:g} s, that of the last frame, got {time!r}")
    return float(time)


def checked_threads(n_threads: Any) -> int | None:
    """Return a number of threads given by the caller, or None."""
    if n_threads is None:
        return None
    if not isinstance(n_threads, (int, np.integer)) or isinstance(n_threads, bool) or n_threads < 1:
        raise ArgumentError(f"n_threads must be >= 1, got {n_threads!r}")
    return int(n_threads)


def _listed(dtypes: Sequence[np.dtype[Any]]) -> str:
    names = [str(dtype) for dtype in dtypes]
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _is_finite(number: Any) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number beyond those of double precision
        return False


def _kind(value: Any) -> str:
    return f"{value.shape} {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__


def _access(array: NDArray[Any]) -> str:
    return "writeable" if array.flags.writeable else "read-only"


def as_pixels(image: NDArray[Any], shape: tuple[int, int, int]) -> NDArray[Any]:
    """Return a frame as the kernels take it: (H, W, C), in single precision if it was in double."""
    pixels: NDArray[Any] = np.asarray(image, np.float32 if image.dtype == np.float64 else None)
    return pixels.reshape(shape)
