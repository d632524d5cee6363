"""One fit that sheds components until the message that tells mixture and points is shortest (Figueiredo and Jain 2002).

Length in nats of a mixture of K components of T parameters each, over n points (eq. 15):
    T / 2 sum_k ln(n w_k / 12) + K / 2 ln(n / 12) + K (T + 1) / 2 - ln likelihood.
It is lowered by EM that takes one component at a time (section 4.2, after Celeux et al. 2001), weights
w_k ~ max(0, n_k - T / 2): a component with too few points to pay for its parameters dies. When nothing moves any more,
the length is noted, the lightest component is removed, and so on down to the smallest number asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture.checks import as_random_state, check_parameters, check_points
from gmmtrack.mixture.covariance_types import n_covariance_parameters
from gmmtrack.mixture.initialisation import spread

if TYPE_CHECKING:
    from gmmtrack.mixture.mixture import GaussianMixture

Floats = NDArray[np.float64]

_LN_2_PI = float(np.log(2.0 * np.pi))
_SETTLED = 1e-5  # of the length, relative; the paper's


@dataclass(frozen=True, slots=True)
class Shortest:
    """The mixture of the shortest message; n_components (n,) at which EM settled, and lengths (n,) [nats] there."""

    mixture: GaussianMixture
    n_components: NDArray[np.int64]
    lengths: Floats


def shed(mixture: GaussianMixture, X: ArrayLike, fewest: int) -> Shortest:
    """Return what is found from the mixture's number of components down to `fewest`; its parameters are set."""
    check_parameters(mixture)
    points = check_points(X)
    if mixture.covariance_type == "tied":
        raise ArgumentError("covariance_type must be full, diag or spherical for mml, got 'tied'")
    if len(points) < max(2, mixture.n_components):
        raise ArgumentError(f"X must have >= {max(2, mixture.n_components)} rows, got n_samples = {len(points)}")
    centre = points.mean(axis=0)
    search = _Search(points - centre, mixture)
    tried: list[tuple[int, float]] = []
    best: tuple[Any, ...] | None = None
    while True:
        length = search.settle(mixture.max_iter)
        tried.append((len(search.weights), length))
        if best is None or length < best[0]:
            best = length, search.weights.copy(), search.means.copy(), search.covariances.copy()
        if len(search.weights) <= fewest:
            break
        search.drop(int(search.weights.argmin()))
    _, weights, means, covariances = best
    mixture.n_components = len(weights)
    mixture.noise_weight_, mixture.noise_sides_ = 0.0, np.empty(0)
    mixture._set(weights, means + centre, covariances)
    counts, lengths = zip(*reversed(tried), strict=True)
    return Shortest(mixture, np.array(counts), np.array(lengths))


class _Search:
    """The state of the search: densities p (N, K) of the points, and parameters."""

    def __init__(self, points: Floats, mixture: GaussianMixture) -> None:
        n, n_dims = points.shape
        n_components = mixture.n_components
        self.points, self.kind, self.floor = points, mixture.covariance_type, mixture.reg_covar
        self.cost = 0.5 * (n_dims + n_covariance_parameters(self.kind, 1, n_dims))  # T / 2
        random = as_random_state(mixture.random_state)
        self.means = spread(points, np.ones(n), n_components, random)
        width = points.var(axis=0).mean() / 10.0 + self.floor  # the paper's start: a tenth of the mean variance
        self.covariances = np.tile(width * np.eye(n_dims), (n_components, 1, 1))
        self.weights = np.full(n_components, 1.0 / n_components)
        self.logs = np.stack([self._log_density(k) for k in range(n_components)], axis=1)

    def settle(self, max_iter: int) -> float:
        """Sweep over the components until the length settles; return it."""
        length = self.length()
        for _ in range(max_iter):
            k = 0
            while k < len(self.weights):
                k += self._step(k)
            old, length = length, self.length()
            if abs(old - length) < _SETTLED * abs(old):
                break
        return length

    def length(self) -> float:
        """Return the length of the message [nats]."""
        n, k = len(self.points), len(self.weights)
        top = self.logs.max(axis=1)
        likelihood = float((top + np.log(np.exp(self.logs - top[:, None]) @ self.weights)).sum())
        shares = float(np.log(n * self.weights / 12.0).sum())
        return float(self.cost * shares + 0.5 * k * (math.log(n / 12.0) + 2.0 * self.cost + 1.0) - likelihood)

    def drop(self, k: int) -> None:
        """Remove component k."""
        self.weights = np.delete(self.weights, k)
        self.weights /= self.weights.sum()
        self.means, self.covariances = np.delete(self.means, k, axis=0), np.delete(self.covariances, k, axis=0)
        self.logs = np.delete(self.logs, k, axis=1)

    def _step(self, k: int) -> int:
        """Take one step of EM on component k; return 1, or 0 where it died and the next one has its place."""
        top = self.logs.max(axis=1)
        joint = np.exp(self.logs - top[:, None]) * self.weights
        shares = joint / joint.sum(axis=1, keepdims=True)
        counts = np.maximum(shares.sum(axis=0) - self.cost, 0.0)
        if counts[k] <= 0.0 and len(self.weights) > 1:
            self.drop(k)
            return 0
        self.weights[k] = max(counts[k] / max(counts.sum(), 1e-300), 1e-12)
        self.weights /= self.weights.sum()
        self._fit(k, shares[:, k])
        self.logs[:, k] = self._log_density(k)
        return 1

    def _fit(self, k: int, share: Floats) -> None:
        total = share.sum()
        self.means[k] = share @ self.points / total
        deltas = self.points - self.means[k]
        covariance = (share[:, None] * deltas).T @ deltas / total
        if self.kind != "full":
            variances = np.diagonal(covariance)
            covariance = np.diag(variances if self.kind == "diag" else np.full(len(variances), variances.mean()))
        self.covariances[k] = covariance + self.floor * np.eye(len(covariance))

    def _log_density(self, k: int) -> Floats:
        try:
            lower = np.linalg.cholesky(self.covariances[k])
        except np.linalg.LinAlgError:
            raise ArgumentError(f"reg_covar must be larger, got {self.floor!r}: component {k} collapsed") from None
        whitened = np.linalg.solve(lower, (self.points - self.means[k]).T)
        height = np.log(np.diagonal(lower)).sum() + 0.5 * len(lower) * _LN_2_PI
        return np.asarray(-height - 0.5 * (whitened**2).sum(axis=0))
