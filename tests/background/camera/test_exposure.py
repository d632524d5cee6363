"""Changes of the light that all pixels share are taken off, and nothing else is."""

import os
import subprocess
import sys
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.background import BackgroundModel
from gmmtrack.background.camera import kernels
from gmmtrack.background.camera.exposure import Exposure
from gmmtrack.lanes import LANES

COARSEST = 14.0


def tiles(samples):
    """Return samples (N, C) as the kernels take them, the last one repeated to fill a tile."""
    whole = np.pad(samples.astype(np.float32), ((0, -len(samples) % LANES), (0, 0)), "edge")
    return np.ascontiguousarray(whole.reshape(-1, LANES, whole.shape[1]).transpose(0, 2, 1)).reshape(-1)


def fit(frame, background, before=1.0):
    """Return gains, offsets and the share explained, from a light in which the gain was `before`."""
    exposure = Exposure((1, *frame.shape))
    exposure.gains[:] = before
    for _ in range(3):  # frames
        explained = exposure.find_light(tiles(frame), tiles(background))
    return exposure.gains, exposure.offsets, explained


def samples(seed, n_channels=3, gain=1.0, offset=0.0, n=2000, share_of_objects=0.0):
    """Return a frame and a background (N, C), and which samples are of neither object nor outlier."""
    rng = np.random.default_rng(seed)
    frame = rng.uniform(20, 160, (n, n_channels))
    background = frame * gain + offset + rng.uniform(-1, 1, frame.shape)
    is_object = rng.random(n) < share_of_objects
    frame[is_object] = rng.uniform(10, 240, (n, n_channels))[is_object]
    far = np.abs(background - (frame * gain + offset)).max(axis=1) > 2 * COARSEST
    background[is_object & ~far] = frame[is_object & ~far] * gain + offset + 3 * COARSEST
    return frame, background, ~is_object


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_channels=st.integers(1, 4),
    gain=st.floats(0.75, 1.35),
    offset=st.floats(-8, 8),
    share=st.sampled_from([0.0, 0.1, 0.3]),
)
def test_the_kernel_equals_least_squares_on_what_is_no_object(camera_twin, seed, n_channels, gain, offset, share):
    frame, background, still = samples(seed, n_channels, gain, offset, share_of_objects=share)
    with patch("gmmtrack.background.camera.exposure._RIDGE", np.float32(0)):
        gains, offsets, explained = fit(frame, background)
    expected = camera_twin.fit_lines(frame[still], background[still])
    np.testing.assert_allclose(gains, expected[0], rtol=2e-4)
    np.testing.assert_allclose(offsets, expected[1], atol=0.03)
    assert explained == pytest.approx(still.mean(), abs=1e-6)


PLAIN = """
import sys
import numpy as np
from gmmtrack.background.camera import kernels
from gmmtrack.background.camera.exposure import Exposure
given = {name: value for name, value in np.load(sys.argv[1]).items()}
exposure = Exposure((1, 1, 3))
explained = exposure.find_light(given["frame"], given["background"])
gains, offsets = exposure.gains, exposure.offsets
shift = kernels.scan(given["grey"], given["places"], given["values"], 4, 2)
one, nought = np.float32(1), np.float32(0)
corners = given["places"], given["values"], given["slopes"].reshape(-1)
memory = np.empty(4 * 60 + 16, np.float32), np.empty(48, np.float32)
fine = kernels.refine((0, 0, 0), given["image"], *corners, one, nought, *shift, 8, *memory)
noise = kernels.median_residual((0, 0, 0), given["frame"], given["background"], gains, offsets, exposure._sums)
np.savez(sys.argv[2], gains=gains, offsets=offsets, explained=explained, shift=shift, fine=fine, noise=noise)
"""


