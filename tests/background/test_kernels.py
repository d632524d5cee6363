"""The kernels decide and learn as their plain twin does."""

import copy
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.background.lulls.lulls import Lull
from gmmtrack.background.state import NONE_HELD, Extras, PixelMixtures, pack_rules
from gmmtrack.background.tiles import TILE
from gmmtrack.threads import Threads

SURE = 1e-4  # decisions nearer than this may differ in single precision
DEFAULTS = {
    "prune": 0.05,
    "gate2": 16.0,
    "match_gate2": 9.0,
    "share": 0.9,
    "lowest_variance": 4.0,
    "highest_variance": 75.0,
    "initial_variance": 15.0,
    "darkest_shadow": 0.5,
}
rules = st.fixed_dictionaries(
    {
        "prune": st.sampled_from([0.0, 0.05, 0.3]),
        "gate2": st.sampled_from([4.0, 16.0, 40.0]),
        "match_gate2": st.sampled_from([3.0, 9.0, 30.0]),
        "share": st.sampled_from([0.3, 0.9, 1.0]),
        "lowest_variance": st.sampled_from([1.0, 4.0]),
        "highest_variance": st.sampled_from([20.0, 75.0]),
        "initial_variance": st.sampled_from([0.5, 15.0, 100.0]),
        "darkest_shadow": st.sampled_from([0.1, 0.5, 0.69, 1.0]),
    }
)


class Run:
    """A run of the kernel over made-up frames, in which each pixel has a few levels, noise and shadows."""

    def __init__(self, size, n_channels, n_components, rules, seed, n_threads=1):
        self.rng = np.random.default_rng(seed)
        self.levels = self.rng.uniform(30, 240, (3, *size, n_channels))
        self.mixtures = PixelMixtures((*size, n_channels), n_components)
        self.rules = pack_rules(**rules)
        self.threads = Threads(n_threads)

    def frame(self):
        size = self.levels.shape[1:3]
        which = self.rng.choice(3, size, p=[0.6, 0.3, 0.1])
        level = np.take_along_axis(self.levels, which[None, :, :, None], axis=0)[0]
        light = self.rng.choice([1.0, 0.7], (*size, 1), p=[0.8, 0.2])
        return np.clip(np.rint(light * level + self.rng.normal(0, 3, level.shape)), 0, 255).astype(np.uint8)

    def held(self, kind):
        n = self.levels[0, :, :, 0].size
        return NONE_HELD if kind == "none" else (self.rng.random(n) < 0.4).astype(np.uint8) * (1 + 254 * (kind == 255))

    def step(self, image, held, rate):
        mask = np.full(image.shape[:2], 9, np.uint8)
        self.mixtures.update(image, held, rate, self.rules, mask, self.threads)
        return mask.reshape(-1)

    def settled_step(self, image, held, rate):
        """A step after which no decay is pending."""
        labels = self.step(image, held, rate)
        self.mixtures.settle(self.rules[0], np.float32(rate) * self.rules[0])
        return labels

    def weights(self):
        """Return the weights (K, pixels)."""
        mixtures, (height, width, _) = self.mixtures, self.mixtures.shape
        planes = [mixtures.planes(mixtures.weights, k).reshape(-1) for k in range(mixtures.n_components)]
        return np.array(planes)[:, : height * width]

    def gaussians(self):
        """Return variances and means (K, pixels, 1 + C)."""
        mixtures, (height, width, n_channels) = self.mixtures, self.mixtures.shape
        planes = [mixtures.planes(mixtures.gaussians, k) for k in range(mixtures.n_components)]
        return np.array(planes).transpose(0, 1, 3, 2).reshape(len(planes), -1, 1 + n_channels)[:, : height * width]

    def pixels(self, twin, rules):
        """Return the state as pixels of the twin."""
        weights, gaussians = self.weights(), self.gaussians().astype(np.float64)
        n_components, n = weights.shape
        return [
            twin.Pixel(
                n_components,
                twin.Rules(**rules),
                [
                    twin.Component(float(weights[k, i]), gaussians[k, i, 1:], gaussians[k, i, 0])
                    for k in range(n_components)
                    if weights[k, i] > 0
                ],
            )
            for i in range(n)
        ]


