"""Powers and logarithms to base 2."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.compilation import kernel
from gmmtrack.mixture import exp2 as arithmetic
from gmmtrack.mixture.doubles import DOUBLES, load, store


@kernel
def exp2(x):
    row = np.full(DOUBLES, x)
    store(arithmetic.exp2(load(row, 0)), row, 0)
    return row[DOUBLES - 1]


@kernel
def log2(x):
    row = np.full(DOUBLES, x)
    store(arithmetic.log2(load(row, 0)), row, 0)
    return row[0]


@settings(deadline=None)
@given(st.floats(-1021.0, 1000.0))
def test_exp2_is_right_to_a_few_roundings(x):
    np.testing.assert_allclose(exp2(x), np.exp2(x), rtol=1e-15)


@given(st.floats(-1e300, -1024.0))
def test_exp2_far_below_is_zero(x):
    assert exp2(x) == 0.0


@given(st.floats(-1024.0, -1022.0))
def test_exp2_below_the_normal_numbers_is_no_normal_number(x):
    assert 0.0 <= exp2(x) <= 2.0**-1022


@settings(deadline=None)
@given(st.floats(1e-300, 1e300))
def test_log2_is_right_to_a_few_roundings(x):
    np.testing.assert_allclose(log2(x), np.log2(x), rtol=1e-15, atol=4e-16)


def test_powers_of_two_are_exact():
    whole = np.arange(-1000, 1000)
    assert [exp2(float(x)) for x in whole] == [2.0**x for x in whole.tolist()]
    assert [log2(2.0**x) for x in whole.tolist()] == whole.tolist()
