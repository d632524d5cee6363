"""GaussianMixture: EM with scikit-learn's names, for weighted points, at once or batch by batch."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError, ConvergenceWarning
from gmmtrack.mixture.batch import UNKNOWN, Problem
from gmmtrack.mixture.checks import (
    HELD,
    as_random_state,
    check_initial,
    check_parameters,
    check_points,
    check_weights,
)
from gmmtrack.mixture.covariance_types import KINDS, expand
from gmmtrack.mixture.estimation import estimate
from gmmtrack.mixture.fitted import FittedMixture
from gmmtrack.mixture.initialisation import responsibilities
from gmmtrack.mixture.kin import kin_of
from gmmtrack.mixture.layout import joined, parts
from gmmtrack.mixture.missing import fill
from gmmtrack.mixture.prior import prior_of
from gmmtrack.mixture.statistics import Statistics
from gmmtrack.threads import Threads, available_threads

Floats = NDArray[np.float64]


# scikit-learn's words, which programs look for
_COLLAPSED = (
    "Fitting the mixture model failed because some components have ill-defined empirical covariance (for instance "
    "caused by singleton or collapsed samples). Try to decrease the number of components, increase reg_covar, or scale "
    "the input data."
)
_UNSETTLED = (
    "Best performing initialization did not converge. Try different init parameters, or increase max_iter, tol, or "
    "check for degenerate data."
)


class GaussianMixture(FittedMixture):
    """A mixture of Gaussians, fitted by EM, with scikit-learn's names and their meaning.

    Parameters
    ----------
    n_components : K >= 1
    covariance_type : "full", "tied", "diag" or "spherical"
    tol : EM ends when the mean log likelihood of a point changes by less in one iteration
    reg_covar : added to every variance >= 0 [unit of X, squared]; no part of what is maximised, as a prior is
    max_iter, n_init : iterations at most; starts, of which the best is kept
    init_params : "kmeans", "k-means++", "random" or "random_from_data"; the second and the last assign each point to
        the nearest of their seeds
    weights_init, means_init, precisions_init : (K,), (K, D) and precisions in the covariance type's shape to start from
    random_state : None, a seed, a RandomState or a Generator
    warm_start : start from the parameters of the last fit; only on the same data may the first step be the last
    verbose, verbose_interval : taken for compatibility
    noise : highest share [0-1) of a uniform component over the bounding box of the data
    frozen : names out of "weights", "means" and "covariances" that are held where they start
    stepwise : exponent in (0.5, 1] of `partial_fit`'s step (t + 1)^-stepwise; 1 gives every batch the same weight
    forgetting : least step [0-1) of `partial_fit`; above 0, batches fade at that rate, and a drift is followed
    missing : "error", or "ignore": NaN is a value that was not observed (at random), and EM is exact over the others;
        noise then fills the box of those that were
    weight_concentration_prior, mean_prior, mean_precision_prior, covariance_prior, degrees_of_freedom_prior :
        Dirichlet and Normal-inverse-Wishart prior of every component, see `prior` for the equations: a >= 1 (1: none);
        m (D,), None for no prior of the means; b points that it counts for (1); the scatter B (D, D), its diagonal or
        one number, None for no prior of the covariances; v (D + 2). What is maximised, and what the bounds are, is then
        the posterior
    n_threads : None for all processors; the result is the same for any number

    Attributes
    ----------
    weights_, means_, covariances_, precisions_, precisions_cholesky_ : the parameters, in scikit-learn's shapes, as
        float32 where X was
    noise_weight_ : share of the uniform component
    converged_, n_iter_, lower_bound_, lower_bounds_ : how the best start went; the bound is the mean log likelihood
    statistics_ : the `Statistics` that partial_fit has gathered

    Raises
    ------
    ArgumentError
        From `fit`: fewer rows of positive weight than components, or than 2; NaN or infinity; no positive weight; a
        parameter out of its bounds; components that are singular at the start and reg_covar too small to help.
    NotFittedError
        From all that asks a mixture that was not fitted; scikit-learn's error of that name too, where that is loaded.

    Warns
    -----
    ConvergenceWarning
        From `fit`, after max_iter iterations without rest; scikit-learn's too, where that is loaded.

    Notes
    -----
    Other data give finite parameters: with duplicates, collinear points and constant columns reg_covar is what is left
    of a variance; a component whose points no longer span the space keeps its last shape; one that loses its points
    keeps its mean and shape, at weight 0. The constructor's own words for what is wrong with weights_init, means_init
    and precisions_init are scikit-learn's.
    """

    n_batches_: int
    lower_bound_: float

    def __init__(
        self, n_components: int = 1, *, covariance_type: str = "full", tol: float = 1e-3, reg_covar: float = 1e-6,
        max_iter: int = 100, n_init: int = 1, init_params: str = "kmeans", weights_init: ArrayLike | None = None,
        means_init: ArrayLike | None = None, precisions_init: ArrayLike | None = None, random_state: Any = None,
        warm_start: bool = False, verbose: int = 0, verbose_interval: int = 10, noise: float = 0.0,
        frozen: Sequence[str] = (), stepwise: float = 0.6, forgetting: float = 0.0, missing: str = "error",
        weight_concentration_prior: float | None = None, mean_prior: ArrayLike | None = None,
        mean_precision_prior: float | None = None, covariance_prior: ArrayLike | None = None,
        degrees_of_freedom_prior: float | None = None, n_threads: int | None = None,
    ) -> None:  # fmt: skip
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval
        self.noise = noise
        self.frozen = frozen
        self.stepwise = stepwise
        self.forgetting = forgetting
        self.missing = missing
        self.weight_concentration_prior = weight_concentration_prior
        self.mean_prior = mean_prior
        self.mean_precision_prior = mean_precision_prior
        self.covariance_prior = covariance_prior
        self.degrees_of_freedom_prior = degrees_of_freedom_prior
        self.n_threads = n_threads

    def fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:  # noqa: ARG002
        """Fit to X (N, D) with weights (N,) >= 0, a weight of 3 being as three copies. N >= max(2, K)."""
        warm = self.warm_start and hasattr(self, "means_")
        problem, centre = self._problem(X, sample_weight, goes_on=warm)
        n_points = problem.points.shape[1]
        if n_points < max(2, self.n_components):
            raise ArgumentError(
                f"X must have >= {max(2, self.n_components)} rows of positive weight, got n_samples = {n_points}"
            )
        print_of_data = _fingerprint(problem) if self.warm_start else None
        if warm and print_of_data == getattr(self, "_fitted_to", None):
            problem.before = max(self.lower_bound_, UNKNOWN)
        parameters, trace, self.converged_ = self._best(problem, centre, warm)
        self.lower_bound_ = float(trace[-1]) if len(trace) else -np.inf
        self.lower_bounds_ = trace.tolist()
        self.n_iter_ = len(trace)
        self._fitted_to = print_of_data
        self._take(parameters, problem, centre)
        if not self.converged_ and self.max_iter > 0:
            warnings.warn(_UNSETTLED, kin_of(ConvergenceWarning), stacklevel=2)
        return self

    def _best(self, problem: Problem, centre: Floats, warm: bool) -> tuple[Floats, Floats, bool]:
        """Return the parameters, the bounds and whether EM settled, of the start that led highest."""
        random = as_random_state(self.random_state)
        best: tuple[Floats, Floats, bool] | None = None
        for _ in range(1 if warm else self.n_init):
            parameters = self._warm(centre) if warm else self._start(problem, centre, random)
            trace, settled, bad = problem.run(parameters, self.max_iter)
            self._check_shape(bad)
            if best is None or (len(trace) and trace[-1] > best[1][-1]):
                best = parameters, trace, settled
        assert best is not None
        return best

    def fit_predict(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> NDArray[np.int64]:
        """Fit to X, and return the most responsible component of each row."""
        return self.fit(X, y, sample_weight).predict(X)

    def partial_fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:  # noqa: ARG002
        """Take one step of EM on a batch, keeping what earlier batches said.

        Stepwise EM (Cappé and Moulines 2009, eq. 14): statistics per unit of weight are moved towards the batch's by
        (t + 1)^-stepwise, t the number of batches before, but at least by `forgetting`, and the parameters are those
        that the statistics call for.
        """
        first = not hasattr(self, "means_")
        problem, centre = self._problem(X, sample_weight, goes_on=not first)
        if not 0.5 < self.stepwise <= 1.0:
            raise ArgumentError(f"stepwise must be in (0.5, 1], got {self.stepwise!r}")
        if first and problem.points.shape[1] < self.n_components:
            raise ArgumentError(f"X must have >= {self.n_components} rows at first, got {problem.points.shape[1]}")
        parameters = self._start(problem, centre, as_random_state(self.random_state)) if first else self._warm(centre)
        batch = problem.statistics(parameters).moved(centre)
        batch = batch.scaled(1.0 / batch.weight)
        old = getattr(self, "statistics_", None)
        step = 1.0 if old is None else max((self.n_batches_ + 1.0) ** -self.stepwise, self.forgetting)
        self.statistics_ = batch if old is None else old.scaled(1.0 - step) + batch.scaled(step)
        self.n_batches_ = 1 if old is None else self.n_batches_ + 1
        # a prior weighs against as many points as the average reaches back
        self._maximise(self.statistics_.scaled(problem.point_weights.sum() / step), parameters, problem, centre)
        return self

    def statistics(self, X: ArrayLike, sample_weight: ArrayLike | None = None) -> Statistics:
        """Return the sufficient statistics of X under the present parameters, to be added over chunks or machines."""
        self._check_fitted()
        problem, centre = self._problem(X, sample_weight, goes_on=True)
        return problem.statistics(self._warm(centre)).moved(centre)

    def maximise(self, statistics: Statistics) -> Self:
        """Take the parameters that statistics, gathered under the present ones, call for: one M-step."""
        self._check_fitted()
        centre = self.means_.mean(axis=0)
        problem, _ = self._problem(self.means_, None, goes_on=True)
        self._maximise(statistics, self._warm(centre), problem, centre)
        return self

    def _maximise(self, statistics: Statistics, parameters: Floats, problem: Problem, centre: Floats) -> None:
        local = statistics.moved(-centre)
        self._step(local, parameters, problem)
        self._take(parameters, problem, centre)

    def _step(self, statistics: Statistics, parameters: Floats, problem: Problem) -> None:
        """One M-step in place, from statistics about their own means."""
        n_components, n_dims = statistics.means.shape
        held = parts(parameters.copy(), n_components, n_dims)
        means = parts(parameters, n_components, n_dims)[1]
        used = statistics.counts > 0.0
        means[used] = statistics.means[used]
        gaps = statistics.means - held[1]
        scatters = statistics.scatters.copy()
        if problem.held[1]:
            scatters += statistics.counts[:, None, None] * gaps[:, :, None] * gaps[:, None, :]
            means[:] = held[1]
        sums = joined(statistics.counts, np.zeros_like(means), scatters)
        estimate(
            sums, statistics.weight, n_components, n_dims, problem.kind, problem.floor, problem.held, problem.cap,
            problem.prior, parameters,
        )  # fmt: skip

    def _problem(self, X: ArrayLike, sample_weight: ArrayLike | None, *, goes_on: bool) -> tuple[Problem, Floats]:
        """Return what EM works on, without the points of weight 0 and about their mean, and that mean (D,)."""
        check_parameters(self)
        points = check_points(X, self.means_.shape[1] if goes_on else None, missing=self.missing == "ignore")
        self._dtype = np.float32 if getattr(X, "dtype", None) == np.float32 else np.float64
        if len(points) == 0:
            raise ArgumentError("X must have >= 1 row, got 0")
        weights = check_weights(sample_weight, len(points))
        if sample_weight is not None and weights.min() == 0.0:
            points, weights = points[weights > 0.0], weights[weights > 0.0]
        check_initial(self, points.shape[1])
        planes, centre = self._about_mean(points, weights)
        problem = Problem(
            points=planes,
            point_weights=weights,
            n_components=self.n_components,
            kind=KINDS[self.covariance_type],
            floor=self.reg_covar,
            tolerance=self.tol,
            threads=Threads(self.n_threads or available_threads()),
            prior=prior_of(self, centre),
            held=np.array([float(name in self.frozen) for name in HELD]),
            cap=self.noise,
            sides=self._noise_sides(planes, goes_on),
        )
        return problem, centre

    def _about_mean(self, points: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return points (N, D) as planes (D, N) about their mean, and that (D,): far from the origin digits are lost.

        No matrix product: for so little work, BLAS may wait longer for its threads than all of EM takes.
        """
        whole = fill(points, weights) if self.missing == "ignore" else points
        anchor = whole[0]
        planes: Floats = np.subtract(whole.T, anchor[:, None], order="C")
        centre: Floats = anchor + np.einsum("dn,n->d", planes, weights) / weights.sum()
        return np.subtract(points.T, centre[:, None], out=planes), centre

    def _noise_sides(self, planes: Floats, goes_on: bool) -> Floats:
        """Return the sides (D,) of the box around the points that noise fills, (0,) for none; once fitted, it stays."""
        if not self.noise:
            return np.empty(0)
        if goes_on and len(self.noise_sides_):
            return self.noise_sides_
        sides = np.ptp(fill(planes.T, np.ones(planes.shape[1])), axis=0)
        return np.asarray(np.maximum(sides, max(np.sqrt(self.reg_covar), np.finfo(float).tiny)))

    def _start(self, problem: Problem, centre: Floats, random: np.random.RandomState) -> Floats:
        """Return the parameters of a fresh start, about `centre`."""
        n_components, n_dims = self.n_components, problem.n_dims
        parameters = joined(
            np.full(n_components, (1.0 - self.noise) / n_components),
            np.zeros((n_components, n_dims)),
            np.zeros((n_components, n_dims, n_dims)),  # where this is kept, the points of a component are too few
        )
        weights, means, covariances = parts(parameters, n_components, n_dims)
        if self.weights_init is None or self.means_init is None or self.precisions_init is None:
            points = np.ascontiguousarray(problem.points.T)
            if self.missing == "ignore":
                points = fill(points, problem.point_weights)
            shares = responsibilities(self.init_params, points, problem.point_weights, n_components, random)
            shares *= problem.point_weights[:, None]
            held, problem.held = problem.held, np.zeros(3)
            self._step(Statistics.from_responsibilities(points, shares), parameters, problem)
            problem.held = held
            spread = np.average((points - problem.point_weights @ points / problem.point_weights.sum()) ** 2, axis=0)
            covariances[shares.sum(axis=0) <= 0.0] = np.diag(np.where(spread > 0.0, spread, 1.0) + problem.floor)
            weights *= (1.0 - self.noise) / weights.sum()
        if self.weights_init is not None:
            weights[:] = np.asarray(self.weights_init) * (1.0 - self.noise)
        if self.means_init is not None:
            means[:] = np.asarray(self.means_init) - centre
        if self.precisions_init is not None:
            precisions = expand(np.asarray(self.precisions_init), self.covariance_type, n_components, n_dims)
            covariances[:] = np.linalg.inv(precisions)
        return parameters

    def _warm(self, centre: Floats) -> Floats:
        """Return the present parameters, about `centre`."""
        full = expand(self.covariances_, self.covariance_type, self.n_components, self.means_.shape[1])
        return joined(self.weights_, self.means_ - centre, full)

    def _take(self, parameters: Floats, problem: Problem, centre: Floats) -> None:
        weights, means, covariances = parts(parameters, self.n_components, problem.n_dims)
        self.noise_weight_ = max(0.0, 1.0 - float(weights.sum())) if self.noise else 0.0
        self.noise_sides_ = problem.sides
        try:
            self._set(weights.copy(), means + centre, covariances)
        except ArgumentError:  # so nearly singular that only rounding had let it pass
            raise ArgumentError(_COLLAPSED + f" They are singular at reg_covar = {self.reg_covar!r}.") from None

    def _check_shape(self, bad: int) -> None:
        if bad >= 0:
            raise ArgumentError(_COLLAPSED + f" Component {bad} collapsed at reg_covar = {self.reg_covar!r}.")


def _fingerprint(problem: Problem) -> tuple[tuple[int, ...], int, int]:
    """Return what tells whether a warm start goes on with the data of the last fit."""
    return problem.points.shape, zlib.crc32(problem.points.tobytes()), zlib.crc32(problem.point_weights.tobytes())
