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


@settings(deadline=None)
@given(seeds, counts)
def test_boxes_and_measurements_are_each_others_inverse(seed, n):
    _, x, _ = tracks(seed, n)
    x[:, 2:4] += 1
    np.testing.assert_allclose(kernels.measurements(kernels.boxes(x)), x[:, :4], rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(seeds, counts, st.integers(1, 3))
def test_tracks_are_confirmed_as_their_plain_twin_says_and_numbered_in_their_order(twin, seed, n, fewest):
    random, x, _ = tracks(seed, n)
    ids, hits, made = random.integers(0, 2, n), random.integers(1, 4, n), random.integers(0, 2, n).astype(np.int8)
    odds = random.normal(0, 4, n)
    birthplaces, moved = x[:, :2] + random.normal(0, 30, (n, 2)), random.random(n) < 0.3
    limits = fewest, 1.0, 0.5, 0
    ready, travelled = twin.believed(x, ids, hits, odds, made, birthplaces, limits)
    wanted, wanted_moved = ids.copy(), moved | (travelled > 1)
    wanted[ready] = 5 + np.arange(ready.sum())
    last = kernels.confirm((x, ids, hits, odds, made, birthplaces, moved), limits, 4)
    assert (last, ids.tolist(), moved.tolist()) == (4 + ready.sum(), wanted.tolist(), wanted_moved.tolist())


@settings(deadline=None)
@given(seeds, counts)
def test_tracks_are_judged_as_their_plain_twin_says(twin, seed, n):
    random, x, P = tracks(seed, n)
    ids, taken = random.permutation(2 * n)[:n] - random.integers(0, n + 1), random.integers(-1, 2, n)
    unseen, limits = random.choice([0.0, 0.5, 2.0, 5.0], n), (3.0, 1.0, 1.0, 0.5, 1.5)
    size = [(0, 0), (30, 100), (100, 30)][seed % 3]
    judged = x, P, np.maximum(ids, 0), taken, unseen, size, limits
    alive, shown, states = kernels.judge(*judged, (1, 2, 3))
    wanted_alive, wanted_shown, still = twin.judge(*judged)
    wanted_states = np.where(taken[wanted_shown] < 0, 2, np.where(still, 3, 1))
    np.testing.assert_array_equal(alive, wanted_alive)
    np.testing.assert_array_equal(shown, wanted_shown)
    np.testing.assert_array_equal(states, wanted_states)


@settings(deadline=None)
@given(seeds, counts, counts)
def test_what_is_reported_of_a_track_are_its_box_velocity_and_the_covariance_of_centre_and_velocity(seed, n, k):
    random, x, P = tracks(seed, n)
    shown = random.permutation(n)[:k]
    xyxy, velocities, covariances = kernels.views(x, P, shown)
    centre_and_velocity = [0, 1, 4, 5]
    np.testing.assert_array_equal(xyxy, kernels.boxes(x)[shown])
    np.testing.assert_array_equal(velocities, x[shown, 4:])
    np.testing.assert_array_equal(covariances, P[shown][:, centre_and_velocity][:, :, centre_and_velocity])


@settings(deadline=None)
@given(seeds, counts)
def test_detections_measure_their_boxes_less_exactly_the_lower_the_score(seed, m):
    random = np.random.default_rng(seed)
    corners, scores = random.normal(0, 50, (m, 2)), random.uniform(-0.1, 1.1, m)
    xyxy = np.concatenate([corners, corners + random.uniform(0, 60, (m, 2))], axis=1)
    z, errors, gains, lacking = kernels.measure(xyxy, scores, (0.001, 0.989, 4.5, 0.25, 0.05, 0.1, 0.3))
    odds = np.log(scores.clip(0.001, 0.989) / (1 - scores.clip(0.001, 0.989)))
    np.testing.assert_array_equal(z, kernels.measurements(xyxy))
    np.testing.assert_allclose(errors, (1 + 0.25 * (4.5 - odds))[:, None] * [0.05, 0.1])
    np.testing.assert_allclose(gains, odds + 0.3)
    np.testing.assert_allclose(lacking, 4.5 - odds, atol=1e-12)


@given(seeds, st.integers(1, 6), st.integers(1, 6), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_what_is_remembered_is_blended_with_what_is_seen_and_of_no_other_track(seed, n, m, k):
    rng = np.random.default_rng(seed)
    remembered, seen, n_pairs = rng.normal(size=(n, k)), rng.normal(size=(m, k)), min(n, m)
    tracks, rows, keep = rng.permutation(n)[:n_pairs], rng.permutation(m)[:n_pairs], rng.random(n_pairs)
    expected = remembered.copy()
    expected[tracks] = keep[:, None] * remembered[tracks] + (1 - keep[:, None]) * seen[rows]
    kernels.blend(remembered, seen, tracks, rows, keep)
    np.testing.assert_allclose(remembered, expected, atol=1e-12)
