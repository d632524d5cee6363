"""What is not where it was expected: the kernels, against plain twins and by what they are for."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.tracking import kernels
from gmmtrack.tracking.surprises import kernels as surprises

seeds = st.integers(0, 2**32 - 1)
counts = st.integers(0, 6)


def tracks(seed, n):
    random = np.random.default_rng(seed)
    x = np.concatenate([random.normal(0, 50, (n, 2)), random.uniform(0.2, 60, (n, 2)), random.normal(0, 40, (n, 2))], 1)
    return random, x


@settings(deadline=None)
@given(seeds, st.integers(1, 6), st.floats(0.01, 1.0))
def test_who_is_found_far_from_where_it_was_expected_is_there_and_has_changed_its_speed(seed, n, dt):
    random, x = tracks(seed, n)
    P = np.tile(np.diag([1.0, 1, 1, 1, 4, 4]), (n, 1, 1))
    z, errors = x[:, :4].copy(), np.full((n, 2), 1e-3)
    angle = random.uniform(0, 2 * np.pi, n)
    away = 1e3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    z[:, :2] += away
    before, rows = x.copy(), np.arange(n)
    surprises.change_speed(x, P, rows, z, np.full(n, 0.1), rows, np.full(n, dt))
    np.testing.assert_allclose(P, P.transpose(0, 2, 1))
    assert (np.linalg.eigvalsh(P) > 0).all()
    kernels.correct(x, P, rows, z, errors, rows)
    np.testing.assert_allclose(x[:, :2], z[:, :2], atol=10)
    np.testing.assert_allclose(x[:, 4:] - before[:, 4:], away / dt, rtol=0.03, atol=30 / dt)


@settings(deadline=None)
@given(seeds, st.integers(1, 6), st.booleans())
def test_who_is_found_near_where_it_was_expected_or_outside_a_shared_blob_keeps_its_speed(seed, n, near):
    _, x = tracks(seed, n)
    P = np.tile(np.diag([1.0, 1, 1, 1, 4, 4]), (n, 1, 1))
    z, before = x[:, :4].copy(), P.copy()
    z[:, :2] += 0.05 if near else 1e3
    moves = np.full(n, 0.1 if near else 1e6)  # as `measure` has it
    surprises.change_speed(x, P, np.arange(n), z, moves, np.arange(n), np.full(n, 0.04))
    np.testing.assert_array_equal(P, before)


@settings(deadline=None)
@given(seeds, counts, counts, st.tuples(*[st.floats(0.01, 0.6)] * 2, *[st.floats(0, 1)] * 2))
def test_who_is_still_near_is_who_the_plain_twin_says(twin, seed, n, m, limits):
    random, x = tracks(seed, n)
    x[:, :2] = random.uniform(0, 40, (n, 2))
    ids, taken = random.integers(0, 3, n), random.integers(-1, 2, n)
    places, extents = random.uniform(0, 40, (n, 2)), random.uniform(0, 40, (n, 2))
    boxes = np.where(taken[:, None] < 0, x[:, :4], np.concatenate([places, extents], axis=1))
    z, copied = random.uniform(0, 40, (m, 4)), random.random(m) < 0.5 * (n > 0)
    z[copied] = boxes[random.integers(0, max(n, 1), m)[copied]] + random.normal(0, 2, (copied.sum(), 4))
    z[:, 2:] = np.abs(z[:, 2:])
    k = random.integers(0, min(n, m) + 1)
    left = z, random.permutation(n)[:k], random.permutation(m)[:k]
    found = surprises.still_near((x, ids, taken, places, extents), *left, limits)
    leasts = np.where(ids <= 0, 2.0, np.where(taken >= 0, *limits[:2]))
    assert list(zip(*(it.tolist() for it in found), strict=True)) == twin.still_near(boxes, leasts, *left, limits[2:])


def turning(places, dt=0.04, sigma=0.5, n_likely=1):
    """Return by how much P grows of a track at rest at 0, 0, that was last seen and is now seen at places (2, 2)."""
    x, P = np.array([[0.0, 0, 10, 10, 0, 0]]), np.diag([sigma**2] * 6)[None].copy()
    before, z = P.copy(), np.array([[*places[1], 10.0, 10.0]])
    last, row = np.array([places[0]], float), np.zeros(1, np.int64)
    numbers = n_likely, last, np.array([dt]), (3.0, 0.03)
    surprises.follow_turns(x, P, row, z, np.full((1, 2), sigma / 10), row, *numbers)
    return (P - before)[0]


def test_who_is_off_to_the_same_side_twice_turns():
    """Of 0.5 sigma each, of place and error, 3 sigma are 2.1 pixels."""
    assert not turning([[2, 0], [2, 0]]).any()
    grown = turning([[3, 0], [3, 0]])
    excess = 9 - 0.5
    np.testing.assert_allclose(grown[[0, 1], [0, 1]], excess)
    np.testing.assert_allclose(grown[[0, 1, 4, 5], [4, 5, 0, 1]], excess / 0.04)
    np.testing.assert_allclose(grown[[4, 5], [4, 5]], excess / 0.04**2)
    assert np.count_nonzero(grown) == 8


def test_who_is_off_to_one_side_and_then_to_another_trembles():
    for now in ([-3, 0], [0, 3], [0.5, 3]):
        assert not turning([[3, 0], now]).any()


def test_who_is_off_by_more_than_can_be_once_turns_at_once():
    assert not turning([[0, 0], [9, 0]]).any()
    np.testing.assert_allclose(turning([[0, 0], [9, 0]], n_likely=0)[0, 0], 81 - 0.25 - 0.09)


def test_no_time_is_none_to_turn_in():
    assert not turning([[3, 0], [3, 0]], dt=0.0).any()
