"""What a fitted mixture can say of points: densities, responsibilities, labels, samples, information criteria."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError, NotFittedError
from gmmtrack.mixture import missing, slices, storage
from gmmtrack.mixture.checks import as_random_state, check_points
from gmmtrack.mixture.covariance_types import compact, expand, factors_of, n_covariance_parameters, precision_factors
from gmmtrack.mixture.densities import NEVER, log2_height
from gmmtrack.mixture.kernels import respond
from gmmtrack.mixture.kin import kin_of
from gmmtrack.threads import Threads, available_threads

Floats = NDArray[np.float64]

_LEAST_SHARE = 4096  # [points] that make a thread worth waking


class FittedMixture:
    """A mixture of Gaussians with parameters; `GaussianMixture` adds how they are found."""

    n_components: int
    covariance_type: str
    random_state: Any
    n_threads: int | None
    missing: str
    weights_: Floats
    means_: Floats
    covariances_: Floats
    precisions_: Floats
    precisions_cholesky_: Floats
    noise_weight_: float
    noise_sides_: Floats
    n_features_in_: int
    _dtype: type[np.floating[Any]]

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
        given = [
            f"{name}={value!r}" for name, value in self.get_params().items() if repr(value) != repr(defaults[name])
        ]
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
        return self.score_samples(X).mean()  # type: ignore[no-any-return]  # a NumPy number, as scikit-learn's

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
            raise ArgumentError(f"Invalid value for 'n_samples': it must be >= 1, got {n_samples!r}")
        random = as_random_state(self.random_state)
        shares = self.weights_.astype(np.float64)
        counts = random.multinomial(n_samples, shares / shares.sum())
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

    def marginal(self, dims: Sequence[int]) -> Self:
        """Return the mixture of some dimensions alone, in the order of `dims`."""
        return slices.marginal(self, dims)

    def condition(self, values: ArrayLike) -> Self:
        """Return the mixture of the dimensions for which values (D,) hold NaN, given the values of the others."""
        return slices.condition(self, values)

    def ellipses(self, n_sigma: float = 1.0) -> Floats:
        """Return an ellipse for each component in the plane, (K, 5), at `n_sigma` standard deviations.

        Centre x, y, half axes, and the angle [degrees] of the longer one from x towards y, as `cv2.ellipse` takes them.
        """
        return slices.ellipses(self, n_sigma)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write parameters and what partial_fit has gathered to a file in NumPy's npz format."""
        storage.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the mixture that `save` wrote; it goes on exactly."""
        return storage.load(cls, path)

    def _n_parameters(self) -> int:
        n_dims = self.means_.shape[1]
        shapes = n_covariance_parameters(self.covariance_type, self.n_components, n_dims)
        n_parameters: int = self.n_components - 1 + self.n_components * n_dims + shapes + int(self.noise_weight_ > 0.0)
        return n_parameters

    def _check_fitted(self) -> None:
        if not hasattr(self, "means_"):
            raise kin_of(NotFittedError)(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' with appropriate arguments before "
                "using this estimator."
            )

    def _respond(self, X: ArrayLike, output: str) -> Any:
        """Return one output of the kernel `respond` for X."""
        self._check_fitted()
        points = check_points(X, self.means_.shape[1], missing=self.missing == "ignore")
        centre = np.asarray(self.weights_ @ self.means_ / self.weights_.sum(), dtype=np.float64)
        points = points - centre
        if self.missing == "ignore" and np.isnan(points).any():
            found = self._respond_to_gaps(points, centre, output)
        else:
            found = self._respond_to_all(points, centre, output)
        return found.astype(np.float32) if output != "labels" and getattr(X, "dtype", None) == np.float32 else found

    def _respond_to_all(self, points: Floats, centre: Floats, output: str) -> Any:
        n, n_components = len(points), self.n_components
        planes = np.ascontiguousarray(points.T)
        log_densities = np.empty(n if output == "densities" else 0)
        shares = np.empty((n if output == "responsibilities" else 0, n_components))
        labels = np.empty(n if output == "labels" else 0, np.int64)
        heights, factors, clutter = self._densities()
        no_marks = np.empty((0, 0))
        means = np.ascontiguousarray(self.means_ - centre)
        diagonal = self.covariance_type in ("diag", "spherical")

        def work(start: int, stop: int) -> None:
            respond(
                planes, start, stop, heights, means, factors, 1, diagonal, clutter, no_marks, log_densities, shares,
                labels,
            )  # fmt: skip

        Threads(self.n_threads or available_threads()).run(work, n, _LEAST_SHARE)
        return {"densities": log_densities, "responsibilities": shares, "labels": labels}[output]

    def _respond_to_gaps(self, points: Floats, centre: Floats, output: str) -> Any:
        """Return the same for points (N, D) with missing values: by what of them was observed."""
        n_dims = points.shape[1]
        full = expand(self.covariances_, self.covariance_type, self.n_components, n_dims)
        logs, shares = np.empty(len(points)), np.empty((len(points), self.n_components))
        means = self.means_ - centre
        for rows, seen in missing.patterns(points):
            clutter = missing.clutter_height(self.noise_weight_, self.noise_sides_, seen)
            logs[rows], shares[rows] = missing.respond(points[rows], seen, self.weights_, means, full, clutter)
        labels = np.where(1.0 - shares.sum(axis=1) >= shares.max(axis=1), -1, shares.argmax(axis=1))
        return {"densities": logs, "responsibilities": shares, "labels": labels}[output]

    def _densities(self) -> tuple[Floats, Floats, float]:
        """Return log2 of the components' heights (K,), their factors (K, D, D) and log2 of the noise's height."""
        n_components, n_dims = self.means_.shape
        factors = expand(self.precisions_cholesky_, self.covariance_type, n_components, n_dims)
        diagonals = np.diagonal(factors, axis1=1, axis2=2)
        with np.errstate(divide="ignore"):
            heights = log2_height(n_dims, 1) + np.log2(diagonals).sum(axis=1) + np.log2(self.weights_)
        clutter = np.log2(self.noise_weight_) - np.log2(self.noise_sides_).sum() if self.noise_weight_ > 0.0 else NEVER
        return np.maximum(heights, NEVER), np.ascontiguousarray(factors), clutter

    def _set(self, weights: Floats, means: Floats, covariances: Floats) -> None:
        """Take parameters, covariances as (K, D, D), and all that follows from them."""
        factors = precision_factors(covariances)
        kind, dtype = self.covariance_type, getattr(self, "_dtype", np.float64)
        self.weights_, self.means_ = weights.astype(dtype), means.astype(dtype)
        self.covariances_ = compact(covariances, kind).astype(dtype)
        self.precisions_cholesky_ = compact(factors, kind).astype(dtype)
        self.precisions_ = compact(factors @ factors.transpose(0, 2, 1), kind).astype(dtype)
        self.n_features_in_ = means.shape[1]
