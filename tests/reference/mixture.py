"""Plain twins of the mixture's kernels: the same equations in NumPy and SciPy, point by component matrices and all."""

import math

import numpy as np
from scipy.special import gammaln, logsumexp


def log_densities(points, means, covariances, power=1):
    """Return ln p(x | k), (N, K), of the power family with the given covariances. points (N, D)"""
    n_dims = points.shape[1]
    q0 = n_dims * math.exp(gammaln(n_dims / (2 * power)) - gammaln((n_dims + 2) / (2 * power)))
    volume = n_dims / 2 * math.log(math.pi * q0) + gammaln(1 + n_dims / (2 * power)) - gammaln(1 + n_dims / 2)
    columns = []
    for mean, covariance in zip(means, covariances, strict=True):
        deltas = points - mean
        q = (deltas * np.linalg.solve(covariance, deltas.T).T).sum(axis=1)
        columns.append(-volume - 0.5 * np.linalg.slogdet(covariance)[1] - (q / q0) ** power)
    return np.stack(columns, axis=1)


def expect(points, weights, means, covariances, power=1, clutter=0.0):
    """Return responsibilities (N, K) and ln density (N,); clutter: the share times the density of the uniform part."""
    with np.errstate(divide="ignore"):
        joint = log_densities(points, means, covariances, power) + np.log(weights)
        uniform = np.full((len(points), 1), np.log(clutter))
    density = logsumexp(np.hstack([joint, uniform]), axis=1)
    return np.exp(joint - density[:, None]), density


def moments(points, responsibilities):
    """Return counts (K,), means (K, D) and covariances (K, D, D) of points shared out."""
    counts = responsibilities.sum(axis=0)
    means = responsibilities.T @ points / counts[:, None]
    covariances = [
        (r[:, None] * (points - mean)).T @ (points - mean) / count
        for r, mean, count in zip(responsibilities.T, means, counts, strict=True)
    ]
    return counts, means, np.array(covariances)


def em(points, point_weights, weights, means, covariances, n_iter, frozen_shapes=False, turning=False):
    """Return weights, means, covariances after n_iter iterations of Gaussian EM, and the ln likelihood before each."""
    trace = []
    for _ in range(n_iter):
        shares, density = expect(points, weights, means, covariances)
        trace.append(point_weights @ density)
        counts, means, shapes = moments(points, shares * point_weights[:, None])
        weights = counts / point_weights.sum()
        if frozen_shapes and turning:
            axes, lengths = np.linalg.eigh(shapes)[1], np.linalg.eigvalsh(covariances)
            covariances = axes * lengths[:, None] @ axes.swapaxes(1, 2)
        covariances = covariances if frozen_shapes else shapes
    return weights, means, covariances, np.array(trace)
