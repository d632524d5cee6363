"""Frame: one image, and when it was taken."""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.bgr import is_bgr, to_bgr
from gmmtrack.frames.shrinking import shrunk


@dataclass(frozen=True, slots=True)
class Frame:
    """One image, and when it was taken.

    image: (H, W, 3) uint8, BGR · index: counts from 0 within its source · time: seconds since the source's first frame

    It may be made of a grey image, (H, W) or (H, W, 1), or of one with a fourth channel, which is left out; an
    ArgumentError for anything else, and where `time` is not finite.
    The image of a video's frame may be made when it is first asked for; `size` is known without it.
    """

    image: NDArray[np.uint8]
    index: int
    time: float

    def __post_init__(self) -> None:
        if not is_bgr(self.image):
            object.__setattr__(self, "image", to_bgr(self.image))
        if not (isinstance(self.time, Real) and math.isfinite(self.time)):
            raise ArgumentError(f"time must be a finite number [s], got {self.time!r}")

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the image [pixels]."""
        return self.image.shape[0], self.image.shape[1]

    def shrunk(self, factor: int) -> NDArray[np.uint8]:
        """Return the image (H // factor, W // factor, 3) of which each `factor` x `factor` pixels are their mean."""
        return shrunk(self.image, factor)
