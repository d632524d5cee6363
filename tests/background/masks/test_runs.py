"""Runs are measured and drawn as their plain twin and scipy.ndimage say."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gmmtrack.background.masks.runs import Runs

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 24)
regions = st.integers(0, 5)


def labelled(random, height, width, n):
    return random.integers(0, n + 1, (height, width)).astype(np.int32)


def runs_of(labels, n):
    """Return the runs of equal labels, but for 0, as n regions."""
    found = []
    for y, row in enumerate(labels):
        edges = [0, *(np.flatnonzero(np.diff(row)) + 1), len(row)]
        found += [(y, x0, x1, row[x0]) for x0, x1 in pairwise(edges) if row[x0]]
    table = np.array(found, np.int32).reshape(-1, 4)
    return Runs(np.ascontiguousarray(table[:, :3]), np.ascontiguousarray(table[:, 3]), n)


@settings(deadline=None)
@given(seeds, sides, sides, regions)
def test_moments_equal_those_of_the_plain_twin(twin, seed, height, width, n):
    labels = labelled(np.random.default_rng(seed), height, width, n)
    for found, plain in zip(runs_of(labels, n).moments, twin.measure(labels, n + 1), strict=True):
        np.testing.assert_array_equal(found, plain)


@settings(deadline=None)
@given(seeds, sides, sides)
def test_moments_and_boxes_equal_scipys_measurements(seed, height, width):
    labels, n = ndimage.label(np.random.default_rng(seed).random((height, width)) < 0.4, np.ones((3, 3)))
    labels = labels.astype(np.int32)
    runs = runs_of(labels, n)
    sums, boxes = runs.moments
    for r, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        np.testing.assert_array_equal(boxes[r], [columns.start, rows.start, columns.stop, rows.stop])
        y, x = ndimage.center_of_mass(labels == r)
        np.testing.assert_allclose(sums[r, 1:3] / sums[r, 0], [x, y])
    counts = ndimage.sum_labels(np.ones(labels.shape), labels, np.arange(1, n + 1))
    np.testing.assert_array_equal(sums[1:, 0], counts)
    np.testing.assert_array_equal(runs.boxes, boxes)
    np.testing.assert_array_equal(runs.sizes, sums[:, 0])


@settings(deadline=None)
@given(seeds, sides, sides, regions)
def test_the_regions_that_are_kept_are_drawn_with_their_new_numbers(seed, height, width, n):
    random = np.random.default_rng(seed)
    labels = labelled(random, height, width, n)
    chosen = random.random(n + 1) < 0.6
    numbers = np.append(0, np.where(chosen[1:], np.cumsum(chosen[1:]), 0))
    out = np.zeros(labels.shape, np.int32)
    kept = runs_of(labels, n).kept(chosen)
    kept.draw(out)
    np.testing.assert_array_equal(out, np.where(labels > 0, numbers[labels], 0))
    assert kept.n == chosen[1:].sum()


@settings(deadline=None)
@given(seeds, st.integers(1, 8), st.integers(1, 70), st.sampled_from([0.02, 0.5, 0.98]))
def test_runs_are_where_a_row_changes(seed, height, width, share):
    rng = np.random.default_rng(seed)
    values = np.array([0, 127, 255], np.uint8)
    mask = rng.permutation(values)[rng.choice(3, (height, width), p=[1 - share, share / 2, share / 2])]
    for value in values:
        steps = np.diff(np.pad(mask == value, ((0, 0), (1, 1))).astype(int), axis=1)
        (rows, starts), (_, ends) = np.nonzero(steps == 1), np.nonzero(steps == -1)
        found = Runs.of(mask, value, corners=True).runs
        np.testing.assert_array_equal(found, np.stack([rows, starts, ends], axis=1))


@settings(deadline=None)
@given(seeds, sides, sides, regions, regions)
def test_the_heir_of_a_region_is_the_one_with_which_it_shares_most(seed, height, width, n, n_before):
    random = np.random.default_rng(seed)
    labels, before = labelled(random, height, width, n), labelled(random, height, width, n_before)
    heirs = runs_of(labels, n).heirs(runs_of(before, n_before))
    for r in range(n + 1):
        shared = np.bincount(before[(labels == r) & (r > 0)], minlength=n_before + 1)
        shared[0] = 0
        assert heirs[r] == (np.flatnonzero(shared == shared.max())[-1] if shared.any() else 0)


masks = st.tuples(seeds, sides, sides)


def mask_of(seed, height, width):
    return np.random.default_rng(seed).choice(np.array([0, 127, 255], np.uint8), (height, width))


@settings(deadline=None)
@given(masks)
def test_borders_and_neighbours_are_what_lies_beside_each_region(size):
    mask = mask_of(*size)
    own, others = (Runs.of(mask, value, corners=True) for value in (np.uint8(255), np.uint8(127)))
    regions, of_others = (np.zeros(mask.shape, np.int32) for _ in range(2))
    own.draw(regions)
    others.draw(of_others)
    expected, pairs = np.zeros((own.n + 1, 2), int), set()
    for y, x in np.argwhere(mask == 255):
        for i, j in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if 0 <= i < mask.shape[0] and 0 <= j < mask.shape[1] and mask[i, j] != 255:
                expected[regions[y, x]] += 1, mask[i, j] == 127
                if mask[i, j] == 127 and regions[y, x] % 2:
                    pairs.add((regions[y, x], of_others[i, j]))
    np.testing.assert_array_equal(own.borders(mask, np.uint8(255), np.uint8(127)), expected)
    odd = np.arange(own.n + 1) % 2 == 1
    assert set(map(tuple, own.neighbours(odd, others).tolist())) == pairs


@settings(deadline=None)
@given(masks, st.tuples(sides, sides), st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_some_rows_and_columns_are_drawn(size, extent, corner):
    mask = mask_of(*size)
    runs, regions = Runs.of(mask, np.uint8(255), corners=False), np.zeros(mask.shape, np.int32)
    runs.draw(regions)
    starts = [min(c, n - 1) for c, n in zip(corner, mask.shape, strict=True)]
    window = tuple(slice(c, min(c + e, n)) for c, e, n in zip(starts, extent, mask.shape, strict=True))
    np.testing.assert_array_equal(runs.within(window), regions[window])
