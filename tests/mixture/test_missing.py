"""Missing values: EM over what was observed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture import GaussianMixture
from gmmtrack.mixture.batch import Problem
from gmmtrack.mixture.layout import joined
from gmmtrack.mixture.missing import GapPass
from gmmtrack.threads import Threads

pytestmark = pytest.mark.filterwarnings("ignore::gmmtrack.errors.ConvergenceWarning")
TYPES = ["full", "tied", "diag", "spherical"]


def with_gaps(points, seed, share=0.3):
    gaps = np.random.default_rng(seed).uniform(size=points.shape) < share
    return np.where(gaps, np.nan, points)


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(20, 200), st.integers(1, 4), st.integers(1, 4), st.sampled_from(TYPES),
    st.sampled_from([0.0, 0.3]),
)  # fmt: skip
def test_the_penalised_likelihood_never_falls(draw, seed, n_points, n_components, n_dims, covariance_type, noise):
    points, weights = draw(seed, n_points, n_components, n_dims)[:2]
    model = GaussianMixture(
        n_components, covariance_type=covariance_type, missing="ignore", tol=0, max_iter=15, random_state=0,
        reg_covar=0.0, covariance_prior=0.1, noise=noise,
    ).fit(with_gaps(points, seed), sample_weight=weights + 0.1)  # fmt: skip
    bounds = np.array(model.lower_bounds_)
    assert (np.diff(bounds) >= -1e-9 * (1.0 + np.abs(bounds[1:]))).all()
    assert np.isfinite(model.covariances_).all()


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4), st.sampled_from([0.0, 0.3]))
def test_without_gaps_the_sums_are_those_of_the_kernel(draw, seed, n_components, n_dims, noise):
    points, weights, shares, means, covariances = draw(seed, 200, n_components, n_dims)
    problem = Problem(
        points=np.ascontiguousarray(points.T), point_weights=weights, n_components=n_components, kind=0, floor=0.0,
        tolerance=0.0, threads=Threads(1), prior=np.zeros(3 + n_dims + n_dims**2),
        sides=np.ptp(points, axis=0) if noise else np.empty(0),
    )  # fmt: skip
    parameters = joined((1.0 - noise) * shares, means, covariances)
    whole = problem.statistics(parameters)
    work = GapPass(problem)
    assert work.run(parameters) == -1
    np.testing.assert_allclose(work.partials[0][:n_components], whole.counts, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(work.totals[0] * [np.log(2), 1], [whole.log_likelihood, whole.weight], rtol=1e-9)


def test_a_density_is_that_of_the_observed_values():
    points = np.random.default_rng(0).normal(size=(300, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.7], [0, 0, 1]])
    model = GaussianMixture(1, missing="ignore").fit(points)
    mean, covariance = model.means_[0], model.covariances_[0]
    expected = multivariate_normal(mean[[0, 2]], covariance[np.ix_([0, 2], [0, 2])]).logpdf([0.3, -1.0])
    np.testing.assert_allclose(model.score_samples([[0.3, np.nan, -1.0]]), expected)
    np.testing.assert_allclose(model.score_samples([[np.nan] * 3]), 0.0, atol=1e-12)


def test_planted_components_are_found_in_spite_of_gaps():
    random = np.random.default_rng(1)
    shape = np.array([[1.0, 0.0], [0.9, 0.4]])
    points = np.concatenate([random.normal(size=(2000, 2)) @ shape.T + mean for mean in ([0, 0], [6, 2])])
    model = GaussianMixture(2, missing="ignore", random_state=0, tol=1e-6, max_iter=300).fit(with_gaps(points, 2))
    order = model.means_[:, 0].argsort()
    np.testing.assert_allclose(model.means_[order], [[0, 0], [6, 2]], atol=0.15)
    np.testing.assert_allclose(model.covariances_, [shape @ shape.T] * 2, atol=0.15)
    assert (model.predict(with_gaps(points, 3, 0.1))[:2000] == order[0]).mean() > 0.95


def test_noise_is_told_by_what_was_observed():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(size=(900, 3)), random.uniform(-40, 40, (100, 3))])
    model = GaussianMixture(1, missing="ignore", noise=0.3, tol=1e-6, max_iter=300).fit(with_gaps(points, 1, 0.2))
    assert 0.07 < model.noise_weight_ < 0.13
    np.testing.assert_allclose(model.covariances_[0], np.eye(3), atol=0.3)
    far = np.array([[20.0, np.nan, np.nan], [np.nan] * 3, [0.1, np.nan, 0.2]])
    assert model.predict(far).tolist() == [-1, 0, 0]
    side = model.noise_sides_[0]
    np.testing.assert_allclose(model.score_samples(far)[0], np.log(model.noise_weight_ / side), atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(far)[1], 1.0 - model.noise_weight_)
    whole = GaussianMixture(1, noise=0.3, tol=1e-6).fit(points)
    filled = GaussianMixture(1, missing="ignore", noise=0.3, tol=1e-6).fit(points)
    np.testing.assert_array_equal(filled.covariances_, whole.covariances_)


def test_missing_values_are_an_error_unless_asked_for():
    points = with_gaps(np.random.default_rng(0).normal(size=(50, 2)), 0)
    with pytest.raises(ArgumentError, match=r"^X must be finite, got NaN"):
        GaussianMixture().fit(points)
    with pytest.raises(ArgumentError, match=r"^X must be finite, got infinity in 1 of 2 rows$"):
        GaussianMixture(missing="ignore").fit([[np.inf, 0.0], [1.0, 2.0]])
