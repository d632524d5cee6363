"""Frame: one image, and when it was taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """One image, and when it was taken.

    image: (H, W, 3) uint8, BGR · index: counts from 0 within its source · time: seconds since the source's first frame
    """

    image: NDArray[np.uint8]
    index: int
    time: float
