"""Log densities of a block of points under each component: the first half of the E-step.

A density of the power family (Gomez, Gomez-Villegas and Marin 1998, eq. 1) is written by its own covariance S:
    p(x) = C |S|^-1/2 exp(-(q / q0)^b),   q = (x - m)' S^-1 (x - m),
    q0 = d G(d / 2b) / G((d + 2) / 2b),   C = G(1 + d/2) / ((pi q0)^(d/2) G(1 + d / 2b)),   G the gamma function.
b = 1 is the Gaussian. b = 4 is flat-topped: in the plane half the height lies at q = 3.73, and a body that fills an
ellipse evenly, whose covariance is diag(a^2, b^2) / 4, ends at q = 4.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inline_kernel, kernel
from gmmtrack.mixture.doubles import DOUBLES, doubles, load, store

Floats = NDArray[np.float64]

BLOCK = 256  # points; the rows of one block stay in the first-level cache
ROW = BLOCK + DOUBLES  # of rows read side by side: a power of two would put all in the same few lines of the cache
NEVER = -1e300  # log2 of a share of zero, finite because kernels are compiled without care for infinity
LOG2_E = 1.4426950408889634


@kernel
def radius2(n_dims: int, power: int) -> float:
    """Return q0, the squared Mahalanobis distance at which the exponent of the power family is -1."""
    return n_dims * math.exp(math.lgamma(0.5 * n_dims / power) - math.lgamma(0.5 * (n_dims + 2) / power))


@kernel
def log2_height(n_dims: int, power: int) -> float:
    """Return log2 of C, the height of the density of the power family with unit covariance."""
    log_volume = 0.5 * n_dims * math.log(math.pi * radius2(n_dims, power)) - math.lgamma(1.0 + 0.5 * n_dims)
    return -LOG2_E * (log_volume + math.lgamma(1.0 + 0.5 * n_dims / power))


# What follows takes whole arrays and an index k, for a slice costs as much as a dozen points.


@inline_kernel
def log2_gaussian_2d(
    points: Floats, n: int, means: Floats, factors: Floats, heights: Floats, k: int, below: Floats, logs: Floats
) -> None:
    """Write log2 densities of n points of the plane under Gaussian k, less those in `below`, into row k of logs.

    points (2, n), n a multiple of DOUBLES · means (K, 2) · factors (K, 2, 2) upper triangular, factor factor' = S^-1
    heights (K,) · below (n,) · logs (K, n)
    """
    m0, m1 = means[k, 0], means[k, 1]
    scale = math.sqrt(0.5 * LOG2_E)
    a, b, c = scale * factors[k, 0, 0], scale * factors[k, 0, 1], scale * factors[k, 1, 1]
    height = heights[k]
    for j in range(0, n, DOUBLES):
        d0 = load(points, (0, j)) - m0
        d1 = load(points, (1, j)) - m1
        y0 = a * d0
        y1 = b * d0 + c * d1
        store((height - load(below, j)) - y0 * y0 - y1 * y1, logs, (k, j))


@inline_kernel
def distances_diagonal(points: Floats, n: int, means: Floats, factors: Floats, k: int, q: Floats, row: int) -> None:
    """Write the squared Mahalanobis distances of n points from component k, S diagonal, into q[row].

    points (D, n), n a multiple of DOUBLES · means (K, D) · factors (K, D, D), their diagonals read
    Four dimensions at a time, to load and store the sums less.
    """
    n_dims = points.shape[0]
    whole = n_dims // 4 * 4
    for j in range(0, n, DOUBLES):
        store(0.0, q, (row, j))
    for d in range(0, whole, 4):
        f0, f1, f2, f3 = (
            factors[k, d, d], factors[k, d + 1, d + 1], factors[k, d + 2, d + 2], factors[k, d + 3, d + 3],
        )  # fmt: skip
        s0, s1, s2, s3 = f0 * means[k, d], f1 * means[k, d + 1], f2 * means[k, d + 2], f3 * means[k, d + 3]
        for j in range(0, n, DOUBLES):
            y0 = f0 * load(points, (d, j)) - s0
            y1 = f1 * load(points, (d + 1, j)) - s1
            y2 = f2 * load(points, (d + 2, j)) - s2
            y3 = f3 * load(points, (d + 3, j)) - s3
            store(load(q, (row, j)) + y0 * y0 + y1 * y1 + (y2 * y2 + y3 * y3), q, (row, j))
    for d in range(whole, n_dims):
        f0, s0 = factors[k, d, d], factors[k, d, d] * means[k, d]
        for j in range(0, n, DOUBLES):
            y0 = f0 * load(points, (d, j)) - s0
            store(load(q, (row, j)) + y0 * y0, q, (row, j))


@inline_kernel
def distance_full(deltas: Floats, j: int, factors: Floats, k: int) -> Any:
    """Return the squared Mahalanobis distance of DOUBLES points from j on from component k.

    deltas (D, n) from its mean · factors (K, D, D) upper triangular, zero below
    Four products with columns of the factor at a time, to load the points less.
    """
    n_dims = deltas.shape[0]
    q = doubles(0.0)
    for e in range(0, n_dims - 3, 4):
        y0, y1, y2, y3 = doubles(0.0), doubles(0.0), doubles(0.0), doubles(0.0)
        for d in range(e + 4):
            x = load(deltas, (d, j))
            y0 = y0 + factors[k, d, e] * x
            y1 = y1 + factors[k, d, e + 1] * x
            y2 = y2 + factors[k, d, e + 2] * x
            y3 = y3 + factors[k, d, e + 3] * x
        q = q + (y0 * y0 + y1 * y1) + (y2 * y2 + y3 * y3)
    for e in range(n_dims // 4 * 4, n_dims):
        y = doubles(0.0)
        for d in range(e + 1):
            y = y + factors[k, d, e] * load(deltas, (d, j))
        q = q + y * y
    return q


@inline_kernel
def subtract(points: Floats, n: int, means: Floats, k: int, deltas: Floats) -> None:
    """Write deltas (D, n) = points (D, n) - means[k]."""
    for d in range(points.shape[0]):
        for j in range(0, n, DOUBLES):
            store(load(points, (d, j)) - means[k, d], deltas, (d, j))


@inline_kernel
def log2_density(q: Any, height: float, q0: float, power: int) -> Any:
    """Return height - log2(e) (q / q0)^power, power 1 or 4. q: doubles"""
    t = q * (1.0 / q0)
    if power > 1:
        t = (t * t) * (t * t)
    return height - LOG2_E * t
