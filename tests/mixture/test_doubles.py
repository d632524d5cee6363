"""Doubles: compiled, they are what they are in plain Python; and the barrier for threads in kernels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.compilation import kernel
from gmmtrack.mixture.barrier import flags_for, meet
from gmmtrack.mixture.doubles import DOUBLES, doubles, exponent, highest, larger, load, store, sum_of, times_power
from gmmtrack.threads import Threads

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


@kernel
def relay(thread, flags, baton, n_rounds):
    """Each thread in turn makes the number in `baton` (1,) depend on who had it before."""
    phase = 1
    for i in range(n_rounds):
        if i % len(flags) == thread:
            baton[0] = (3 * baton[0] + thread) % 1_000_003
        phase = meet(flags, thread, phase)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_threads_that_meet_see_what_the_others_wrote(n_threads):
    found, wanted, flags, n_rounds = np.zeros(1, np.int64), 0, flags_for(n_threads), 300
    for i in range(n_rounds):
        wanted = (3 * wanted + i % n_threads) % 1_000_003
    relay(0, flags_for(1), found.copy(), 1)  # compiles
    Threads(n_threads).run(lambda thread, _: relay(thread, flags, found, n_rounds), n_threads)
    assert found[0] == wanted
