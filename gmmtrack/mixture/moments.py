"""Weighted moments of a block of points about a component's previous mean: the second half of the E-step."""

from gmmtrack.compilation import inline_kernel
from gmmtrack.mixture.densities import Floats
from gmmtrack.mixture.doubles import DOUBLES, doubles, load, store, sum_of


@inline_kernel
def add_moments_2d(
    points: Floats, n: int, density: Floats, row: int, share: Floats, means: Floats, k: int,
    counts: Floats, firsts: Floats, seconds: Floats, i: int,
) -> None:  # fmt: skip
    """Add sum w, sum w d and sum w d d', w = density[row] share, d = x - means[k], in the plane, to the sums of row i.

    points (2, n), n a multiple of DOUBLES · density (R, n) · share (n,) · means (K, 2)
    counts (I,) · firsts (I, 2) · seconds (I, 2, 2), the upper triangle
    """
    m0, m1 = means[k, 0], means[k, 1]
    s, s0, s1 = doubles(0.0), doubles(0.0), doubles(0.0)
    s00, s01, s11 = doubles(0.0), doubles(0.0), doubles(0.0)
    for j in range(0, n, DOUBLES):
        w = load(density, (row, j)) * load(share, j)
        d0 = load(points, (0, j)) - m0
        d1 = load(points, (1, j)) - m1
        w0 = w * d0
        w1 = w * d1
        s = s + w
        s0 = s0 + w0
        s1 = s1 + w1
        s00 = s00 + w0 * d0
        s01 = s01 + w0 * d1
        s11 = s11 + w1 * d1
    counts[i] += sum_of(s)
    firsts[i, 0] += sum_of(s0)
    firsts[i, 1] += sum_of(s1)
    seconds[i, 0, 0] += sum_of(s00)
    seconds[i, 0, 1] += sum_of(s01)
    seconds[i, 1, 1] += sum_of(s11)


@inline_kernel
def add_moments_diagonal(
    points: Floats, n: int, density: Floats, row: int, share: Floats, means: Floats, k: int,
    counts: Floats, firsts: Floats, seconds: Floats, i: int,
) -> None:  # fmt: skip
    """Add the same sums in any dimension, of `seconds` the diagonals alone; density is overwritten."""
    counts[i] += _weigh(density, row, share, n)
    for d in range(points.shape[0]):
        s, s2 = doubles(0.0), doubles(0.0)
        for j in range(0, n, DOUBLES):
            delta = load(points, (d, j)) - means[k, d]
            w = load(density, (row, j)) * delta
            s = s + w
            s2 = s2 + w * delta
        firsts[i, d] += sum_of(s)
        seconds[i, d, d] += sum_of(s2)


@inline_kernel
def add_moments_full(
    deltas: Floats, n: int, density: Floats, row: int, share: Floats, work: Floats,
    counts: Floats, firsts: Floats, seconds: Floats, i: int,
) -> None:  # fmt: skip
    """Add the same sums in any dimension from deltas (D, n); density is overwritten. work (n,)"""
    counts[i] += _weigh(density, row, share, n)
    for d in range(len(deltas)):
        s = doubles(0.0)
        for j in range(0, n, DOUBLES):
            w = load(density, (row, j)) * load(deltas, (d, j))
            store(w, work, j)
            s = s + w
        firsts[i, d] += sum_of(s)
        _add_products(work, deltas, n, d, seconds, i)


@inline_kernel
def _weigh(density: Floats, row: int, share: Floats, n: int) -> float:
    s = doubles(0.0)
    for j in range(0, n, DOUBLES):
        w = load(density, (row, j)) * load(share, j)
        store(w, density, (row, j))
        s = s + w
    return sum_of(s)


@inline_kernel
def _add_products(work: Floats, deltas: Floats, n: int, d: int, seconds: Floats, i: int) -> None:
    """Add work · deltas[e] to seconds[i, d, e] for e >= d, four e at a time to read `work` less."""
    n_dims = deltas.shape[0]
    last = d + (n_dims - d) // 4 * 4
    for e in range(d, last, 4):
        s0, s1, s2, s3 = doubles(0.0), doubles(0.0), doubles(0.0), doubles(0.0)
        for j in range(0, n, DOUBLES):
            w = load(work, j)
            s0 = s0 + w * load(deltas, (e, j))
            s1 = s1 + w * load(deltas, (e + 1, j))
            s2 = s2 + w * load(deltas, (e + 2, j))
            s3 = s3 + w * load(deltas, (e + 3, j))
        seconds[i, d, e] += sum_of(s0)
        seconds[i, d, e + 1] += sum_of(s1)
        seconds[i, d, e + 2] += sum_of(s2)
        seconds[i, d, e + 3] += sum_of(s3)
    for e in range(last, n_dims):
        s = doubles(0.0)
        for j in range(0, n, DOUBLES):
            s = s + load(work, j) * load(deltas, (e, j))
        seconds[i, d, e] += sum_of(s)
