"""One pass over weighted points: E-step and sums for the M-step, fused, without a matrix of responsibilities.

Points lie in planes, (D, N), so that a loop over points reads and writes neighbours. They are taken in blocks; per
block and component that reaches it (see `reach`): log density, the highest, powers, total, and moments about the
component's previous mean. Gaussians in the plane take the likeliest of a block for the highest, whose power is 1.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inline_kernel, kernel, pasted_kernel
from gmmtrack.mixture.densities import (
    BLOCK,
    NEVER,
    ROW,
    Floats,
    distance_full,
    distances_diagonal,
    log2_density,
    log2_gaussian_2d,
    log2_height,
    radius2,
    subtract,
)
from gmmtrack.mixture.doubles import DOUBLES, doubles, larger, load, store, sum_of
from gmmtrack.mixture.exp2 import exp2, log2, mantissa
from gmmtrack.mixture.layout import unpack
from gmmtrack.mixture.moments import add_moments_2d, add_moments_diagonal, add_moments_full
from gmmtrack.mixture.reach import MAX_DIMS, reach, surround
from gmmtrack.mixture.shapes import precision_factor

WIDEST = 900.0  # [log2] of a block: powers, and sums of them, stay in the range of float64
LN_2 = 0.6931471805599453


@kernel
def prepare(weights: Floats, covariances: Floats, power: int, diagonal: bool, heights: Floats, factors: Floats) -> int:
    """Write what `accumulate` reads of the parameters; return the first component that is not positive definite, or -1.

    weights (K,) · covariances (K, D, D), where `diagonal` their diagonals read · heights (K,)
    factors (K, D, D): where `diagonal`, zero off the diagonals, which alone are written
    """
    n_dims = covariances.shape[1]
    height = log2_height(n_dims, power)
    for k in range(len(weights)):
        log_determinant = 0.0
        if diagonal:
            for d in range(n_dims):
                if not covariances[k, d, d] > 0.0:
                    return k
                factors[k, d, d] = 1.0 / math.sqrt(covariances[k, d, d])
                log_determinant += math.log(factors[k, d, d])
        else:
            positive, log_determinant = precision_factor(covariances[k], factors[k])
            if not positive:
                return k
        heights[k] = height + (log_determinant + math.log(weights[k])) / LN_2 if weights[k] > 0.0 else NEVER
    return -1


@pasted_kernel
def share_of_clutter(weights: Floats) -> float:
    """Return what the shares (K,) of the components leave of 1."""
    share = 1.0
    for weight in weights:
        share -= weight
    return share


@pasted_kernel
def clutter_height(weights: Floats, log2_volume: float) -> float:
    """Return log2 of the clutter's share times its density over a volume; NEVER where that is endless, -NEVER."""
    share = share_of_clutter(weights)
    return math.log(share) / LN_2 - log2_volume if share > 1e-12 else NEVER


@inline_kernel
def take(points: Floats, start: int, n: int, tile: Floats) -> int:
    """Copy n points (D, N) from `start` into tile (D, BLOCK), which every component then reads from the cache.

    The last is repeated until there are a multiple of DOUBLES; return how many.
    """
    whole = (n + DOUBLES - 1) // DOUBLES * DOUBLES
    for d in range(len(points)):
        x = points[d, start : start + n]
        for j in range(n):
            tile[d, j] = x[j]
        for j in range(n, whole):
            tile[d, j] = x[n - 1]
    return whole


