"""What the border of one region says."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.borders import kernels

_BLUR = (5, 5), 1.0  # pixels and sigma: slopes are taken of softened images
_FAINT = 0.25  # sigma of noise: slope that there is by chance
_MARGIN = 4  # pixels around a region that its slopes are taken from


def softened(picture: NDArray[Any]) -> NDArray[Any]:
    """Return a picture (H, W, C) whose slopes can be taken."""
    return np.asarray(cv2.GaussianBlur(picture, *_BLUR), picture.dtype).reshape(picture.shape)


def faint_slope(variance: NDArray[np.float32]) -> float:
    """Return the slope [levels a pixel] that counts for nothing, given the noise of pixels [levels²]."""
    return _FAINT * math.sqrt(np.median(variance))


def border_verdict(
    image: NDArray[Any], background: NDArray[np.float32], variance: NDArray[np.float32], region: NDArray[np.bool_]
) -> float:
    """Return what the border of a region says: 1 for an object, -1 for a place that something has left, 0 for nothing.

    An object has an edge around it in the frame and none in the background; where it was taken away, the background
    shows the edge.

    image, background: (H, W, C) · variance, region: (H, W), of the background's noise [levels²]; where they differ
    """
    y, x = np.nonzero(region)
    if not len(y):
        return 0.0
    near = tuple(slice(max(int(v.min()) - _MARGIN, 0), int(v.max()) + 1 + _MARGIN) for v in (y, x))
    labels = np.ascontiguousarray(region[near].astype(np.int32))
    (y0, x0), (y1, x1) = ((f(y) - near[0].start, f(x) - near[1].start) for f in (np.min, np.max))
    verdicts, side = np.full(labels.shape, kernels.UNKNOWN), 2 * max(labels.shape)
    kernels.judge_borders(
        softened(np.ascontiguousarray(image[near])),
        softened(np.ascontiguousarray(background[near])),
        labels,
        np.array([[0, 0, 0, 0], [x0, y0, x1 + 1, y1 + 1]]),
        np.array([0, side]),
        faint_slope(variance[near]),
        np.zeros((1, 4)),
        verdicts,
    )
    return (float(verdicts[labels == 1].mean()) - kernels.UNKNOWN) / kernels.STEPS
