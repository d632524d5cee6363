"""Conjugate priors: the highest posterior instead of the highest likelihood."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture import GaussianMixture

pytestmark = pytest.mark.filterwarnings("ignore::gmmtrack.errors.ConvergenceWarning")
TYPES = ["full", "tied", "diag", "spherical"]


def priors(n_dims):
    return {
        "weight_concentration_prior": 3.0, "mean_prior": np.full(n_dims, 1.0), "mean_precision_prior": 2.0,
        "covariance_prior": 1.5, "degrees_of_freedom_prior": n_dims + 4.0,
    }  # fmt: skip


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(5, 300), st.integers(1, 5), st.integers(1, 4), st.sampled_from(TYPES),
    st.sampled_from([0.0, 0.2]), st.sampled_from([(), ("means",), ("covariances",), ("weights",)]),
)  # fmt: skip
def test_the_penalised_likelihood_never_falls(
    draw, seed, n_points, n_components, n_dims, covariance_type, noise, frozen
):
    points, weights = draw(seed, n_points, n_components, n_dims)[:2]
    model = GaussianMixture(
        n_components, covariance_type=covariance_type, noise=noise, random_state=0, tol=0.0, max_iter=25, reg_covar=0.0,
        frozen=frozen, **priors(n_dims),
    ).fit(points, sample_weight=weights + 0.1)  # fmt: skip
    bounds = np.array(model.lower_bounds_)
    assert (np.diff(bounds) >= -1e-9 * (1.0 + np.abs(bounds[1:]))).all()


def test_a_tied_covariance_weighs_the_prior_of_components_without_points_too():
    points = np.random.default_rng(0).normal(size=(60, 2))
    model = GaussianMixture(
        2, covariance_type="tied", means_init=[[0.0, 0.0], [1e6, 1e6]], reg_covar=0.0, tol=0.0, max_iter=20,
        weights_init=[0.5, 0.5], precisions_init=np.eye(2), covariance_prior=30.0, degrees_of_freedom_prior=4.0,
    ).fit(points)  # fmt: skip
    assert model.weights_[1] == 0.0
    scatter = 60 * np.cov(points.T, bias=True) + 2 * 30.0 * np.eye(2)
    np.testing.assert_allclose(model.covariances_, scatter / (60 + 2 * (4 + 2 + 1)))
    assert (np.diff(model.lower_bounds_) >= -1e-9).all()


def test_one_component_has_the_posterior_mode_in_closed_form():
    points = np.random.default_rng(0).normal(size=(40, 2)) + np.array([3.0, -1.0])
    given = priors(2)
    model = GaussianMixture(1, reg_covar=0.0, tol=0.0, max_iter=3, **given).fit(points)
    n, kappa, nu = 40, given["mean_precision_prior"], given["degrees_of_freedom_prior"]
    mean, gap = points.mean(axis=0), points.mean(axis=0) - given["mean_prior"]
    scatter = (points - mean).T @ (points - mean) + kappa * n / (kappa + n) * np.outer(gap, gap) + 1.5 * np.eye(2)
    np.testing.assert_allclose(model.means_[0], (n * mean + kappa * given["mean_prior"]) / (n + kappa))
    np.testing.assert_allclose(model.covariances_[0], scatter / (n + nu + 2 + 2))


def test_a_prior_keeps_collapsed_points_apart_from_a_singular_covariance():
    points = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0)
    model = GaussianMixture(2, reg_covar=0.0, covariance_prior=np.diag([1.0, 2.0]), random_state=0).fit(points)
    assert np.linalg.eigvalsh(model.covariances_).min() > 0.01


def test_a_strong_concentration_makes_the_weights_equal():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(size=(90, 1)), random.normal(size=(10, 1)) + 30])
    model = GaussianMixture(2, weight_concentration_prior=1e6, random_state=0).fit(points)
    np.testing.assert_allclose(model.weights_, 0.5, atol=1e-3)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"weight_concentration_prior": 0.5}, "weight_concentration_prior must be a number >= 1, got 0.5"),
        ({"mean_precision_prior": 1}, "mean_prior must be given with mean_precision_prior, got None"),
        ({"mean_prior": [0]}, "mean_prior must be (2,) finite numbers, got (1,)"),
        ({"covariance_prior": [1, -1]}, "covariance_prior must be symmetric and positive definite, got [[1.0, -0.0], "
            "[0.0, -1.0]]"),
        ({"degrees_of_freedom_prior": 3}, "covariance_prior must be given with degrees_of_freedom_prior, got None"),
    ],
)  # fmt: skip
def test_bad_priors_are_named(parameters, message):
    with pytest.raises(ArgumentError) as caught:
        GaussianMixture(**parameters).fit(np.eye(2))
    assert str(caught.value) == message
