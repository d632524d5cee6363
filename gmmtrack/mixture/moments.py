"""Weighted moments of a block of points about a component's previous mean: the second half of the E-step."""

from gmmtrack.compilation import inline_kernel, sum_kernel
from gmmtrack.mixture.densities import Floats


@sum_kernel
def add_moments_2d(
    x0: Floats, x1: Floats, weight: Floats, n: int, mean: Floats, count: Floats, first: Floats, second: Floats
) -> None:
    """Add sum w, sum w d and sum w d d' with d = x - mean, in the plane; `second` gets its upper triangle.

    x0, x1, weight (n,) · mean (2,) · count (1,) · first (2,) · second (2, 2)
    """
    m0, m1 = mean[0], mean[1]
    s, s0, s1, s00, s01, s11 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(n):
        w = weight[j]
        d0 = x0[j] - m0
        d1 = x1[j] - m1
        w0 = w * d0
        w1 = w * d1
        s += w
        s0 += w0
        s1 += w1
        s00 += w0 * d0
        s01 += w0 * d1
        s11 += w1 * d1
    count[0] += s
    first[0] += s0
    first[1] += s1
    second[0, 0] += s00
    second[0, 1] += s01
    second[1, 1] += s11


@inline_kernel
def add_moments_diagonal(
    points: Floats, weight: Floats, n: int, mean: Floats, count: Floats, first: Floats, second: Floats
) -> None:
    """Add the same sums in any dimension, of `second` (D, D) the diagonal alone. points (D, n) · mean, first (D,)"""
    count[0] += _total(weight, n)
    for d in range(points.shape[0]):
        s, s2 = _moments_1d(points[d], weight, n, mean[d])
        first[d] += s
        second[d, d] += s2


@inline_kernel
def add_moments_full(
    points: Floats,
    weight: Floats,
    n: int,
    mean: Floats,
    count: Floats,
    first: Floats,
    second: Floats,
    deltas: Floats,
    row: Floats,
) -> None:
    """Add the same sums in any dimension, of `second` (D, D) the upper triangle. deltas (D, n), row (n,): work"""
    n_dims = points.shape[0]
    count[0] += _total(weight, n)
    for d in range(n_dims):
        m = mean[d]
        for j in range(n):
            deltas[d, j] = points[d, j] - m
    for d in range(n_dims):
        for j in range(n):
            row[j] = weight[j] * deltas[d, j]
        first[d] += _total(row, n)
        _add_products(row, deltas, n, d, second)


@sum_kernel
def _total(weight: Floats, n: int) -> float:
    s = 0.0
    for j in range(n):
        s += weight[j]
    return s


@sum_kernel
def _moments_1d(x: Floats, weight: Floats, n: int, m: float) -> tuple[float, float]:
    s, s2 = 0.0, 0.0
    for j in range(n):
        delta = x[j] - m
        s += weight[j] * delta
        s2 += weight[j] * delta * delta
    return s, s2


@sum_kernel
def _add_products(row: Floats, deltas: Floats, n: int, d: int, second: Floats) -> None:
    """Add row · deltas[e] to second[d, e] for e >= d; four at a time, so that the row is read once for four sums."""
    n_dims = deltas.shape[0]
    e = d
    while e + 4 <= n_dims:
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for j in range(n):
            w = row[j]
            s0 += w * deltas[e, j]
            s1 += w * deltas[e + 1, j]
            s2 += w * deltas[e + 2, j]
            s3 += w * deltas[e + 3, j]
        second[d, e] += s0
        second[d, e + 1] += s1
        second[d, e + 2] += s2
        second[d, e + 3] += s3
        e += 4
    while e < n_dims:
        s = 0.0
        for j in range(n):
            s += row[j] * deltas[e, j]
        second[d, e] += s
        e += 1
