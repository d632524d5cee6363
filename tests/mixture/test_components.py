"""fit_components: the tracker's EM."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture import fit_components

seeds = st.integers(0, 2**32 - 1)
densities = st.sampled_from(["gaussian", "flat"])


def disc(centre, a, b, angle=0.0, size=160):
    y, x = np.mgrid[0:size, 0:size]
    dx, dy = x - centre[0], y - centre[1]
    u, v = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
    return (u / a) ** 2 + (v / b) ** 2 <= 1.0


def pixels(mask):
    y, x = np.nonzero(mask)
    return np.stack([x, y], axis=1)


TWO_DISCS = pixels(disc((60, 80), 8, 20) | disc((72, 84), 8, 20))
SHAPES = np.array([np.diag([64.0, 400.0]) / 4.0] * 2)
STARTS = [[57, 77], [76, 86]]


@settings(deadline=None)
@given(seeds, st.integers(20, 400), st.integers(1, 4), st.integers(1, 5), st.booleans())
def test_gaussian_em_equals_its_plain_twin(twin, draw, seed, n_points, n_components, n_dims, frozen):
    points, point_weights, shares, means, covariances = draw(seed, n_points, n_components, n_dims)
    result = fit_components(
        points, point_weights, shares, means, covariances,
        frozen_shapes=frozen, max_iter=2, tolerance=0.0, smallest_variance=1e-7,
    )  # fmt: skip
    assume(result.n_iter == 2 and np.linalg.eigvalsh(result.covariances).min() > 1e-3 and result.counts.min() > 0.5)
    weights, centres, shapes, trace = twin.em(points, point_weights, shares, means, covariances, 2, frozen)
    np.testing.assert_allclose(result.trace[:2], trace, rtol=1e-7)
    np.testing.assert_allclose(result.weights, weights, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(result.means, centres, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(result.covariances, shapes, rtol=1e-4, atol=1e-5)


@settings(deadline=None)
@given(seeds, st.integers(100, 400), st.integers(1, 2), st.integers(1, 3))
def test_a_shape_that_turns_takes_the_axes_of_its_plain_twin(twin, draw, seed, n_points, n_components, n_dims):
    points, point_weights, shares, means, covariances = draw(seed, n_points, n_components, n_dims)
    start = points, point_weights, shares, means, covariances
    _, _, free, _ = twin.em(*start, 1)
    assume(np.diff(np.linalg.eigvalsh(free), axis=1, prepend=0.0).min() > 0.05)  # else the axes may be any
    result = fit_components(*start, frozen_shapes=True, turning=True, max_iter=1, tolerance=0.0)
    assume(result.n_iter == 1)
    np.testing.assert_allclose(result.covariances, twin.em(*start, 1, True, True)[2], rtol=1e-5, atol=1e-5)


@settings(deadline=None)
@given(
    seeds, st.integers(1, 400), st.integers(1, 5), st.integers(1, 4), densities, st.sampled_from([0.0, 0.05, 0.5]),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_the_likelihood_never_falls(
    draw, seed, n_points, n_components, n_dims, density, clutter, shapes, turning, weights
):
    points, point_weights, shares, means, covariances = draw(seed, n_points, n_components, n_dims, spread=20.0)
    result = fit_components(
        points, point_weights, shares, means, covariances, density=density, clutter=clutter, max_iter=30,
        tolerance=1e-6, frozen_shapes=shapes, turning=turning, frozen_weights=weights,
    )  # fmt: skip
    assert (np.diff(result.trace) >= -1e-11 * np.abs(result.trace[1:])).all()
    assert len(result.trace) == result.n_iter + 1
    np.testing.assert_allclose(result.weights.sum() + result.clutter_weight, 1.0, rtol=1e-12)
    np.testing.assert_allclose(result.counts.sum() + result.clutter_count, point_weights.sum(), rtol=1e-9)
    assert result.clutter_weight <= clutter + 1e-12
    np.testing.assert_array_equal(result.covariances, result.covariances.transpose(0, 2, 1))
    assert np.linalg.eigvalsh(result.covariances).min() > 0.08
    if shapes and turning:
        sizes, before = np.linalg.eigvalsh(result.covariances), np.linalg.eigvalsh(covariances)
        np.testing.assert_allclose(sizes, before, rtol=1e-9)
    elif shapes:
        np.testing.assert_array_equal(result.covariances, covariances)


@settings(deadline=None)
@given(seeds, st.integers(5, 300), st.integers(1, 4), densities)
def test_weight_three_is_three_copies_and_weight_zero_is_absence(draw, seed, n_points, n_components, density):
    points, _, shares, means, covariances = draw(seed, n_points, n_components, 2)
    times = np.random.default_rng(seed).integers(0, 4, n_points)
    times[0] = 3
    start = shares, means, covariances
    weighted = fit_components(points, times, *start, density=density, clutter=0.1, clutter_area=1e3)
    copied = fit_components(
        np.repeat(points, times, axis=0), None, *start, density=density, clutter=0.1, clutter_area=1e3
    )
    assert weighted.n_iter == copied.n_iter
    np.testing.assert_allclose(weighted.means, copied.means, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(weighted.covariances, copied.covariances, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(weighted.counts, copied.counts, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("density", ["gaussian", "flat"])
def test_moving_the_points_moves_the_means_alone(density):
    near = fit_components(TWO_DISCS, None, [1, 1], STARTS, SHAPES, density=density, clutter=0.1)
    far = fit_components(
        TWO_DISCS + 2.0**20, None, [1, 1], np.add(STARTS, 2.0**20), SHAPES, density=density, clutter=0.1
    )
    np.testing.assert_allclose(far.means - 2.0**20, near.means, atol=1e-6)
    np.testing.assert_allclose(far.covariances, near.covariances, rtol=1e-6)


def test_flat_densities_find_overlapping_bodies_where_gaussians_push_them_apart():
    truth = np.array([[60, 80], [72, 84]])
    options = {"frozen_shapes": True, "max_iter": 50, "tolerance": 1e-3}
    flat = fit_components(TWO_DISCS, None, [1, 1], STARTS, SHAPES, density="flat", clutter=0.1, **options)
    gaussian = fit_components(TWO_DISCS, None, [1, 1], STARTS, SHAPES, **options)
    assert np.abs(flat.means - truth).max() < 0.05
    assert np.abs(gaussian.means - truth).max() > 0.15


def test_a_flat_density_leaves_the_rim_of_a_body_to_it_where_a_gaussian_loses_it_to_clutter():
    points = pixels(disc((60, 80), 8, 20))
    start = [1], [[60, 80]], SHAPES[:1]
    flat = fit_components(points, None, *start, density="flat", clutter=0.3, frozen_shapes=True, max_iter=50)
    gaussian = fit_components(points, None, *start, clutter=0.3, frozen_shapes=True, max_iter=50)
    assert flat.clutter_weight < 0.05
    assert gaussian.clutter_weight > 0.1


def test_a_free_flat_shape_grows_to_the_body():
    points = pixels(disc((60, 80), 10, 25, 0.5))
    result = fit_components(
        points, None, [1], [[58, 76]], [np.eye(2) * 30], density="flat", max_iter=50, tolerance=1e-3
    )
    expected = np.cov(points.T, bias=True)
    np.testing.assert_allclose(result.covariances[0], expected, rtol=0.05, atol=2.0)
    np.testing.assert_allclose(result.means[0], [60, 80], atol=0.3)


@pytest.mark.parametrize("density", ["gaussian", "flat"])
def test_shapes_that_turn_keep_their_size_and_find_their_axes(density):
    crossed = pixels(disc((80, 80), 6, 30, 0.9) | disc((80, 80), 6, 30, -0.7))
    upright = np.array([np.diag([36.0, 900.0]) / 4.0] * 2)
    start = [1, 1], [[78, 81], [82, 79]], np.add(upright, [[[40, -90], [-90, -40]], [[40, 90], [90, -40]]])
    turned = fit_components(crossed, None, *start, density=density, frozen_shapes=True, turning=True, max_iter=50)
    lengths = np.linalg.eigvalsh(start[2])
    np.testing.assert_allclose(np.linalg.eigvalsh(turned.covariances), lengths, rtol=1e-9)
    long = np.linalg.eigh(turned.covariances)[1][:, :, 1]
    angles = np.arctan2(-long[:, 0] * np.sign(long[:, 1]), np.abs(long[:, 1]))
    np.testing.assert_allclose(angles, [0.9, -0.7], atol=0.06)
    one = fit_components(crossed, None, *start, density=density, frozen_shapes=True, turning=[True, False], max_iter=50)
    np.testing.assert_array_equal(one.covariances[1], start[2][1])


def test_clutter_takes_the_speckles_up_to_its_cap():
    random = np.random.default_rng(3)
    speckles = random.uniform(0, 160, (60, 2))
    points = np.concatenate([TWO_DISCS, speckles])
    result = fit_components(
        points, None, [1, 1], STARTS, SHAPES, density="flat", clutter=0.2, frozen_shapes=True, labels=True
    )
    assert (result.labels[-60:] == -1).sum() > 50
    assert (result.labels[:-60] == -1).sum() < 10
    capped = fit_components(points, None, [1, 1], STARTS, SHAPES, density="flat", clutter=0.02, frozen_shapes=True)
    assert capped.clutter_weight <= 0.02 + 1e-12


def test_moments_are_those_of_the_points_each_component_got():
    apart = np.concatenate([pixels(disc((40, 80), 8, 12)), pixels(disc((100, 60), 10, 6))])
    result = fit_components(apart, None, [1, 1], [[42, 80], [98, 61]], SHAPES * 0.3, frozen_shapes=True)
    first = apart[apart[:, 0] < 70]
    np.testing.assert_allclose(result.point_means[0], first.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(result.point_covariances[0], np.cov(first.T, bias=True), atol=1e-5)
    np.testing.assert_allclose(result.counts, [len(first), len(apart) - len(first)], atol=1e-5)
    assert result.labels is None


def test_colour_tells_apart_what_lies_in_one_place():
    random = np.random.default_rng(0)
    places = random.normal(50, 4, (600, 2))
    colours = np.where(np.arange(600)[:, None] < 300, 40.0, 200.0) + random.normal(0, 5, (600, 3))
    covariance = np.diag([16, 16, 25, 25, 25])
    result = fit_components(
        np.hstack([places, colours]), None, [1, 1], [[48, 50, 60, 60, 60], [52, 50, 180, 180, 180]],
        [covariance] * 2, labels=True,
    )  # fmt: skip
    assert (result.labels == (np.arange(600) >= 300)).all()


def test_no_points_leave_the_components_as_they_are():
    result = fit_components(np.empty((0, 2)), None, [1, 3], STARTS, SHAPES, clutter=0.1, labels=True)
    np.testing.assert_array_equal(result.means, STARTS)
    np.testing.assert_array_equal(result.point_means, STARTS)
    np.testing.assert_array_equal(result.counts, [0, 0])
    assert (result.n_iter, result.log_likelihood, len(result.labels)) == (0, 0.0, 0)


@pytest.mark.parametrize("density", ["gaussian", "flat"])
@pytest.mark.parametrize(
    "points", [[[5, 5]], [[5, 5]] * 9, [[x, 2 * x] for x in range(30)], [[x, 7] for x in range(30)]]
)
def test_degenerate_points_give_finite_components(points, density):
    result = fit_components(points, None, [1, 1], STARTS, SHAPES, density=density, clutter=0.1)
    for values in (result.weights, result.means, result.covariances, result.point_covariances, result.trace):
        assert np.isfinite(values).all()
    assert np.linalg.eigvalsh(result.covariances).min() >= 1 / 12 - 1e-9


def test_a_component_far_from_every_point_stays_where_it_is():
    result = fit_components(TWO_DISCS, None, [1, 1], [[66, 82], [1e6, 1e6]], SHAPES, max_iter=5)
    np.testing.assert_array_equal(result.means[1], [1e6, 1e6])
    np.testing.assert_array_equal(result.covariances[1], SHAPES[1])
    assert result.counts[1] == 0.0
    np.testing.assert_allclose(result.weights, [1.0, 0.0], atol=1e-12)


def test_what_is_given_is_not_changed():
    means, shapes, weights = np.array(STARTS, float), SHAPES.copy(), np.ones(2)
    fit_components(TWO_DISCS, None, weights, means, shapes)
    np.testing.assert_array_equal(means, STARTS)
    np.testing.assert_array_equal(shapes, SHAPES)
    np.testing.assert_array_equal(weights, 1.0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"density": "round"}, "density must be one of gaussian, flat, got 'round'"),
        ({"clutter": 1.0}, "clutter must be a share in [0, 1), got 1.0"),
        ({"max_iter": -1}, "max_iter must be >= 0, got -1"),
        ({"clutter": 0.1, "clutter_area": 0.0}, "clutter_area must be > 0 pixels², got 0.0"),
        ({"smallest_variance": 0}, "smallest_variance must be > 0 pixels², got 0"),
        ({"points": np.zeros(3)}, "points must be (N, D) numbers, got (3,) float64"),
        ({"points": [[np.nan, 0]]}, "points must be finite, got NaN, infinity or numbers whose sum overflows"),
        ({"point_weights": [1, 2]}, "point_weights must be (1,), as there are points, got (2,)"),
        ({"point_weights": [-1]}, "point_weights must be >= 0 and finite, got -1.0 .. -1.0"),
        ({"means": [[0, 0, 0]]}, "means must be (K, 2) with K >= 1, like points, got (1, 3)"),
        ({"covariances": np.eye(2)}, "covariances must be (1, 2, 2), got (2, 2)"),
        ({"weights": [1, 1]}, "weights must be (1,), got (2,)"),
        ({"weights": [0]}, "weights must be >= 0 with a positive sum, got [0]"),
        ({"means": [[np.inf, 0]]}, "weights, means and covariances must be finite, got NaN or infinity"),
        (
            {"covariances": [[[1, 2], [2, 1]]]},
            "covariances must be positive definite, got [[1.0, 2.0], [2.0, 1.0]] in row 0",
        ),
    ],
)
def test_bad_arguments_are_named(changed, message):
    arguments = {
        "points": [[0.0, 0.0]], "point_weights": None, "weights": [1], "means": [[0, 0]], "covariances": [np.eye(2)]
    }  # fmt: skip
    with pytest.raises(ArgumentError) as caught:
        fit_components(**{**arguments, **changed})
    assert str(caught.value) == message
