"""EM where values are missing at random: exact, over what of each point was observed (Ghahramani and Jordan 1994).

Rows are grouped by which of their values are missing. A group's densities are those of the marginal over its observed
dimensions; a missing value enters the sums by its mean and variance given the observed ones and the component.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gmmtrack.mixture.layout import parts

if TYPE_CHECKING:
    from gmmtrack.mixture.batch import Problem

Floats = NDArray[np.float64]

_LN_2_PI = float(np.log(2.0 * np.pi))


class GapPass:
    """One pass over points with missing values: writes the same sums as the kernels do for complete ones."""

    def __init__(self, problem: Problem) -> None:
        n_dims, n_components = problem.n_dims, problem.n_components
        self.problem = problem
        self.partials = np.empty((1, n_components * (1 + n_dims + n_dims * n_dims)))
        self.totals = np.empty((1, 2))
        self._groups = list(patterns(problem.points.T))

    def run(self, parameters: Floats) -> int:
        """Fill partials and totals; return the first component that is not positive definite, or -1."""
        p = self.problem
        weights, means, covariances = parts(parameters, p.n_components, p.n_dims)
        for k in range(p.n_components):
            if not np.linalg.eigvalsh(covariances[k]).min() > 0.0:
                return k
        self.partials[:] = 0.0
        sums = parts(self.partials[0], p.n_components, p.n_dims)
        likelihood = 0.0
        for rows, seen in self._groups:
            points, w = p.points.T[rows], p.point_weights[rows]
            clutter = clutter_height(1.0 - weights.sum(), p.sides, seen)
            logs, shares = respond(points, seen, weights, means, covariances, clutter)
            likelihood += float(w @ logs)
            _add(points, seen, shares * w[:, None], means, covariances, sums)
        self.totals[0] = likelihood / np.log(2.0), p.point_weights.sum()
        return -1


def patterns(points: Floats) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Yield the rows (n,) of points (N, D) that miss the same values, and which (D,) they have."""
    seen, group = np.unique(~np.isnan(points), axis=0, return_inverse=True)
    group = group.ravel()
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(seen) + 1))
    for g in range(len(seen)):
        yield order[edges[g] : edges[g + 1]], seen[g]


def clutter_height(share: float, sides: Floats, seen: NDArray[np.bool_]) -> float:
    """Return ln of the clutter's share times its density over the seen sides (D,) of its box; sides (0,) for none."""
    return float(np.log(share) - np.log(sides[seen]).sum()) if len(sides) and share > 1e-12 else -np.inf


def respond(
    points: Floats, seen: NDArray[np.bool_], weights: Floats, means: Floats, covariances: Floats,
    clutter: float = -np.inf,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return ln densities (n,) of points (n, D) by their seen values, and responsibilities (n, K).

    clutter: see `clutter_height`; what the responsibilities leave of 1 is its
    """
    n_components, n_seen = len(weights), int(seen.sum())
    logs = np.empty((len(points), n_components))
    with np.errstate(divide="ignore"):
        shares = np.log(weights)
    for k in range(n_components):
        lower = np.linalg.cholesky(covariances[k][np.ix_(seen, seen)])
        whitened = np.linalg.solve(lower, (points[:, seen] - means[k, seen]).T)
        height = shares[k] - np.log(np.diagonal(lower)).sum() - 0.5 * n_seen * _LN_2_PI
        logs[:, k] = height - 0.5 * (whitened**2).sum(axis=0)
    top = np.maximum(logs.max(axis=1), clutter)
    densities = np.exp(logs - top[:, None])
    total = densities.sum(axis=1) + np.exp(clutter - top)
    return top + np.log(total), densities / total[:, None]


def _add(
    points: Floats, seen: NDArray[np.bool_], shares: Floats, means: Floats, covariances: Floats,
    sums: tuple[Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Add to counts, firsts and seconds, about `means`, a group of points with shares (n, K)."""
    counts, firsts, seconds = sums
    counts += shares.sum(axis=0)
    for k in range(len(counts)):
        rest, spread = _missing_given_seen(covariances[k], seen)
        deltas = np.empty_like(points)
        deltas[:, seen] = points[:, seen] - means[k, seen]
        deltas[:, ~seen] = deltas[:, seen] @ rest.T
        firsts[k] += shares[:, k] @ deltas
        seconds[k] += (shares[:, k, None] * deltas).T @ deltas
        seconds[k][np.ix_(~seen, ~seen)] += shares[:, k].sum() * spread


def _missing_given_seen(covariance: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return how missing values follow seen ones, (M, S), and their covariance around that, (M, M)."""
    across = covariance[np.ix_(~seen, seen)]
    rest: Floats = across
    if seen.any():
        rest = np.asarray(np.linalg.solve(covariance[np.ix_(seen, seen)], across.T).T, dtype=np.float64)
    return rest, covariance[np.ix_(~seen, ~seen)] - rest @ across.T


def fill(points: Floats, point_weights: Floats) -> Floats:
    """Return points (N, D) with missing values at their column's mean; zero in a column without any value."""
    seen = ~np.isnan(points)
    weights = point_weights[:, None] * seen
    totals = weights.sum(axis=0)
    means = (weights * np.where(seen, points, 0.0)).sum(axis=0) / np.where(totals > 0.0, totals, 1.0)
    return np.where(seen, points, means)