@pasted_kernel
def expect_near(
    points: Floats, n: int, heights: Floats, means: Floats, factors: Floats, clutter: float,
    active: NDArray[np.bool_], base: int, logs: Floats, top: Floats, total: Floats,
) -> None:  # fmt: skip
    """Do what `expect` does for Gaussians in the plane, with the log2 density of component `base` for the top.

    That of the clutter where base is -1. The power of its own is 1, and need not be computed.
    arguments: as there · base: see `reach`
    """
    for j in range(0, n, DOUBLES):
        store(0.0 if base >= 0 else clutter, top, j)
        store(1.0, total, j)
    if base >= 0:
        log2_gaussian_2d(points, n, means, factors, heights, base, top, logs)
        for j in range(0, n, DOUBLES):
            store(load(logs, (base, j)), top, j)
            store(1.0, logs, (base, j))
        if clutter > NEVER:
            for j in range(0, n, DOUBLES):
                store(1.0 + exp2(clutter - load(top, j)), total, j)
    for k in range(len(heights)):
        if active[k] and k != base:
            # one loop after the other: few steps that wait for each other, and many points under way in each
            log2_gaussian_2d(points, n, means, factors, heights, k, top, logs)
            for j in range(0, n, DOUBLES):
                density = exp2(load(logs, (k, j)))
                store(density, logs, (k, j))
                store(load(total, j) + density, total, j)


@pasted_kernel
def expect(
    points: Floats, n: int, heights: Floats, means: Floats, factors: Floats, power: int, diagonal: bool,
    clutter: float, marks: Floats, active: NDArray[np.bool_], logs: Floats, top: Floats, total: Floats, q: Floats,
    deltas: Floats,
) -> None:  # fmt: skip
    """Write 2^(log2 density - top) of n points into logs (K, n), their sum into total (n,), and top (n,).

    points (D, n), n a multiple of DOUBLES · heights (K,) log2 of share and density at the mean · means (K, D)
    factors (K, D, D) · clutter: log2 of the uniform component's share and density, or NEVER
    marks (K, n): added to log2 densities, or (0, n) for none; where there are any, all components are active
    active (K,): see `reach`; of components that are not nothing is written
    q (K, n): written, squared Mahalanobis distances; (1, n), those of the last component, where power is 1
    deltas (D, n): work
    """
    n_dims = points.shape[0]
    q0 = radius2(n_dims, power)
    for j in range(0, n, DOUBLES):
        store(clutter, top, j)
    for k in range(len(heights)):
        if active[k]:
            row = k if power > 1 else 0
            if diagonal:
                distances_diagonal(points, n, means, factors, k, q, row)
            else:
                subtract(points, n, means, k, deltas)
                for j in range(0, n, DOUBLES):
                    store(distance_full(deltas, j, factors, k), q, (row, j))
            for j in range(0, n, DOUBLES):
                density = log2_density(load(q, (row, j)), heights[k], q0, power)
                store(density, logs, (k, j))
                store(larger(density, load(top, j)), top, j)
    if len(marks):
        _add_marks(marks, n, clutter, logs, top)
    for j in range(0, n, DOUBLES):
        store(exp2(clutter - load(top, j)), total, j)
    for k in range(len(heights)):
        if active[k]:
            for j in range(0, n, DOUBLES):
                density = exp2(load(logs, (k, j)) - load(top, j))
                store(density, logs, (k, j))
                store(load(total, j) + density, total, j)


@inline_kernel
def _add_marks(marks: Floats, n: int, clutter: float, logs: Floats, top: Floats) -> None:
    """Add marks (K, n) to log2 densities (K, n), and write top (n,) anew."""
    for j in range(0, n, DOUBLES):
        store(clutter, top, j)
    for k in range(len(logs)):
        for j in range(0, n, DOUBLES):
            density = load(logs, (k, j)) + load(marks, (k, j))
            store(density, logs, (k, j))
            store(larger(density, load(top, j)), top, j)


@inline_kernel
def _share_out(share: Floats, n: int, top: Floats, total: Floats, totals: Floats) -> None:
    """Turn total (n,) into share / total, and add the block's log2 likelihood and weight to totals (2,)."""
    likelihood, weight = doubles(0.0), doubles(0.0)
    for j in range(0, n, DOUBLES):
        w, t = load(share, j), load(total, j)
        weight = weight + w
        likelihood = likelihood + w * (load(top, j) + log2(t))
        store(w / t, total, j)
    totals[0] += sum_of(likelihood)
    totals[1] += sum_of(weight)


