"""One pass over weighted points: E-step and sums for the M-step, fused, without a matrix of responsibilities.

Points lie in planes, (D, N), so that a loop over points reads and writes neighbours. They are taken in blocks; per
block and component: log density, the highest, powers, total, and moments about the component's previous mean.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inline_kernel, kernel, pasted_kernel, sum_kernel
from gmmtrack.mixture.densities import (
    BLOCK,
    NEVER,
    Floats,
    distances_diagonal,
    distances_full,
    gaussian_2d,
    log2_density,
    log2_height,
    radius2,
    subtract,
)
from gmmtrack.mixture.exp2 import coefficients, exp2, log2
from gmmtrack.mixture.layout import unpack
from gmmtrack.mixture.moments import add_moments_2d, add_moments_diagonal, add_moments_full
from gmmtrack.mixture.shapes import precision_factor

LN_2 = 0.6931471805599453


@kernel
def prepare(weights: Floats, covariances: Floats, power: int, diagonal: bool, heights: Floats, factors: Floats) -> int:
    """Write what `accumulate` reads of the parameters; return the first component that is not positive definite, or -1.

    weights (K,) · covariances (K, D, D), where `diagonal` their diagonals read · heights (K,) · factors (K, D, D)
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
def load(points: Floats, start: int, n: int, tile: Floats) -> None:
    """Copy n points (D, N) from `start` into tile (D, BLOCK), which every component then reads from the cache."""
    for d in range(len(points)):
        x = points[d, start : start + n]
        for j in range(n):
            tile[d, j] = x[j]


@pasted_kernel
def expect(
    points: Floats, n: int, heights: Floats, means: Floats, factors: Floats, power: int, diagonal: bool,
    clutter: float, logs: Floats, top: Floats, total: Floats, q: Floats, deltas: Floats, c: Floats,
) -> None:  # fmt: skip
    """Write 2^(log2 density - top) of n points into logs (K, n), their sum into total (n,), and top (n,).

    points (D, n) · heights (K,) log2 of share and density at the mean · means (K, D) · factors (K, D, D)
    clutter: log2 of the uniform component's share and density, or NEVER · deltas (D, n): work
    q (K, n) squared Mahalanobis distances; where power is 1, work of one row · c: `coefficients`
    """
    n_dims = points.shape[0]
    q0 = radius2(n_dims, power)
    for j in range(n):
        top[j] = clutter
    for k in range(len(heights)):
        if n_dims == 2 and power == 1 and not diagonal:
            gaussian_2d(points, n, means, factors, heights, k, logs, top)
            continue
        i = k if power > 1 else 0
        if diagonal:
            distances_diagonal(points, n, means, factors, k, q, i)
        else:
            subtract(points, n, means, k, deltas)
            distances_full(deltas, n, factors, k, total, q, i)
        log2_density(q, i, n, heights, q0, power, k, logs, top)
    for j in range(n):
        total[j] = 0.0 if clutter <= NEVER else exp2(clutter - top[j], c)
    for k in range(len(heights)):
        for j in range(n):
            density = exp2(logs[k, j] - top[j], c)
            logs[k, j] = density
            total[j] += density


@sum_kernel
def _share_out(point_weights: Floats, n: int, top: Floats, total: Floats, logs2: Floats, totals: Floats) -> None:
    """Turn total (n,) into weight / total, and add the block's log2 likelihood, weight to totals (2,)."""
    likelihood, weight = 0.0, 0.0
    for j in range(n):
        w = point_weights[j]
        likelihood += w * (top[j] + logs2[j])
        weight += w
        total[j] = w / total[j]
    totals[0] += likelihood
    totals[1] += weight


@inline_kernel
def _pulls(q: Floats, logs: Floats, k: int, n: int, q0: float, pulls: Floats) -> None:
    """Write density, and density (q / q0)^2 and (q / q0)^3, with which points pull at a flat-topped component.

    q, logs (K, n), row k squared distance and density · pulls (3, n)
    """
    scale = 1.0 / q0
    for j in range(n):
        t = scale * q[k, j]
        pulls[0, j] = logs[k, j]
        pulls[1, j] = logs[k, j] * t * t
        pulls[2, j] = logs[k, j] * t * t * t


