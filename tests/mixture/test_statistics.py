"""Sufficient statistics: parts add up to the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture import GaussianMixture, Statistics

seeds = st.integers(0, 2**32 - 1)
pytestmark = pytest.mark.filterwarnings("ignore::gmmtrack.errors.ConvergenceWarning")
FIELDS = ("counts", "means", "scatters", "weight", "log_likelihood")


def same(a, b, rtol=1e-9, atol=1e-9):
    for name in FIELDS:
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=rtol, atol=atol, err_msg=name)


def fitted(points, n_components, **options):
    return GaussianMixture(n_components, init_params="random_from_data", random_state=0, max_iter=1, **options).fit(
        points
    )


@settings(deadline=None)
@given(seeds, st.integers(30, 500), st.integers(1, 4), st.integers(1, 4), st.integers(0, 500))
def test_chunks_add_up_to_the_whole(draw, seed, n_points, n_components, n_dims, cut):
    points, weights = draw(seed, n_points, n_components, n_dims)[:2]
    model = fitted(points, n_components)
    cut = 1 + cut % (n_points - 1)
    weights[[0, -1]] = 1.0
    whole = model.statistics(points, weights)
    same(model.statistics(points[:cut], weights[:cut]) + model.statistics(points[cut:], weights[cut:]), whole)
    same(model.statistics(points, 3.0 * weights), whole.scaled(3.0))
    same(whole + whole.scaled(0.0), whole)


@settings(deadline=None)
@given(seeds, st.sampled_from(["full", "tied", "diag", "spherical"]))
def test_one_step_from_statistics_is_one_iteration_of_a_fit(draw, seed, covariance_type):
    points = draw(seed, 400, 3, 2)[0]
    model = fitted(points, 3, covariance_type=covariance_type, warm_start=True)
    again = fitted(points, 3, covariance_type=covariance_type, warm_start=True)
    again.fit(points)
    model.maximise(model.statistics(points[:100]) + model.statistics(points[100:]))
    for name in ("weights_", "means_", "covariances_"):
        np.testing.assert_allclose(getattr(model, name), getattr(again, name), rtol=1e-8, atol=1e-9)


def test_nothing_cancels_far_from_the_origin():
    points = np.random.default_rng(0).normal(size=(300, 2))
    shares = np.random.default_rng(1).dirichlet([1, 1], 300)
    near = Statistics.from_responsibilities(points, shares)
    far = Statistics.from_responsibilities(points + 1e8, shares)
    np.testing.assert_allclose(far.scatters, near.scatters, rtol=1e-6, atol=1e-4)
    half = Statistics.from_responsibilities(points[:150] + 1e8, shares[:150])
    rest = Statistics.from_responsibilities(points[150:] + 1e8, shares[150:])
    np.testing.assert_allclose((half + rest).scatters, near.scatters, rtol=1e-6, atol=1e-4)


def test_what_does_not_fit_is_refused():
    one = Statistics.from_responsibilities(np.zeros((3, 2)), np.ones((3, 1)))
    two = Statistics.from_responsibilities(np.zeros((3, 2)), np.ones((3, 2)))
    with pytest.raises(ArgumentError, match=r"^statistics must have the shape \(1, 2\), got \(2, 2\)$"):
        one + two
    with pytest.raises(ArgumentError, match=r"^factor must be >= 0 and finite, got -1$"):
        one.scaled(-1)