def test_the_kernels_run_as_plain_python_too(tmp_path, street):
    frame, background, _ = samples(1, gain=1.2, n=400, share_of_objects=0.2)
    image = street(1, size=(40, 50), shift=(1.0, -1.5))
    still = street(2, size=(40, 50)).mean(axis=2, dtype=np.float32)
    places = np.random.default_rng(0).integers(6, 34, (60, 2)).astype(np.float32)
    y, x = places.astype(int).T
    slopes = np.stack([gradient[y, x] for gradient in np.gradient(still)], axis=1).astype(np.float32)
    grey = image.mean(axis=2, dtype=np.float32)
    arrays = {"frame": tiles(frame), "background": tiles(background), "grey": grey, "image": image}
    arrays |= {"places": places, "values": still[y, x], "slopes": slopes}
    np.savez(tmp_path / "given.npz", **arrays)
    command = [sys.executable, "-W", "error", "-c", PLAIN, str(tmp_path / "given.npz")]
    for name, disabled in (("plain", "1"), ("compiled", "0")):
        environment = os.environ | {"NUMBA_DISABLE_JIT": disabled}
        subprocess.run([*command, str(tmp_path / f"{name}.npz")], env=environment, check=True, timeout=120)
    with np.load(tmp_path / "plain.npz") as plain, np.load(tmp_path / "compiled.npz") as compiled:
        for name in ("gains", "offsets", "explained", "shift", "fine", "noise"):
            np.testing.assert_allclose(plain[name], compiled[name], rtol=1e-3, atol=1e-2)
        np.testing.assert_allclose(plain["fine"][:2], (1.0, -1.5), atol=0.2)


def test_the_commonest_ratio_holds_though_objects_cover_most_of_the_frame():
    frame, background, _ = samples(3, gain=1.5, share_of_objects=0.65)
    counts = np.zeros(kernels.N_RATIOS, np.int64)
    sums = np.zeros(kernels.n_sums(3), np.float32)
    ratio = kernels.commonest_ratio((0, 0, 0), tiles(frame), tiles(background), sums, counts)
    assert ratio == pytest.approx(1.5, rel=0.04)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_channels=st.integers(1, 4), spread=st.sampled_from([0.01, 2.0, 30.0, 300.0]))
def test_the_noise_is_the_median_residual_to_an_eighth_of_a_level(seed, n_channels, spread):
    rng = np.random.default_rng(seed)
    background = rng.uniform(0, 255, (408, n_channels)).astype(np.float32)
    frame = background + rng.normal(0, spread, background.shape).astype(np.float32)
    light, sums = np.ones(n_channels, np.float32), np.zeros(kernels.n_sums(n_channels), np.float32)
    samples = (0,) * n_channels, tiles(frame), tiles(background)
    found = kernels.median_residual(*samples, light, 0 * light, sums)
    residuals = np.abs(frame - background)
    lower, upper = (min(np.quantile(residuals, 0.5, method=side), 32) for side in ("lower", "higher"))
    assert lower - 0.13 <= found <= upper + 0.13


@pytest.mark.parametrize("gain", [0.3, 0.5, 1.0, 2.0, 3.0])
def test_noise_in_the_frame_takes_no_contrast_off_the_background(gain):
    rng = np.random.default_rng(1)
    background = rng.normal(60, 8, (2500, 3))
    frame = background / gain + rng.normal(0, 2 / gain, background.shape)
    gains, _, explained = fit(frame, background)
    np.testing.assert_allclose(gains, gain, rtol=0.02)
    assert explained > 0.99


def test_a_flat_scene_has_no_light():
    rng = np.random.default_rng(0)
    background = np.full((2500, 3), 90.0) + rng.normal(0, 1, (2500, 3))
    gains, offsets, explained = fit(background * 1.6, background, before=1.3)
    np.testing.assert_array_equal([gains, offsets], [[1, 1, 1], [0, 0, 0]])
    assert explained == 1


