"""What sways is background, what stops is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack import BackgroundModel, Frame
from gmmtrack.background import kernels

WALL, OTHER = 90, 160
RATE = 10.0  # [Hz]


def clip(shows_other, seed=0):
    """Return frames of a wall, in which a patch shows another colour where `shows_other`."""
    random = np.random.default_rng(seed)
    frames = []
    for index, shown in enumerate(shows_other):
        image = random.normal(WALL, 2, (32, 48))
        image[8:24, 16:32] += (OTHER - WALL) * shown
        frames.append(Frame(np.clip(image, 0, 255).astype(np.uint8), index, index / RATE))
    return frames


def share_of_foreground(shows_other, **changes):
    """Return how much of the patch is foreground while it shows the other colour, after priming on the whole clip."""
    frames = clip(shows_other)
    model = BackgroundModel(**changes)
    model.prime(frames[::3])
    masks = [model.apply(frame.image, time=frame.time) for frame in frames]
    return np.mean([mask[10:22, 18:30] == 255 for mask, shown in zip(masks, shows_other, strict=True) if shown])


SWAYS = np.random.default_rng(1).random(200) < 0.35
STOPS = np.arange(200) >= 130  # for 7 s of 20 s, without a break


def test_a_leaf_that_comes_and_goes_is_background():
    assert share_of_foreground(SWAYS) < 0.05


def test_a_body_that_stops_for_as_long_is_not():
    assert share_of_foreground(STOPS) > 0.95


def test_without_a_calm_share_both_are_background():
    assert share_of_foreground(SWAYS, calm_share=0.9) < 0.05
    assert share_of_foreground(STOPS, calm_share=0.9) < 0.05


@pytest.mark.parametrize("n_visits", [1, 2])
def test_what_passes_once_or_twice_does_not_sway(n_visits):
    visits = np.zeros(200, np.bool_)
    for visit in range(n_visits):
        visits[60 + 90 * visit : 66 + 90 * visit] = True
    frames = clip(visits)
    model = BackgroundModel()
    for frame in frames:
        model.apply(frame.image, time=frame.time)
    assert (model.apply(frames[61].image, time=frames[-1].time + 0.1)[10:22, 18:30] == 255).all()


def plain_watch(matched, last, flicker, weight, held, rate, worth, fewest, share, calm_share):
    """Return last matches, flicker and shares of one pixel after a frame."""
    if not held:
        flicker = flicker + rate * ((worth if matched != last else 0.0) - flicker)
        last = matched
    return last, flicker, share if flicker > max(2 * weight * (1 - weight), fewest) else calm_share


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 70), st.booleans())
def test_the_kernel_equals_its_plain_twin(seed, n_pixels, any_held):
    random = np.random.default_rng(seed)
    matched, last = (random.integers(0, 2, n_pixels).astype(np.uint8) for _ in range(2))
    flicker, weight = (random.random(n_pixels).astype(np.float32) for _ in range(2))
    held = random.integers(0, 2, n_pixels).astype(np.uint8) if any_held else np.zeros(0, np.uint8)
    numbers = tuple(np.float32(n) for n in (0.25, random.uniform(1, 4), random.uniform(0, 0.5), 0.9, 0.6))
    is_held = held if any_held else np.zeros(n_pixels)
    wanted = [plain_watch(*row, *numbers) for row in zip(matched, last, flicker, weight, is_held, strict=True)]
    shares = np.zeros(n_pixels, np.float32)
    prune, decays = np.float32(0.05), random.uniform(0.9, 1, -(-n_pixels // kernels.TILE)).astype(np.float32)
    decay = np.repeat(decays, kernels.TILE)[:n_pixels]
    written = (weight - (1 - decay)) / decay + prune * (1 - decay) / decay  # of which `weight` is left
    kernels.watch(matched, last, flicker, shares, written, decays, held, prune, *numbers)
    last_wanted, flicker_wanted, shares_wanted = zip(*wanted, strict=True)
    np.testing.assert_array_equal(last, last_wanted)
    np.testing.assert_allclose(flicker, flicker_wanted, rtol=1e-5)
    sure = np.abs(flicker - np.maximum(2 * weight * (1 - weight), numbers[2])) > 1e-5
    np.testing.assert_array_equal(shares[sure], np.float32(shares_wanted)[sure])