def assert_equal_step(run, twin, rules, image, held, rate):
    """Let kernel and twin take one frame from the same state; return the share of pixels whose decisions are sure."""
    before = run.pixels(twin, rules)
    labels = run.settled_step(image, held, rate)
    after = run.pixels(twin, rules)
    colors = image.reshape(len(labels), -1).astype(np.float64)
    n_sure = 0
    for i, pixel in enumerate(before):
        label = pixel.see(colors[i], 0.0 if held.size and held[i] else float(np.float32(rate)))
        if pixel.doubt < SURE:
            continue
        n_sure += 1
        assert labels[i] == label
        assert len(pixel.components) == len(after[i].components)
        for expected, found in zip(pixel.components, after[i].components, strict=True):
            assert found.weight == pytest.approx(expected.weight, rel=1e-4, abs=1e-6)
            assert found.variance == pytest.approx(expected.variance, rel=1e-3, abs=1e-3)
            np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-4, atol=2e-3)
    return n_sure / len(labels)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_channels=st.integers(1, 4),
    n_components=st.integers(1, 6),
    size=st.tuples(st.integers(1, 6), st.integers(1, 30)),
    rules=rules,
    steps=st.lists(
        st.tuples(st.sampled_from([0.0, 0.002, 0.05, 0.3, 0.5, 1.0]), st.sampled_from(["none", 1, 255])),
        min_size=1,
        max_size=14,
    ),
)
def test_the_kernel_equals_its_plain_twin(twin, seed, n_channels, n_components, size, rules, steps):
    run = Run(size, n_channels, n_components, rules, seed)
    for rate, kind in steps:
        assert_equal_step(run, twin, rules, run.frame(), run.held(kind), rate)


def test_most_decisions_are_sure_enough_to_compare(twin):
    run = Run((5, 29), 3, 5, DEFAULTS, seed=1)
    shares = [assert_equal_step(run, twin, DEFAULTS, run.frame(), NONE_HELD, 0.05) for _ in range(30)]
    assert np.mean(shares[5:]) > 0.9  # a pixel that is its own new component lies on the edge of the shadow test


def test_kernel_twin_and_opencv_agree_over_a_whole_run(twin, clip):
    images = clip(60, size=(12, 50))
    mixtures, threads, mask = PixelMixtures((12, 50, 3), 5), Threads(1), np.empty((12, 50), np.uint8)
    pixels = [twin.Pixel(5, twin.Rules()) for _ in range(12 * 50)]
    opencv = cv2.createBackgroundSubtractorMOG2()
    by_twin, by_opencv = [], []
    for index, image in enumerate(images):
        rate = 1 / min(2 * (index + 1), 500)
        mixtures.update(image, NONE_HELD, rate, pack_rules(**DEFAULTS), mask, threads)
        labels = [pixel.see(color.astype(np.float64), rate) for pixel, color in zip(pixels, image.reshape(-1, 3))]  # noqa: B905
        by_twin.append(np.mean(np.reshape(labels, mask.shape) == mask))
        by_opencv.append(np.mean(opencv.apply(image) == mask))
    assert np.mean(by_twin) > 0.9995
    assert np.mean(by_opencv) > 0.9995


@pytest.mark.parametrize("n_components", [1, 2, 5])
def test_weights_are_sorted_and_sum_to_one(n_components):
    run = Run((7, 31), 3, n_components, DEFAULTS, seed=2)
    for _ in range(40):
        run.settled_step(run.frame(), NONE_HELD, 0.02)
        weights = run.weights()
        assert (np.diff(weights, axis=0) <= 0).all()
        assert (weights.sum(0) < 1 + 1e-5).all()
    again = run.frame()  # where a component took the place of another, the sum is put right by the next frame
    run.step(again, NONE_HELD, 0.02)
    run.settled_step(again, NONE_HELD, 0.02)
    np.testing.assert_allclose(run.weights().sum(0), 1, atol=1e-5)


@pytest.mark.parametrize("held", ["none", 1])
def test_at_a_rate_of_0_not_a_bit_changes(held):
    run = Run((5, 29), 3, 4, DEFAULTS | {"initial_variance": 100.0}, seed=3)
    for _ in range(20):
        run.settled_step(run.frame(), run.held(held), 0.1)
    before = [array.copy() for array in (run.mixtures.weights, run.mixtures.gaussians)]
    for _ in range(3):
        run.step(run.frame(), run.held(held), 0.0)
    np.testing.assert_array_equal(run.mixtures.weights, before[0])
    np.testing.assert_array_equal(run.mixtures.gaussians, before[1])


@pytest.mark.parametrize("scene", ["calm", "restless"])
def test_decay_that_is_deferred_is_the_same_as_decay_that_is_not(scene):
    runs = [Run((24, 40), 3, 4, DEFAULTS, seed=4) for _ in range(2)]
    for index in range(150):
        images = [run.frame() for run in runs]
        if scene == "calm" and index > 20:
            images = [
                np.where(index % 31 == 0, image, run.levels[0]).astype(np.uint8)
                for run, image in zip(runs, images, strict=True)
            ]
        deferred = runs[0].step(images[0], NONE_HELD, 0.01)
        settled = runs[1].settled_step(images[1], NONE_HELD, 0.01)
        assert np.mean(deferred == settled) > 0.999
    assert scene == "restless" or (runs[0].mixtures.decays < 1).mean() > 0.9
    runs[0].settled_step(images[0], NONE_HELD, 0.01)
    runs[1].settled_step(images[0], NONE_HELD, 0.01)
    np.testing.assert_allclose(runs[0].weights(), runs[1].weights(), atol=2e-3)


