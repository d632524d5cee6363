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


@inline_kernel
def distances_2d(x0: Floats, x1: Floats, n: int, mean: Floats, factor: Floats, out: Floats) -> None:
    """Write the squared Mahalanobis distance of n points of the plane.

    x0, x1 (n,) · mean (2,) · factor (2, 2) upper triangular, factor factor' = S^-1 · out (n,)
    """
    m0, m1 = mean[0], mean[1]
    a, b, c = factor[0, 0], factor[0, 1], factor[1, 1]
    for j in range(n):
        d0 = x0[j] - m0
        d1 = x1[j] - m1
        y0 = a * d0
        y1 = b * d0 + c * d1
        out[j] = y0 * y0 + y1 * y1


@inline_kernel
def distances_diagonal(points: Floats, n: int, mean: Floats, factor: Floats, out: Floats) -> None:
    """Write the squared Mahalanobis distance of n points where S is diagonal.

    points (D, n) · mean (D,) · factor (D, D), its diagonal read · out (n,)
    """
    for d in range(points.shape[0]):
        m, a = mean[d], factor[d, d]
        for j in range(n):
            y = a * (points[d, j] - m)
            out[j] = y * y if d == 0 else out[j] + y * y


@inline_kernel
def distances_full(points: Floats, n: int, mean: Floats, factor: Floats, deltas: Floats, row: Floats, out: Floats) -> None:
    """Write the squared Mahalanobis distance of n points of any dimension.

    points (D, n) · mean (D,) · factor (D, D) upper triangular, factor factor' = S^-1 · deltas (D, n), row (n,) work · out (n,)
    """
    n_dims = points.shape[0]
    for d in range(n_dims):
        m = mean[d]
        for j in range(n):
            deltas[d, j] = points[d, j] - m
    for j in range(n):
        out[j] = 0.0
    for e in range(n_dims):
        _project(deltas, n, factor, e, row)
        for j in range(n):
            out[j] += row[j] * row[j]


@inline_kernel
def _project(deltas: Floats, n: int, factor: Floats, e: int, row: Floats) -> None:
    """Write row = sum over d <= e of factor[d, e] deltas[d]; four at a time, for each pass loads and stores the row once."""
    first = (e + 1) % 4
    for j in range(n):
        row[j] = 0.0
    for d in range(first):
        a = factor[d, e]
        for j in range(n):
            row[j] += a * deltas[d, j]
    for d in range(first, e + 1, 4):
        a0, a1, a2, a3 = factor[d, e], factor[d + 1, e], factor[d + 2, e], factor[d + 3, e]
        for j in range(n):
            row[j] += a0 * deltas[d, j] + a1 * deltas[d + 1, j] + a2 * deltas[d + 2, j] + a3 * deltas[d + 3, j]


@inline_kernel
def log2_density(q: Floats, n: int, height: float, q0: float, power: int, out: Floats, top: Floats) -> None:
    """Write height - log2(e) (q / q0)^power, and raise `top` to it where it is higher. q, out, top (n,)"""
    if power == 1:
        scale = _LOG2_E / q0
        for j in range(n):
            density = height - scale * q[j]
            out[j] = density
            top[j] = density if density > top[j] else top[j]
    else:
        scale = 1.0 / q0
        for j in range(n):
            t = scale * q[j]
            t2 = t * t
            density = height - _LOG2_E * (t2 * t2)
            out[j] = density
            top[j] = density if density > top[j] else top[j]