@inline_kernel
def _share_out_evenly(w: float, n: int, top: Floats, total: Floats, totals: Floats) -> None:
    """Do what `_share_out` does where all of n points, a multiple of DOUBLES, weigh w.

    One logarithm does for all: of the product of the totals, the exponents kept apart.
    """
    likelihood, product = doubles(0.0), doubles(1.0)
    for j in range(0, n, DOUBLES):
        t = load(total, j)
        e, m = mantissa(t)
        product = product * m
        likelihood = likelihood + (load(top, j) + e)
        store(w / t, total, j)
    totals[0] += w * sum_of(likelihood + log2(product))
    totals[1] += w * n


@inline_kernel
def _are_even(point_weights: Floats, start: int, stop: int) -> bool:
    """Return whether all points from start to stop weigh the same."""
    others = 0
    for i in range(start, stop):
        others += point_weights[i] != point_weights[start]
    return others == 0


@inline_kernel
def _pulls(q: Floats, logs: Floats, k: int, n: int, q0: float, pulls: Floats) -> None:
    """Write density, and density (q / q0)^2 and (q / q0)^3, with which points pull at a flat-topped component.

    q, logs (K, n), row k squared distance and density · pulls (3, n)
    """
    scale = 1.0 / q0
    for j in range(0, n, DOUBLES):
        t, density = scale * load(q, (k, j)), load(logs, (k, j))
        store(density, pulls, (0, j))
        store(density * t * t, pulls, (1, j))
        store(density * t * t * t, pulls, (2, j))


@pasted_kernel
def add_moments(
    tile: Floats, n: int, means: Floats, power: int, diagonal: bool, active: NDArray[np.bool_], logs: Floats,
    total: Floats, q: Floats, row: Floats, deltas: Floats, pulls: Floats, counts: Floats, firsts: Floats,
    seconds: Floats,
) -> None:  # fmt: skip
    """Add the moments of a block of n points to the sums; where power > 1 three times, weighted as in `_pulls`.

    tile (D, n) · logs, q (K, n) densities and distances · total (n,) point weight / density of all
    row (n,), deltas, pulls: work
    """
    n_dims, n_components = len(tile), len(logs)
    q0 = radius2(n_dims, power)
    for k in range(n_components):
        if not active[k]:
            continue
        if power > 1:
            _pulls(q, logs, k, n, q0, pulls)
        for p in range(1 if power == 1 else 3):
            i, density, r = p * n_components + k, pulls if power > 1 else logs, p if power > 1 else k
            if n_dims == 2:
                add_moments_2d(tile, n, density, r, total, means, k, counts, firsts, seconds, i)
            elif diagonal:
                add_moments_diagonal(tile, n, density, r, total, means, k, counts, firsts, seconds, i)
            else:
                subtract(tile, n, means, k, deltas)
                add_moments_full(deltas, n, density, r, total, row, counts, firsts, seconds, i)


