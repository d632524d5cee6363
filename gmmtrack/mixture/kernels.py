"""One pass over weighted points: E-step and sums for the M-step, fused, without a matrix of responsibilities.

Points lie in planes, (D, N), so that a loop over points reads and writes neighbours. They are taken in blocks; per block
and component: log density, highest of the components, powers, total, and moments about the component's previous mean.
"""

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inline_kernel, kernel, sum_kernel
from gmmtrack.mixture.densities import (
    BLOCK,
    NEVER,
    Floats,
    distances_2d,
    distances_diagonal,
    distances_full,
    log2_density,
    radius2,
)
from gmmtrack.mixture.exp2 import exp2, log2
from gmmtrack.mixture.layout import unpack
from gmmtrack.mixture.moments import add_moments_2d, add_moments_diagonal, add_moments_full

LN_2 = 0.6931471805599453


@inline_kernel
def expect(
    points: Floats,
    start: int,
    n: int,
    heights: Floats,
    means: Floats,
    factors: Floats,
    power: int,
    diagonal: bool,
    clutter: float,
    logs: Floats,
    top: Floats,
    total: Floats,
    row: Floats,
    deltas: Floats,
) -> None:
    """Write 2^(log2 density - top) of n points from `start` into logs (K, n), their sum into total (n,), and top (n,).

    points (D, N) · heights (K,) log2 of share and density at the mean · means (K, D) · factors (K, D, D)
    clutter: log2 of the uniform component's share and density, or NEVER · row (n,), deltas (D, n): work
    """
    n_dims = points.shape[0]
    q0 = radius2(n_dims, power)
    for j in range(n):
        top[j] = clutter
    for k in range(len(heights)):
        if diagonal:
            distances_diagonal(points[:, start : start + n], n, means[k], factors[k], row)
        elif n_dims == 2:
            distances_2d(points[0, start : start + n], points[1, start : start + n], n, means[k], factors[k], row)
        else:
            distances_full(points[:, start : start + n], n, means[k], factors[k], deltas, total, row)
        log2_density(row, n, heights[k], q0, power, logs[k], top)
    for j in range(n):
        total[j] = exp2(clutter - top[j])
    for k in range(len(heights)):
        for j in range(n):
            density = exp2(logs[k, j] - top[j])
            logs[k, j] = density
            total[j] += density


@sum_kernel
def _share_out(
    point_weights: Floats, start: int, n: int, top: Floats, total: Floats, logs2: Floats, totals: Floats
) -> None:
    """Turn total (n,) into weight / total, and add the block's log2 likelihood, weight to totals (2,)."""
    likelihood, weight = 0.0, 0.0
    for j in range(n):
        w = point_weights[start + j]
        likelihood += w * (top[j] + logs2[j])
        weight += w
        total[j] = w / total[j]
    totals[0] += likelihood
    totals[1] += weight


@inline_kernel
def _pulls(q: Floats, n: int, q0: float, weights: Floats) -> None:
    """Write r (q / q0)^2 and r (q / q0)^3 beside r, the weights with which points pull at a flat-topped component.

    q (n,) · weights (3, n), the first row r
    """
    scale = 1.0 / q0
    for j in range(n):
        t = scale * q[j]
        weights[1, j] = weights[0, j] * t * t
        weights[2, j] = weights[0, j] * t * t * t


@inline_kernel
def _add(
    points: Floats,
    start: int,
    n: int,
    weight: Floats,
    mean: Floats,
    diagonal: bool,
    count: Floats,
    first: Floats,
    second: Floats,
    deltas: Floats,
    row: Floats,
) -> None:
    if diagonal:
        add_moments_diagonal(points[:, start : start + n], weight, n, mean, count, first, second)
    elif len(mean) == 2:
        add_moments_2d(points[0, start : start + n], points[1, start : start + n], weight, n, mean, count, first, second)
    else:
        add_moments_full(points[:, start : start + n], weight, n, mean, count, first, second, deltas, row)


@kernel
def accumulate(
    points: Floats,
    point_weights: Floats,
    start: int,
    stop: int,
    heights: Floats,
    means: Floats,
    factors: Floats,
    power: int,
    diagonal: bool,
    clutter: float,
    sums: Floats,
    totals: Floats,
) -> None:
    """Add the sums of one E-step over the points from `start` to `stop`.

    points (D, N) · point_weights (N,) >= 0 · heights (K,), means (K, D), factors (K, D, D), clutter: as in `expect`
    sums (P, K (1 + D + D²)), see `layout`: moments about `means`, of the second the upper triangle; P = 1, or 3 where
    power > 1, the second and third row weighted as in `_pulls` · totals (2,): log2 likelihood, weight of the points
    """
    n_dims, n_components = points.shape[0], len(heights)
    q0 = radius2(n_dims, power)
    logs = np.empty((n_components, BLOCK))
    rows = np.empty((4, BLOCK))
    deltas = np.empty((n_dims, BLOCK))
    weights = np.empty((len(sums), BLOCK))
    top, total, row, logs2 = rows[0], rows[1], rows[2], rows[3]
    for block in range(start, stop, BLOCK):
        n = min(BLOCK, stop - block)
        expect(points, block, n, heights, means, factors, power, diagonal, clutter, logs, top, total, row, deltas)
        for j in range(n):
            logs2[j] = log2(total[j])
        _share_out(point_weights, block, n, top, total, logs2, totals)
        for k in range(n_components):
            for j in range(n):
                weights[0, j] = logs[k, j] * total[j]
            if power > 1:
                distances_full(points[:, block : block + n], n, means[k], factors[k], deltas, logs2, row)
                _pulls(row, n, q0, weights)
            for p in range(len(sums)):
                counts, firsts, seconds = unpack(sums[p], n_components, n_dims)
                _add(
                    points, block, n, weights[p], means[k], diagonal,
                    counts[k : k + 1], firsts[k], seconds[k], deltas, row,
                )  # fmt: skip


@kernel
def respond(
    points: Floats,
    start: int,
    stop: int,
    heights: Floats,
    means: Floats,
    factors: Floats,
    power: int,
    diagonal: bool,
    clutter: float,
    log_densities: Floats,
    responsibilities: Floats,
    labels: NDArray[np.int64],
) -> None:
    """Write what the components say of each point from start to stop; an output with no rows is left out.

    first arguments: as in `accumulate` · written: log_densities (N,) natural, responsibilities (N, K), labels (N,) the
    most responsible component, -1 for clutter
    """
    n_components = len(heights)
    rows, deltas = np.empty((4, BLOCK)), np.empty((points.shape[0], BLOCK))
    logs = np.empty((n_components, BLOCK))
    top, total = rows[0], rows[1]
    for block in range(start, stop, BLOCK):
        n = min(BLOCK, stop - block)
        expect(points, block, n, heights, means, factors, power, diagonal, clutter, logs, top, total, rows[2], deltas)
        if len(log_densities):
            for j in range(n):
                log_densities[block + j] = LN_2 * (top[j] + log2(total[j]))
        if len(responsibilities):
            for j in range(n):
                for k in range(n_components):
                    responsibilities[block + j, k] = logs[k, j] / total[j]
        if len(labels):
            for j in range(n):
                best, height = -1, exp2(clutter - top[j])
                for k in range(n_components):
                    if logs[k, j] > height or (best < 0 and clutter <= NEVER):
                        best, height = k, logs[k, j]
                labels[block + j] = best
