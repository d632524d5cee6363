"""Reduction: large images made smaller before they are looked at, and what was found brought back to their size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.frame import Frame


@dataclass(frozen=True, slots=True)
class Reduction:
    """Images of one size (H, W) [pixels], of which each `factor` x `factor` pixels become their mean.

    The work falls with the square of the factor, and so does the noise of a pixel's variance. What is left over at the
    right and lower border is cut off.
    """

    size: tuple[int, int]
    factor: int

    @classmethod
    def of(cls, size: tuple[int, int], most: float) -> Reduction:
        """Return the least reduction after which images of a size have at most `most` pixels."""
        return cls(size, min(max(1, math.ceil(math.sqrt(size[0] * size[1] / most))), *size))

    def coarser(self, most: float, at_most: float) -> Reduction:
        """Return the least reduction by a multiple of this one's factor, after which images have at most `most` pixels.

        This one itself, where that multiple would be more than `at_most`.
        """
        pixels = self.size[0] * self.size[1] / self.factor**2
        times = math.ceil(math.sqrt(pixels / most))
        return Reduction(self.size, self.factor * times) if 1 < times <= at_most else self

    def reduced(self, frame: Frame) -> Frame:
        """Return a frame made smaller."""
        return Frame(frame.shrunk(self.factor), frame.index, frame.time)

    def checked(self, frame: Frame) -> Frame:
        """Return a frame that was made smaller before; an ArgumentError where it was made so otherwise."""
        size = self.size[0] // self.factor, self.size[1] // self.factor
        if frame.size != size:
            raise ArgumentError(f"reduced must be {(*size, 3)}, got {(*frame.size, 3)}")
        return frame

    def enlarged(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a mask of a reduced frame as large as the frame was; the border is repeated where it was cut off."""
        if self.factor == 1:
            return mask
        k, (height, width) = self.factor, (n * self.factor for n in mask.shape)
        large = np.empty((mask.shape[0], k, width), np.uint8)
        for column in range(k):  # thrice as fast as OpenCV's resize
            large[:, 0, column::k] = mask
        large[:, 1:] = large[:, :1]
        whole = large.reshape(height, width)
        below, right = self.size[0] - height, self.size[1] - width
        if below or right:
            whole = cv2.copyMakeBorder(whole, 0, below, 0, right, cv2.BORDER_REPLICATE)
        return np.asarray(whole, np.uint8)
