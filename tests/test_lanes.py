"""Lanes: compiled, they are what they are in plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.compilation import lean_kernel
from gmmtrack.lanes import LANES, any_lane, lanes, load, prefetch, spread, store, where

TWO = np.float32(2)


@lean_kernel
def compute(a, b, out):
    """Write what every operator gives for lanes a and b into rows of `out`, and return whether any a < b."""
    x, y = load(a, LANES), load(b, LANES)
    prefetch(a, 0)
    store(out, 0 * LANES, x + y)
    store(out, 1 * LANES, x - TWO)
    store(out, 2 * LANES, TWO * x)
    store(out, 3 * LANES, x / y)
    store(out, 4 * LANES, where((x < y) & (y >= TWO), x, y))
    store(out, 5 * LANES, where((x <= y) | (x == y), TWO, x))
    store(out, 6 * LANES, where(~(x > y), lanes(TWO), lanes(x)))
    store(out, 7 * LANES, where(x != y, x, TWO))
    store(None, 0, x)
    return any_lane(x < y)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_operator_is_what_it_is_in_plain_python(seed):
    random = np.random.default_rng(seed)
    a, b = random.integers(1, 5, (2, 2 * LANES)).astype(np.float32)
    found, wanted = np.zeros((2, 8 * LANES), np.float32)
    assert compute(a, b, found) == compute.py_func(a, b, wanted) == bool((a < b)[LANES:].any())
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(found[:LANES], (a + b)[LANES:])


@lean_kernel
def copy_pixels(channels, image, planes, labels):
    """Spread the second LANES pixels of an image, and write their first channel as labels."""
    spread(channels, image, LANES * len(channels), planes)
    store(labels, LANES, load(planes, 0))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_pixels_are_spread_channel_by_channel(n_channels, dtype):
    image = np.random.default_rng(0).integers(0, 256, (3 * LANES, n_channels)).astype(dtype)
    for function in (copy_pixels, copy_pixels.py_func):
        planes, labels = np.zeros(n_channels * LANES, np.float32), np.zeros(3 * LANES, np.uint8)
        function((0,) * n_channels, image.reshape(-1), planes, labels)
        np.testing.assert_array_equal(planes.reshape(n_channels, LANES).T, image[LANES : 2 * LANES])
        np.testing.assert_array_equal(labels[LANES : 2 * LANES], image[LANES : 2 * LANES, 0])
        assert not labels[:LANES].any()
        assert not labels[2 * LANES :].any()
