"""What a fitted mixture can say of points: densities, responsibilities, labels, samples, information criteria."""

from __future__ import annotations

import inspect
import math
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture.checks import as_random_state, check_points
from gmmtrack.mixture.covariance_types import compact, expand, factors_of, n_covariance_parameters, precision_factors
from gmmtrack.mixture.densities import NEVER, log2_height
from gmmtrack.mixture.kernels import respond
from gmmtrack.threads import Threads, available_threads

Floats = NDArray[np.float64]

_LEAST_SHARE = 4096  # [points] that make a thread worth waking


class FittedMixture:
    """A mixture of Gaussians with parameters; `GaussianMixture` adds how they are found."""

    n_components: int
    covariance_type: str
    random_state: Any
    n_threads: int | None
    weights_: Floats
    means_: Floats
    covariances_: Floats
    precisions_: Floats
    precisions_cholesky_: Floats
    noise_weight_: float
    noise_volume_: float
    n_features_in_: int

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - scikit-learn's signature
        """Return the constructor's arguments by name."""
        names = list(inspect.signature(type(self)).parameters)
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Set arguments of the constructor; ArgumentError for a name that is none."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ArgumentError(f"parameter must be one of {', '.join(known)}, got {name!r}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = {name: item.default for name, item in inspect.signature(type(self)).parameters.items()}
        given = [f"{name}={value!r}" for name, value in self.get_params().items() if value is not defaults[name]]
        return f"{type(self).__name__}({', '.join(given)})"

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn's pipelines and searches ask of an estimator; only they call it."""
        from sklearn.utils import InputTags, Tags, TargetTags  # type: ignore[import-untyped,unused-ignore]

        return Tags("density_estimator", TargetTags(required=False), input_tags=InputTags())

    def score_samples(self, X: ArrayLike) -> Floats:
        """Return the natural logarithm of the density at each row of X (N, D), as (N,)."""
        densities: Floats = self._respond(X, "densities")
        return densities

    def score(self, X: ArrayLike, y: object = None) -> float:  # noqa: ARG002
        """Return the mean of `score_samples`."""
        return float(self.score_samples(X).mean())

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Return the responsibility of each component for each row of X, (N, K); what is missing of 1 is noise."""
        shares: Floats = self._respond(X, "responsibilities")
        return shares

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Return the most responsible component of each row of X, -1 for noise. (N,)"""
        labels: NDArray[np.int64] = self._respond(X, "labels")
        return labels

    def sample(self, n_samples: int = 1) -> tuple[Floats, NDArray[np.int64]]:
        """Return points (n, D) drawn from the Gaussians, sorted by component, and their components (n,)."""
        self._check_fitted()
        if n_samples < 1:
            raise ArgumentError(f"n_samples must be >= 1, got {n_samples!r}")
        random = as_random_state(self.random_state)
        counts = random.multinomial(n_samples, self.weights_ / self.weights_.sum())
        full = expand(self.covariances_, self.covariance_type, self.n_components, self.means_.shape[1])
        lower = factors_of(full, "covariances_")
        labels = np.repeat(np.arange(self.n_components), counts)
        noise = random.standard_normal((n_samples, self.means_.shape[1]))
        return self.means_[labels] + np.einsum("nde,ne->nd", lower[labels], noise), labels

    def bic(self, X: ArrayLike) -> float:
        """Return the Bayesian information criterion on X; the lower, the better."""
        n_points = len(np.asarray(X))
        return -2.0 * self.score(X) * n_points + self._n_parameters() * math.log(n_points)

    def aic(self, X: ArrayLike) -> float:
        """Return Akaike's information criterion on X; the lower, the better."""
        return -2.0 * self.score(X) * len(np.asarray(X)) + 2 * self._n_parameters()

    def icl(self, X: ArrayLike) -> float:
        """Return the integrated completed likelihood: BIC plus twice the entropy of the responsibilities.

        (Biernacki, Celeux and Govaert 2000, eq. 2.8, with responsibilities for labels.) The lower, the better.
        """
        shares = self.predict_proba(X)
        logs = np.log(np.where(shares > 0.0, shares, 1.0))
        return self.bic(X) - 2.0 * float((shares * logs).sum())

    def _n_parameters(self) -> int:
        n_dims = self.means_.shape[1]
        shapes = n_covariance_parameters(self.covariance_type, self.n_components, n_dims)
        n_parameters: int = self.n_components - 1 + self.n_components * n_dims + shapes + int(self.noise_weight_ > 0.0)
        return n_parameters

    def _check_fitted(self) -> None:
        if not hasattr(self, "means_"):
            raise ArgumentError("the mixture must be fitted first, got no parameters; call fit or partial_fit")

    def _respond(self, X: ArrayLike, output: str) -> Any:
        """Return one output of the kernel `respond` for X."""
        self._check_fitted()
        points = check_points(X, self.means_.shape[1])
        n, n_components = len(points), self.n_components
        centre = self.weights_ @ self.means_ / self.weights_.sum()
        planes = np.ascontiguousarray((points - centre).T)
        log_densities = np.empty(n if output == "densities" else 0)
        shares = np.empty((n if output == "responsibilities" else 0, n_components))
        labels = np.empty(n if output == "labels" else 0, np.int64)
        heights, factors, clutter = self._densities()
        means = np.ascontiguousarray(self.means_ - centre)
        diagonal = self.covariance_type in ("diag", "spherical")

        def work(start: int, stop: int) -> None:
            respond(planes, start, stop, heights, means, factors, 1, diagonal, clutter, log_densities, shares, labels)

        Threads(self.n_threads or available_threads()).run(work, n, _LEAST_SHARE)
        return {"densities": log_densities, "responsibilities": shares, "labels": labels}[output]

    def _densities(self) -> tuple[Floats, Floats, float]:
        """Return log2 of the components' heights (K,), their factors (K, D, D) and log2 of the noise's height."""
        n_components, n_dims = self.means_.shape
        factors = expand(self.precisions_cholesky_, self.covariance_type, n_components, n_dims)
        diagonals = np.diagonal(factors, axis1=1, axis2=2)
        with np.errstate(divide="ignore"):
            heights = log2_height(n_dims, 1) + np.log2(diagonals).sum(axis=1) + np.log2(self.weights_)
        clutter = math.log2(self.noise_weight_ / self.noise_volume_) if self.noise_weight_ > 0.0 else NEVER
        return np.maximum(heights, NEVER), np.ascontiguousarray(factors), clutter

    def _set(self, weights: Floats, means: Floats, covariances: Floats) -> None:
        """Take parameters, covariances as (K, D, D), and all that follows from them."""
        factors = precision_factors(covariances)
        self.weights_, self.means_ = weights, means
        self.covariances_ = compact(covariances, self.covariance_type)
        self.precisions_cholesky_ = compact(factors, self.covariance_type)
        self.precisions_ = compact(factors @ factors.transpose(0, 2, 1), self.covariance_type)
        self.n_features_in_ = means.shape[1]