@pasted_kernel
def accumulate(
    points: Floats, point_weights: Floats, start: int, stop: int, heights: Floats, means: Floats, factors: Floats,
    power: int, diagonal: bool, clutter: float, marks: Floats, sums: Floats, totals: Floats,
) -> None:  # fmt: skip
    """Write the sums of one E-step over the points from `start` to `stop`.

    points (D, N) · point_weights (N,) >= 0 · heights (K,), means (K, D), factors (K, D, D), clutter: as in `expect`
    marks (K, N), or (0, 0): as there
    sums: see `layout`, moments about `means`, of the second the upper triangle; of K components, or where power > 1 of
    3 K, the latter two thirds weighted as in `_pulls` · totals (2,): log2 likelihood, weight of the points
    """
    n_dims, n_components = points.shape[0], len(heights)
    logs, rows, pulls = np.empty((n_components, BLOCK)), np.empty((4, BLOCK)), np.empty((3, BLOCK))
    q = np.empty((n_components if power > 1 else 1, BLOCK))
    tile, deltas, box = np.empty((n_dims, ROW)), np.empty((n_dims, ROW)), np.empty((2, n_dims))
    marked = np.empty((len(marks), ROW))
    upper, active = np.empty(n_components), np.ones(n_components, np.bool_)
    counts, firsts, seconds = unpack(sums, n_components if power == 1 else 3 * n_components, n_dims)
    top, total, row, share = rows[0], rows[1], rows[2], rows[3]
    q0, planar = radius2(n_dims, power), n_dims == 2 and power == 1 and not len(marks)
    even = _are_even(point_weights, start, stop)
    for i in range(len(sums)):
        sums[i] = 0.0
    totals[0], totals[1] = 0.0, 0.0
    for block in range(start, stop, BLOCK):
        n_points = min(BLOCK, stop - block)
        n = take(points, block, n_points, tile)
        take(marks, block, n_points, marked)
        base, span = -1, WIDEST
        if n_dims <= MAX_DIMS and not len(marks):
            surround(tile, n, box)
            base, span = reach(box, heights, means, factors, q0, power, diagonal, clutter, upper, active)
        if planar and span < WIDEST:
            expect_near(tile, n, heights, means, factors, clutter, active, base, logs, top, total)
        else:
            expect(
                tile, n, heights, means, factors, power, diagonal, clutter, marked, active, logs, top, total, q, deltas
            )  # fmt: skip
        if even and n == n_points:
            _share_out_evenly(point_weights[start], n, top, total, totals)
        else:
            share[n - DOUBLES : n] = 0.0
            for j in range(n_points):
                share[j] = point_weights[block + j]
            _share_out(share, n, top, total, totals)
        add_moments(
            tile, n, means, power, diagonal, active, logs, total, q, row, deltas, pulls, counts, firsts, seconds
        )  # fmt: skip
    if diagonal and n_dims == 2:
        for i in range(len(seconds)):
            seconds[i, 0, 1] = 0.0


@kernel
def respond(
    points: Floats, start: int, stop: int, heights: Floats, means: Floats, factors: Floats, power: int,
    diagonal: bool, clutter: float, marks: Floats, log_densities: Floats, responsibilities: Floats,
    labels: NDArray[np.int64],
) -> None:  # fmt: skip
    """Write what the components say of each point from start to stop; an output with no rows is left out.

    first arguments and marks: as in `accumulate` · written: log_densities (N,) natural, responsibilities (N, K)
    labels (N,) the most responsible component, -1 for clutter
    """
    n_components, n_dims = means.shape
    rows, tile, deltas = np.empty((2, BLOCK)), np.empty((n_dims, ROW)), np.empty((n_dims, ROW))
    marked = np.empty((len(marks), ROW))
    q = np.empty((n_components if power > 1 else 1, BLOCK))
    logs, active = np.empty((n_components, BLOCK)), np.ones(n_components, np.bool_)
    top, total = rows[0], rows[1]
    for block in range(start, stop, BLOCK):
        n_points = min(BLOCK, stop - block)
        n = take(points, block, n_points, tile)
        take(marks, block, n_points, marked)
        # with every point's own top, so that what is said of it does not depend on its neighbours
        expect(
            tile, n, heights, means, factors, power, diagonal, clutter, marked, active, logs, top, total, q, deltas
        )  # fmt: skip
        if len(log_densities):
            for j in range(n_points):
                log_densities[block + j] = LN_2 * top[j] + math.log(total[j])
        if len(responsibilities):
            for j in range(n_points):
                for k in range(n_components):
                    responsibilities[block + j, k] = logs[k, j] / total[j]
        if len(labels):
            for j in range(n_points):
                best, height = -1, math.exp(LN_2 * (clutter - top[j]))
                for k in range(n_components):
                    if logs[k, j] > height or (best < 0 and clutter <= NEVER):
                        best, height = k, logs[k, j]
                labels[block + j] = best
