"""Mask clean-up: what a pixel's neighbours say about it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.settings import BackgroundSettings

_FOREGROUND = 255


def clean(mask: NDArray[np.uint8], settings: BackgroundSettings) -> None:
    """Clean a mask in place: majority vote, specks dropped, holes filled; shadow labels stay where nothing else is.

    mask: (H, W) uint8, 0 background, 127 shadow, 255 foreground
    """
    foreground = np.equal(mask, _FOREGROUND).view(np.uint8)
    if settings.majority:
        foreground = np.asarray(cv2.medianBlur(foreground, 5), np.uint8)
    if settings.speck > 0 or settings.hole > 0:
        _drop_specks_and_holes(foreground, settings.speck * mask.size, settings.hole * mask.size)
    np.copyto(mask, 0, where=np.equal(mask, _FOREGROUND))
    np.copyto(mask, _FOREGROUND, where=foreground.view(np.bool_))


def _drop_specks_and_holes(foreground: NDArray[np.uint8], speck: float, hole: float) -> None:
    """Clear regions of fewer than `speck` pixels and fill holes of at most `hole` pixels.

    Regions are found by their contours, which costs a tenth of labelling a frame that is mostly empty.
    """
    contours, tree = cv2.findContours(foreground, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return
    is_hole = np.asarray(tree)[0, :, 3] >= 0
    areas = np.array([cv2.contourArea(contour) for contour in contours])
    lengths = np.array([len(contour) for contour in contours])
    # Pick's theorem: a polygon through n pixel centres that encloses area A holds A + n / 2 + 1 of them,
    # and the contour of a hole runs through the pixels around it
    n_pixels = areas + np.where(is_hole, -lengths / 2 + 1, lengths / 2 + 1)
    _paint(foreground, contours, np.flatnonzero(is_hole & (n_pixels <= hole)), 1)
    _paint(foreground, contours, np.flatnonzero(~is_hole & (n_pixels < speck)), 0)


def _paint(
    foreground: NDArray[np.uint8], contours: Sequence[NDArray[np.int32]], chosen: NDArray[np.int64], value: int
) -> None:
    """Set what the chosen contours enclose, themselves included."""
    for index in chosen:
        cv2.drawContours(foreground, contours, int(index), value, cv2.FILLED)
