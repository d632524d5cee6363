"""What is dark beside a body is its shadow; what is dark amid one is a part of it."""

import copy

import numpy as np
import pytest
from scipy import ndimage

from gmmtrack import BackgroundModel
from gmmtrack.background.masks.kernels import SHADOW
from gmmtrack.background.masks.runs import Runs
from gmmtrack.background.shadows import kernels

SIZE = (72, 96)
GROUND = 150
RATE = 10.0  # [Hz]
PLAIN = {"exposure": False, "shake": False, "enclosed": 1.0, "surrounded": 1.0, "majority": False}


def frame(index, light, *, speckled, random):
    """Return a frame with a body that goes to and fro, and where on it, or beside it, the ground seems darker."""
    image = np.full((*SIZE, 3), float(GROUND))
    left = 10 + abs(index % 80 - 40)
    image[20:50, left : left + 24] = (30, 40, 230)
    shade = np.zeros(SIZE, bool)
    if speckled:
        shade[20:50:2, left + 1 : left + 23] = True
    else:
        shade[50:60, left : left + 24] = True
    image[shade] = light * GROUND
    return np.clip(image + random.normal(0, 2, image.shape), 0, 255).astype(np.uint8), shade


def labels_of(light, *, speckled, n_frames=120, **changes):
    """Return the shares of the shade that are foreground and shadow in the last frame."""
    random = np.random.default_rng(2)
    model = BackgroundModel(**PLAIN, hole=0, hollow=0, **changes)
    for index in range(-10, n_frames):
        image, shade = frame(index, light, speckled=speckled, random=random)
        mask = model.apply(np.full_like(image, GROUND) if index < 0 else image, time=index / RATE)
    return (mask[shade] == 255).mean(), (mask[shade] == SHADOW).mean()


@pytest.mark.parametrize("light", [0.55, 0.65, 0.75])
def test_what_is_dark_amid_foreground_is_foreground_and_what_is_dark_beside_it_a_shadow(light):
    assert labels_of(light, speckled=True)[0] > 0.9
    assert labels_of(light, speckled=False)[1] > 0.9
    assert labels_of(light, speckled=True, amid=1.0)[1] > 0.9


def test_brighter_shadows_stay_where_darker_ones_are_none():
    random, model = np.random.default_rng(2), BackgroundModel(**PLAIN)
    for index in range(-10, 120):
        image, speckles = frame(index, 0.55, speckled=True, random=random)
        beside, shade = frame(index, 0.75, speckled=False, random=random)
        image[shade] = beside[shade]
        mask = model.apply(np.full_like(image, GROUND) if index < 0 else image, time=index / RATE)
    assert (mask[speckles] == 255).mean() > 0.9
    assert (mask[shade] == SHADOW).mean() > 0.9


def test_nothing_is_counted_where_nothing_is_learned():
    random = np.random.default_rng(2)
    model = BackgroundModel(exposure=False, shake=False)
    for index in range(40):
        model.apply(frame(index, 0.6, speckled=True, random=random)[0], time=index / RATE)
    before = copy.deepcopy(model)
    mask = model.apply(frame(40, 0.6, speckled=True, random=random)[0], time=4.0, learning_rate=0)
    assert (mask == 255).any()
    np.testing.assert_array_equal(model.parts()["darkness_counts"], before.parts()["darkness_counts"])


@pytest.mark.parametrize("step", [1, 3, 200])
def test_pixels_are_counted_as_numpy_counts_them(step):
    random = np.random.default_rng(7)
    image = random.integers(0, 256, (*SIZE, 3), np.uint8)
    model = BackgroundModel(exposure=False, shake=False)
    model.apply(random.integers(1, 256, (*SIZE, 3), np.uint8))
    light = np.array([1.1, 0.9, 1.2, 3, -2, 1], np.float32)
    mask = random.choice(np.array([0, 127, 255], np.uint8), SIZE)
    runs, first, width = Runs.find(mask, SHADOW), 0.5, 0.1
    counts = np.zeros((3, 2), np.float32)
    gaussians, numbers = model.parts()["gaussians"], (np.float32(first), np.float32(width))
    seen = (0, 0, 0), image, light, gaussians, mask, runs, numbers
    kernels.count_amid(*seen, step, counts)
    lit, usual = image * light[:3] + light[3:], model.background.astype(float)
    share = (lit * usual).sum(2) / (usual**2).sum(2)
    near = ndimage.correlate((mask == 255).astype(int), np.ones((5, 5), int), mode="constant") >= 9
    sampled, is_amid = share[mask == SHADOW][::step], near[mask == SHADOW][::step]
    edges = [-np.inf, first + width, first + 2 * width, first + 3 * width]
    np.testing.assert_allclose(counts[:, 0], step * np.histogram(sampled, edges)[0], atol=step)  # the last bit of sums
    np.testing.assert_allclose(counts[:, 1], step * np.histogram(sampled[is_amid], edges)[0], atol=step)
    lifted = mask.copy()
    kernels.lift((0, 0, 0), image, light, gaussians, lifted, runs, numbers, 2)
    assert ((lifted == 255) == ((mask == 255) | ((mask == SHADOW) & (share < first + 2 * width)))).mean() > 0.999


@pytest.mark.parametrize(
    ("counts", "darkest"),
    [
        ([(0, 0), (0, 0), (0, 0)], 0),  # nothing is known: all may be shadows
        ([(9, 9), (0, 0), (0, 0)], 0),  # a few prove nothing
        ([(900, 800), (0, 0), (0, 0)], 1),
        ([(0, 0), (900, 800), (0, 0)], 2),  # what is darker is none either
        ([(900, 100), (900, 800), (900, 100)], 0),  # unless it is seen that it is
        ([(900, 800), (900, 100), (900, 800)], 1),
        ([(900, 800), (900, 800), (900, 800)], 3),
    ],
)
def test_no_shadow_is_darker_than_what_is_none(counts, darkest):
    assert kernels.darkest_class(np.array(counts, np.float32), 0.4, 100.0) == darkest
