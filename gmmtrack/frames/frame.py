"""Frame: one image, and when it was taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.frames.shrinking import shrunk


@dataclass(frozen=True, slots=True)
class Frame:
    """One image, and when it was taken.

    image: (H, W, 3) uint8, BGR · index: counts from 0 within its source · time: seconds since the source's first frame

    The image of a video's frame may be made when it is first asked for; `size` is known without it.
    """

    image: NDArray[np.uint8]
    index: int
    time: float

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the image [pixels]."""
        return self.image.shape[0], self.image.shape[1]

    def shrunk(self, factor: int) -> NDArray[np.uint8]:
        """Return the image (H // factor, W // factor, 3) of which each `factor` x `factor` pixels are their mean."""
        return shrunk(self.image, factor)
