"""Frames of 16 bits and of floating point are seen as the same frames of 8 bits are."""

import numpy as np
import pytest

from gmmtrack.background import BackgroundModel
from gmmtrack.background.levels import count_of_a_level
from gmmtrack.errors import ArgumentError

KINDS = {
    "uint16": (np.uint16, 257.0, 0.0),
    "uint16 of 12 bits": (np.uint16, 16.0, 0.0),
    "float32 of 0 to 1": (np.float32, 1 / 255, 0.0),
    "float64 of 0 to 255": (np.float64, 1.0, 0.0),
    "float32 about 0": (np.float32, 0.01, -1.2),
}


def frames(street, n=50, **options):
    for index in range(n):
        left = 5 * (index - 25)
        box = (30, left, 60, left + 30) if left > 0 else None
        yield street(index, box=box, light=1 - 0.2 * (index > 40), shift=(2.0 * (index > 45), 0), **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 3])
def test_they_equal_those_of_8_bits(street, kind, channels):
    dtype, count, zero = KINDS[kind]
    model, other = BackgroundModel(), BackgroundModel(level=count)
    for image in frames(street, channels=channels):
        mask, found = model.apply(image), other.apply((image * count + zero).astype(dtype))
        if zero == 0:
            assert np.mean(mask != found) < 0.001
    assert found.sum() > 255 * 500
    background = other.background
    assert background.dtype == dtype
    assert np.abs((background - zero) / count - model.background)[4:].mean() < 1


@pytest.mark.parametrize("kind", KINDS)
def test_without_being_told_a_level_follows_from_the_first_frame(street, kind):
    dtype, count, zero = KINDS[kind]
    model = BackgroundModel(exposure=zero == 0)
    for image in frames(street, 40):
        mask = model.apply((image * count + zero).astype(dtype)) == 255
    assert mask[32:58, 72:98].mean() > 0.95
    mask[28:62, 67:103] = False
    assert mask.mean() < 0.003


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_the_noise_of_a_scene_of_little_contrast_is_no_foreground(dtype):
    rng = np.random.default_rng(0)
    model, ground = BackgroundModel(), 8000 + rng.normal(0, 3, (60, 80))
    for _ in range(40):
        mask = model.apply((ground + rng.normal(0, 20, ground.shape)).astype(dtype))
    assert (mask == 255).mean() < 0.002
    warm = (ground + rng.normal(0, 20, ground.shape)).astype(dtype)
    warm[20:40, 30:50] += dtype(400)
    assert (model.apply(warm)[22:38, 32:48] == 255).mean() > 0.95


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("value", [0, 200])
def test_a_first_frame_of_one_value_is_taken(dtype, value):
    model = BackgroundModel()
    for _ in range(3):
        assert model.apply(np.full((30, 40), value, dtype)).shape == (30, 40)
    np.testing.assert_allclose(model.background, value, rtol=1e-6)


def test_a_level_is_a_255th_of_the_range_of_all_but_the_rarest_values():
    image = np.linspace(1000, 5080, 40000).reshape(200, 200).astype(np.uint16)
    image[0, :20] = 65535
    assert count_of_a_level(image) == pytest.approx(4080 * 0.99 / 255, rel=0.01)
    assert count_of_a_level(image.astype(np.uint8)) == 1


@pytest.mark.parametrize("scale", [1e-44, 1e-37, 1e-20, 1e15])
def test_floating_point_frames_of_any_scale_are_taken(scale):
    rng, model = np.random.default_rng(0), BackgroundModel()
    for _ in range(5):
        model.apply((rng.uniform(0, 1, (30, 40)) * scale).astype(np.float32))
    components = model.components
    assert all(np.isfinite(part).all() for part in (components.weights, components.means, components.variances))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "image must be finite, got NaN or infinity"),
        (np.inf, "image must be finite, got NaN or infinity"),
        (-np.inf, "image must be finite, got NaN or infinity"),
        (1e300, "image must be within 1e+15, got 1e+300"),
        (-1e16, "image must be within 1e+15, got -1e+16"),
    ],
)
def test_floating_point_levels_that_make_no_sense_are_refused(value, message):
    image, model = np.full((30, 40), 0.5), BackgroundModel()
    model.apply(image)
    image[3, 4] = value
    with pytest.raises(ArgumentError) as error:
        model.apply(image)
    assert str(error.value) == message


def test_a_level_below_0_is_refused():
    with pytest.raises(ArgumentError) as error:
        BackgroundModel(level=-1.0)
    assert str(error.value) == "level must be >= 0, got -1.0"
