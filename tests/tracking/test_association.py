"""Which track takes which detection, against plain loops, SciPy's distances and brute force."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from gmmtrack.tracking.association import assign, box_shares, color_distances

seeds = st.integers(0, 2**32 - 1)


def boxes(random, n):
    corners = random.integers(0, 20, (n, 2)).astype(float)
    return np.concatenate([corners, corners + random.integers(0, 12, (n, 2))], axis=1)


def overlap(a, b):
    """Return intersection over union of two boxes of whole numbers by counting their pixels."""
    pixels = [{(x, y) for x in range(int(c[0]), int(c[2])) for y in range(int(c[1]), int(c[3]))} for c in (a, b)]
    joined = len(pixels[0] | pixels[1])
    return len(pixels[0] & pixels[1]) / joined if joined else 0.0


def test_a_box_lies_on_itself_wholly_and_on_an_empty_one_not_at_all():
    box, empty = np.array([[1.5, 2.0, 4.0, 8.0]]), np.array([[3.0, 3.0, 3.0, 3.0]])
    assert box_shares(box, box) == 1.0
    assert box_shares(empty, empty) == 0.0


@settings(deadline=None)
@given(seeds, st.integers(0, 4), st.integers(0, 4))
def test_colour_distances_are_hellingers(seed, n, m):
    random = np.random.default_rng(seed)
    a, b = random.dirichlet(np.full(9, 0.3), n), random.dirichlet(np.full(9, 0.3), m)
    expected = cdist(np.sqrt(a), np.sqrt(b)) / 2**0.5 if n and m else np.zeros((n, m))
    np.testing.assert_allclose(color_distances(a, b), expected, atol=1e-7)


def best(costs):
    """Return the least total cost of any way to match, by trying them all."""
    n, m = costs.shape
    if n > m:
        return best(costs.T)
    return min(sum(costs[row, column] for row, column in enumerate(columns)) for columns in permutations(range(m), n))


def a_case(seed, n, m, share):
    random = np.random.default_rng(seed)
    return random, np.where(random.random((n, m)) < share, -random.uniform(0.1, 100, (n, m)), 0.0)


shares = st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])


@settings(deadline=None)
@given(seeds, st.integers(1, 5), st.integers(1, 5), shares)
def test_what_matches_costs_least_of_all_ways(seed, n, m, share):
    _, costs = a_case(seed, n, m, share)
    np.testing.assert_allclose(costs[assign(costs)].sum(), best(costs), atol=1e-6)


@settings(deadline=None)
@given(seeds, st.integers(0, 12), st.integers(0, 12), shares)
def test_pairs_that_cost_nothing_never_match_and_nobody_matches_twice(seed, n, m, share):
    _, costs = a_case(seed, n, m, share)
    rows, columns = assign(costs)
    assert (costs[rows, columns] < 0).all()
    assert len(set(rows.tolist())) == len(rows)
    assert len(set(columns.tolist())) == len(columns)


@settings(deadline=None)
@given(seeds, st.integers(1, 9), st.integers(1, 9), shares)
def test_the_order_of_rows_and_columns_does_not_matter(seed, n, m, share):
    random, costs = a_case(seed, n, m, share)
    by_row, by_column = random.permutation(n), random.permutation(m)
    pairs = set(zip(*(found.tolist() for found in assign(costs)), strict=True))
    rows, columns = assign(costs[by_row][:, by_column])
    assert set(zip(by_row[rows].tolist(), by_column[columns].tolist(), strict=True)) == pairs


@settings(deadline=None)
@given(seeds, st.integers(0, 5), st.integers(0, 5))
def test_shares_equal_a_count_of_pixels(seed, n, m):
    random = np.random.default_rng(seed)
    a, b = boxes(random, n), boxes(random, m)
    found = box_shares(a, b)
    for (i, j), share in np.ndenumerate(found):
        smaller = min(np.prod(box[2:] - box[:2]) for box in (a[i], b[j]))
        joined = np.prod(a[i, 2:] - a[i, :2]) + np.prod(b[j, 2:] - b[j, :2])
        shared = joined - joined / (1 + overlap(a[i], b[j]))
        np.testing.assert_allclose(share, shared / smaller if smaller else 0.0, atol=1e-9)
