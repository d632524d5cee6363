"""Images as the rest of gmmtrack takes them: (H, W, 3) uint8, BGR, contiguous."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError


def to_bgr(image: Any) -> NDArray[np.uint8]:
    """Return `image` as (H, W, 3) uint8, BGR, contiguous; without a copy where it already is.

    Parameters
    ----------
    image : (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8
        Grey, or blue, green, red [0-255]; a fourth channel, which tells what is transparent, is left out.

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    if not _is_image(image):
        raise ArgumentError(f"image must be (H, W, 3) uint8, got {_described(image)}{_remedy(image)}")
    if image.ndim == 3 and image.shape[2] >= 3:
        return np.ascontiguousarray(image[:, :, :3])
    grey = np.ascontiguousarray(image.reshape(image.shape[:2]))
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def is_bgr(image: Any) -> bool:
    """Return whether `image` is (H, W, 3) uint8, in whatever order of memory."""
    return _is_image(image) and image.ndim == 3 and image.shape[2] == 3


def _is_image(image: Any) -> bool:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.size == 0:
        return False
    return image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (1, 3, 4))


def _described(image: Any) -> str:
    return f"{image.shape} {image.dtype}" if isinstance(image, np.ndarray) else " ".join(repr(image).split())[:60]


def _remedy(image: Any) -> str:
    if not isinstance(image, np.ndarray) or image.size == 0:
        return ""
    if image.dtype != np.uint8:
        return "; scale to 0-255 and cast with .astype(np.uint8)"
    return ""
