"""Points put next to their neighbours, so that few components reach a block of them (see `reach`)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BITS = 16  # of a key: NumPy sorts those by radix


def neighbours_first(planes: Floats) -> NDArray[np.intp]:
    """Return an order (N,) of points (D, N), D <= 16, along a Z-shaped curve (Morton 1966) through 65,536 cells.

    The points lie about their mean, and the cells span four standard deviations to either side; what lies beyond counts
    to the last ones.
    """
    n_dims, n_points = planes.shape
    bits = _spread_bits(n_dims)
    half = len(bits) // 2
    key = np.zeros(n_points, np.uint16)
    for d in range(n_dims):
        width = 4.0 * np.sqrt(np.einsum("n,n", planes[d], planes[d]) / n_points) / half
        cells = planes[d] / (width if width > 0.0 else 1.0)
        cells += half
        np.clip(cells, 0, 2 * half - 1, out=cells)
        key |= bits.take(cells.astype(np.intp)) << d
    return np.argsort(key, kind="stable")


@cache
def _spread_bits(n_dims: int) -> NDArray[np.uint16]:
    """Return the bits of each cell's number along one dimension, with room between them for the other dimensions'."""
    n_bits = _BITS // n_dims
    spread = np.zeros(1 << n_bits, np.uint16)
    for bit in range(n_bits):
        spread |= ((np.arange(1 << n_bits) >> bit & 1) << (n_dims * bit)).astype(np.uint16)
    return spread