def test_a_tile_whose_pixels_fit_their_heaviest_component_touches_no_weight():
    run = Run((8, 40), 3, 4, DEFAULTS, seed=4)
    for _ in range(20):
        run.settled_step(run.frame(), NONE_HELD, 0.1)
    before, still = run.mixtures.weights.copy(), run.gaussians()[0, :, 1:].reshape(8, 40, 3)
    run.step(np.clip(np.rint(still), 0, 255).astype(np.uint8), NONE_HELD, 0.01)
    np.testing.assert_array_equal(run.mixtures.weights, before)
    np.testing.assert_array_equal(run.mixtures.decays, np.float32(0.99))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_channels=st.sampled_from([1, 3]), rate=st.sampled_from([0.0, 0.01, 0.2]))
def test_unrest_and_distances_of_each_pixel_equal_the_plain_twin(twin, seed, n_channels, rate):
    rules = DEFAULTS | {"rare": 0.06}
    run = Run((3, 43), n_channels, 3, rules, seed)
    n = run.mixtures.depths.size * TILE
    numbers = (0.1 * (rate > 0), 0.1 * rate, 4 * rate, 1.7, 0.1, 0.6, 0.98, 0.01, 0.03)
    float32 = tuple(np.float32(number) for number in (numbers[0], 1 - numbers[0], *numbers[1:]))
    marks, left = (run.rng.integers(0, top, n).astype(np.uint8) for top in (5, 2))
    marks[:8], left[:16] = 0, 0  # one tile is calm
    noise, flicker = (run.rng.uniform(0, top, n).astype(np.float32) for top in (0.05, 1))
    fades = run.rng.uniform(0.5, 1, n // 4).astype(np.float32)
    for _ in range(6):
        image, held, before = run.frame(), run.held("none" if rate else 1), run.pixels(twin, rules)
        faded = [values * np.repeat(fades[i::2], 8) for i, values in enumerate((noise, flicker))]
        own = [twin.UnrestPixel(*row, numbers) for row in zip(*faded, marks, left, strict=True)]
        distances, mask = np.full(n, -1, np.float32), np.empty((3, 43), np.uint8)
        extras = Extras(unrest=(noise, flicker, marks, left, fades, float32), distances=distances)
        run.mixtures.update(image, held, rate, run.rules, mask, run.threads, extras)
        faded = [values * np.repeat(fades[i::2], 8) for i, values in enumerate((noise, flicker))]
        for i, (pixel, after) in enumerate(zip(before, run.pixels(twin, rules), strict=True)):
            unrest, free = own[i], not (held.size and held[i])
            heaviest = pixel.components[0].weight if pixel.components else 0.0
            pixel.share = unrest.share(heaviest, rules["share"])
            label = pixel.see(image.reshape(3 * 43, -1)[i].astype(np.float64), free * unrest.rate(rate))
            unrest.count(not pixel.matched_heaviest, free * rate)
            if min(pixel.doubt, unrest.doubt) >= SURE:
                assert mask.flat[i] == label
                assert distances[i] == pytest.approx(pixel.distance2, rel=1e-3, abs=1e-4)
                weights = [component.weight for component in pixel.components]
                assert [component.weight for component in after.components] == pytest.approx(weights, abs=1e-5)
                assert (faded[0][i], faded[1][i]) == pytest.approx((unrest.noise, unrest.flicker), abs=1e-5)
                assert left[i] == unrest.left


def test_what_is_calm_fades_where_it_is_not_touched():
    run = Run((8, 40), 3, 4, DEFAULTS, seed=4)
    n = run.mixtures.depths.size * TILE
    noise, flicker, fades = np.full(n, 0.02, np.float32), np.full(n, 0.5, np.float32), np.ones(n // 4, np.float32)
    numbers = tuple(np.float32(number) for number in (0.1, 0.9, 0, 0, 1, 1, 0.6, 0.98, 0.01, 0.03))
    extras = Extras(unrest=(noise, flicker, np.zeros(n, np.uint8), np.zeros(n, np.uint8), fades, numbers))
    still = np.clip(np.rint(run.levels[0]), 0, 255).astype(np.uint8)
    mask = np.empty((8, 40), np.uint8)
    for rate in (1.0, 0.01, 0.01):
        run.mixtures.update(still, NONE_HELD, rate, run.rules, mask, run.threads, extras)
    np.testing.assert_array_equal(noise, np.float32(0.02) * np.float32(0.9))  # as the first frame left it
    np.testing.assert_allclose(fades[::2], 0.9**2, rtol=1e-6)
    np.testing.assert_allclose(fades[1::2], 0.99**2, rtol=1e-6)


LIGHTS = (None, (1.0, 1.0, 1.0, 0.0, 0.0, 0.0), (0.9, 1.1, 1.3, 12.0, -3.0, -40.0), (20.0, 1.0, 1.0, 0.0, 0.0, 0.0))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.sampled_from(LIGHTS), st.floats(0.3, 12))
def test_what_is_only_compared_is_judged_as_by_its_gaussian(seed, n_channels, light, sigma):
    run, random = Run((24, 50), n_channels, 3, DEFAULTS, seed), np.random.default_rng(seed)
    lit = None if light is None else np.float32([*light[:n_channels], *light[3 : 3 + n_channels]])
    gains, offsets = (1.0, 0.0) if lit is None else np.split(lit, 2)
    still = random.uniform(0, 255, (24, 50, n_channels))

    def frame():
        levels = (still + random.normal(0, sigma, still.shape) - offsets) / gains
        return np.clip(np.rint(levels), 0, 255).astype(np.uint8)

    masks = np.empty((2, 24, 50), np.uint8)
    for i in range(12):  # learned, and then only compared
        lull = Lull.of(lit, n_channels, 2 if i < 8 else 1 << 30, i + 1)
        before = copy.deepcopy(run.mixtures)
        image = frame()
        run.mixtures.update(image, NONE_HELD, 0.05, run.rules, masks[0], run.threads, Extras(light=lit, lull=lull))
        before.update(image, NONE_HELD, 0.05, run.rules, masks[1], run.threads, Extras(light=lit))
        np.testing.assert_array_equal(*masks)


def test_calm_pixels_are_learned_once_in_so_many_frames_for_all_of_them():
    mixtures, threads, mask = PixelMixtures((16, 64, 3), 3), Threads(1), np.empty((16, 64), np.uint8)
    grey = np.full((16, 64, 3), 100, np.uint8)
    mixtures.update(grey, NONE_HELD, 1.0, pack_rules(**DEFAULTS), mask, threads)
    for phase in range(8):
        extras = Extras(lull=Lull.of(None, 3, 4, phase))
        mixtures.update(grey + np.uint8(2), NONE_HELD, 0.002, pack_rules(**DEFAULTS), mask, threads, extras)
    # prune raises the gain a little: r / (1 - r prune)
    np.testing.assert_allclose(mixtures.heaviest(), 100 + 2 * (1 - 0.992**2), atol=0.002)


def test_the_number_of_threads_changes_no_bit_of_the_state():
    runs = [Run((96, 301), 3, 4, DEFAULTS, seed=5, n_threads=n) for n in (1, 2, 3)]
    for _ in range(8):
        masks = [run.step(run.frame(), run.held(1), 0.1) for run in runs]
        for run, mask in zip(runs[1:], masks[1:], strict=True):
            np.testing.assert_array_equal(mask, masks[0])
            np.testing.assert_array_equal(run.mixtures.weights, runs[0].mixtures.weights)
            np.testing.assert_array_equal(run.mixtures.gaussians, runs[0].mixtures.gaussians)
            np.testing.assert_array_equal(run.mixtures.depths, runs[0].mixtures.depths)


PLAIN = """
import sys
import numpy as np
from gmmtrack.background.state import NONE_HELD, PixelMixtures
from gmmtrack.threads import Threads
given = np.load(sys.argv[1])
mixtures, masks = PixelMixtures((5, 14, 3), 3), []
for image in given["images"]:
    masks.append(np.empty((5, 14), np.uint8))
    mixtures.update(image, given["held"], 0.2, tuple(given["rules"]), masks[-1], Threads(1))
np.savez(sys.argv[2], masks=masks, weights=mixtures.weights, gaussians=mixtures.gaussians)
"""


def test_the_kernel_runs_as_plain_python_too(tmp_path):
    run = Run((5, 14), 3, 3, DEFAULTS, seed=6)  # 70 pixels: one tile and a part
    images, held = [run.frame() for _ in range(5)], run.held(1)
    masks = [run.step(image, held, 0.2).reshape(5, 14) for image in images]
    given, found = tmp_path / "given.npz", tmp_path / "found.npz"
    np.savez(given, images=images, held=held, rules=np.array(run.rules))
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "error", "-c", PLAIN, str(given), str(found)]
    subprocess.run(command, env=environment, check=True, timeout=120)
    with np.load(found) as plain:
        np.testing.assert_array_equal(plain["masks"], masks)
        np.testing.assert_allclose(plain["weights"], run.mixtures.weights, atol=1e-5)
        used = np.repeat((run.mixtures.weights > 0).reshape(-1, 1, TILE), 4, axis=1).reshape(-1)
        expected = np.where(used, run.mixtures.gaussians, 0)
        np.testing.assert_allclose(np.where(used, plain["gaussians"], 0), expected, atol=1e-2)
