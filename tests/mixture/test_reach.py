"""Blocks of points near each other, and the components that are left out of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.compilation import kernel
from gmmtrack.mixture.densities import NEVER, radius2
from gmmtrack.mixture.kernels import accumulate, prepare
from gmmtrack.mixture.ordering import neighbours_first
from gmmtrack.mixture.reach import CUT, reach

seeds = st.integers(0, 2**32 - 1)


@kernel
def bounds(box, heights, means, factors, power, diagonal, upper, active):
    q0 = radius2(means.shape[1], power)
    return reach(box, heights, means, factors, q0, power, diagonal, NEVER, upper, active)


def log2_densities(points, heights, means, factors, power):
    q = (np.einsum("nkd,kde->nke", points[:, None] - means, factors) ** 2).sum(axis=2)
    return heights - np.log2(np.e) * (q / radius2(points.shape[1], power)) ** power


@settings(deadline=None)
@given(seeds, st.integers(1, 6), st.integers(1, 5), st.sampled_from([1, 4]), st.booleans())
def test_bounds_hold_all_over_the_box(draw, seed, n_components, n_dims, power, diagonal):
    points, _, shares, means, covariances = draw(seed, 50, n_components, n_dims)
    if diagonal:
        covariances = covariances * np.eye(n_dims)
    heights, factors = np.empty(n_components), np.zeros_like(covariances)
    prepare(shares, covariances, power, diagonal, heights, factors)
    box = np.stack([points.max(axis=0) + points.min(axis=0), np.ptp(points, axis=0)]) / 2
    upper, active = np.empty(n_components), np.empty(n_components, np.bool_)
    base, span = bounds(box, heights, means, factors, power, diagonal, upper, active)
    logs = log2_densities(points, heights, means, factors, power)
    slack = 1e-9 * np.abs(logs).max()
    assert (logs <= upper + slack).all()
    assert base >= 0
    assert (logs - logs[:, base, None] <= span + slack).all()
    assert (logs[:, ~active] < logs.max(axis=1)[:, None] - CUT + slack).all()


@pytest.mark.parametrize(("power", "n_dims"), [(1, 1), (1, 2), (1, 3), (4, 2)])
def test_components_left_out_change_no_sum(twin, power, n_dims):
    random = np.random.default_rng(0)
    means = np.arange(6)[:, None] * np.full(n_dims, 30.0)
    points = np.repeat(means, 300, axis=0) + random.normal(size=(1800, n_dims))
    covariances, shares = np.tile(np.eye(n_dims), (6, 1, 1)), np.full(6, 1 / 6)
    heights, factors = np.empty(6), np.zeros_like(covariances)
    prepare(shares, covariances, power, False, heights, factors)
    n_sums = 6 if power == 1 else 18
    sums, totals = np.empty(n_sums * (1 + n_dims + n_dims**2)), np.empty(2)
    planes = np.ascontiguousarray(points.T)
    accumulate(
        planes, np.ones(1800), 0, 1800, heights, means, factors, power, False, NEVER, np.empty((0, 0)), sums, totals
    )
    shares_of_points, density = twin.expect(points, shares, means, covariances, power, 0.0)
    np.testing.assert_allclose(sums[:6], shares_of_points.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(totals[0] * np.log(2), density.sum(), rtol=1e-12)


def test_a_point_far_from_all_components_keeps_its_density(twin):
    points = np.array([[0.0, 0.0], [1e4, -1e4], [1.0, 2.0]])
    means, covariances, shares = np.array([[0.0, 0.0], [3.0, 1.0]]), np.tile(np.eye(2), (2, 1, 1)), np.full(2, 0.5)
    heights, factors = np.empty(2), np.zeros((2, 2, 2))
    prepare(shares, covariances, 1, False, heights, factors)
    sums, totals = np.empty(14), np.empty(2)
    planes = np.ascontiguousarray(points.T)
    accumulate(planes, np.ones(3), 0, 3, heights, means, factors, 1, False, NEVER, np.empty((0, 0)), sums, totals)
    shares_of_points, density = twin.expect(points, shares, means, covariances)
    np.testing.assert_allclose(sums[:2], shares_of_points.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(totals[0] * np.log(2), density.sum(), rtol=1e-12)


@settings(deadline=None)
@given(seeds, st.integers(1, 3), st.integers(2, 500))
def test_the_order_holds_every_point_once(seed, n_dims, n_points):
    planes = np.random.default_rng(seed).normal(size=(n_dims, n_points))
    assert sorted(neighbours_first(planes, 256)) == list(range(n_points))


@pytest.mark.parametrize("n_dims", [1, 2, 3])
def test_points_in_order_lie_in_small_boxes(n_dims):
    planes = np.random.default_rng(1).uniform(-0.5, 0.5, size=(n_dims, 8192))
    sides = np.ptp(planes[:, neighbours_first(planes, 256)].reshape(n_dims, 32, 256), axis=2)
    assert np.median(sides.prod(axis=0)) < 3 / 32


def test_a_constant_column_is_no_obstacle():
    planes = np.stack([np.zeros(100), np.arange(100.0)])
    assert np.abs(np.diff(planes[1][neighbours_first(planes, 10)])).max() <= 2
