"""Lanes: compiled, they are what they are in plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.compilation import lean_kernel
from gmmtrack.lanes import (
    LANES,
    MANY,
    any_lane,
    lanes,
    load,
    prefetch,
    root,
    spread,
    store,
    weave,
    where,
    within,
    within_in_light,
)

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
    store(out, 8 * LANES, root(x))
    store(None, 0, x)
    return any_lane(x < y)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_operator_is_what_it_is_in_plain_python(seed):
    random = np.random.default_rng(seed)
    a, b = random.integers(1, 5, (2, 2 * LANES)).astype(np.float32)
    found, wanted = np.zeros((2, 9 * LANES), np.float32)
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


@lean_kernel
def copy_back(channels, planes, image):
    """Weave planes into the second LANES pixels of an image."""
    weave(channels, planes, LANES, image, LANES * len(channels))


@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_planes_are_woven_into_pixels(n_channels):
    image = np.random.default_rng(0).integers(0, 256, (3 * LANES, n_channels), np.uint8)
    planes = np.concatenate([np.zeros(LANES), image[LANES : 2 * LANES].T.reshape(-1)]).astype(np.float32)
    for function in (copy_back, copy_back.py_func):
        woven = np.zeros(image.size, np.uint8)
        function((0,) * n_channels, planes, woven)
        np.testing.assert_array_equal(woven.reshape(image.shape)[LANES : 2 * LANES], image[LANES : 2 * LANES])
        assert not woven[: LANES * n_channels].any()
        assert not woven[2 * LANES * n_channels :].any()


@lean_kernel
def compare(channels, image, lows, highs):
    """Return whether the second MANY pixels of an image lie between the first ones of two others."""
    return within(channels, image, MANY * len(channels), lows, highs, 0)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_pixels_lie_within_their_range_or_not(n_channels):
    n = n_channels * MANY
    image = np.random.default_rng(0).integers(1, 255, 2 * n, np.uint8)
    for function in (compare, compare.py_func):
        lows, highs = image[n:].copy(), image[n:].copy()
        assert function((0,) * n_channels, image, lows, highs)
        assert not function((0,) * n_channels, image.astype(np.float32), lows, highs)
        for place in range(n):
            above, below = lows.copy(), highs.copy()
            above[place], below[place] = int(lows[place]) + 1, int(highs[place]) - 1
            assert not function((0,) * n_channels, image, above, highs)
            assert not function((0,) * n_channels, image, lows, below)


@lean_kernel
def compare_in_light(channels, image, lows, highs, gains, offsets):
    """Return whether the second MANY pixels of an image, in another light, lie between the first ones of two others."""
    return within_in_light(channels, image, MANY * len(channels), lows, highs, 0, gains, offsets)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_pixels_in_another_light_lie_within_their_range_or_not(n_channels):
    random, n = np.random.default_rng(0), n_channels * MANY
    image = random.integers(0, 256, 2 * n, np.uint8)
    gains = random.uniform(0.3, 1.5, n_channels)
    offsets = random.uniform(-20, 40, n_channels)
    light = np.tile((gains * 4096).astype(np.uint16), MANY), np.tile((offsets * 16).astype(np.int16), MANY)
    wanted = (image[n:].reshape(-1, n_channels) * gains + offsets).reshape(-1)
    lows, highs = (np.clip(limit, 0, 255).astype(np.uint8) for limit in (wanted - 1, wanted + 2))
    is_seen = (wanted > 1) & (wanted < 253)
    image[n:][~is_seen], lows[~is_seen], highs[~is_seen] = 0, 0, 255
    light[1].reshape(-1)[~is_seen] = 0
    for function in (compare_in_light, compare_in_light.py_func):
        assert function((0,) * n_channels, image, lows, highs, *light)
        assert not function((0,) * n_channels, image.astype(np.float32), lows, highs, *light)
        for place in np.flatnonzero(is_seen):
            above, below = lows.copy(), highs.copy()
            above[place], below[place] = np.ceil(wanted[place]) + 1, np.floor(wanted[place]) - 1
            assert not function((0,) * n_channels, image, above, highs, *light)
            assert not function((0,) * n_channels, image, lows, below, *light)
