"""Outlines of bodies, and where they explain a blob that is shared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.detection.blobs import find_blobs
from gmmtrack.detection.settings import DetectionSettings
from gmmtrack.detection.shared import Shared
from gmmtrack.detection.silhouettes import kernels, likenesses, place, silhouette

SIZE = (120, 160)
N_BINS = 16
FULL = np.ones((N_BINS, N_BINS), np.float32)
OBLONG, SQUARE = (40, 20), (24, 24)  # extents


def drawn(centers, extents):
    """Return a mask (H, W) of boxes about centers, whole numbers both."""
    mask = np.zeros(SIZE, np.uint8)
    for (x, y), (width, height) in zip(centers, extents, strict=True):
        mask[y - height // 2 : y + height // 2, x - width // 2 : x + width // 2] = 255
    return mask


def boxes_expected(expected, centers, extents, **changes):
    """Return predictions of tracks that fill boxes."""
    extents = np.array(extents, float)
    xyxy = np.concatenate([np.array(centers) - extents / 2, np.array(centers) + extents / 2], axis=1)
    known = {"xyxy": xyxy, "extents": extents, "areas": extents.prod(axis=1), "likenesses": np.ones(len(extents))}
    known["silhouettes"] = np.tile(FULL, (len(extents), 1, 1))
    return expected(centers, extents[:, None] ** 2 / 12 * np.eye(2), **known | changes)


def placed(mask, predictions, image=None, any_color=1.0):
    blobs = find_blobs(mask, DetectionSettings(join=0.0), image)
    shared = Shared.of(blobs, np.arange(len(blobs)), predictions.palettes, any_color)
    return place(shared, predictions, np.arange(len(predictions)))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 24), st.integers(1, 24), st.integers(1, 7), st.integers(0, 3))
def test_the_grid_equals_its_plain_twin(twin, seed, height, width, cell, n_bodies):
    random = np.random.default_rng(seed)
    labels, chosen = random.integers(0, 4, (height, width)).astype(np.int32), random.random(3) < 0.6
    (x0, x1), (y0, y1) = (np.sort(random.integers(0, side + 1, 2)) for side in (width, height))
    box, colors = np.array([x0, y0, x1, y1]), random.integers(0, 125, (height, width), np.uint8)
    table = random.normal(size=(n_bodies, 125))
    found = twin.fill_grid(labels, chosen, box, cell, colors, table)
    grids = [np.zeros_like(found[0]), np.zeros_like(found[1]), np.ones_like(found[2])]
    kernels.fill_grid(labels, chosen, box, cell, colors, table, *grids)
    for mine, plain in zip(grids, found, strict=True):
        np.testing.assert_allclose(mine, plain, rtol=1e-9)


def test_a_silhouette_tells_which_share_of_each_part_of_its_box_is_the_bodys():
    blobs = find_blobs(drawn([(40, 40), (80, 80)], [(32, 32), (32, 32)]), DetectionSettings(join=0.0))
    np.testing.assert_array_equal(silhouette(blobs, np.array([0]), np.array([24, 24, 56, 56])), FULL)
    half = silhouette(blobs, np.array([0]), np.array([24, 24, 88, 56]))
    np.testing.assert_array_equal(half, np.repeat([[1.0, 0.0]], 8, axis=1).repeat(N_BINS, axis=0))


def test_likenesses_are_intersections_over_unions():
    half = np.repeat([[1.0, 0.0]], 8, axis=1).repeat(N_BINS, axis=0).astype(np.float32)
    pairs = np.stack([FULL, FULL, 0 * FULL]), np.stack([FULL, half, 0 * FULL])
    np.testing.assert_allclose(likenesses(*pairs), [1.0, 0.5, 0.0])


@pytest.mark.parametrize("overlap", [2, 8, 14])
@pytest.mark.parametrize("off", [(0, 0), (5, -4), (25, 10)])
def test_bodies_that_overlap_are_found_where_they_are_from_wherever_they_were_expected(expected, overlap, off):
    centers = np.array([(60, 60), (60 + 20 + 12 - overlap, 64)])
    predictions = boxes_expected(expected, centers + np.array([off, (0, 0)]), [OBLONG, SQUARE])
    found = placed(drawn(centers, [OBLONG, SQUARE]), predictions)
    np.testing.assert_allclose(found.means, centers, atol=1.0)
    assert found.misfit < 0.1


def test_who_is_hidden_is_where_it_was_expected_and_has_nothing_of_its_own(expected):
    centers = np.array([(60, 60), (64, 60)])
    found = placed(drawn(centers, [(60, 40), (10, 10)]), boxes_expected(expected, centers, [(60, 40), (10, 10)]))
    np.testing.assert_allclose(found.means, centers, atol=1.0)
    assert found.own[1] == 0
    np.testing.assert_allclose(found.counts.sum(), 60 * 40)


def test_who_comes_out_elsewhere_is_found_there(expected):
    centers = np.array([(60, 60), (100, 70)])
    inside = np.array([(60, 60), (50, 55)])
    found = placed(drawn(centers, [(60, 40), (24, 24)]), boxes_expected(expected, inside, [(60, 40), (24, 24)]))
    np.testing.assert_allclose(found.means, centers, atol=1.0)


def test_of_two_alike_each_is_where_it_was_expected(expected):
    centers = np.array([(60, 60), (78, 60)])
    for order in ([0, 1], [1, 0]):
        predictions = boxes_expected(expected, centers[order] + 2, [SQUARE, SQUARE])
        np.testing.assert_allclose(placed(drawn(centers, [SQUARE] * 2), predictions).means, centers[order], atol=1.0)


def test_of_two_alike_colours_tell_who_is_who(expected):
    centers, middle = np.array([(60, 60), (78, 60)]), np.array([(69, 60), (69, 60)])
    image, palettes = np.zeros((*SIZE, 3), np.uint8), np.zeros((2, 125))
    image[:, :69], image[:, 69:] = 255, 20
    for order in ([0, 1], [1, 0]):
        palettes[:], palettes[order, [124, 0]] = 0.0, 1.0
        predictions = boxes_expected(expected, middle, [SQUARE, SQUARE], palettes=palettes)
        found = placed(drawn(centers, [SQUARE, SQUARE]), predictions, image, any_color=0.3)
        np.testing.assert_allclose(found.means, centers[order], atol=1.0)


def test_bodies_that_do_not_look_like_their_outlines_do_not_explain_a_blob(expected):
    centers = np.array([(60, 60), (84, 64)])
    found = placed(drawn(centers, [OBLONG, SQUARE]), boxes_expected(expected, centers, [(20, 40), (12, 40)]))
    assert found.misfit > 0.3
