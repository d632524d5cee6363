"""Points put next to their neighbours, so that few components reach a block of them (see `reach`).

As rectangles are packed into trees by sort-tile-recursive (Leutenegger, Lopez and Edgington 1997): strips along the
first dimension that hold equally many points, each cut so along the next, and sorted along the last. Into bins only,
and a sample tells where to cut: all that is asked of neighbours is that they are near.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import kernel

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]

_BINS = 512  # along each dimension, over four standard deviations to either side; what lies beyond counts to the last
_SAMPLE = 4096  # [points] at least, where there are


def neighbours_first(planes: Floats, block: int) -> NDArray[np.int64]:
    """Return an order (N,) of points (D, N), which lie about their mean, in which `block` in a row lie close together.

    There are about as many strips along each dimension, N / block tiles in all.
    """
    n_dims, n_points = planes.shape
    n_strips = math.ceil((n_points / block) ** (1.0 / n_dims))
    deviations = np.sqrt(np.einsum("dn,dn->d", planes, planes) / n_points)
    scales = _BINS / 8.0 / np.where(deviations > 0.0, deviations, 1.0)
    order, keys, cells = np.empty(n_points, np.int64), np.empty(n_points, np.int32), np.zeros(n_points, np.int32)
    _sort_tiles(planes, scales, n_strips, cells, keys, np.empty(n_strips ** (n_dims - 1) * _BINS, np.int32), order)
    return order


@kernel
def _sort_tiles(
    planes: Floats, scales: Floats, n_strips: int, cells: Whole, keys: Whole, counts: Whole, order: NDArray[np.int64]
) -> None:
    """Write the order; scales (D,): bins per unit of length · cells (N,): zero · keys (N,), counts: work."""
    n_dims, n_points = planes.shape
    n_keys = _BINS
    for d in range(n_dims):
        last, scale = d == n_dims - 1, scales[d]
        for i in range(n_points):
            b = int(min(max(planes[d, i] * scale + 0.5 * _BINS, 0.0), _BINS - 1.0))
            keys[i] = cells[i] * _BINS + (_BINS - 1 - b if cells[i] % 2 else b)  # there and back, cell by cell
        for key in range(n_keys):
            counts[key] = 0
        for i in range(0, n_points, 1 if last else max(1, n_points // _SAMPLE)):
            counts[keys[i]] += 1
        before, in_cell = 0, 0
        for key in range(n_keys):
            if not last and key % _BINS == 0:
                before, in_cell = 0, 0
                for b in range(_BINS):
                    in_cell += counts[key + b]
            here = counts[key]
            strip = (2 * before + here) * n_strips // (2 * in_cell + 1)  # of the bin's middle point
            counts[key] = before if last else key // _BINS * n_strips + strip
            before += here
        for i in range(n_points):
            if last:
                order[counts[keys[i]]] = i
                counts[keys[i]] += 1
            else:
                cells[i] = counts[keys[i]]
        n_keys *= n_strips
