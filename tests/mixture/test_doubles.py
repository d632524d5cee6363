"""Doubles: compiled, they are what they are in plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.compilation import kernel
from gmmtrack.mixture.doubles import DOUBLES, doubles, exponent, highest, larger, load, store, sum_of, times_power

SHIFT = 6755399441055744.0


@kernel
def compute(a, out):
    """Write what every function gives for two rows of a (2, 2 * DOUBLES) into rows of `out`; return sum and maximum."""
    x, y = load(a, (0, DOUBLES)), load(a, (1, DOUBLES))
    store(x + y, out, (0, 0))
    store(x - 2.0, out, (1, 0))
    store(2.0 * x, out, (2, 0))
    store(x / y, out, (3, 0))
    store(larger(x, y), out, (4, 0))
    store(larger(x, 1.0), out, (5, 0))
    store(exponent(x), out, (6, 0))
    store(times_power(x, SHIFT + exponent(y)), out, (7, 0))
    store(doubles(3.0), out, (8, 0))
    store(4.0, out[9], 0)
    return sum_of(x), highest(x)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_function_is_what_it_is_in_plain_python(seed):
    a = np.exp2(np.random.default_rng(seed).uniform(-30, 30, (2, 2 * DOUBLES)))
    found, wanted = np.zeros((2, 10, DOUBLES))
    assert compute(a, found) == compute.py_func(a, wanted)
    np.testing.assert_array_equal(found, wanted)
    x, y = a[:, DOUBLES:]
    np.testing.assert_array_equal(found[0], x + y)
    np.testing.assert_array_equal(found[6], np.round(np.log2(x)))
    np.testing.assert_array_equal(found[7], x * 2.0 ** np.round(np.log2(y)))