@pasted_kernel
def add_moments(
    tile: Floats, n: int, means: Floats, power: int, diagonal: bool, logs: Floats, total: Floats, q: Floats,
    row: Floats, deltas: Floats, pulls: Floats, counts: Floats, firsts: Floats, seconds: Floats,
) -> None:  # fmt: skip
    """Add the moments of a block of n points to the sums; where power > 1 three times, weighted as in `_pulls`.

    tile (D, n) · logs, q (K, n) densities and distances · total (n,) point weight / density of all
    row (n,), deltas, pulls: work
    """
    n_dims, n_components = len(tile), len(logs)
    q0 = radius2(n_dims, power)
    for k in range(n_components):
        if power > 1:
            _pulls(q, logs, k, n, q0, pulls)
        for p in range(1 if power == 1 else 3):
            i, density, r = p * n_components + k, pulls if power > 1 else logs, p if power > 1 else k
            if diagonal:
                add_moments_diagonal(tile, n, density, r, total, means, k, counts, firsts, seconds, i)
            elif n_dims == 2:
                add_moments_2d(tile, n, density, r, total, means, k, counts, firsts, seconds, i)
            else:
                subtract(tile, n, means, k, deltas)
                add_moments_full(deltas, n, density, r, total, row, counts, firsts, seconds, i)


@pasted_kernel
def accumulate(
    points: Floats, point_weights: Floats, start: int, stop: int, heights: Floats, means: Floats, factors: Floats,
    power: int, diagonal: bool, clutter: float, sums: Floats, totals: Floats,
) -> None:  # fmt: skip
    """Write the sums of one E-step over the points from `start` to `stop`.

    points (D, N) · point_weights (N,) >= 0 · heights (K,), means (K, D), factors (K, D, D), clutter: as in `expect`
    sums: see `layout`, moments about `means`, of the second the upper triangle; of K components, or where power > 1 of
    3 K, the latter two thirds weighted as in `_pulls` · totals (2,): log2 likelihood, weight of the points
    """
    n_dims, n_components = points.shape[0], len(heights)
    logs, rows, pulls = np.empty((n_components, BLOCK)), np.empty((4, BLOCK)), np.empty((3, BLOCK))
    q = np.empty((n_components if power > 1 else 1, BLOCK))
    tile, deltas = np.empty((n_dims, BLOCK)), np.empty((n_dims, BLOCK))
    counts, firsts, seconds = unpack(sums, n_components if power == 1 else 3 * n_components, n_dims)
    top, total, row, logs2 = rows[0], rows[1], rows[2], rows[3]
    c = coefficients()
    for i in range(len(sums)):
        sums[i] = 0.0
    totals[0], totals[1] = 0.0, 0.0
    for block in range(start, stop, BLOCK):
        n = min(BLOCK, stop - block)
        load(points, block, n, tile)
        expect(tile, n, heights, means, factors, power, diagonal, clutter, logs, top, total, q, deltas, c)
        for j in range(n):
            logs2[j] = log2(total[j])
        _share_out(point_weights[block : block + n], n, top, total, logs2, totals)
        add_moments(
            tile, n, means, power, diagonal, logs, total, q, row, deltas, pulls, counts, firsts, seconds
        )  # fmt: skip


@kernel
def respond(
    points: Floats, start: int, stop: int, heights: Floats, means: Floats, factors: Floats, power: int,
    diagonal: bool, clutter: float, log_densities: Floats, responsibilities: Floats, labels: NDArray[np.int64],
) -> None:  # fmt: skip
    """Write what the components say of each point from start to stop; an output with no rows is left out.

    first arguments: as in `accumulate` · written: log_densities (N,) natural, responsibilities (N, K), labels (N,) the
    most responsible component, -1 for clutter
    """
    n_components = len(heights)
    rows, tile, deltas = np.empty((2, BLOCK)), np.empty((len(points), BLOCK)), np.empty((len(points), BLOCK))
    q = np.empty((n_components if power > 1 else 1, BLOCK))
    logs = np.empty((n_components, BLOCK))
    top, total, c = rows[0], rows[1], coefficients()
    for block in range(start, stop, BLOCK):
        n = min(BLOCK, stop - block)
        load(points, block, n, tile)
        expect(tile, n, heights, means, factors, power, diagonal, clutter, logs, top, total, q, deltas, c)
        if len(log_densities):
            for j in range(n):
                log_densities[block + j] = LN_2 * (top[j] + log2(total[j]))
        if len(responsibilities):
            for j in range(n):
                for k in range(n_components):
                    responsibilities[block + j, k] = logs[k, j] / total[j]
        if len(labels):
            for j in range(n):
                best, height = -1, exp2(clutter - top[j], c)
                for k in range(n_components):
                    if logs[k, j] > height or (best < 0 and clutter <= NEVER):
                        best, height = k, logs[k, j]
                labels[block + j] = best
