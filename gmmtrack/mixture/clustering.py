"""EM over weighted points from given components, the whole loop compiled: what the tracker runs on every merged blob.

Maximised is the log likelihood  sum_i w_i ln(sum_k pi_k p(x_i | m_k, S_k) + c / A)  over the free parameters, p
Gaussian or flat-topped (see `densities`), c the share of clutter, at most its cap, A the area over which clutter is
uniform. For a Gaussian the M-step is the exact one. For the flat-topped density it is a Newton step on the means, the
moments of the assigned points for free shapes, and the axes of these for shapes that turn; none is a maximum, so a step
after which the likelihood falls is halved towards the previous parameters until it does not (generalised EM, Dempster,
Laird and Rubin 1977, section 2).
"""

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inner_kernel, kernel, pasted_kernel
from gmmtrack.mixture.densities import Floats, radius2
from gmmtrack.mixture.kernels import LN_2, accumulate, clutter_height, prepare, share_of_clutter
from gmmtrack.mixture.layout import unpack
from gmmtrack.mixture.shapes import precision_factor, take_shape

FREE, TURNING, FROZEN = 0, 1, 2  # a shape, of which EM finds all, the axes only, or nothing
_EMPTY = 1e-9  # [points] a component with less keeps its mean and shape
_HALVINGS = 8
_DRIFT = 0.01  # a step that moves the share of clutter by more is not the last
_ROUNDING = 1e-12  # of the likelihood, relative: a smaller fall is none


@pasted_kernel
def weigh(counts: Floats, total: float, cap: float, weights: Floats) -> None:
    """Write the shares (K,) of the components from their counts (K,), clutter's share being the rest, at most `cap`."""
    assigned = 0.0
    for count in counts:
        assigned += count
    if assigned <= 0.0 or total <= 0.0:
        return
    clutter = min(max(1.0 - assigned / total, 0.0), cap)
    for k in range(len(weights)):
        weights[k] = (1.0 - clutter) * counts[k] / assigned


@pasted_kernel
def flat_step(
    k: int, counts: Floats, firsts: Floats, seconds: Floats, covariance: Floats, power: int, step: Floats
) -> None:
    """Write the Newton step (D,) of mean k on the expected log likelihood of a flat-topped density.

    counts (3 K,), firsts (3 K, D), seconds (3 K, D, D): as `accumulate` gives them. With t = q / q0 the gradient is
    proportional to P sum r t^(b-1) d, the negative Hessian to
    P sum r t^(b-1) + 2 (b-1) / q0 P (sum r t^(b-2) d d') P, for b = 4.
    """
    n_components, n_dims = len(counts) // 3, len(step)
    second, third = n_components + k, 2 * n_components + k
    curvature = 2.0 * (power - 1) / radius2(n_dims, power)
    matrix, factor = np.empty((n_dims, n_dims)), np.empty((n_dims, n_dims))
    for d in range(n_dims):
        for e in range(d, n_dims):
            matrix[d, e] = counts[third] * covariance[d, e] + curvature * seconds[second, d, e]
    if precision_factor(matrix, factor)[0]:
        for f in range(n_dims):
            whitened = 0.0
            for e in range(f + 1):
                whitened += factor[e, f] * firsts[third, e]
            for e in range(f + 1):
                for d in range(n_dims):
                    step[d] += covariance[d, e] * factor[e, f] * whitened


@inner_kernel
def point_moments(count: float, first: Floats, second: Floats, mean: Floats, covariance: Floats) -> None:
    """Turn moments about `mean` (D,) into mean and covariance of the points, in place; `second` is upper triangular."""
    for d in range(len(mean)):
        for e in range(d, len(mean)):
            covariance[d, e] = second[d, e] / count - (first[d] / count) * (first[e] / count)
            covariance[e, d] = covariance[d, e]
    for d in range(len(mean)):
        mean[d] += first[d] / count


@pasted_kernel
def maximise(
    counts: Floats, firsts: Floats, seconds: Floats, power: int, held: NDArray[np.int8], smallest: float,
    means: Floats, covariances: Floats,
) -> None:  # fmt: skip
    """Step means (K, D) and those covariances (K, D, D) that are not held (K,), in place. sums: as in `accumulate`"""
    n_components, n_dims = means.shape
    step, mean, spread = np.empty(n_dims), np.empty(n_dims), np.empty((n_dims, n_dims))
    for k in range(n_components):
        if counts[k] <= _EMPTY:
            continue
        for d in range(n_dims):
            step[d] = firsts[k, d] / counts[k] if power == 1 else 0.0
            mean[d] = means[k, d]
        if power > 1:
            flat_step(k, counts, firsts, seconds, covariances[k], power, step)
        if held[k] != FROZEN:
            point_moments(counts[k], firsts[k], seconds[k], mean, spread)
            take_shape(spread, held[k] == TURNING, smallest, covariances[k])
        for d in range(n_dims):
            means[k, d] += step[d]


