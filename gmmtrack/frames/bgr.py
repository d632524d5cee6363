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
    image : (H, W), (H, W, 1) or (H, W, 3) uint8
        Grey, or blue, green, red [0-255].

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    if not _is_image(image):
        raise ArgumentError(f"image must be (H, W, 3) uint8, got {_described(image)}{_remedy(image)}")
    if image.ndim == 3 and image.shape[2] == 3:
        return np.ascontiguousarray(image)
    grey = np.ascontiguousarray(image.reshape(image.shape[:2]))
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _is_image(image: Any) -> bool:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.size == 0:
        return False
    return image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (1, 3))


def _described(image: Any) -> str:
    return f"{image.shape} {image.dtype}" if isinstance(image, np.ndarray) else repr(image)[:60]


def _remedy(image: Any) -> str:
    if not isinstance(image, np.ndarray) or image.size == 0:
        return ""
    if image.ndim == 3 and image.shape[2] == 4:
        return "; drop the alpha channel with [..., :3]"
    if image.dtype != np.uint8:
        return "; scale to 0-255 and cast with .astype(np.uint8)"
    return ""
