"""Blobs: the connected regions of a mask, and their moments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.kernels import FOREGROUND
from gmmtrack.background.masks.runs import Runs
from gmmtrack.detection import kernels
from gmmtrack.detection.detections import N_COLORS
from gmmtrack.detection.settings import DetectionSettings

_ONE = np.uint8(1)
_ENOUGH = 1000.0  # pixels of a blob, whose colours stand for those of all


@dataclass(frozen=True, slots=True, kw_only=True)
class Blobs:
    """The connected regions of a mask, one row a blob.

    labels: (H, W) int32, 0 for background, b + 1 for blob b
    xyxy: (B, 4) int64 boxes [pixels] · counts: (B,) float64 pixels
    means: (B, 2) float64 [pixels] · covariances: (B, 2, 2) float64 [pixels²]
    palettes: (B, N_COLORS) float64, how many pixels there are of each colour; zeros where colour is not known
    colors: (H, W) uint8, which of N_COLORS colours each pixel of a blob has; None where they are not known
    """

    labels: NDArray[np.int32]
    xyxy: NDArray[np.int64]
    counts: NDArray[np.float64]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]
    palettes: NDArray[np.float64]
    colors: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.counts)


class Canvas:
    """Where one frame's blobs are drawn: for the next one only what was drawn upon is cleared, not the whole frame."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.closed = np.zeros(size, np.uint8)
        self.labels = np.zeros(size, np.int32)
        self.colors = np.zeros(size, np.uint8)
        self._used: list[list[int]] = []

    def clear(self, boxes: NDArray[np.int64]) -> None:
        """Clear what was drawn; boxes (N, 4) [pixels] will be drawn upon."""
        for x0, y0, x1, y1 in self._used:
            self.closed[y0:y1, x0:x1] = 0
            self.labels[y0:y1, x0:x1] = 0
            self.colors[y0:y1, x0:x1] = 0
        self._used = boxes.tolist()


def find_blobs(
    mask: NDArray[np.uint8],
    settings: DetectionSettings,
    image: NDArray[np.uint8] | None = None,
    canvas: Canvas | None = None,
    boxes: NDArray[np.int64] | None = None,
    *,
    smallest: float = 0.0,
    colors: NDArray[np.uint8] | None = None,
) -> Blobs:
    """Return the blobs of a mask (255 foreground), narrow gaps closed, those of fewer than `smallest` pixels left out.

    image: (H, W, 3) uint8, BGR, for the colours of the blobs
    canvas: of the mask's size; the blobs are drawn on it
    boxes: (N, 4) that hold all foreground [pixels], if that is known
    colors: (H, W) uint8 < N_COLORS, of the blobs, as they were found before; not beside an image
    """
    canvas = canvas or Canvas((mask.shape[0], mask.shape[1]))
    reach = round(settings.join * mask.size**0.5 / 2)
    boxes = _boxes_of(mask, FOREGROUND) if boxes is None else boxes
    boxes = _widened(boxes, 2 * reach, mask)  # what is farther away is not reached
    canvas.clear(boxes)
    _close_gaps(mask, boxes, reach, canvas.closed)
    blobs = label_blobs(canvas.closed, smallest, canvas.labels)
    if image is not None:
        colors = canvas.colors
        kernels.quantise(image, blobs.labels, blobs.xyxy, colors)
    if colors is None:
        return blobs
    kernels.count_colors(colors, mask, blobs.labels, blobs.xyxy, blobs.counts, _ENOUGH, blobs.palettes)
    return replace(blobs, colors=colors)


def boxes_around(mask: NDArray[np.uint8], value: np.uint8, margin: int) -> NDArray[np.int64]:
    """Return boxes (N, 4) that hold all pixels of a value and a margin around them [pixels], and do not overlap."""
    return _widened(_boxes_of(mask, value), margin, mask)


def _boxes_of(mask: NDArray[np.uint8], value: np.uint8) -> NDArray[np.int64]:
    return Runs.of(mask, value, corners=True).boxes[1:]


def _widened(boxes: NDArray[np.int64], margin: int, mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return boxes that hold others and a margin around them, as far as the mask goes, and do not overlap."""
    height, width = mask.shape
    boxes = np.clip(boxes + np.array([-1, -1, 1, 1]) * margin, 0, [width, height, width, height])
    return np.asarray(boxes[: kernels.unite(boxes)])


def _close_gaps(mask: NDArray[np.uint8], boxes: NDArray[np.int64], reach: int, closed: NDArray[np.uint8]) -> None:
    """Write the closing of a mask by a square of 2 `reach` + 1 pixels.

    boxes (N, 4): that hold all foreground and 2 `reach` around it [pixels]
    """
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    for x0, y0, x1, y1 in boxes.tolist():
        foreground = np.equal(mask[y0:y1, x0:x1], FOREGROUND).view(np.uint8)
        cv2.morphologyEx(foreground, cv2.MORPH_CLOSE, square, dst=closed[y0:y1, x0:x1])


def label_blobs(foreground: NDArray[np.uint8], smallest: float, labels: NDArray[np.int32] | None = None) -> Blobs:
    """Return the 8-connected regions of 1 that have at least `smallest` pixels.

    labels: (H, W), all 0, where they are drawn; new unless given
    """
    labels = np.zeros(foreground.shape, np.int32) if labels is None else labels
    regions = Runs.of(foreground, _ONE, corners=True)
    large = regions.sizes >= max(smallest, 1)
    kept = regions.kept(large)
    kept.draw(labels)
    counts, means, covariances = np.empty(kept.n), np.empty((kept.n, 2)), np.empty((kept.n, 2, 2))
    kernels.moments_of(regions.moments[0][large], counts, means, covariances)
    xyxy, palettes = regions.boxes[large], np.zeros((kept.n, N_COLORS))
    return Blobs(labels=labels, xyxy=xyxy, counts=counts, means=means, covariances=covariances, palettes=palettes)
