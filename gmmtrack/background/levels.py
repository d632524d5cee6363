"""Levels: the unit in which the mixture measures, whatever the dtype of the frames."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_N_LEVELS = 255
_MOST_NOISE = 2.0  # [levels]
_LEAST_COUNT = 1e-30  # its inverse is a number in single precision


def count_of_a_level(image: NDArray[Any]) -> float:
    """Return how many counts make one level: 1 for uint8, else 1/255 of the frame's range without its rarest values."""
    if image.dtype == np.uint8:
        return 1.0
    low, high = np.percentile(image, (0.5, 99.5))
    count = float(high - low) / _N_LEVELS
    return count if count > _LEAST_COUNT else 1.0


def excess_of_noise(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return by how much the noise between two frames [levels] exceeds what it may be; at least 1.

    A scene of little contrast would else fill the range with its noise.
    """
    sigma = float(np.median(np.abs(second - first))) / (0.6745 * 2**0.5)
    return max(sigma / _MOST_NOISE, 1.0)


def as_dtype(levels: NDArray[np.float32], count: float, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return levels as counts of a dtype."""
    counts = levels * np.float32(count)
    if dtype.kind == "f":
        return counts.astype(dtype)
    limits = np.iinfo(dtype)
    # a component that moves by more than its distance to a sample may leave the range
    whole: NDArray[Any] = np.clip(np.rint(counts), limits.min, limits.max).astype(dtype)
    return whole
