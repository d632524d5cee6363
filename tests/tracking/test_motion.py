"""The batched filter against filterpy's."""

import numpy as np
import pytest
from filterpy.common import Q_continuous_white_noise
from filterpy.kalman import KalmanFilter
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.tracking import motion

seeds = st.integers(0, 2**32 - 1)
counts = st.integers(1, 5)
intervals = st.floats(1e-3, 10.0)


def covariances(random, n, n_dims=6):
    half = random.normal(size=(n, n_dims, n_dims)) * 10.0 ** random.uniform(-1, 2)
    return half @ half.transpose(0, 2, 1) + 0.1 * np.eye(n_dims)


def a_population(seed, n):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 6)) * 100
    return random, x, covariances(random, n), random.uniform(0.1, 200, n), random.uniform(0.1, 50, n)


def symmetric_positive(P):
    np.testing.assert_allclose(P, P.transpose(0, 2, 1), rtol=1e-7, atol=1e-7 * np.abs(P).max())
    return (np.linalg.eigvalsh((P + P.transpose(0, 2, 1)) / 2) > 0).all()


def filterpy_filter(x, P, acceleration, drift, dt):
    """Return filterpy's filter of one track, with the noise that filterpy itself integrates."""
    other = KalmanFilter(dim_x=6, dim_z=4)
    other.x, other.P = x.copy()[:, None], P.copy()
    other.F = np.eye(6) + dt * (np.eye(6, k=4) * np.array([1, 1, 0, 0, 0, 0])[:, None])
    other.H = np.eye(4, 6)
    other.Q = np.zeros((6, 6))
    for rows in ([0, 4], [1, 5]):
        other.Q[np.ix_(rows, rows)] = Q_continuous_white_noise(2, dt, acceleration**2)
    other.Q[2, 2] = other.Q[3, 3] = drift**2 * dt
    return other


@settings(deadline=None)
@given(seeds, counts, intervals)
def test_predict_and_correct_equal_filterpy(seed, n, dt):
    random, x, P, acceleration, drift = a_population(seed, n)
    z, R = random.normal(size=(n, 4)) * 100, random.uniform(0.01, 100, (n, 4))
    predicted = motion.predict(x, P, dt, acceleration, drift)
    corrected = motion.correct(*predicted, z, R)
    for t in range(n):
        other = filterpy_filter(x[t], P[t], acceleration[t], drift[t], dt)
        other.predict()
        np.testing.assert_allclose(predicted[0][t], other.x[:, 0], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(predicted[1][t], other.P, rtol=1e-9, atol=1e-9)
        other.update(z[t], R=np.diag(R[t]))
        scale = np.abs(other.P).max()
        np.testing.assert_allclose(corrected[0][t], other.x[:, 0], rtol=1e-6, atol=1e-5)
        np.testing.assert_allclose(corrected[1][t], other.P, rtol=1e-6, atol=1e-7 * scale)


@settings(deadline=None)
@given(seeds, counts, intervals, st.integers(2, 20))
def test_one_long_step_equals_many_short_ones(seed, n, dt, n_steps):
    _, x, P, acceleration, drift = a_population(seed, n)
    long = motion.predict(x, P, dt, acceleration, drift)
    for _ in range(n_steps):
        x, P = motion.predict(x, P, dt / n_steps, acceleration, drift)
    np.testing.assert_allclose(x, long[0], rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(P, long[1], rtol=1e-9, atol=1e-9 * np.abs(long[1]).max())


@settings(deadline=None)
@given(seeds, counts, st.lists(st.tuples(intervals, st.floats(1e-4, 1e4)), min_size=1, max_size=30))
def test_covariances_stay_symmetric_and_positive(seed, n, steps):
    random, x, P, acceleration, drift = a_population(seed, n)
    for dt, variance in steps:
        x, P = motion.predict(x, P, dt, acceleration, drift)
        assert symmetric_positive(P)
        x, P = motion.correct(x, P, random.normal(size=(n, 4)) * 100, np.full((n, 4), variance))
        assert symmetric_positive(P)


@given(seeds, counts)
def test_a_measurement_that_says_nothing_changes_nothing(seed, n):
    random, x, P, _, _ = a_population(seed, n)
    corrected = motion.correct(x, P, random.normal(size=(n, 4)) * 100, np.full((n, 4), 1e18))
    np.testing.assert_allclose(corrected[0], x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(corrected[1], P, rtol=1e-6, atol=1e-6)


@given(seeds, counts)
def test_an_exact_measurement_is_believed(seed, n):
    random, x, P, _, _ = a_population(seed, n)
    z = random.normal(size=(n, 4)) * 100
    x, P = motion.correct(x, P, z, np.full((n, 4), 1e-9))
    np.testing.assert_allclose(x[:, :4], z, atol=1e-4)
    assert np.diagonal(P[:, :4, :4], axis1=1, axis2=2).max() < 1e-6


@given(seeds, st.integers(2, 5))
def test_tracks_do_not_touch_one_another(seed, n):
    random, x, P, acceleration, drift = a_population(seed, n)
    z, R = random.normal(size=(n, 4)), random.uniform(0.1, 10, (n, 4))
    together = motion.correct(*motion.predict(x, P, 0.1, acceleration, drift), z, R)
    alone = motion.correct(*motion.predict(x[-1:], P[-1:], 0.1, acceleration[-1:], drift[-1:]), z[-1:], R[-1:])
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a[-1], b[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dt", [0.0, 0.5])
def test_nobody_can_be_predicted_and_corrected(dt):
    none = np.zeros((0, 6)), np.zeros((0, 6, 6))
    x, P = motion.predict(*none, dt, np.zeros(0), np.zeros(0))
    x, P = motion.correct(x, P, np.zeros((0, 4)), np.zeros((0, 4)))
    assert (x.shape, P.shape) == ((0, 6), (0, 6, 6))


def test_no_time_changes_nothing():
    _, x, P, acceleration, drift = a_population(3, 2)
    same = motion.predict(x, P, 0.0, acceleration, drift)
    np.testing.assert_array_equal(same[0], x)
    np.testing.assert_allclose(same[1], P, rtol=1e-12)
