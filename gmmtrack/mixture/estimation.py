"""Batch EM of a whole mixture: the pass over points in fixed chunks, the M-step of every covariance type, the loop.

Points are cut into chunks by their number alone. Each chunk has its own sums, about the same means, and the sums are
added in the order of the chunks, so that who worked on which changes no bit.
"""

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inner_kernel, kernel, pasted_kernel
from gmmtrack.mixture.clustering import weigh
from gmmtrack.mixture.densities import BLOCK, Floats
from gmmtrack.mixture.kernels import LN_2, accumulate, clutter_height, prepare
from gmmtrack.mixture.layout import unpack
from gmmtrack.mixture.prior import MEAN, SHAPE, WEIGHT, add_prior, log_prior
from gmmtrack.mixture.rounds import Board, await_end, await_round, claim, close, open_round, report
from gmmtrack.mixture.shapes import cholesky

FULL, TIED, DIAGONAL, SPHERICAL = 0, 1, 2, 3
N_CHUNKS = 32  # at most: more would leave threads less idle at the end, and cost more memory for the sums
_EMPTY = 1e-12  # [points] a component with less keeps its mean and covariance


@kernel
def chunk_count(n_points: int) -> int:
    """Return into how many chunks so many points are cut, at least one."""
    return max(1, min(N_CHUNKS, (n_points + 4 * BLOCK - 1) // (4 * BLOCK)))


@pasted_kernel
def chunk_edge(chunk: int, n_chunks: int, n_points: int) -> int:
    """Return where a chunk starts: whole blocks, the last chunk takes the rest."""
    n_blocks = (n_points + BLOCK - 1) // BLOCK
    return min(n_points, n_blocks * chunk // n_chunks * BLOCK)


@pasted_kernel
def pass_over(
    board: Board, points: Floats, point_weights: Floats, heights: Floats, means: Floats, factors: Floats, kind: int,
    weights: Floats, log2_volume: float, partials: Floats, totals: Floats,
) -> None:  # fmt: skip
    """Write the sums of the chunks that other threads at the board leave.

    weights (K,), log2_volume: of the clutter, as in `clutter_height` · partials (n_chunks, K (1 + D + D²))
    totals (n_chunks, 2)
    """
    n_chunks, n_points, none = len(partials), points.shape[1], np.empty((0, 0))
    while True:
        chunk = claim(board, n_chunks)
        if chunk < 0:
            return
        start, stop = chunk_edge(chunk, n_chunks, n_points), chunk_edge(chunk + 1, n_chunks, n_points)
        clutter = clutter_height(weights, log2_volume)
        accumulate(
            points, point_weights, start, stop, heights, means, factors, 1, kind >= DIAGONAL, clutter, none,
            partials[chunk], totals[chunk],
        )  # fmt: skip
        report(board)


@pasted_kernel
def gather(partials: Floats, totals: Floats) -> None:
    """Add the sums of all chunks, in their order, to those of the first."""
    for chunk in range(1, len(partials)):
        for i in range(partials.shape[1]):
            partials[0, i] += partials[chunk, i]
        for i in range(totals.shape[1]):
            totals[0, i] += totals[chunk, i]


@pasted_kernel
def estimate(
    sums: Floats, total: float, n_components: int, n_dims: int, kind: int, floor: float, held: Floats, cap: float,
    prior: Floats, parameters: Floats,
) -> None:  # fmt: skip
    """The M-step: turn the parameters of the E-step into those of the highest expected likelihood, in place.

    sums (K (1 + D + D²),): moments about the means in `parameters`, changed · total: weight of the points · floor:
    added to variances · held (3,): whether weights, means, covariances stay as they are · cap: of the clutter's share
    prior: see `prior`
    """
    counts, firsts, seconds = unpack(sums, n_components, n_dims)
    weights, means, covariances = unpack(parameters, n_components, n_dims)
    if held[0] == 0.0:
        for k in range(n_components):
            counts[k] += prior[WEIGHT]
        weigh(counts, total + n_components * prior[WEIGHT], cap, weights)
        for k in range(n_components):
            counts[k] -= prior[WEIGHT]
    add_prior(prior, means, counts, firsts, seconds)
    more, pooled = prior[SHAPE] - prior[MEAN], 0.0
    tied = np.zeros((n_dims, n_dims))
    for k in range(n_components):
        if counts[k] > _EMPTY:
            to_scatter(counts[k], firsts[k], seconds[k], held[1] != 0.0, kind, means[k])
            if held[2] == 0.0 and kind != TIED:
                take_scatter(seconds[k], counts[k] + more, floor, covariances[k])
        pooled += counts[k] + more
        for d in range(n_dims):
            for e in range(d, n_dims):
                tied[d, e] += seconds[k, d, e]
    if held[2] == 0.0 and kind == TIED and pooled > 0.0:
        for k in range(n_components):
            take_scatter(tied, pooled, floor, covariances[k])


@pasted_kernel
def to_scatter(count: float, first: Floats, second: Floats, held: bool, kind: int, mean: Floats) -> None:
    """Turn moments about `mean` (D,) into the scatter of the covariance type about the mean, which moves unless held.

    second (D, D): the upper triangle
    """
    n_dims = len(mean)
    trace = 0.0
    for d in range(n_dims):
        for e in range(d, n_dims):
            scatter = second[d, e] - (0.0 if held else first[d] * first[e] / count)
            second[d, e] = scatter if d == e or kind < DIAGONAL else 0.0
        trace += second[d, d]
    for d in range(n_dims):
        second[d, d] = trace / n_dims if kind == SPHERICAL else second[d, d]
        mean[d] += 0.0 if held else first[d] / count


@inner_kernel
def take_scatter(scatter: Floats, divisor: float, floor: float, covariance: Floats) -> None:
    """Write covariance (D, D) = scatter / divisor + floor, unless points that span no space leave it singular.

    scatter (D, D): the upper triangle
    """
    n_dims = len(covariance)
    lower, shape = np.empty((n_dims, n_dims)), np.empty((n_dims, n_dims))
    for d in range(n_dims):
        for e in range(d, n_dims):
            shape[d, e] = scatter[d, e] / divisor if d < e else max(scatter[d, e] / divisor, 0.0) + floor
    if cholesky(shape, lower):
        for d in range(n_dims):
            for e in range(d, n_dims):
                covariance[d, e] = shape[d, e]
                covariance[e, d] = shape[d, e]


@kernel
def iterate(
    leads: bool, board: Board, points: Floats, point_weights: Floats, parameters: Floats, kind: int, floor: float,
    held: Floats, cap: float, log2_volume: float, prior: Floats, tolerance: float, before: float, heights: Floats,
    factors: Floats, partials: Floats, totals: Floats, until: int, trace: Floats, outcome: NDArray[np.int64],
) -> None:  # fmt: skip
    """Run EM on one of the threads that share the board, all with the same arguments but for `leads`, true for one.

    parameters: see `layout`, in place · heights (K,), factors (K, D, D), partials, totals: work, see `pass_over`
    until: how many iterations there shall be · trace (>= until,): written, mean ln likelihood, that of the prior added,
    before each M-step · outcome (3,): the first component not positive definite or -1, the iterations so far, whether
    it settled
    EM ends when the likelihood changes by less than `tolerance`, at first from `before`
    """
    n_components, n_dims, n_chunks = len(heights), len(points), len(partials)
    weights, means, covariances = unpack(parameters, n_components, n_dims)
    while True:
        if leads:
            if outcome[1] < until and outcome[2] == 0:
                outcome[0] = prepare(weights, covariances, 1, kind >= DIAGONAL, heights, factors)
            if outcome[0] >= 0 or outcome[1] >= until or outcome[2] != 0:
                close(board)
                return
            open_round(board)
        elif not await_round(board, n_chunks):
            return
        pass_over(
            board, points, point_weights, heights, means, factors, kind, weights, log2_volume, partials, totals
        )  # fmt: skip
        if leads:
            await_end(board, n_chunks)
            outcome[2] = finish(
                partials, totals, parameters, n_components, n_dims, kind, floor, held, cap, prior, tolerance, before,
                outcome[1], trace,
            )  # fmt: skip
            outcome[1] += 1


@pasted_kernel
def finish(
    partials: Floats, totals: Floats, parameters: Floats, n_components: int, n_dims: int, kind: int, floor: float,
    held: Floats, cap: float, prior: Floats, tolerance: float, before: float, i: int, trace: Floats,
) -> bool:  # fmt: skip
    """End iteration i: add up the chunks, step the parameters; return whether the likelihood has settled."""
    gather(partials, totals)
    weight = totals[0, 1]
    trace[i] = (totals[0, 0] * LN_2 + log_prior(parameters, n_components, n_dims, prior)) / weight
    estimate(partials[0], weight, n_components, n_dims, kind, floor, held, cap, prior, parameters)
    change: float = abs(trace[i] - (trace[i - 1] if i > 0 else before))
    return change < tolerance
