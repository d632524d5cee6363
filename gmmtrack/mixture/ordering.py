"""Points put next to their neighbours, so that few components reach a block of them (see `reach`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BITS = 16  # of a key: NumPy sorts those by radix


def neighbours_first(planes: Floats) -> NDArray[np.intp]:
    """Return an order (N,) of points (D, N), D <= 16, along a Z-shaped curve (Morton 1966) through 65,536 cells.

    The cells span four standard deviations to either side; what lies beyond counts to the last ones.
    """
    n_dims, n_points = planes.shape
    n_bits = _BITS // n_dims
    half = 1 << (n_bits - 1)
    spread = np.zeros(2 * half, np.uint16)  # the bits of a cell's number, with room for those of the other dimensions
    for bit in range(n_bits):
        spread |= ((np.arange(2 * half) >> bit & 1) << (n_dims * bit)).astype(np.uint16)
    key = np.zeros(n_points, np.uint16)
    for d in range(n_dims):
        width = 4.0 * planes[d].std() / half
        cells = (planes[d] - planes[d].mean()) / (width if width > 0.0 else 1.0) + half
        key |= spread[np.clip(cells, 0, 2 * half - 1).astype(np.intp)] << d
    return np.argsort(key, kind="stable")
