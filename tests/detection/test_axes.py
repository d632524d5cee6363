"""Which way bodies lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmtrack.detection import axes

angles = st.floats(-1.5, 1.5)


@given(angles, st.floats(0.0, 8.0))
def test_an_elongation_is_a_share_and_has_twice_the_angle(turned, angle, excess):
    expected = excess / (excess + 2) * np.array([np.cos(2 * angle), np.sin(2 * angle)])
    np.testing.assert_allclose(axes.elongations(turned((1 + excess) ** 0.5, 1, angle)[None])[0], expected, atol=1e-12)


@given(angles, angles)
def test_what_is_turned_lies_as_the_other_and_is_as_long_as_before(turned, before, after):
    found = axes.turned(turned(6, 2, before)[None], 3 * turned(9, 3, after)[None])[0]
    np.testing.assert_allclose(found, turned(6, 2, after), atol=1e-9)


def test_what_is_round_turns_nothing(turned):
    shape = turned(6, 2, 0.3)[None]
    np.testing.assert_array_equal(axes.turned(shape, np.eye(2)[None]), shape)


def test_the_box_of_what_turned_by_a_quarter_is_as_wide_as_it_was_high(turned):
    extents = axes.turned_extents(np.array([[36.0, 12.0]]), turned(6, 2)[None], turned(6, 2, np.pi / 2)[None])
    np.testing.assert_allclose(extents, [[12.0, 36.0]])


@pytest.mark.parametrize("angle", [-0.7, 0.4, 1.2])
def test_the_way_to_the_centre_of_its_box_turns_with_a_body(turned, angle):
    now = axes.turned_offset(np.array([2.0, 0.0]), turned(6, 2), turned(6, 2, angle))
    np.testing.assert_allclose(now, [2 * np.cos(angle), 2 * np.sin(angle)], atol=1e-12)
