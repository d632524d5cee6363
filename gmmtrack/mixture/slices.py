"""What a mixture says of some dimensions: alone, or given the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture.covariance_types import expand
from gmmtrack.mixture.missing import respond

if TYPE_CHECKING:
    from gmmtrack.mixture.fitted import FittedMixture

Floats = NDArray[np.float64]
M = TypeVar("M", bound="FittedMixture")


def marginal(mixture: M, dims: Sequence[int]) -> M:
    """Return the mixture of the dimensions `dims`, in that order."""
    weights, means, covariances = _parameters(mixture)
    n_dims = means.shape[1]
    chosen = np.asarray(dims)
    within = chosen.ndim == 1 and chosen.dtype.kind in "iu" and len(set(chosen.tolist())) == len(chosen) > 0
    if not within or chosen.min() < 0 or chosen.max() >= n_dims:
        raise ArgumentError(f"dims must be different whole numbers from 0 to {n_dims - 1}, got {dims!r}")
    return _mixture(mixture, weights, means[:, chosen], covariances[:, chosen][:, :, chosen])


def condition(mixture: M, values: ArrayLike) -> M:
    """Return the mixture of the dimensions where values (D,) are NaN, given the others."""
    weights, means, covariances = _parameters(mixture)
    known = np.asarray(values, dtype=np.float64)
    seen = ~np.isnan(known)
    if known.shape != means.shape[1:] or seen.all() or np.isinf(known).any():
        raise ArgumentError(f"values must be ({means.shape[1]},) with NaN for what is asked for, got {values!r}")
    _, shares = respond(known[None], seen, weights, means, covariances)
    rest_means = means[:, ~seen].copy()
    rest_covariances = covariances[:, ~seen][:, :, ~seen].copy()
    for k in range(len(weights)):
        across = covariances[k][np.ix_(seen, ~seen)]
        gain = np.linalg.solve(covariances[k][np.ix_(seen, seen)], across).T
        rest_means[k] += gain @ (known[seen] - means[k, seen])
        rest_covariances[k] -= gain @ across
        rest_covariances[k] = (rest_covariances[k] + rest_covariances[k].T) / 2
    return _mixture(mixture, shares[0], rest_means, rest_covariances)


def ellipses(mixture: FittedMixture, n_sigma: float) -> Floats:
    """Return (K, 5): centre x, y, half axes a >= b, and the angle [degrees] from x towards y of the first."""
    _, means, covariances = _parameters(mixture, noise=True)
    if means.shape[1] != 2:
        raise ArgumentError(
            f"ellipses need points in the plane, got {means.shape[1]} dimensions; take marginal((0, 1))"
        )
    if not n_sigma > 0.0:
        raise ArgumentError(f"n_sigma must be > 0 standard deviations, got {n_sigma!r}")
    variances, axes = np.linalg.eigh(covariances)
    angles = np.degrees(np.arctan2(axes[:, 1, 1], axes[:, 0, 1]))
    return np.column_stack([means, n_sigma * np.sqrt(variances[:, ::-1]), angles])


def _parameters(mixture: FittedMixture, *, noise: bool = False) -> tuple[Floats, Floats, Floats]:
    mixture._check_fitted()
    if mixture.noise_weight_ > 0.0 and not noise:
        raise ArgumentError(f"noise_weight_ must be 0, for noise has no slices, got {mixture.noise_weight_!r}")
    means = np.asarray(mixture.means_, dtype=np.float64)
    full = expand(mixture.covariances_, mixture.covariance_type, mixture.n_components, means.shape[1])
    return np.asarray(mixture.weights_, dtype=np.float64), means, full


def _mixture(like: M, weights: Floats, means: Floats, covariances: Floats) -> M:
    made = type(like)()
    made.set_params(
        n_components=like.n_components, covariance_type=like.covariance_type, random_state=like.random_state
    )
    made.noise_weight_, made.noise_sides_ = 0.0, np.empty(0)
    made._set(weights / weights.sum(), means, covariances)
    return made
