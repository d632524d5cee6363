"""Weighted moments of a block of points about a component's previous mean: the second half of the E-step."""

from gmmtrack.compilation import inline_kernel, sum_kernel
from gmmtrack.mixture.densities import Floats


@sum_kernel
def add_moments_2d(
    points: Floats, n: int, density: Floats, row: int, share: Floats, means: Floats, k: int,
    counts: Floats, firsts: Floats, seconds: Floats, i: int,
) -> None:  # fmt: skip
    """Add sum w, sum w d and sum w d d', w = density[row] share, d = x - means[k], in the plane, to the sums of row i.

    points (2, n) · density (R, n) · share (n,) · means (K, 2)
    counts (I,) · firsts (I, 2) · seconds (I, 2, 2), the upper triangle
    """
    m0, m1 = means[k, 0], means[k, 1]
    s, s0, s1, s00, s01, s11 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(n):
        w = density[row, j] * share[j]
        d0 = points[0, j] - m0
        d1 = points[1, j] - m1
        w0 = w * d0
        w1 = w * d1
        s += w
        s0 += w0
        s1 += w1
        s00 += w0 * d0
        s01 += w0 * d1
        s11 += w1 * d1
    counts[i] += s
    firsts[i, 0] += s0
    firsts[i, 1] += s1
    seconds[i, 0, 0] += s00
    seconds[i, 0, 1] += s01
    seconds[i, 1, 1] += s11


@sum_kernel
def add_moments_diagonal(
    points: Floats, n: int, density: Floats, row: int, share: Floats, means: Floats, k: int,
    counts: Floats, firsts: Floats, seconds: Floats, i: int,
) -> None:  # fmt: skip
    """Add the same sums in any dimension, of `seconds` the diagonals alone; density is overwritten."""
    counts[i] += _weigh(density, row, share, n)
    for d in range(points.shape[0]):
        m = means[k, d]
        s, s2 = 0.0, 0.0
        for j in range(n):
            delta = points[d, j] - m
            w = density[row, j] * delta
            s += w
            s2 += w * delta
        firsts[i, d] += s
        seconds[i, d, d] += s2


@inline_kernel
def add_moments_full(
    deltas: Floats, n: int, density: Floats, row: int, share: Floats, work: Floats,
    counts: Floats, firsts: Floats, seconds: Floats, i: int,
) -> None:  # fmt: skip
    """Add the same sums in any dimension from deltas (D, n); density is overwritten. work (n,)"""
    counts[i] += _weigh(density, row, share, n)
    for d in range(len(deltas)):
        firsts[i, d] += _weighted(density, row, deltas, d, n, work)
        _add_products(work, deltas, n, d, seconds, i)


@sum_kernel
def _weigh(density: Floats, row: int, share: Floats, n: int) -> float:
    s = 0.0
    for j in range(n):
        w = density[row, j] * share[j]
        density[row, j] = w
        s += w
    return s


@sum_kernel
def _weighted(density: Floats, row: int, deltas: Floats, d: int, n: int, work: Floats) -> float:
    s = 0.0
    for j in range(n):
        w = density[row, j] * deltas[d, j]
        work[j] = w
        s += w
    return s


@sum_kernel
def _add_products(work: Floats, deltas: Floats, n: int, d: int, seconds: Floats, i: int) -> None:
    """Add work · deltas[e] to seconds[i, d, e] for e >= d, four e at a time to read `work` less."""
    n_dims = deltas.shape[0]
    e = d
    while e + 4 <= n_dims:
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for j in range(n):
            w = work[j]
            s0 += w * deltas[e, j]
            s1 += w * deltas[e + 1, j]
            s2 += w * deltas[e + 2, j]
            s3 += w * deltas[e + 3, j]
        seconds[i, d, e] += s0
        seconds[i, d, e + 1] += s1
        seconds[i, d, e + 2] += s2
        seconds[i, d, e + 3] += s3
        e += 4
    while e < n_dims:
        s = 0.0
        for j in range(n):
            s += work[j] * deltas[e, j]
        seconds[i, d, e] += s
        e += 1
