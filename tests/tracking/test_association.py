"""Which track takes which detection, against plain loops, SciPy's distances and brute force."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from gmmtrack.tracking.association import assign, box_overlaps, color_distances, squared_distances

seeds = st.integers(0, 2**32 - 1)


def boxes(random, n):
    corners = random.integers(0, 20, (n, 2)).astype(float)
    return np.concatenate([corners, corners + random.integers(0, 12, (n, 2))], axis=1)


def overlap(a, b):
    """Return intersection over union of two boxes of whole numbers by counting their pixels."""
    pixels = [{(x, y) for x in range(int(c[0]), int(c[2])) for y in range(int(c[1]), int(c[3]))} for c in (a, b)]
    joined = len(pixels[0] | pixels[1])
    return len(pixels[0] & pixels[1]) / joined if joined else 0.0


@settings(deadline=None)
@given(seeds, st.integers(0, 5), st.integers(0, 5))
def test_overlaps_equal_a_count_of_pixels(seed, n, m):
    random = np.random.default_rng(seed)
    a, b = boxes(random, n), boxes(random, m)
    expected = np.array([[overlap(one, other) for other in b] for one in a]).reshape(n, m)
    np.testing.assert_allclose(box_overlaps(a, b), expected, atol=1e-12)


def test_a_box_overlaps_itself_wholly_and_an_empty_one_not_at_all():
    box, empty = np.array([[1.5, 2.0, 4.0, 8.0]]), np.array([[3.0, 3.0, 3.0, 3.0]])
    assert box_overlaps(box, box) == 1.0
    assert box_overlaps(empty, empty) == 0.0


@settings(deadline=None)
@given(seeds, st.integers(1, 4), st.integers(1, 5), st.integers(1, 3))
def test_distances_equal_scipys(seed, n, m, n_dims):
    random = np.random.default_rng(seed)
    half = random.normal(size=(n, n_dims, n_dims))
    S = half @ half.transpose(0, 2, 1) + 0.5 * np.eye(n_dims)
    predicted, measured = random.normal(size=(n, n_dims)) * 9, random.normal(size=(m, n_dims)) * 9
    found = squared_distances(measured[None] - predicted[:, None], S)
    for t in range(n):
        expected = cdist(predicted[t : t + 1], measured, "mahalanobis", VI=np.linalg.inv(S[t]))[0]
        np.testing.assert_allclose(np.sqrt(found[t]), expected, rtol=1e-8)


@settings(deadline=None)
@given(seeds, st.integers(0, 4), st.integers(0, 4))
def test_colour_distances_are_hellingers(seed, n, m):
    random = np.random.default_rng(seed)
    a, b = random.dirichlet(np.full(9, 0.3), n), random.dirichlet(np.full(9, 0.3), m)
    expected = cdist(np.sqrt(a), np.sqrt(b)) / 2**0.5 if n and m else np.zeros((n, m))
    np.testing.assert_allclose(color_distances(a, b), expected, atol=1e-7)


def best(costs, allowed):
    """Return how many pairs can match at most, and what so many cost at least, by trying every way."""
    n, m = costs.shape
    if n > m:
        return best(costs.T, allowed.T)
    outcomes = []
    for columns in permutations(range(m), n):
        kept = [(row, column) for row, column in enumerate(columns) if allowed[row, column]]
        outcomes.append((-len(kept), sum(costs[pair] for pair in kept)))
    n_pairs, cost = min(outcomes)
    return -n_pairs, cost


def a_case(seed, n, m, share):
    random = np.random.default_rng(seed)
    return random, random.uniform(-5, 100, (n, m)), random.random((n, m)) < share


shares = st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])


@settings(deadline=None)
@given(seeds, st.integers(1, 5), st.integers(1, 5), shares)
def test_as_many_match_as_can_at_the_least_cost(seed, n, m, share):
    _, costs, allowed = a_case(seed, n, m, share)
    rows, columns = assign(costs, allowed)
    n_pairs, cost = best(costs, allowed)
    assert len(rows) == n_pairs
    np.testing.assert_allclose(costs[rows, columns].sum(), cost, atol=1e-6)


@settings(deadline=None)
@given(seeds, st.integers(0, 12), st.integers(0, 12), shares)
def test_forbidden_pairs_never_match_and_nobody_matches_twice(seed, n, m, share):
    _, costs, allowed = a_case(seed, n, m, share)
    rows, columns = assign(costs, allowed)
    assert allowed[rows, columns].all()
    assert len(set(rows.tolist())) == len(rows)
    assert len(set(columns.tolist())) == len(columns)


@settings(deadline=None)
@given(seeds, st.integers(1, 9), st.integers(1, 9), shares)
def test_the_order_of_rows_and_columns_does_not_matter(seed, n, m, share):
    random, costs, allowed = a_case(seed, n, m, share)
    by_row, by_column = random.permutation(n), random.permutation(m)
    pairs = set(zip(*(found.tolist() for found in assign(costs, allowed)), strict=True))
    rows, columns = assign(costs[by_row][:, by_column], allowed[by_row][:, by_column])
    assert set(zip(by_row[rows].tolist(), by_column[columns].tolist(), strict=True)) == pairs
