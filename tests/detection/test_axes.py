"""Which way bodies lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmtrack.detection.axes import elongations, turned, turned_extents, turned_offset

angles = st.floats(-1.5, 1.5)


def lying(angle, long=9.0, wide=1.0):
    cos, sin = np.cos(angle), np.sin(angle)
    way = np.array([[cos, -sin], [sin, cos]])
    return way @ np.diag([long, wide]) @ way.T


@given(angles, st.floats(0.0, 8.0))
def test_an_elongation_is_a_share_and_has_twice_the_angle(angle, excess):
    expected = excess / (excess + 2) * np.array([np.cos(2 * angle), np.sin(2 * angle)])
    np.testing.assert_allclose(elongations(lying(angle, 1 + excess)[None])[0], expected, atol=1e-12)


@given(angles, angles)
def test_what_is_turned_lies_as_the_other_and_is_as_long_as_before(before, after):
    found = turned(lying(before)[None], 3 * lying(after, 20.0, 2.0)[None])[0]
    np.testing.assert_allclose(found, lying(after), atol=1e-9)


def test_what_is_round_turns_nothing():
    np.testing.assert_array_equal(turned(lying(0.3)[None], np.eye(2)[None]), lying(0.3)[None])


def test_the_box_of_what_turned_by_a_quarter_is_as_wide_as_it_was_high():
    extents = turned_extents(np.array([[36.0, 12.0]]), lying(0.0)[None], lying(np.pi / 2)[None])
    np.testing.assert_allclose(extents, [[12.0, 36.0]])


@pytest.mark.parametrize("angle", [-0.7, 0.4, 1.2])
def test_the_way_to_the_centre_of_its_box_turns_with_a_body(angle):
    now = turned_offset(np.array([2.0, 0.0]), lying(0.0), lying(angle))
    np.testing.assert_allclose(now, [2 * np.cos(angle), 2 * np.sin(angle)], atol=1e-12)
