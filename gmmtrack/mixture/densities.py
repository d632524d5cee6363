"""Log densities of a block of points under each component: the first half of the E-step.

A density of the power family (Gomez, Gomez-Villegas and Marin 1998, eq. 1) is written by its own covariance S:
    p(x) = C |S|^-1/2 exp(-(q / q0)^b),   q = (x - m)' S^-1 (x - m),
    q0 = d G(d / 2b) / G((d + 2) / 2b),   C = G(1 + d/2) / ((pi q0)^(d/2) G(1 + d / 2b)),   G the gamma function.
b = 1 is the Gaussian. b = 4 is flat-topped: in the plane half the height lies at q = 3.73, and a body that fills an
ellipse evenly, whose covariance is diag(a^2, b^2) / 4, ends at q = 4.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inline_kernel, kernel
from gmmtrack.mixture.bits import larger

Floats = NDArray[np.float64]

BLOCK = 256  # points; the rows of one block stay in the first-level cache
NEVER = -1e300  # log2 of a share of zero, finite because kernels are compiled without care for infinity
_LOG2_E = 1.4426950408889634


@kernel
def radius2(n_dims: int, power: int) -> float:
    """Return q0, the squared Mahalanobis distance at which the exponent of the power family is -1."""
    return n_dims * math.exp(math.lgamma(0.5 * n_dims / power) - math.lgamma(0.5 * (n_dims + 2) / power))


@kernel
def log2_height(n_dims: int, power: int) -> float:
    """Return log2 of C, the height of the density of the power family with unit covariance."""
    log_volume = 0.5 * n_dims * math.log(math.pi * radius2(n_dims, power)) - math.lgamma(1.0 + 0.5 * n_dims)
    return -_LOG2_E * (log_volume + math.lgamma(1.0 + 0.5 * n_dims / power))


# What follows takes whole arrays and an index k, for a slice costs as much as a dozen points.


@inline_kernel
def gaussian_2d(
    points: Floats, n: int, means: Floats, factors: Floats, heights: Floats, k: int, logs: Floats, top: Floats
) -> None:
    """Write log2 densities of n points of the plane under Gaussian k, and raise `top` to them; one loop, for speed.

    points (2, n) · means (K, 2) · factors (K, 2, 2) upper triangular, factor factor' = S^-1 · heights (K,)
    logs (K, n), row k written · top (n,)
    """
    m0, m1 = means[k, 0], means[k, 1]
    scale = math.sqrt(0.5 * _LOG2_E)
    a, b, c = scale * factors[k, 0, 0], scale * factors[k, 0, 1], scale * factors[k, 1, 1]
    height = heights[k]
    for j in range(n):
        d0 = points[0, j] - m0
        d1 = points[1, j] - m1
        y0 = a * d0
        y1 = b * d0 + c * d1
        density = height - y0 * y0 - y1 * y1
        logs[k, j] = density
        top[j] = larger(density, top[j])


@inline_kernel
def distances_diagonal(points: Floats, n: int, means: Floats, factors: Floats, k: int, q: Floats, i: int) -> None:
    """Write the squared Mahalanobis distance of n points where S is diagonal into row i of q (R, n).

    points (D, n) · means (K, D) · factors (K, D, D), their diagonals read
    """
    for j in range(n):
        q[i, j] = 0.0
    for d in range(points.shape[0]):
        m, a = means[k, d], factors[k, d, d]
        for j in range(n):
            y = a * (points[d, j] - m)
            q[i, j] += y * y


@inline_kernel
def subtract(points: Floats, n: int, means: Floats, k: int, deltas: Floats) -> None:
    """Write deltas (D, n) = points (D, n) - means[k]."""
    for d in range(points.shape[0]):
        m = means[k, d]
        for j in range(n):
            deltas[d, j] = points[d, j] - m


@inline_kernel
def distances_full(deltas: Floats, n: int, factors: Floats, k: int, row: Floats, q: Floats, i: int) -> None:
    """Write the squared Mahalanobis distance of n points of any dimension into row i of q (R, n).

    deltas (D, n) from the mean · factors (K, D, D) upper triangular · row (n,) work
    """
    for j in range(n):
        q[i, j] = 0.0
    for e in range(len(deltas)):
        _project(deltas, n, factors, k, e, row)
        for j in range(n):
            q[i, j] += row[j] * row[j]


@inline_kernel
def _project(deltas: Floats, n: int, factors: Floats, k: int, e: int, row: Floats) -> None:
    """Write row = sum over d <= e of factors[k, d, e] deltas[d], four d at a time to load and store the row less."""
    first = (e + 1) % 4
    for j in range(n):
        row[j] = 0.0
    for d in range(first):
        a = factors[k, d, e]
        for j in range(n):
            row[j] += a * deltas[d, j]
    for d in range(first, e + 1, 4):
        a0, a1 = factors[k, d, e], factors[k, d + 1, e]
        a2, a3 = factors[k, d + 2, e], factors[k, d + 3, e]
        for j in range(n):
            row[j] += a0 * deltas[d, j] + a1 * deltas[d + 1, j] + a2 * deltas[d + 2, j] + a3 * deltas[d + 3, j]


@inline_kernel
def log2_density(
    q: Floats, i: int, n: int, heights: Floats, q0: float, power: int, k: int, logs: Floats, top: Floats
) -> None:
    """Write heights[k] - log2(e) (q[i] / q0)^power into row k of logs (K, n), and raise `top` (n,) to it. q (R, n)"""
    height, scale = heights[k], 1.0 / q0
    for j in range(n):
        t = scale * q[i, j]
        t = t if power == 1 else (t * t) * (t * t)
        density = height - _LOG2_E * t
        logs[k, j] = density
        top[j] = larger(density, top[j])
