"""Which components matter to a block of points: bounds on their log densities from the box around the points.

Where points that lie together stand together (see `ordering`), most components of a wide mixture are nowhere near a
block, and cost nothing there. One is left out where its density is below 2^-CUT of another's at every point: less than
rounding errors may come to in a sum over a block.
"""

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inner_kernel
from gmmtrack.mixture.densities import LOG2_E, Floats
from gmmtrack.mixture.doubles import DOUBLES, highest, larger, load

CUT = 45.0  # [log2] a sum of 2^8 numbers may be wrong by 2^(8 - 53)
MAX_DIMS = 3  # in more, a block of neighbours is as wide as a component


@inner_kernel
def surround(tile: Floats, n: int, box: Floats) -> None:
    """Write centre and half sides of the box around n points, a multiple of DOUBLES, of tile (D, n) into box (2, D)."""
    for d in range(len(tile)):
        top = load(tile, (d, 0))
        bottom = -1.0 * top
        for j in range(DOUBLES, n, DOUBLES):
            x = load(tile, (d, j))
            top, bottom = larger(top, x), larger(bottom, -1.0 * x)
        high, low = highest(top), -highest(bottom)
        box[0, d], box[1, d] = 0.5 * (low + high), 0.5 * (high - low)


@inner_kernel
def reach(
    box: Floats, heights: Floats, means: Floats, factors: Floats, q0: float, power: int, diagonal: bool, clutter: float,
    upper: Floats, active: NDArray[np.bool_],
) -> tuple[int, float]:  # fmt: skip
    """Mark the components that come within 2^-CUT of the highest in a box.

    Return the one that is highest at its lowest there, -1 for the clutter, and how far above that [log2] any comes.
    box: see `surround` · other arguments: as in `expect` · upper (K,): work · active (K,): written
    """
    n_components, n_dims = means.shape
    base, ceiling, floor = -1, clutter, clutter
    for k in range(n_components):
        near, far = 0.0, 0.0  # squared Mahalanobis distances
        for e in range(n_dims):
            y, r = 0.0, 0.0
            for d in range(e if diagonal else 0, e + 1):
                y += factors[k, d, e] * (box[0, d] - means[k, d])
                r += abs(factors[k, d, e]) * box[1, d]
            near += max(abs(y) - r, 0.0) ** 2
            far += (abs(y) + r) ** 2
        near, far = near / q0, far / q0
        upper[k] = heights[k] - LOG2_E * (near if power == 1 else near**4)
        ceiling = max(ceiling, upper[k])
        lower = heights[k] - LOG2_E * (far if power == 1 else far**4)
        if lower > floor:
            base, floor = k, lower
    for k in range(n_components):
        active[k] = upper[k] >= floor - CUT
    return base, ceiling - floor
