"""The kernels of hindsight against filterpy and against the textbook."""

import numpy as np
from filterpy.kalman import KalmanFilter
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.tracking.offline import kernels

seeds = st.integers(0, 2**32 - 1)


def an_axis(seed, n):
    """Return times, measurements and variances, some of them missing, and the dynamics of one axis."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.02, 0.5, n))
    variances = np.where(random.random(n) < 0.3, -1.0, random.uniform(0.1, 5.0, n))
    variances[0] = random.uniform(0.1, 5.0)
    return times, np.cumsum(random.normal(size=n)) * 3, variances, tuple(random.uniform(0.1, 20.0, 3))


def matrices(dt, acceleration2, drift2):
    Q = acceleration2 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    Q[0, 0] += drift2 * dt
    return np.array([[1.0, dt], [0.0, 1.0]]), Q


def filtered(times, z, variances, dynamics):
    """Run filterpy's filter; return its states, covariances, F and Q, and its innovations with their variances."""
    acceleration2, drift2, speed2 = dynamics
    kf = KalmanFilter(2, 1)
    kf.x, kf.P, kf.H = np.array([[z[0]], [0.0]]), np.diag([variances[0], speed2]), np.array([[1.0, 0.0]])
    xs, Ps, Fs, Qs, innovations = [kf.x.copy()], [kf.P.copy()], [np.eye(2)], [np.zeros((2, 2))], []
    for t in range(1, len(times)):
        F, Q = matrices(times[t] - times[t - 1], acceleration2, drift2)
        kf.predict(F=F, Q=Q)
        if variances[t] >= 0:
            innovations.append((z[t] - kf.x[0, 0], kf.P[0, 0] + variances[t]))
            kf.update(z[t], R=variances[t])
        xs, Ps, Fs, Qs = [*xs, kf.x.copy()], [*Ps, kf.P.copy()], [*Fs, F], [*Qs, Q]
    return kf, xs, Ps, Fs, Qs, innovations


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(2, 30))
def test_smoothing_equals_filterpys(seed, n):
    times, z, variances, dynamics = an_axis(seed, n)
    kf, xs, Ps, Fs, Qs, _ = filtered(times, z, variances, dynamics)
    wanted_x, wanted_P, _, _ = kf.rts_smoother(np.array(xs), np.array(Ps), Fs, Qs)
    x, P = np.empty((n, 2)), np.empty((n, 3))
    kernels.smooth(times, z, variances, *dynamics, x, P)
    np.testing.assert_allclose(x, wanted_x[:, :, 0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(P[:, [0, 1, 1, 2]], wanted_P.reshape(n, 4), rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(2, 30))
def test_what_only_drifts_has_no_rate(seed, n):
    times, z, variances, (_, drift2, _) = an_axis(seed, n)
    x, P = np.empty((n, 2)), np.empty((n, 3))
    kernels.smooth(times, z, variances, 0.0, drift2, 0.0, x, P)
    assert not x[:, 1].any()
    assert (P[:, 0] > 0).all()
    assert P[:, 0].max() <= P[:, 0].max(initial=0) * (1 + 1e-12)
    np.testing.assert_array_equal(P[:, 1:], 0)


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(2, 30))
def test_disbelief_is_that_of_filterpys_innovations(seed, n):
    times, z, variances, dynamics = an_axis(seed, n)
    innovations = filtered(times, z, variances, dynamics)[-1]
    wanted = sum(2.5 * np.log1p(e**2 / (4 * S)) + 0.5 * np.log(S) for e, S in innovations)
    np.testing.assert_allclose(kernels.disbelieve(times, z, variances, *dynamics), wanted, rtol=1e-9, atol=1e-9)
