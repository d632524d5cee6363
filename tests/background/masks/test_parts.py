"""What has the colour of a shadow and parts that it surrounds is a body."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from gmmtrack.background import BackgroundSettings
from gmmtrack.background.masks.cleanup import take_back_shadows
from gmmtrack.background.masks.kernels import BACKGROUND, FOREGROUND, SHADOW
from gmmtrack.background.masks.parts import _distances, fill_between_parts
from gmmtrack.background.masks.runs import Runs

SIZE = 120, 200


def filled(mask, share=0.7):
    result = mask.copy()
    fill_between_parts(result, Runs.of(mask, SHADOW, corners=False), share)
    return result


def drawn(*boxes):
    """Return a mask with boxes x0, y0, x1, y1 of a value each."""
    mask = np.zeros(SIZE, np.uint8)
    for value, x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = value
    return mask


WINDOWS = [(FOREGROUND, 60, 25, 80, 37), (FOREGROUND, 85, 25, 107, 37)]
WHEELS = [(FOREGROUND, 45, 50, 59, 62), (FOREGROUND, 110, 50, 124, 62)]
CAR = drawn((SHADOW, 35, 20, 134, 62), (SHADOW, 134, 58, 165, 62), *WINDOWS, *WHEELS)
TORSO, OTHER = (FOREGROUND, 90, 10, 110, 50), (FOREGROUND, 150, 10, 170, 50)
SHOES = [(FOREGROUND, 86, 85, 96, 90), (FOREGROUND, 104, 85, 114, 90)]
WALKER = drawn(TORSO, (SHADOW, 91, 50, 98, 85), (SHADOW, 102, 50, 109, 85), (SHADOW, 80, 82, 180, 93), *SHOES)


def test_a_grey_car_is_whole_and_its_shadow_stays():
    result = filled(CAR)
    body = result[38:49, 50:120]
    assert (body == FOREGROUND).mean() > 0.5
    assert (result[58:62, 136:165] == SHADOW).all()
    assert Runs.of(result, FOREGROUND, corners=True).n == 1


def test_trousers_of_the_grounds_colour_join_shoes_and_coat_and_the_shadow_stays():
    result = filled(WALKER)
    assert (result[50:85, 91:98] == FOREGROUND).mean() > 0.9
    assert (result[50:85, 102:109] == FOREGROUND).mean() > 0.9
    assert (result[82:93, 130:180] == SHADOW).all()
    assert Runs.of(result, FOREGROUND, corners=True).n == 1


@pytest.mark.parametrize(
    "mask",
    [
        drawn(TORSO, (SHADOW, 110, 40, 180, 50)),  # a shadow beside who casts it
        drawn((SHADOW, 83, 5, 117, 60), TORSO, (FOREGROUND, 92, 52, 100, 58)),  # the blurred rim of a body and a foot
        drawn(TORSO, OTHER, (SHADOW, 80, 50, 190, 60), (FOREGROUND, 125, 52, 133, 57)),  # whose shoe?
        drawn((SHADOW, 20, 20, 150, 60), (FOREGROUND, 40, 30, 44, 34), TORSO),  # a leaf in a long shadow
        drawn((SHADOW, 20, 20, 80, 60), (FOREGROUND, 40, 30, 72, 31), (FOREGROUND, 40, 50, 72, 51)),  # threads
        drawn((FOREGROUND, 60, 25, 80, 37)),
        drawn((SHADOW, 60, 25, 80, 37)),
        drawn(),
    ],
    ids=["beside", "rim", "two", "small", "thin", "none cast", "nobody", "nothing"],
)
def test_shadows_stay_where_nothing_speaks_against_it(mask):
    np.testing.assert_array_equal(filled(mask), mask)


@pytest.mark.parametrize("mask", [CAR, WALKER], ids=["car", "walker"])
@pytest.mark.parametrize("turn", range(4))
def test_it_is_the_same_however_the_frame_is_turned(mask, turn):
    turned = np.rot90(mask[::-1], turn)
    np.testing.assert_array_equal(filled(turned.copy()), np.rot90(filled(mask)[::-1], turn))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 300), st.integers(3, 300), st.sampled_from([0.5, 0.99, 0.9999]))
def test_distances_are_the_roots_of_whole_numbers(seed, height, width, share):
    is_elsewhere = np.random.default_rng(seed).random((height, width)) < share
    is_elsewhere[0, 0] = False
    expected = np.sqrt(np.rint(ndimage.distance_transform_edt(is_elsewhere) ** 2).astype(np.float32))
    np.testing.assert_array_equal(_distances(is_elsewhere), expected)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.floats(0.1, 0.9), st.integers(1, 5))
def test_only_shadow_becomes_foreground(seed, height, width, share, grain):
    coarse = np.random.default_rng(seed).choice([BACKGROUND, SHADOW, FOREGROUND], (height, width), p=[0.2, 0.6, 0.2])
    mask = np.kron(coarse, np.ones((grain, grain), np.uint8)).astype(np.uint8)
    result = filled(mask, share)
    changed = result != mask
    assert (mask[changed] == SHADOW).all()
    assert (result[changed] == FOREGROUND).all()


@pytest.mark.parametrize(("surrounded", "is_whole"), [(0.7, True), (1.0, False)])
def test_the_setting_says_whether(surrounded, is_whole):
    mask = CAR.copy()
    take_back_shadows(mask, BackgroundSettings(enclosed=1.0, surrounded=surrounded))
    assert (Runs.of(mask, FOREGROUND, corners=True).n == 1) == is_whole
    assert is_whole or (mask == CAR).all()
