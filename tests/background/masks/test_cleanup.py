"""Masks are cleaned as SciPy's labelling and median say they should be."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gmmtrack.background import BackgroundSettings
from gmmtrack.background.masks.cleanup import cleaned as foreground_of
from gmmtrack.background.masks.cleanup import lay, take_back_shadows
from gmmtrack.background.masks.kernels import FOREGROUND
from gmmtrack.background.masks.runs import Runs

EIGHT = np.ones((3, 3))
OFF = {"majority": False, "speck": 0.0, "hole": 0.0, "hollow": 0.0, "enclosed": 1.0, "surrounded": 1.0}


def cleaned(mask, **changes):
    """Return the cleaned mask, whose regions are those that are said to be."""
    result = mask.copy()
    foreground, regions, _ = foreground_of(result, BackgroundSettings(**(OFF | changes)))
    wanted = Runs.of(foreground, FOREGROUND, corners=True)
    np.testing.assert_array_equal(regions.runs, wanted.runs)
    np.testing.assert_array_equal(regions.labels, wanted.labels)
    assert regions.n == wanted.n
    lay(foreground, result)
    return result


def without_specks_and_holes(foreground, speck, hole):
    """Return `foreground` with holes of up to `hole` pixels filled, and then without blobs of fewer than `speck`."""
    holes, n_holes = ndimage.label(~foreground)
    border = np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]])
    sizes = ndimage.sum_labels(~foreground, holes, range(n_holes + 1))
    is_filled = (sizes <= hole) & ~np.isin(range(n_holes + 1), border)
    result = foreground | is_filled[holes] & (holes > 0)
    blobs, n_blobs = ndimage.label(result, EIGHT)
    sizes = ndimage.sum_labels(result, blobs, range(n_blobs + 1))
    return result & (sizes >= speck)[blobs]


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.integers(1, 24), st.integers(1, 24)),
    st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_specks_and_holes_are_those_that_labelling_finds(seed, size, density, speck, hole):
    foreground = np.random.default_rng(seed).random(size) < density
    mask = np.where(foreground, 255, 0).astype(np.uint8)
    # half a pixel keeps the share from rounding to the other side of a whole number
    settings = {"speck": min(1.0, max(0.0, speck - 0.5) / mask.size), "hole": min(1.0, (hole + 0.5) / mask.size)}
    expected = without_specks_and_holes(foreground, min(speck - 0.5, mask.size), min(hole + 0.5, mask.size))
    np.testing.assert_array_equal(cleaned(mask, **settings) == 255, expected)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.integers(1, 24), st.integers(1, 24)),
    st.sampled_from([0.5, 0.7, 0.8, 0.9]),
    st.sampled_from([0.05, 0.1, 0.5]),
)
def test_hollows_are_small_beside_the_region_around_them(seed, size, density, share):
    foreground = np.random.default_rng(seed).random(size) < density
    blobs, _ = ndimage.label(foreground, EIGHT)
    holes, n_holes = ndimage.label(~foreground)
    expected = foreground.copy()
    for hole in range(1, n_holes + 1):
        y, x = np.nonzero(holes == hole)
        if y.min() > 0 and x.min() > 0 and y.max() < size[0] - 1 and x.max() < size[1] - 1:
            around = blobs[y[0], x[0] - 1]  # what is left of its first pixel
            expected[y, x] = len(y) <= share * (blobs == around).sum()
    mask = np.where(foreground, 255, 0).astype(np.uint8)
    np.testing.assert_array_equal(cleaned(mask, hollow=share) == 255, expected)


def test_an_island_in_a_filled_hole_leaves_no_pit():
    mask = np.zeros((20, 20), np.uint8)
    mask[4:12, 4:12] = 255
    mask[6:10, 6:10] = 0
    mask[8, 8] = 255
    result = cleaned(mask, speck=5 / 400, hole=40 / 400)
    assert (result[4:12, 4:12] == 255).all()
    assert (result == 255).sum() == 64


def test_a_small_ring_goes_with_its_hole():
    mask = np.zeros((20, 20), np.uint8)
    mask[4:7, 4:7] = 255
    mask[5, 5] = 0
    assert not cleaned(mask, speck=10 / 400, hole=4 / 400).any()
    assert (cleaned(mask, speck=9 / 400, hole=4 / 400) == 255).sum() == 9


def test_what_touches_the_border_is_no_hole():
    mask = np.full((12, 12), 255, np.uint8)
    mask[0, 5] = 0
    mask[5, 5] = 0
    result = cleaned(mask, hole=3 / 144)
    assert result[0, 5] == 0
    assert result[5, 5] == 255


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.tuples(st.integers(1, 20), st.integers(1, 20)))
def test_a_pixel_sides_with_the_majority_of_its_neighbours(seed, size):
    mask = np.random.default_rng(seed).choice([0, 127, 255], size).astype(np.uint8)
    votes = ndimage.median_filter((mask == 255).astype(np.uint8), size=5, mode="nearest")
    np.testing.assert_array_equal(cleaned(mask, majority=True) == 255, votes == 1)


def test_shadow_labels_stay_where_nothing_else_is():
    mask = np.zeros((20, 20), np.uint8)
    mask[2:8, 2:8] = 127
    mask[10:18, 10:18] = 255
    mask[13, 13] = 127  # a hole
    mask[4, 4] = 255  # a speck
    result = cleaned(mask, speck=3 / 400, hole=3 / 400)
    assert (result == 127).sum() == 35
    assert result[4, 4] == 0
    assert result[13, 13] == 255


def test_a_clean_mask_stays_as_it_is():
    mask = np.zeros((30, 30), np.uint8)
    mask[5:20, 0:12] = 255
    np.testing.assert_array_equal(cleaned(mask, speck=0.01, hole=0.01), mask)
    np.testing.assert_array_equal(cleaned(np.zeros_like(mask), speck=0.01, hole=0.01), 0)


def test_a_shadow_within_an_object_is_part_of_it_and_one_beside_it_is_not():
    mask = np.zeros((90, 120), np.uint8)
    mask[20:50, 30:60] = 255
    mask[28:36, 40:50] = 127
    mask[40:48, 60:75] = 127
    mask[70:80, 90:110] = 127
    cast = take_back_shadows(mask, BackgroundSettings(enclosed=0.5))
    assert (mask[28:36, 40:50] == 255).all()
    assert (mask[40:48, 60:75] == 127).all()
    assert (mask[70:80, 90:110] == 127).all()
    np.testing.assert_array_equal(cast.moments[1][1:], [(60, 40, 75, 48)])  # the third is cast by nothing
