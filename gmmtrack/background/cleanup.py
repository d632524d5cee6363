"""Mask clean-up: what a pixel's neighbours say about it."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.settings import BackgroundSettings

_SHADOW, _FOREGROUND = 127, 255
_WITHOUT_FOREGROUND = np.where(np.arange(256) == _FOREGROUND, 0, np.arange(256)).astype(np.uint8)


def clean(mask: NDArray[np.uint8], settings: BackgroundSettings) -> None:
    """Clean a mask in place: majority vote, specks dropped, holes filled; shadow labels stay where nothing else is.

    mask: (H, W) uint8, 0 background, 127 shadow, 255 foreground
    """
    _, foreground = cv2.threshold(mask, _FOREGROUND - 1, _FOREGROUND, cv2.THRESH_BINARY)
    if settings.majority:
        # the mean of 25 neighbours: of two values, the majority is the median, at a third of its price
        means = cv2.blur(foreground, (5, 5), borderType=cv2.BORDER_REPLICATE)
        _, foreground = cv2.threshold(means, _FOREGROUND // 2, _FOREGROUND, cv2.THRESH_BINARY)
    cleaned = np.asarray(foreground, np.uint8)
    if settings.speck > 0 or settings.hole > 0:
        _drop_specks_and_holes(cleaned, settings.speck * mask.size, settings.hole * mask.size)
    cv2.LUT(mask, _WITHOUT_FOREGROUND, dst=mask)
    cv2.max(mask, cleaned, dst=mask)


def fill_enclosed_shadows(mask: NDArray[np.uint8], share: float) -> None:
    """Make foreground of each shadow that has more than `share` of its border on foreground.

    A cast shadow lies beside its object; a dark window lies within. mask (H, W), changed in place
    """
    flat = mask.reshape(-1)
    indices = np.flatnonzero(flat == _SHADOW)
    if not indices.size:
        return
    n, labels = cv2.connectedComponents(cv2.inRange(mask, _SHADOW, _SHADOW), connectivity=4, ltype=cv2.CV_32S)
    here = np.asarray(labels).reshape(-1)[indices]
    rows, columns = np.divmod(indices, mask.shape[1])
    beside, total = np.zeros(n), np.zeros(n)
    for inside, step in (
        (columns > 0, -1),
        (columns < mask.shape[1] - 1, 1),
        (rows > 0, -mask.shape[1]),
        (rows < mask.shape[0] - 1, mask.shape[1]),
    ):
        neighbours = flat[indices[inside] + step]
        beside += np.bincount(here[inside], weights=neighbours == _FOREGROUND, minlength=n)
        total += np.bincount(here[inside], weights=neighbours != _SHADOW, minlength=n)
    flat[indices[(beside > share * total)[here]]] = _FOREGROUND


def _drop_specks_and_holes(foreground: NDArray[np.uint8], speck: float, hole: float) -> None:
    """Clear blobs of fewer than `speck` pixels and fill holes of at most `hole` pixels, what they enclose included.

    They are found by their outlines, which costs a tenth of labelling a frame that is mostly empty.
    """
    found, tree = cv2.findContours(foreground, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not found:
        return
    contours: list[NDArray[Any]] = [np.asarray(contour) for contour in found]
    parents = np.asarray(tree)[0, :, 3]
    is_hole = parents >= 0
    sizes = np.array([_n_enclosed(contour, bool(inner)) for contour, inner in zip(contours, is_hole, strict=True)])
    is_speck = ~is_hole & (sizes < speck)
    _paint(foreground, contours, np.flatnonzero(is_speck), 0)
    _paint(foreground, contours, np.flatnonzero(is_hole & (sizes <= hole) & ~is_speck[parents]), _FOREGROUND)


def _n_enclosed(contour: NDArray[Any], is_hole: bool) -> float:
    """Return how many pixels an outline encloses: the outline's own count for a blob, but not for a hole.

    By Pick's theorem a lattice polygon of area A with n steps holds A + n / 2 + 1 points, and A - n / 2 + 1 within.
    """
    n_steps = len(contour) if len(contour) > 1 else 0
    return cv2.contourArea(contour) + (-n_steps / 2 if is_hole else n_steps / 2) + 1


def _paint(
    foreground: NDArray[np.uint8], contours: Sequence[NDArray[Any]], chosen: NDArray[np.int64], value: int
) -> None:
    """Set what the chosen contours enclose, themselves included."""
    for index in chosen:
        cv2.drawContours(foreground, [contours[index]], 0, value, cv2.FILLED)