@pasted_kernel
def largest_move(old: Floats, means: Floats, n_position: int) -> float:
    """Return the longest way of a mean in its first `n_position` dimensions. old: see `layout` · means (K, D)"""
    n_components, n_dims = means.shape
    longest2 = 0.0
    for k in range(n_components):
        way2 = 0.0
        for d in range(n_position):
            way2 += (means[k, d] - old[n_components + k * n_dims + d]) ** 2
        longest2 = max(longest2, way2)
    return math.sqrt(longest2)


@inner_kernel
def blend(old: Floats, share: float, new: Floats) -> None:
    """Move `new` back to `old` by `share` of the way, in place; 1 copies. (n,)"""
    for i in range(len(new)):
        new[i] = old[i] if share == 1.0 else new[i] + share * (old[i] - new[i])


@kernel
def cluster(
    points: Floats, point_weights: Floats, parameters: Floats, held: NDArray[np.int8], frozen_weights: bool,
    power: int, cap: float, log2_area: float, marks: Floats, smallest: float, tolerance: float, n_position: int,
    assigned: Floats, trace: Floats,
) -> tuple[int, int, bool]:  # fmt: skip
    """Run EM; return the first component that is not positive definite or -1, the iterations done, whether it settled.

    points (D, N) · point_weights (N,) · parameters: see `layout`, in place · held (K,): FREE, TURNING or FROZEN shapes
    log2_area: of the clutter, -NEVER for none · marks: as in `accumulate`
    assigned: as parameters, written: counts, means and covariances of the points assigned to each component
    trace (max_iter + 1,): written, ln likelihood
    """
    n_components, n_dims, n_sets = len(held), len(points), 1 if power == 1 else 3
    weights, means, covariances = unpack(parameters, n_components, n_dims)
    heights, factors = np.empty(n_components), np.empty((n_components, n_dims, n_dims))
    old, sums, totals = np.empty(len(parameters)), np.empty(n_sets * len(parameters)), np.empty(2)
    counts, firsts, seconds = unpack(sums, n_sets * n_components, n_dims)
    n_iter, halvings, settled = 0, 0, False
    while True:
        bad = prepare(weights, covariances, power, False, heights, factors)
        if bad >= 0:
            return bad, n_iter, False
        clutter = clutter_height(weights, log2_area)
        accumulate(
            points, point_weights, 0, points.shape[1], heights, means, factors, power, False, clutter, marks, sums,
            totals,
        )  # fmt: skip
        trace[n_iter] = totals[0] * LN_2
        if n_iter > 0 and trace[n_iter] < trace[n_iter - 1] - _ROUNDING * abs(trace[n_iter - 1]):
            halvings += 1
            settled = settled or halvings == _HALVINGS
            blend(old, 0.5 if halvings < _HALVINGS else 1.0, parameters)
            for k in range(n_components):
                if held[k] == TURNING:  # between two orientations lies no shape of the same size
                    first = n_components * (1 + n_dims) + k * n_dims**2
                    blend(old[first:], 1.0, parameters[first : first + n_dims**2])
            continue
        if settled or n_iter == len(trace) - 1:
            break
        blend(parameters, 1.0, old)
        share = share_of_clutter(weights)
        if not frozen_weights:
            weigh(counts[:n_components], totals[1], cap, weights)
        maximise(counts, firsts, seconds, power, held, smallest, means, covariances)
        n_iter, halvings = n_iter + 1, 0
        settled = largest_move(old, means, n_position) < tolerance and abs(share - share_of_clutter(weights)) < _DRIFT
    blend(parameters, 1.0, assigned)
    describe(counts, firsts, seconds, assigned, n_components, n_dims)
    return -1, n_iter, settled


@pasted_kernel
def describe(sum0: Floats, sum1: Floats, sum2: Floats, assigned: Floats, n_components: int, n_dims: int) -> None:
    """Write counts, and means and covariances of the points of each component that has any, into `assigned`."""
    counts, means, covariances = unpack(assigned, n_components, n_dims)
    for k in range(n_components):
        counts[k] = sum0[k]
        if sum0[k] > _EMPTY:
            point_moments(sum0[k], sum1[k], sum2[k], means[k], covariances[k])
