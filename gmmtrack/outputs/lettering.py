"""Text on a coloured plate, smooth at any size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.outputs.palette import Color, ink_on

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FINENESS = 4  # drawn this much larger, then averaged down: cv2's own letters are ragged when small


def plate(text: str, height: int, color: Color) -> NDArray[np.uint8]:
    """Return `text` on a plate of `color`, (H, W, 3) uint8; capitals are `height` pixels high."""
    fine = height * _FINENESS
    thickness = max(1, round(fine / 5.5))
    scale = fine / 21.5  # its capitals are 21 to 22 pixels high at scale 1
    (wide, _), _ = cv2.getTextSize(text, _FONT, scale, thickness)
    margin = round(height * 0.38)
    rows, columns = height + 2 * margin, -(-wide // _FINENESS) + 2 * margin
    ink = np.zeros((rows * _FINENESS, columns * _FINENESS), np.uint8)
    origin = ((ink.shape[1] - wide) // 2, fine + margin * _FINENESS)
    cv2.putText(ink, text, origin, _FONT, scale, 255, thickness, cv2.LINE_AA)
    share = cv2.resize(ink, (columns, rows), interpolation=cv2.INTER_AREA)[..., None] / np.float32(255)
    back, front = np.array(color, np.float32), np.array(ink_on(color), np.float32)
    return np.rint(back + share * (front - back)).astype(np.uint8)


def paste(canvas: NDArray[np.uint8], picture: NDArray[np.uint8], x: int, y: int, opacity: float = 1.0) -> None:
    """Put `picture` onto `canvas` with its corner at (x, y), moved inside as far as it fits."""
    height, width = canvas.shape[:2]
    x, y = max(0, min(x, width - picture.shape[1])), max(0, min(y, height - picture.shape[0]))
    place = canvas[y : y + picture.shape[0], x : x + picture.shape[1]]
    picture = picture[: place.shape[0], : place.shape[1]]
    place[:] = picture if opacity == 1.0 else cv2.addWeighted(place, 1 - opacity, picture, opacity, 0)
