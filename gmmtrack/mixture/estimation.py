"""Batch EM of a whole mixture: the pass over points in fixed chunks, the M-step of every covariance type, the loop.

Points are cut into chunks by their number alone. Each chunk has its own sums, about the same means, and the sums are
added in the order of the chunks, so that who worked on which changes no bit.
"""

import math

import numpy as np

from gmmtrack.compilation import kernel, pasted_kernel
from gmmtrack.mixture.clustering import point_moments, weigh
from gmmtrack.mixture.densities import BLOCK, NEVER, Floats, log2_height
from gmmtrack.mixture.kernels import LN_2, accumulate
from gmmtrack.mixture.layout import unpack
from gmmtrack.mixture.prior import MEAN, SHAPE, WEIGHT, add_prior, log_prior
from gmmtrack.mixture.shapes import cholesky, precision_factor

FULL, TIED, DIAGONAL, SPHERICAL = 0, 1, 2, 3
N_CHUNKS = 32  # at most: more would leave threads less idle at the end, and cost more memory for the sums
_EMPTY = 1e-12  # [points] a component with less keeps its mean and covariance


@kernel
def chunk_count(n_points: int) -> int:
    """Return into how many chunks so many points are cut, at least one."""
    return max(1, min(N_CHUNKS, (n_points + 4 * BLOCK - 1) // (4 * BLOCK)))


@kernel
def chunk_edge(chunk: int, n_chunks: int, n_points: int) -> int:
    """Return where a chunk starts: whole blocks, the last chunk takes the rest."""
    n_blocks = (n_points + BLOCK - 1) // BLOCK
    return min(n_points, n_blocks * chunk // n_chunks * BLOCK)


@kernel
def pass_over(
    points: Floats,
    point_weights: Floats,
    first: int,
    last: int,
    heights: Floats,
    means: Floats,
    factors: Floats,
    kind: int,
    clutter: float,
    partials: Floats,
    totals: Floats,
) -> None:
    """Write the sums of chunks first to last - 1. partials (n_chunks, K (1 + D + D²)) · totals (n_chunks, 2)"""
    n_chunks = len(partials)
    for chunk in range(first, last):
        start = chunk_edge(chunk, n_chunks, points.shape[1])
        stop = chunk_edge(chunk + 1, n_chunks, points.shape[1])
        partials[chunk] = 0.0
        totals[chunk] = 0.0
        accumulate(
            points, point_weights, start, stop, heights, means, factors, 1, kind >= DIAGONAL, clutter,
            partials[chunk], totals[chunk],
        )  # fmt: skip


@kernel
def gather(partials: Floats, totals: Floats) -> None:
    """Add the sums of all chunks, in their order, to those of the first."""
    for chunk in range(1, len(partials)):
        for i in range(partials.shape[1]):
            partials[0, i] += partials[chunk, i]
        for i in range(totals.shape[1]):
            totals[0, i] += totals[chunk, i]


@kernel
def prepare_kind(
    parameters: Floats, n_components: int, n_dims: int, kind: int, heights: Floats, factors: Floats
) -> int:
    """Write what `pass_over` reads of the parameters; return the first component not positive definite, or -1."""
    weights, _, covariances = unpack(parameters, n_components, n_dims)
    height = log2_height(n_dims, 1)
    log_determinant = 0.0
    for k in range(n_components):
        if kind >= DIAGONAL:
            log_determinant = 0.0
            for d in range(n_dims):
                if not covariances[k, d, d] > 0.0:
                    return k
                log_determinant -= 0.5 * math.log(covariances[k, d, d])
                factors[k, d, d] = 1.0 / math.sqrt(covariances[k, d, d])
        elif kind == FULL or k == 0:
            positive, log_determinant = precision_factor(covariances[k], factors[k])
            if not positive:
                return k
        else:
            factors[k] = factors[0]
        heights[k] = height + (log_determinant + math.log(weights[k])) / LN_2 if weights[k] > 0.0 else NEVER
    return -1


@kernel
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
    old = parameters.copy()
    _, old_means, old_covariances = unpack(old, n_components, n_dims)
    if held[0] == 0.0:
        for k in range(n_components):
            counts[k] += prior[WEIGHT]
        weigh(counts, total + n_components * prior[WEIGHT], cap, weights)
        for k in range(n_components):
            counts[k] -= prior[WEIGHT]
    add_prior(prior, means, counts, firsts, seconds)
    for k in range(n_components):
        if counts[k] > _EMPTY:
            point_moments(counts[k], firsts[k], seconds[k], means[k], covariances[k])
            if held[1] != 0.0:
                _about(old_means[k], means[k], covariances[k])
    if held[2] != 0.0:
        covariances[:] = old_covariances
    else:
        _constrain(counts, prior[SHAPE] - prior[MEAN], old_covariances, kind, floor, covariances)


@kernel
def _about(mean: Floats, data_mean: Floats, covariance: Floats) -> None:
    """Turn moments about the data's mean into those about a mean that is held, which takes its place."""
    for d in range(len(mean)):
        for e in range(len(mean)):
            covariance[d, e] += (data_mean[d] - mean[d]) * (data_mean[e] - mean[e])
    for d in range(len(mean)):
        data_mean[d] = mean[d]


@kernel
def _constrain(counts: Floats, more: float, old: Floats, kind: int, floor: float, covariances: Floats) -> None:
    """Turn the covariances of each component's points into those that the covariance type allows, in place.

    more: what a prior adds to the count by which scatter is divided · old: kept where there are no points, or where the
    points of a component no longer span the space and no floor helps
    """
    n_components, n_dims = covariances.shape[:2]
    lower = np.empty((n_dims, n_dims))
    for k in range(n_components):
        if counts[k] > _EMPTY:
            shrink = counts[k] / (counts[k] + more)
            for d in range(n_dims):
                for e in range(n_dims):
                    covariances[k, d, e] *= shrink if d == e or kind < DIAGONAL else 0.0
    if kind == TIED:
        _tie(counts, more, old, covariances)
    for k in range(n_components):
        if kind != TIED and counts[k] <= _EMPTY:
            covariances[k] = old[k]
            continue
        if kind == SPHERICAL:
            trace = 0.0
            for d in range(n_dims):
                trace += covariances[k, d, d]
            for d in range(n_dims):
                covariances[k, d, d] = trace / n_dims
        for d in range(n_dims):
            covariances[k, d, d] = max(covariances[k, d, d], 0.0) + floor
        if not cholesky(covariances[k], lower):
            covariances[k] = old[k]


@kernel
def _tie(counts: Floats, more: float, old: Floats, covariances: Floats) -> None:
    n_dims = covariances.shape[1]
    mean = np.zeros((n_dims, n_dims))
    total = 0.0
    for k in range(len(counts)):
        if counts[k] > _EMPTY:
            total += counts[k] + more
            for d in range(n_dims):
                for e in range(n_dims):
                    mean[d, e] += (counts[k] + more) * covariances[k, d, e]
    for k in range(len(counts)):
        for d in range(n_dims):
            for e in range(n_dims):
                covariances[k, d, e] = mean[d, e] / total if total > 0.0 else old[k, d, e]


@pasted_kernel
def uniform_density(parameters: Floats, n_components: int, volume: float) -> float:
    """Return log2 of the clutter's share times its density, NEVER where there is none (volume 0)."""
    share = 1.0
    for k in range(n_components):
        share -= parameters[k]
    return math.log(share / volume) / LN_2 if volume > 0.0 and share > 1e-12 else NEVER


@kernel
def iterate(
    points: Floats,
    point_weights: Floats,
    parameters: Floats,
    n_components: int,
    kind: int,
    floor: float,
    held: Floats,
    cap: float,
    volume: float,
    prior: Floats,
    tolerance: float,
    before: float,
    trace: Floats,
) -> tuple[int, int, bool]:
    """Run EM on one thread; return the first component not positive definite or -1, the iterations, whether it settled.

    parameters: see `layout`, in place · trace (max_iter,): written, mean ln likelihood, that of the prior added,
    before each M-step
    EM ends when that changes by less than `tolerance`, at first from `before`
    """
    n_dims, n_points = points.shape
    n_chunks = chunk_count(n_points)
    partials, totals = np.empty((n_chunks, len(parameters))), np.empty((n_chunks, 2))
    heights, factors = np.empty(n_components), np.zeros((n_components, n_dims, n_dims))
    _, means, _ = unpack(parameters, n_components, n_dims)
    for i in range(len(trace)):
        bad = prepare_kind(parameters, n_components, n_dims, kind, heights, factors)
        if bad >= 0:
            return bad, i, False
        clutter = uniform_density(parameters, n_components, volume)
        pass_over(points, point_weights, 0, n_chunks, heights, means, factors, kind, clutter, partials, totals)
        if finish(
            partials, totals, parameters, n_components, kind, floor, held, cap, prior, tolerance, before, i, trace
        ):
            return -1, i + 1, True
    return -1, len(trace), False


@pasted_kernel
def finish(
    partials: Floats,
    totals: Floats,
    parameters: Floats,
    n_components: int,
    kind: int,
    floor: float,
    held: Floats,
    cap: float,
    prior: Floats,
    tolerance: float,
    before: float,
    i: int,
    trace: Floats,
) -> bool:
    """End iteration i: add up the chunks, step the parameters; return whether the likelihood has settled."""
    gather(partials, totals)
    weight = totals[0, 1]
    n_dims = _dimensions(len(parameters) // n_components)
    trace[i] = (totals[0, 0] * LN_2 + log_prior(parameters, n_components, n_dims, prior)) / weight
    estimate(partials[0], weight, n_components, n_dims, kind, floor, held, cap, prior, parameters)
    change: float = abs(trace[i] - (trace[i - 1] if i > 0 else before))
    return change < tolerance


@kernel
def _dimensions(size: int) -> int:
    """Return D of 1 + D + D² = size."""
    d = 0
    while 1 + d + d * d < size:
        d += 1
    return d
