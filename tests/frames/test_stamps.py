"""Times from time stamps, good and bad."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmtrack.frames.stamps import Stamps


def times(stamps, period=0.5):
    clock = Stamps(period)
    return [clock.time(stamp) for stamp in stamps]


def test_time_starts_at_the_first_frame():
    assert times([7.0, 7.25, 9.0]) == [0.0, 0.25, 2.0]


def test_missing_stamps_are_one_period_apart():
    assert times([None, None, None]) == [0.0, 0.5, 1.0]
    assert times([3.0, None, 4.5]) == [0.0, 0.5, 1.5]


def test_stamps_that_begin_late_go_on_from_there():
    assert times([None, 8.0, 8.25]) == [0.0, 0.5, 0.75]


def test_a_stamp_that_does_not_increase_is_one_period_later():
    assert times([0.0, 1.0, 1.0, 0.5, 4.0]) == [0.0, 1.0, 1.5, 2.0, 4.0]


@given(st.lists(st.none() | st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=30))
def test_time_always_increases(stamps):
    result = times(stamps)
    assert all(early < late for early, late in pairwise(result))
    assert result[:1] in ([], [pytest.approx(0.0)])
