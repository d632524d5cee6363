"""GaussianMixture: what holds on any data."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.errors import ArgumentError, ConvergenceWarning, NotFittedError
from gmmtrack.mixture import GaussianMixture
from gmmtrack.mixture.covariance_types import expand

seeds = st.integers(0, 2**32 - 1)
TYPES = ["full", "tied", "diag", "spherical"]
types = st.sampled_from(TYPES)
pytestmark = pytest.mark.filterwarnings("ignore::gmmtrack.errors.ConvergenceWarning")
PARAMETERS = ("weights_", "means_", "covariances_")


def full(model):
    return expand(model.covariances_, model.covariance_type, model.n_components, model.means_.shape[1])


@settings(deadline=None)
@given(
    seeds, st.integers(10, 700), st.integers(1, 5), st.integers(1, 5), types,
    st.sampled_from(["kmeans", "k-means++", "random", "random_from_data"]), st.sampled_from([0.0, 0.2]),
)  # fmt: skip
def test_the_likelihood_never_falls(draw, seed, n_points, n_components, n_dims, covariance_type, init, noise):
    points, weights = draw(seed, n_points, n_components, n_dims)[:2]
    model = GaussianMixture(
        n_components, covariance_type=covariance_type, init_params=init, noise=noise, random_state=seed % 1000,
        tol=0.0, max_iter=30, reg_covar=1e-9,
    ).fit(points, sample_weight=weights)  # fmt: skip
    bounds = np.array(model.lower_bounds_)
    assert (np.diff(bounds) >= -1e-6 * (1.0 + np.abs(bounds[1:]))).all()
    np.testing.assert_allclose(model.weights_.sum() + model.noise_weight_, 1.0, rtol=1e-12)
    assert model.noise_weight_ <= noise + 1e-12
    np.testing.assert_array_equal(full(model), full(model).transpose(0, 2, 1))
    assert np.linalg.eigvalsh(full(model)).min() > 0.0
    np.testing.assert_allclose(model.predict_proba(points).sum(axis=1) <= 1.0 + 1e-12, True)


@settings(deadline=None)
@given(seeds, st.integers(20, 300), st.integers(1, 3), types)
def test_weight_three_is_three_copies_and_weight_zero_is_absence(draw, seed, n_points, n_components, covariance_type):
    points, _, shares, means, _ = draw(seed, n_points, n_components, 2)
    times = np.random.default_rng(seed).integers(0, 4, n_points)
    times[:3] = 3
    options = {
        "covariance_type": covariance_type,
        "means_init": means,
        "weights_init": shares,
        "max_iter": 5,
        "tol": 0.0,
    }
    options["precisions_init"] = {
        "full": [np.eye(2)] * n_components, "tied": np.eye(2), "diag": np.ones((n_components, 2)),
        "spherical": np.ones(n_components),
    }[covariance_type]  # fmt: skip
    weighted = GaussianMixture(n_components, **options).fit(points, sample_weight=times)
    copied = GaussianMixture(n_components, **options).fit(np.repeat(points, times, axis=0))
    for name in PARAMETERS:
        np.testing.assert_allclose(getattr(weighted, name), getattr(copied, name), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_the_number_of_threads_changes_no_bit(draw, covariance_type):
    points = draw(1, 60_000, 5, 3)[0]
    models = [
        GaussianMixture(5, covariance_type=covariance_type, max_iter=5, tol=0, random_state=0, n_threads=n).fit(points)
        for n in (1, 2, 3, 7)
    ]
    for model in models[1:]:
        for name in PARAMETERS:
            np.testing.assert_array_equal(getattr(model, name), getattr(models[0], name))
        assert model.lower_bounds_ == models[0].lower_bounds_
        np.testing.assert_array_equal(model.score_samples(points), models[0].score_samples(points))


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("offset", [2.0**27, 1e8])
def test_an_offset_changes_the_means_alone(draw, covariance_type, offset):
    points = np.round(draw(2, 2000, 3, 4)[0] * 1024) / 1024  # exact near the offset, too
    near = GaussianMixture(3, covariance_type=covariance_type, random_state=0).fit(points)
    far = GaussianMixture(3, covariance_type=covariance_type, random_state=0).fit(points + offset)
    np.testing.assert_allclose(far.weights_, near.weights_, rtol=1e-6)
    np.testing.assert_allclose(far.means_ - offset, near.means_, atol=1e-6)
    np.testing.assert_allclose(far.covariances_, near.covariances_, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(far.score(points + offset), near.score(points), rtol=1e-6)
    assert (far.predict(points + offset) == near.predict(points)).all()


def test_planted_components_are_found():
    random = np.random.default_rng(0)
    means, sizes = np.array([[0, 0], [12, 3], [-5, 14]]), [3000, 2000, 1000]
    points = np.concatenate([random.normal(size=(n, 2)) * [1, 2] + m for n, m in zip(sizes, means, strict=True)])
    model = GaussianMixture(3, random_state=0, n_init=3).fit(points)
    order = [int(np.linalg.norm(model.means_ - mean, axis=1).argmin()) for mean in means]
    np.testing.assert_allclose(model.means_[order], means, atol=0.2)
    np.testing.assert_allclose(model.weights_[order], np.array(sizes) / 6000, atol=0.01)
    np.testing.assert_allclose(model.covariances_[order], [np.diag([1, 4])] * 3, atol=0.3)
    assert model.converged_
    drawn, labels = model.sample(20_000)
    np.testing.assert_allclose(np.bincount(labels) / 20_000, model.weights_, atol=0.02)
    np.testing.assert_allclose(model.score(drawn), model.score(points), atol=0.05)


def test_noise_is_left_to_the_uniform_component():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(size=(900, 2)), random.uniform(-40, 40, (100, 2))])
    robust = GaussianMixture(1, noise=0.3, tol=1e-6).fit(points)
    plain = GaussianMixture(1).fit(points)
    np.testing.assert_allclose(robust.covariances_[0], np.eye(2), atol=0.3)
    assert np.trace(plain.covariances_[0]) > 50
    assert 0.07 < robust.noise_weight_ < 0.13
    assert (robust.predict(points)[900:] == -1).mean() > 0.9
    assert GaussianMixture(1, noise=0.01).fit(points).noise_weight_ <= 0.01 + 1e-12


@pytest.mark.parametrize("name", ["weights", "means", "covariances"])
def test_frozen_parameters_stay(draw, name):
    points, _, shares, means, covariances = draw(4, 500, 3, 2)
    start = {"weights_init": shares, "means_init": means, "precisions_init": np.linalg.inv(covariances)}
    model = GaussianMixture(3, frozen=(name,), tol=0, max_iter=20, reg_covar=0, **start).fit(points)
    held = {"weights": shares, "means": means, "covariances": covariances}
    for other in held:
        kept = np.allclose(getattr(model, f"{other}_"), held[other], rtol=1e-9, atol=1e-9)
        assert kept == (other == name)
    assert (np.diff(model.lower_bounds_) > -1e-9).all()


def test_batches_reach_what_the_whole_says():
    random = np.random.default_rng(0)
    points = random.permutation(np.concatenate([random.normal(size=(6000, 2)), random.normal(size=(6000, 2)) * 2 + 8]))
    model = GaussianMixture(2, random_state=0)
    for batch in np.array_split(points, 60):
        model.partial_fit(batch)
    whole = GaussianMixture(2, random_state=0).fit(points)
    order = model.means_[:, 0].argsort(), whole.means_[:, 0].argsort()
    np.testing.assert_allclose(model.means_[order[0]], whole.means_[order[1]], atol=0.2)
    np.testing.assert_allclose(model.weights_[order[0]], whole.weights_[order[1]], atol=0.03)


@pytest.mark.parametrize(("forgetting", "lag"), [(0.0, 1.2), (0.3, 0.3)])
def test_batches_follow_a_drift(forgetting, lag):
    random = np.random.default_rng(0)
    model = GaussianMixture(1, stepwise=0.6, forgetting=forgetting)
    for t in range(100):
        model.partial_fit(np.add(random.normal(size=(50, 2)), [0.05 * t, 0]))
    assert abs(model.means_[0, 0] - 5.0) < lag


def test_a_warm_start_on_other_data_goes_on_until_it_settles():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(size=(500, 1)), random.normal(size=(500, 1)) + 9])
    model = GaussianMixture(2, warm_start=True, random_state=0).fit(points)
    model.fit(points + 1.0)
    assert model.n_iter_ > 1
    np.testing.assert_allclose(np.sort(model.means_.ravel()), [1, 10], atol=0.2)


def test_copies_and_pickles_say_the_same(draw):
    points = draw(0, 300, 2, 2)[0]
    model = GaussianMixture(2, random_state=0).fit(points)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(other.predict_proba(points), model.predict_proba(points))
    assert GaussianMixture(3).set_params(n_components=4).get_params()["n_components"] == 4


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize(
    "points",
    [
        np.ones((20, 2)),
        np.stack([np.arange(20.0), 2 * np.arange(20.0)], axis=1),
        np.stack([np.arange(20.0), np.full(20, 7.0)], axis=1),
        np.arange(6.0).reshape(3, 2),
    ],
    ids=["duplicates", "collinear", "a constant column", "as many as components"],
)
def test_degenerate_data_give_finite_parameters(points, covariance_type):
    for init in ("kmeans", "k-means++", "random", "random_from_data"):
        model = GaussianMixture(3, covariance_type=covariance_type, random_state=0, init_params=init).fit(points)
        for name in (*PARAMETERS, "precisions_", "precisions_cholesky_"):
            assert np.isfinite(getattr(model, name)).all()
        assert np.isfinite(model.score(points))


POINTS = np.random.default_rng(0).normal(size=(20, 2))


@pytest.mark.parametrize(
    ("parameters", "arguments", "message"),
    [
        ({"n_components": 0}, {}, "n_components must be a whole number >= 1, got 0"),
        ({"tol": -1}, {}, "tol must be a number >= 0, got -1"),
        ({"covariance_type": "round"}, {}, "covariance_type must be one of full, tied, diag, spherical, got 'round'"),
        ({"init_params": "x"}, {}, "init_params must be one of kmeans, k-means++, random, random_from_data, got 'x'"),
        ({"noise": 1}, {}, "noise must be a share in [0, 1), got 1"),
        ({"forgetting": 1.0}, {}, "forgetting must be a share in [0, 1), got 1.0"),
        ({"frozen": ["mean"]}, {}, "frozen must be names out of weights, means, covariances, got 'mean'"),
        ({"means_init": [[0, 0, 0]]}, {}, "The parameter 'means' should have the shape of (1, 2), but got (1, 3)"),
        ({"weights_init": [0.5]}, {}, "The parameter 'weights' should be normalized, but got sum(weights) = 0.50000"),
        ({}, {"X": [1, 2]}, "X must be (N, D) numbers, got (2,) int64. Reshape your data with X.reshape(-1, 1) for one "
            "column or "
            "X.reshape(1, -1) for one row"),
        ({}, {"X": np.empty((0, 2))}, "X must have >= 1 row, got 0"),
        ({}, {"X": [[1.0, 2.0]]}, "X must have >= 2 rows of positive weight, got n_samples = 1"),
        ({}, {"X": [[np.nan, 2.0], [1, 2]]}, "X must be finite, got NaN or infinity in 1 of 2 rows; missing="
            '"ignore" takes NaN for a value that is missing'),
        ({}, {"sample_weight": [1.0]}, "sample_weight must be (20,), as X has rows, got (1,)"),
        (
            {}, {"sample_weight": np.zeros(20)},
            "sample_weight must be >= 0 and finite, and not all zero, got 0.0 .. 0.0",
        ),
        (
            {"reg_covar": 0}, {"X": np.ones((5, 2))},
            "Fitting the mixture model failed because some components have ill-defined empirical covariance (for "
            "instance caused by singleton or collapsed samples). Try to decrease the number of components, increase "
            "reg_covar, or scale the input data. Component 0 collapsed at reg_covar = 0.",
        ),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(parameters, arguments, message):
    with pytest.raises(ArgumentError) as caught:
        GaussianMixture(**parameters).fit(**{"X": POINTS, **arguments})
    assert str(caught.value) == message


def test_an_unfitted_mixture_says_so():
    with pytest.raises(NotFittedError) as caught:
        GaussianMixture().predict(POINTS)
    assert str(caught.value) == (
        "This GaussianMixture instance is not fitted yet. Call 'fit' with appropriate arguments before using this "
        "estimator."
    )
    assert isinstance(caught.value, (ValueError, AttributeError))


@pytest.mark.filterwarnings("error::gmmtrack.errors.ConvergenceWarning")
def test_a_fit_that_does_not_settle_warns():
    with pytest.warns(ConvergenceWarning, match="did not converge"):
        GaussianMixture(2, max_iter=1, random_state=0).fit(POINTS)