def test_a_scene_too_dark_to_tell_has_no_light():
    rng = np.random.default_rng(0)
    gains, offsets, explained = fit(rng.uniform(0, 4, (2500, 3)), rng.uniform(0, 200, (2500, 3)))
    np.testing.assert_array_equal([gains, offsets], [[1, 1, 1], [0, 0, 0]])
    assert explained == 1


def test_another_scene_is_not_taken_for_a_light_without_contrast():
    rng = np.random.default_rng(0)
    background, frame = rng.normal(120, 10, (2500, 3)), rng.normal(120, 50, (2500, 3)).clip(0, 255)
    gains, explained = np.ones(3, np.float32), 1.0
    for _ in range(5):
        gains, _, explained = fit(frame, background, before=gains.mean())
        assert (gains > 0.12).all()
    assert explained < 0.35


@pytest.mark.parametrize("size", [(40, 61), (37, 64), (300, 451), (24, 24), (1, 1), (2, 5000)])
def test_the_grid_is_its_own_mirror_image_and_covers_the_frame(size):
    exposure = Exposure((*size, 3))
    rows, columns = np.divmod(exposure.pixels, size[1])
    for places, length in ((rows, size[0]), (columns, size[1])):
        np.testing.assert_array_equal(np.unique(places), np.unique(length - 1 - places))
        gaps = np.diff(np.unique([-1, *places, length]))
        assert gaps.max() <= 2 * max(1, int((size[0] * size[1] / 2500) ** 0.5))
    assert len(exposure.pixels) <= 7000


def run(model, frames):
    return [model.apply(frame) for frame in frames]


@pytest.mark.parametrize("gain", [0.8, 1.2])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_automatic_exposure_leaves_no_foreground(street, gain, channels):
    model = BackgroundModel()
    run(model, [street(index, channels=channels) for index in range(40)])
    steps = np.concatenate([np.linspace(1, gain, 10), np.full(30, gain)])
    masks = run(model, [street(40 + i, channels=channels, light=step) for i, step in enumerate(steps)])
    assert max((mask == 255).mean() for mask in masks) < 0.002
    assert not model.scene_changed
    bare = BackgroundModel(exposure=False)
    run(bare, [street(index, channels=channels) for index in range(40)])
    assert (bare.apply(street(90, channels=channels, light=gain)) != 0).mean() > 0.1


@pytest.mark.parametrize("light", [0.45, 2.0])
def test_a_light_switched_at_once_leaves_no_foreground(street, light):
    model, level = BackgroundModel(), min(1.0, 1 / light)
    run(model, [street(index, light=level) for index in range(40)])
    masks = run(model, [street(40 + index, light=level * light) for index in range(50)])
    assert max((mask == 255).mean() for mask in masks) < 0.01
    # a light that lasts becomes that of the background
    assert np.abs(model.background.astype(float) - street(0, light=level * light, noise=0)).mean() < 2


def test_what_covers_a_third_of_the_frame_is_found_while_the_exposure_changes(street):
    model, box = BackgroundModel(), (10, 20, 110, 84)
    run(model, [street(index) for index in range(40)])
    truth = np.zeros((120, 160), bool)
    truth[10:110, 20:84] = True
    for index, gain in enumerate(np.linspace(1, 0.8, 10)):
        mask = model.apply(street(40 + index, light=gain, box=box), learning_rate=0) == 255
        assert (mask & truth).sum() > 0.9 * truth.sum()
        assert (mask & ~truth).sum() < 0.01 * (~truth).sum()


def test_the_shade_of_a_cloud_over_half_the_frame_does_not_flip_the_light(street):
    model = BackgroundModel()
    run(model, [street(index) for index in range(40)])
    shade = np.ones((120, 160, 1))
    shade[:, :78] = 0.6
    for index in range(10):
        mask = model.apply(street(40 + index, light=shade), learning_rate=0)
        np.testing.assert_allclose(model._camera.exposure.gains, 1, atol=0.05)
        assert (mask[:, 82:] == 255).mean() < 0.005
