"""The kernels of detection against their plain twins and SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from gmmtrack.detection import kernels
from gmmtrack.detection.claims import ellipse_boxes

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 24)
blobs = st.integers(0, 5)


def labelled(random, height, width, n_blobs):
    return random.integers(0, n_blobs + 1, (height, width)).astype(np.int32)


def ellipses(random, n, height, width):
    means = random.uniform(-5, 5 + max(height, width), (n, 2))
    half = random.normal(size=(n, 2, 2)) * random.uniform(0.5, 4)
    return means, half @ half.transpose(0, 2, 1) + 0.2 * np.eye(2)


def a_box(random, height, width):
    (x0, x1), (y0, y1) = (np.sort(random.integers(0, side + 1, 2)) for side in (width, height))
    return np.array([x0, y0, x1, y1])


@settings(deadline=None)
@given(seeds, st.integers(0, 12))
def test_boxes_that_overlap_are_united(twin, seed, n):
    corners = np.random.default_rng(seed).integers(0, 30, (n, 2))
    boxes = np.concatenate([corners, corners + np.random.default_rng(seed + 1).integers(1, 9, (n, 2))], axis=1)
    expected = twin.unite(boxes)
    united = boxes[: kernels.unite(boxes)]
    assert {tuple(box) for box in united.tolist()} == expected
    assert len(united) == len(expected)


@settings(deadline=None)
@given(seeds, sides, sides, blobs, st.integers(0, 4), st.floats(0.5, 6.0))
def test_overlap_equals_its_plain_twin(twin, seed, height, width, n_blobs, n_tracks, radius2):
    random = np.random.default_rng(seed)
    labels = labelled(random, height, width, n_blobs)
    means, shapes = ellipses(random, n_tracks, height, width)
    precisions, boxes = np.linalg.inv(shapes), ellipse_boxes(means, shapes, radius2, labels.shape)
    shared, areas = np.zeros((n_tracks, n_blobs), np.int64), np.zeros(n_tracks, np.int64)
    kernels.overlap(labels, means, precisions, boxes, radius2, shared, areas)
    plain_shared, plain_areas = twin.overlap(labels, n_blobs, means, precisions, radius2)
    np.testing.assert_array_equal(shared, plain_shared)
    np.testing.assert_array_equal(areas, plain_areas)


@settings(deadline=None)
@given(seeds, sides, sides, blobs, st.integers(1, 7))
def test_cells_equal_their_plain_twin_and_lose_no_pixel(twin, seed, height, width, n_blobs, cell):
    random = np.random.default_rng(seed)
    labels, chosen = labelled(random, height, width, n_blobs), random.random(n_blobs) < 0.6
    box = a_box(random, height, width)
    points, weights = np.full((height * width, 2), -1.0), np.full(height * width, -1.0)
    none = np.zeros((0, 0), np.uint8), np.zeros((0, 125))
    n = kernels.reduce_to_cells(labels, chosen, box, cell, *none, points, weights, np.zeros((0, height * width)))
    plain_points, plain_weights = twin.reduce_to_cells(labels, chosen, box, cell)
    np.testing.assert_allclose(points[:n], plain_points, rtol=1e-12)
    np.testing.assert_array_equal(weights[:n], plain_weights)
    assert (weights[n:] == -1).all()
    inside = labels[box[1] : box[3], box[0] : box[2]]
    assert weights[:n].sum() == ((inside > 0) & np.append(chosen, False)[inside - 1]).sum()


@settings(deadline=None)
@given(seeds, sides, sides, blobs, st.integers(1, 9), st.integers(1, 3))
def test_marks_of_cells_are_means_over_their_pixels(twin, seed, height, width, n_blobs, cell, n_tracks):
    random = np.random.default_rng(seed)
    labels, chosen = labelled(random, height, width, n_blobs), random.random(n_blobs) < 0.6
    box, colors = a_box(random, height, width), random.integers(0, 125, (height, width), np.uint8)
    table = random.normal(size=(n_tracks, 125))
    expected = twin.mark_cells(colors, labels, chosen, box, cell, table)
    marks = np.zeros((n_tracks, height * width))
    points, weights = np.zeros((height * width, 2)), np.zeros(height * width)
    kernels.reduce_to_cells(labels, chosen, box, cell, colors, table, points, weights, marks)
    np.testing.assert_allclose(marks[:, : expected.shape[1]], expected, atol=1e-12)
    assert not marks[:, expected.shape[1] :].any()


@settings(deadline=None)
@given(seeds, st.integers(0, 50), st.integers(1, 5), st.floats(0.5, 9.0))
def test_own_points_equal_those_of_the_plain_twin(twin, seed, n_points, n_tracks, radius2):
    random = np.random.default_rng(seed)
    means, shapes = ellipses(random, n_tracks, 40, 60)
    points, weights, own = random.uniform(0, 60, (n_points, 2)), random.uniform(0, 9, n_points), np.zeros(n_tracks)
    kernels.count_own(points, weights, means, np.linalg.inv(shapes), radius2, own)
    np.testing.assert_allclose(own, twin.count_own(points, weights, means, np.linalg.inv(shapes), radius2), atol=1e-9)


@settings(deadline=None)
@given(seeds, sides, sides, blobs, st.integers(0, 4), st.floats(0.5, 9.0))
def test_what_is_unexplained_equals_its_plain_twin(twin, seed, height, width, n_blobs, n_tracks, radius2):
    random = np.random.default_rng(seed)
    labels, chosen = labelled(random, height, width, n_blobs), random.random(n_blobs) < 0.6
    box, (means, shapes) = a_box(random, height, width), ellipses(random, n_tracks, height, width)
    out = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    n = kernels.mark_unexplained(labels, chosen, box, means, np.linalg.inv(shapes), radius2, out)
    expected = twin.unexplained(labels, chosen, box, means, np.linalg.inv(shapes), radius2)
    np.testing.assert_array_equal(out, expected)
    assert n == expected.sum()


@settings(deadline=None)
@given(seeds, sides, sides, blobs, st.integers(0, 4), st.floats(0.5, 9.0))
def test_agreement_equals_its_plain_twin(twin, seed, height, width, n_blobs, n_tracks, radius2):
    random = np.random.default_rng(seed)
    labels, chosen = labelled(random, height, width, n_blobs), random.random(n_blobs) < 0.6
    precisions, means = (
        np.linalg.inv(ellipses(random, n_tracks, height, width)[1]),
        random.uniform(0, 30, (n_tracks, 2)),
    )
    found = kernels.agreement(labels, chosen, np.array([0, 0, width, height]), means, precisions, radius2)
    assert found == pytest.approx(twin.agreement(labels, chosen, means, precisions, radius2))


@settings(deadline=None)
@given(seeds, sides, sides, blobs)
def test_colours_are_counted_as_numpy_counts_them(twin, seed, height, width, n_blobs):
    random = np.random.default_rng(seed)
    labels, mask = labelled(random, height, width, n_blobs), random.choice(np.uint8([0, 127, 255]), (height, width))
    image = random.choice(np.uint8([0, 31, 32, 63, 64, 111, 112, 175, 176, 255]), (height, width, 3))
    palettes, colors = np.zeros((n_blobs, 125)), np.full((height, width), 200, np.uint8)
    boxes = np.tile(np.array([0, 0, width, height]), (n_blobs, 1))
    kernels.quantise(image, labels, boxes, colors)
    np.testing.assert_array_equal(colors, np.where(labels > 0, twin.quantised(image), 200))
    counts = np.bincount(labels.ravel(), minlength=n_blobs + 1)[1:].astype(float)
    kernels.count_colors(colors, mask, labels, boxes, counts, 1e9, palettes)
    np.testing.assert_array_equal(palettes, twin.count_colors(image, mask, labels, n_blobs))


def test_of_a_large_blob_some_pixels_stand_for_all():
    colors = np.random.default_rng(0).integers(0, 125, (60, 90), np.uint8)
    palettes, labels = np.zeros((1, 125)), np.ones((60, 90), np.int32)
    boxes, counts = np.array([[0, 0, 90, 60]]), np.array([5400.0])
    kernels.count_colors(colors, np.full((60, 90), 255, np.uint8), labels, boxes, counts, 600.0, palettes)
    assert palettes.sum() == 5400
    assert set(np.unique(palettes % 9)) == {0}


@settings(deadline=None)
@given(seeds, st.integers(0, 9), st.integers(0, 9), st.floats(0, 0.4))
def test_groups_are_scipys_components(seed, n_tracks, n_blobs, share):
    claims = np.random.default_rng(seed).random((n_tracks, n_blobs)) < share
    of_track, of_blob = np.empty(n_tracks, np.int64), np.empty(n_blobs, np.int64)
    n_groups = kernels.group(claims, of_track, of_blob)
    links = np.zeros((n_tracks + n_blobs,) * 2)
    links[:n_tracks, n_tracks:] = claims
    expected_n, expected = connected_components(links, directed=False)
    assert n_groups == expected_n
    np.testing.assert_array_equal(np.concatenate([of_track, of_blob]), expected)


@pytest.mark.parametrize("angle", [0.0, 0.5, 1.2, 2.9])
def test_an_ellipses_box_holds_it_and_no_more(twin, turned, angle):
    mean, shape = np.array([[50.3, 41.8]]), turned(30, 12, angle)[None]
    x0, y0, x1, y1 = ellipse_boxes(mean, shape, 4.0, (90, 100))[0]
    y, x = np.nonzero(twin.within((90, 100), mean[0], np.linalg.inv(shape[0]), 4.0))
    assert 0 <= x.min() - x0 <= 1 and 0 <= y.min() - y0 <= 1  # noqa: PT018
    assert 0 <= x1 - 1 - x.max() <= 1 and 0 <= y1 - 1 - y.max() <= 1  # noqa: PT018


def test_the_box_of_an_ellipse_beyond_the_frame_is_empty(turned):
    x0, y0, x1, y1 = ellipse_boxes(np.array([[-90.0, 500.0]]), turned(10, 10)[None], 4.0, (90, 100))[0]
    assert (x1 - x0) * (y1 - y0) == 0
