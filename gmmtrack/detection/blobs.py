"""Blobs: the connected regions of a mask, and their moments."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection import kernels
from gmmtrack.detection.detections import N_COLORS
from gmmtrack.detection.settings import DetectionSettings

_FOREGROUND = 255
_FINE = 500_000  # pixels of a frame, from which on smaller shares of it are resolved as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Blobs:
    """The connected regions of a mask, one row a blob.

    labels: (H, W) int32, 0 for background, b + 1 for blob b
    xyxy: (B, 4) int64 boxes [pixels] · counts: (B,) float64 pixels
    means: (B, 2) float64 [pixels] · covariances: (B, 2, 2) float64 [pixels²]
    palettes: (B, N_COLORS) float64, how many pixels there are of each colour; zeros where colour is not known
    """

    labels: NDArray[np.int32]
    xyxy: NDArray[np.int64]
    counts: NDArray[np.float64]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]
    palettes: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.counts)


def find_blobs(mask: NDArray[np.uint8], settings: DetectionSettings, image: NDArray[np.uint8] | None = None) -> Blobs:
    """Return the blobs of a mask (255 foreground), narrow gaps closed, those too small left out.

    image: (H, W, 3) uint8, BGR, for the colours of the blobs
    """
    foreground = np.equal(mask, _FOREGROUND).view(np.uint8)
    reach = round(settings.join * mask.size**0.5 / 2)
    if reach > 0:
        square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
        foreground = np.asarray(cv2.morphologyEx(foreground, cv2.MORPH_CLOSE, square), np.uint8)
    # noise grows with the pixel, not with the frame: the limit lies between a share and a number of pixels
    blobs = label_blobs(foreground, settings.smallest * (mask.size * min(mask.size, _FINE)) ** 0.5)
    if image is not None:
        kernels.count_colors(image, mask, blobs.labels, blobs.xyxy, blobs.palettes)
    return blobs


def label_blobs(foreground: NDArray[np.uint8], smallest: float) -> Blobs:
    """Return the 8-connected regions of the nonzero pixels that have at least `smallest` pixels."""
    n_labels, found = cv2.connectedComponents(foreground, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, np.int32)
    sums, boxes = np.zeros((n_labels, 6), np.int64), np.zeros((n_labels, 4), np.int64)
    kernels.measure(labels, sums, boxes)
    large = sums[:, 0] >= max(smallest, 1)
    if not large[1:].all():
        kernels.renumber(labels, np.where(large, np.cumsum(large), 0).astype(np.int32))
    n, x, y, xx, xy, yy = sums[large].T
    # whole numbers until here: the variances below are exact before their last division
    variances = np.stack([n * xx - x * x, n * xy - x * y, n * xy - x * y, n * yy - y * y], axis=1).reshape(-1, 2, 2)
    return Blobs(
        labels=labels,
        xyxy=boxes[large],
        counts=n.astype(np.float64),
        means=np.stack([x / n, y / n], axis=1) + 0.5,
        covariances=variances / (n.astype(np.float64) ** 2)[:, None, None] + np.eye(2) / 12,
        palettes=np.zeros((len(n), N_COLORS)),
    )
