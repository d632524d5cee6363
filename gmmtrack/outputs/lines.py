"""Lines that show on any scene: coloured, over a darker and wider one."""

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.outputs.palette import DARK, Color

_SHIFT = 4  # cv2 takes corners in sixteenths of a pixel, so that slow things do not move by jumps
_N_ELLIPSE_POINTS = 72
_FARTHEST = 1e6  # [pixels] cv2's corners are 32-bit whole numbers
_MOST_DASHES = 2000


class Pen:
    """Draws onto one image, with a width that follows the image's size."""

    def __init__(self, canvas: NDArray[np.uint8]) -> None:
        self.canvas = canvas
        size = min(canvas.shape[:2])
        self.width = max(1, round(size / 320))  # [pixels]
        self.rim = min(2, self.width)  # [pixels] of dark around a line, both sides together
        self.letters = max(7, round(size / 48))  # [pixels] height of capitals

    def box(self, xyxy: NDArray[np.float64], color: Color, *, dashed: bool) -> None:
        """Draw the outline of a box, end exclusive."""
        x0, y0, x1, y1 = xyxy - (0, 0, 1, 1)
        self._outline(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), color, dashed=dashed)

    def ellipse(self, xyxy: NDArray[np.float64], color: Color, *, dashed: bool) -> None:
        """Draw the ellipse that fills a box, end exclusive."""
        low, high = xyxy[:2], xyxy[2:] - 1
        angles = np.linspace(0, 2 * np.pi, _N_ELLIPSE_POINTS, endpoint=False)
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        self._outline((low + high) / 2 + circle * (high - low) / 2, color, dashed=dashed)

    def trail(self, points: NDArray[np.float64], color: Color) -> None:
        """Draw where something has been, the oldest point first: thin at its end, thicker towards now."""
        if len(points) < 2:
            return
        cut = len(points) // 2
        self._lines([points], DARK, self.width + self.rim, closed=False)
        self._lines([points[: cut + 1]], color, max(1, self.width - 1), closed=False)
        self._lines([points[cut:]], color, self.width, closed=False)

    def _outline(self, corners: NDArray[np.float64], color: Color, *, dashed: bool) -> None:
        if dashed:
            width = max(1, self.width - 1)
            self._lines([corners], DARK, width, closed=True)
            self._lines(_dashes(corners, 3.0 + 2.0 * self.width), color, width, closed=False)
        else:
            self._lines([corners], DARK, self.width + self.rim, closed=True)
            self._lines([corners], color, self.width, closed=True)

    def _lines(self, lines: list[NDArray[np.float64]], color: Color, width: int, *, closed: bool) -> None:
        corners = [
            np.rint(np.clip(line, -_FARTHEST, _FARTHEST) * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)
            for line in lines
        ]
        cv2.polylines(self.canvas, corners, closed, color, width, cv2.LINE_AA, _SHIFT)


def _dashes(corners: NDArray[np.float64], length: float) -> list[NDArray[np.float64]]:
    """Return dashes of `length` [pixels], with gaps as long, along a closed line through `corners` (N, 2)."""
    loop = np.vstack([corners, corners[:1]])
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(loop, axis=0).T))])
    n_dashes = min(_MOST_DASHES, max(2, round(reach[-1] / (2 * length))))
    starts = reach[-1] / n_dashes * np.arange(n_dashes)
    stops = starts + reach[-1] / (2 * n_dashes)
    marks = np.sort(np.concatenate([starts, stops, reach]))  # corners too, for a dash bends round them
    points = np.stack([np.interp(marks, reach, loop[:, axis]) for axis in (0, 1)], axis=1)
    first, last = np.searchsorted(marks, starts), np.searchsorted(marks, stops, "right")
    return [points[i:j] for i, j in zip(first.tolist(), last.tolist(), strict=True)]
