"""The batched filter against filterpy's."""

import numpy as np
import pytest
from filterpy.common import Q_continuous_white_noise
from filterpy.kalman import KalmanFilter
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.tracking import kernels

seeds = st.integers(0, 2**32 - 1)
counts = st.integers(1, 5)
intervals = st.floats(1e-3, 10.0)


def a_population(seed, n):
    random = np.random.default_rng(seed)
    half = random.normal(size=(n, 6, 6)) * 10.0 ** random.uniform(-1, 2)
    x = random.normal(size=(n, 6)) * 100
    x[:, 2:4] = random.uniform(1, 100, (n, 2))
    return random, x, half @ half.transpose(0, 2, 1) + 0.1 * np.eye(6)


def predicted(x, P, dt, acceleration=0.7, drift=0.3):
    x, P = x.copy(), P.copy()
    kernels.predict(x, P, dt, acceleration, drift)
    return x, P


def corrected(x, P, z, errors):
    x, P, rows = x.copy(), P.copy(), np.arange(len(x))
    kernels.correct(x, P, rows, z, np.broadcast_to(errors, (len(x), 2)).copy(), rows)
    return x, P


def symmetric_positive(P):
    np.testing.assert_allclose(P, P.transpose(0, 2, 1), rtol=1e-7, atol=1e-7 * np.abs(P).max())
    return (np.linalg.eigvalsh((P + P.transpose(0, 2, 1)) / 2) > 0).all()


def filterpy_filter(x, P, acceleration, drift, dt):
    """Return filterpy's filter of one track, with the noise that filterpy itself integrates."""
    size = np.sqrt(x[2] * x[3])
    other = KalmanFilter(dim_x=6, dim_z=4)
    other.x, other.P = x.copy()[:, None], P.copy()
    other.F = np.eye(6) + dt * (np.eye(6, k=4) * np.array([1, 1, 0, 0, 0, 0])[:, None])
    other.H = np.eye(4, 6)
    other.Q = np.zeros((6, 6))
    for rows in ([0, 4], [1, 5]):
        other.Q[np.ix_(rows, rows)] = Q_continuous_white_noise(2, dt, (acceleration * size) ** 2)
    other.Q[2, 2] = other.Q[3, 3] = (drift * size) ** 2 * dt
    return other


@settings(deadline=None)
@given(seeds, counts, intervals, st.floats(0.01, 10), st.floats(0.01, 10))
def test_predict_and_correct_equal_filterpy(seed, n, dt, acceleration, drift):
    random, x, P = a_population(seed, n)
    z, errors = random.normal(size=(n, 4)) * 100, random.uniform(0.01, 2, (n, 2))
    before = predicted(x, P, dt, acceleration, drift)
    after = corrected(*before, z, errors)
    for t in range(n):
        other = filterpy_filter(x[t], P[t], acceleration, drift, dt)
        other.predict()
        np.testing.assert_allclose(before[0][t], other.x[:, 0], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(before[1][t], other.P, rtol=1e-9, atol=1e-9)
        other.update(z[t], R=np.diag(errors[t].repeat(2) ** 2) * x[t, 2] * x[t, 3])
        scale = np.abs(other.P).max()
        np.testing.assert_allclose(after[0][t], other.x[:, 0], rtol=1e-6, atol=1e-5)
        np.testing.assert_allclose(after[1][t], other.P, rtol=1e-6, atol=1e-7 * scale)


@settings(deadline=None)
@given(seeds, counts, intervals, st.integers(2, 20))
def test_one_long_step_equals_many_short_ones(seed, n, dt, n_steps):
    _, x, P = a_population(seed, n)
    long = predicted(x, P, dt)
    for _ in range(n_steps):
        x, P = predicted(x, P, dt / n_steps)
    np.testing.assert_allclose(x, long[0], rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(P, long[1], rtol=1e-9, atol=1e-9 * np.abs(long[1]).max())


@settings(deadline=None)
@given(seeds, counts, st.lists(st.tuples(intervals, st.floats(1e-4, 10)), min_size=1, max_size=30))
def test_covariances_stay_symmetric_and_positive(seed, n, steps):
    random, x, P = a_population(seed, n)
    for dt, error in steps:
        x, P = predicted(x, P, dt)
        assert symmetric_positive(P)
        z = np.concatenate([random.normal(size=(n, 2)) * 100, random.uniform(1, 100, (n, 2))], axis=1)
        x, P = corrected(x, P, z, error)
        assert symmetric_positive(P)


@given(seeds, counts)
def test_a_measurement_that_says_nothing_changes_nothing(seed, n):
    random, x, P = a_population(seed, n)
    after = corrected(x, P, random.normal(size=(n, 4)) * 100, 1e9)
    np.testing.assert_allclose(after[0], x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(after[1], P, rtol=1e-6, atol=1e-6)


@given(seeds, counts)
def test_an_exact_measurement_is_believed(seed, n):
    random, x, P = a_population(seed, n)
    z = random.uniform(1, 100, size=(n, 4))
    x, P = corrected(x, P, z, 1e-6)
    np.testing.assert_allclose(x[:, :4], z, atol=1e-4)
    assert np.diagonal(P[:, :4, :4], axis1=1, axis2=2).max() < 1e-6


@given(seeds, st.integers(2, 5))
def test_tracks_do_not_touch_one_another(seed, n):
    random, x, P = a_population(seed, n)
    z = random.normal(size=(n, 4))
    together = corrected(*predicted(x, P, 0.1), z, 0.1)
    alone = corrected(*predicted(x[-1:], P[-1:], 0.1), z[-1:], 0.1)
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a[-1], b[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dt", [0.0, 0.5])
def test_nobody_can_be_predicted_and_corrected(dt):
    x, P = predicted(np.zeros((0, 6)), np.zeros((0, 6, 6)), dt)
    x, P = corrected(x, P, np.zeros((0, 4)), 0.1)
    assert (x.shape, P.shape) == ((0, 6), (0, 6, 6))


def test_no_time_changes_nothing():
    _, x, P = a_population(3, 2)
    same = predicted(x, P, 0.0)
    np.testing.assert_array_equal(same[0], x)
    np.testing.assert_allclose(same[1], P, rtol=1e-12)
