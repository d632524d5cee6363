"""Data that no one would wish for: a result or a clear error, never NaN; and what must carry over to any data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture import GaussianMixture

pytestmark = pytest.mark.filterwarnings("ignore::gmmtrack.errors.ConvergenceWarning")
TYPES = ["full", "tied", "diag", "spherical"]
FITTED = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_")
coarse = st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e-8, 3.0, 1e6, -1e12, 7.25])


@settings(deadline=None, max_examples=100)
@given(
    st.data(), st.integers(1, 25), st.integers(1, 4), st.integers(1, 5), st.sampled_from(TYPES),
    st.sampled_from([0.0, 1e-6]), st.sampled_from([0.0, 0.3]), st.booleans(),
)  # fmt: skip
def test_any_data_give_finite_parameters_or_a_clear_error(data, n, d, k, covariance_type, floor, noise, weighted):
    points = data.draw(arrays(np.float64, (n, d), elements=coarse))
    weights = data.draw(arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0, 1e-9, 1e9]))) if weighted else None
    model = GaussianMixture(
        k, covariance_type=covariance_type, reg_covar=floor, noise=noise, random_state=0, max_iter=20
    )
    complaint = ""
    try:
        model.fit(points, sample_weight=weights)
    except ArgumentError as error:
        complaint = str(error)
    if complaint:
        assert complaint.startswith(("X must have", "sample_weight must be", "Fitting the mixture model failed"))
        return
    for name in FITTED:
        assert np.isfinite(getattr(model, name)).all(), name
    assert np.isfinite(model.lower_bound_)
    assert np.isfinite(model.score_samples(points)).all()


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 4))
def test_affine_changes_carry_over(draw, seed, n_components, n_dims):
    points, weights, shares, means, covariances = draw(seed, 300, n_components, n_dims)
    random = np.random.default_rng(seed)
    rotation = np.linalg.qr(random.normal(size=(n_dims, n_dims)))[0]
    A, b = rotation * random.uniform(0.5, 2.0, n_dims), random.normal(size=n_dims) * 100
    options = {"weights_init": shares, "tol": 0.0, "max_iter": 8, "reg_covar": 0.0}
    plain = GaussianMixture(n_components, means_init=means, precisions_init=np.linalg.inv(covariances), **options)
    moved = GaussianMixture(
        n_components, means_init=means @ A.T + b, precisions_init=np.linalg.inv(A @ covariances @ A.T), **options
    )
    plain.fit(points, sample_weight=weights + 0.1)
    moved.fit(points @ A.T + b, sample_weight=weights + 0.1)
    scale = np.abs(plain.covariances_).max()
    np.testing.assert_allclose(moved.weights_, plain.weights_, atol=1e-6)
    np.testing.assert_allclose(moved.means_, plain.means_ @ A.T + b, rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(moved.covariances_, A @ plain.covariances_ @ A.T, rtol=1e-5, atol=1e-5 * scale)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_float32_is_kept(covariance_type):
    points = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    model = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(points)
    for name in FITTED:
        assert getattr(model, name).dtype == np.float32
    assert model.score_samples(points).dtype == np.float32
    assert model.predict_proba(points).dtype == np.float32
    double = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(points.astype(np.float64))
    np.testing.assert_allclose(model.means_, double.means_, rtol=1e-5, atol=1e-6)


def test_a_component_that_dies_keeps_its_place_with_weight_zero():
    points = np.random.default_rng(0).normal(size=(100, 2))
    model = GaussianMixture(
        2, means_init=[[0, 0], [1e6, 1e6]], weights_init=[0.5, 0.5], precisions_init=[np.eye(2)] * 2
    ).fit(points)
    np.testing.assert_allclose(model.weights_, [1, 0], atol=1e-12)
    np.testing.assert_array_equal(model.means_[1], [1e6, 1e6])
    assert (model.predict(points) == 0).all()


def test_a_component_that_collapses_keeps_its_last_shape():
    points = np.concatenate([np.random.default_rng(0).normal(size=(50, 1)), np.full((20, 1), 40.0)])
    model = GaussianMixture(
        2, reg_covar=0.0, means_init=[[0], [39]], weights_init=[0.5, 0.5], precisions_init=[[[1]], [[1]]], max_iter=50
    ).fit(points)
    np.testing.assert_allclose(model.covariances_[1], 1.0)
    np.testing.assert_allclose(model.means_[1], 40.0)


@pytest.mark.parametrize("scale", [1e-12, 1e10])
def test_the_box_of_noise_may_have_a_volume_that_no_number_holds(scale):
    points = np.random.default_rng(0).normal(size=(200, 39)) * scale
    model = GaussianMixture(2, noise=0.1, reg_covar=1e-2 * scale**2, random_state=0).fit(points)
    assert 0.0 <= model.noise_weight_ <= 0.1
    assert np.isfinite(model.score_samples(points)).all()
    assert np.isfinite(model.lower_bounds_).all()
