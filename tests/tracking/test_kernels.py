"""The kernels of tracking against their plain twins."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.tracking import kernels

seeds = st.integers(0, 2**32 - 1)
counts = st.integers(0, 6)


def tracks(seed, n):
    random = np.random.default_rng(seed)
    x = np.concatenate([random.normal(0, 50, (n, 2)), random.uniform(0.2, 60, (n, 2)), random.normal(0, 40, (n, 2))], 1)
    half = random.normal(size=(n, 6, 6)) * 10.0 ** random.uniform(-1, 1)
    return random, x, half @ half.transpose(0, 2, 1) + 0.1 * np.eye(6)


def detections(random, m):
    z = np.concatenate([random.normal(0, 50, (m, 2)), random.uniform(0.2, 60, (m, 2))], 1)
    return z, random.uniform(0.01, 0.5, (m, 2))


@settings(deadline=None)
@given(seeds, counts, st.floats(0, 5), st.floats(0.01, 3), st.floats(0.01, 3))
def test_predict_equals_its_plain_twin(twin, seed, n, dt, acceleration, drift):
    _, x, P = tracks(seed, n)
    expected = twin.predict(x, P, dt, acceleration, drift)
    kernels.predict(x, P, dt, acceleration, drift)
    np.testing.assert_allclose(x, expected[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(P, expected[1], rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(seeds, st.integers(1, 6), st.integers(0, 6))
def test_correct_equals_its_plain_twin_and_leaves_the_others_alone(twin, seed, n, k):
    random, x, P = tracks(seed, n)
    chosen, rows = random.permutation(n)[: min(k, n)], random.permutation(8)[: min(k, n)]
    z, errors = detections(random, 8)
    before = x.copy(), P.copy()
    kernels.correct(x, P, chosen, z, errors, rows)
    expected = twin.correct(before[0][chosen], before[1][chosen], z[rows], errors[rows])
    np.testing.assert_allclose(x[chosen], expected[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(P[chosen], expected[1], rtol=1e-6, atol=1e-6 * np.abs(P).max())
    others = np.setdiff1d(np.arange(n), chosen)
    np.testing.assert_array_equal(x[others], before[0][others])
    np.testing.assert_array_equal(P[others], before[1][others])


@settings(deadline=None)
@given(seeds, counts, counts)
def test_costs_equal_their_plain_twin(twin, seed, n, m):
    random, x, P = tracks(seed, n)
    z, errors = detections(random, m)
    ids, unseen, lacking = random.integers(0, 2, n), random.uniform(0, 2, n), random.uniform(0, 9, m)
    colors = random.uniform(0, 5, (n, m))
    weights = (random.uniform(1, 400), 0.05, *random.uniform(0, 3, 2), *random.uniform(0, 10, 4))
    found = kernels.costs(x, P, ids, unseen, z, errors, lacking, colors, weights)
    for t in range(n):
        for d in range(m):
            pair = x[t], P[t], ids[t], unseen[t], z[d], errors[d], lacking[d], colors[t, d]
            np.testing.assert_allclose(found[t, d], twin.cost(*pair, weights), rtol=1e-6, atol=1e-6)


@given(seeds, counts)
def test_boxes_and_measurements_are_each_others_inverse(seed, n):
    _, x, _ = tracks(seed, n)
    x[:, 2:4] += 1
    np.testing.assert_allclose(kernels.measurements(kernels.boxes(x)), x[:, :4], rtol=1e-9, atol=1e-9)
