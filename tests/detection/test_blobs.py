"""Blobs against scipy.ndimage and NumPy's covariance."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gmmtrack import DetectionSettings
from gmmtrack.detection.blobs import Canvas, boxes_around, find_blobs, label_blobs

PLAIN = DetectionSettings(join=0.0)
seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(seeds, st.integers(1, 30), st.integers(1, 30), st.floats(0, 1), st.integers(0, 6))
def test_blobs_are_scipys_regions_and_their_moments_numpys(seed, height, width, share, smallest):
    foreground = (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8)
    blobs = label_blobs(foreground, smallest)
    labels, n = ndimage.label(foreground, np.ones((3, 3)))
    sizes = ndimage.sum_labels(foreground, labels, np.arange(n + 1))
    kept = [r for r in range(1, n + 1) if sizes[r] >= smallest]
    assert len(blobs) == len(kept)
    assert blobs.counts.sum() == sum(sizes[r] for r in kept)
    for b in range(len(blobs)):
        y, x = np.nonzero(blobs.labels == b + 1)
        assert len(set(labels[y, x].tolist())) == 1
        assert blobs.counts[b] == len(x) == sizes[labels[y[0], x[0]]]
        points = np.stack([x, y]) + 0.5
        np.testing.assert_allclose(blobs.means[b], points.mean(axis=1), rtol=1e-12)
        # a pixel is a square, not a point: 1/12 in each direction
        np.testing.assert_allclose(blobs.covariances[b], np.cov(points, bias=True) + np.eye(2) / 12, atol=1e-9)
        np.testing.assert_array_equal(blobs.xyxy[b], [x.min(), y.min(), x.max() + 1, y.max() + 1])
    assert ((blobs.labels == 0) | np.isin(labels, kept)).all()


def test_only_255_is_foreground():
    mask = np.array([[0, 1, 127, 254, 255, 0, 255]], np.uint8)
    assert find_blobs(mask, PLAIN).xyxy.tolist() == [[4, 0, 5, 1], [6, 0, 7, 1]]


def test_gaps_narrower_than_told_are_closed_and_wider_ones_are_not():
    mask = np.zeros((100, 100), np.uint8)
    mask[20:40, 20:30] = mask[20:40, 33:43] = mask[20:40, 60:70] = 255
    found = find_blobs(mask, DetectionSettings(join=0.05))
    assert sorted(found.xyxy[:, 0].tolist()) == [20, 60]
    assert len(find_blobs(mask, PLAIN)) == 3


@settings(deadline=None)
@given(seeds, st.integers(1, 60), st.integers(1, 60), st.floats(0, 0.05))
def test_closing_is_opencvs_of_the_whole_mask(seed, height, width, share):
    mask = (np.random.default_rng(seed).random((height, width)) < share) * np.uint8(255)
    found = find_blobs(mask, DetectionSettings(join=0.1))
    side = 2 * round(0.05 * mask.size**0.5) + 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    np.testing.assert_array_equal(found.labels > 0, closed > 0)


def test_closing_does_not_eat_or_grow_what_touches_the_border():
    mask = np.zeros((60, 80), np.uint8)
    mask[:20, :10] = mask[50:, 70:] = 255
    found = find_blobs(mask, DetectionSettings(join=0.1))
    assert found.xyxy.tolist() == [[0, 0, 10, 20], [70, 50, 80, 60]]
    assert found.counts.tolist() == [200, 100]


def test_what_is_too_small_is_left_out():
    mask = np.zeros((100, 100), np.uint8)
    mask[10:13, 10:13] = mask[50:52, 50:54] = 255
    found = find_blobs(mask, PLAIN, smallest=9)
    assert found.counts.tolist() == [9]
    assert set(np.unique(found.labels).tolist()) == {0, 1}


def test_a_blob_far_from_the_corner_keeps_its_moments_exactly():
    small, large = np.zeros((20, 20), np.uint8), np.zeros((2000, 3000), np.uint8)
    small[5:9, 3:10] = small[9:12, 5:7] = 255
    large[1970:1990, 2970:2990] = small
    one, other = find_blobs(small, PLAIN), find_blobs(large, PLAIN)
    np.testing.assert_array_equal(other.covariances, one.covariances)
    np.testing.assert_allclose(other.means - one.means, [[2970, 1970]], rtol=1e-12)


@settings(deadline=None)
@given(seeds, st.integers(1, 60), st.integers(1, 60), st.floats(0, 0.05))
def test_blobs_are_the_same_where_boxes_around_them_are_known(seed, height, width, share):
    mask = (np.random.default_rng(seed).random((height, width)) < share) * np.uint8(255)
    joined = DetectionSettings(join=0.1)
    expected, found = find_blobs(mask, joined), find_blobs(mask, joined, boxes=boxes_around(mask, np.uint8(255), 2))
    np.testing.assert_array_equal(found.labels, expected.labels)


def test_the_mask_is_not_changed():
    mask = np.zeros((50, 50), np.uint8)
    mask[10:20, 10:20] = mask[10:20, 21:30] = 255
    before = mask.copy()
    find_blobs(mask, DetectionSettings(join=0.2))
    np.testing.assert_array_equal(mask, before)


def test_a_canvas_is_as_good_as_new():
    random, canvas = np.random.default_rng(0), Canvas((60, 80))
    for share in (0.5, 0.01, 0.0, 0.02):
        mask = (random.random((60, 80)) < share) * np.uint8(255)
        drawn = find_blobs(mask, DetectionSettings(), canvas=canvas).labels
        np.testing.assert_array_equal(drawn, find_blobs(mask, DetectionSettings()).labels)
