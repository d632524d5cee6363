"""Where a frame has no colour, what is much darker than the background is an object, and a little darker a shadow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmtrack.background import BackgroundModel, BackgroundSettings
from gmmtrack.background.masks.kernels import FOREGROUND, SHADOW
from gmmtrack.background.shadows import kernels
from gmmtrack.background.shadows.darkness import darkest_in

SIZE = (72, 96)
BODY, SHADE = (slice(20, 50), slice(30, 54)), (slice(50, 64), slice(30, 54))
COLOUR, GREY, TINTED = (120, 150, 170), (150, 150, 150), (148, 150, 151)
PLAIN = {"exposure": False, "shake": False, "amid": 1.0, "enclosed": 1.0, "surrounded": 1.0, "hollow": 0.0}
KINDS = {
    "one channel": (1, np.uint8, 1.0),
    "three channels": (3, np.uint8, 1.0),
    "uint16": (3, np.uint16, 100.0),
    "uint16, one channel": (1, np.uint16, 100.0),
    "float32": (3, np.float32, 1 / 255),
}


def frame(index, ground, *, light=None, channels=3, dtype=np.uint8, level=1.0):
    """Return a frame of the ground; with a `light`, a body keeps that share of it, and its shade 0.8."""
    image = np.full((*SIZE, 3), ground, float)
    image += np.random.default_rng(index).normal(0, 2, (*SIZE, 1))  # of the sensor's one channel
    if light is not None:
        image[BODY] *= light
        image[SHADE] *= 0.8
    counts = np.clip(image[:, :, :channels], 0, 255) * level
    return (np.rint(counts) if np.dtype(dtype).kind == "u" else counts).astype(dtype)


def learned(images, **options):
    model = BackgroundModel(**(PLAIN | options))
    for image in images:
        model.apply(image)
    return model


def share(labels, place, label):
    return (labels[place] == label).mean()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preset", ["robust", "tracking"])
def test_a_dark_body_is_foreground_where_there_is_no_colour_and_its_shade_a_shadow(kind, preset):
    channels, dtype, level = KINDS[kind]
    form = {"channels": channels, "dtype": dtype, "level": level}
    model = learned((frame(i, GREY, **form) for i in range(40)), preset=preset, level=level)
    mask = model.apply(frame(40, GREY, light=0.6, **form))
    assert share(mask, BODY, FOREGROUND) > 0.95
    assert share(mask, SHADE, SHADOW) > 0.9


@pytest.mark.parametrize(
    ("ground", "light", "changes"),
    [
        (COLOUR, 0.6, {}),
        (GREY, 0.6, {"darkest_grey_shadow": 0.0}),
        (GREY, 0.6, {"darkest_grey_shadow": 0.4}),  # it only counts if it is more
        (GREY, 0.6, {"preset": "mog2"}),
        (GREY, 0.4, {"preset": "mog2", "darkest_shadow": 0.3}),
    ],
)
def test_what_keeps_more_than_the_usual_share_of_its_light_is_a_shadow_otherwise(ground, light, changes):
    model = learned((frame(i, ground) for i in range(40)), **changes)
    assert share(model.apply(frame(40, ground, light=light)), BODY, SHADOW) > 0.95


def test_the_tint_of_an_encoder_is_no_colour():
    model = learned(frame(i, TINTED) for i in range(40))
    assert share(model.apply(frame(40, TINTED, light=0.6)), BODY, FOREGROUND) > 0.95


def test_no_shadow_is_labelled_where_none_are_looked_for():
    model = learned((frame(i, GREY) for i in range(40)), shadows=False)
    assert set(np.unique(model.apply(frame(40, GREY, light=0.6)))) == {0, FOREGROUND}


def test_a_camera_that_switches_to_infrared_is_followed_at_once_and_back():
    def seen(index, wall, **options):
        image = frame(index, GREY, **options)
        image[:, 64:] = wall
        return image

    day, night = (60, 110, 200), GREY
    model = learned((seen(i, day) for i in range(40)), majority=False)
    labels = {SHADOW: day, FOREGROUND: night}
    for index in range(40, 48):
        label = (SHADOW, FOREGROUND)[index // 2 % 2]
        image = seen(index, labels[label], light=0.6)
        told = model.explain(image)
        assert share(model.apply(image, learning_rate=0), BODY, label) > 0.95
        assert share(told.shadow, BODY, label == SHADOW) > 0.95


def test_frames_without_colour_add_nothing_to_the_classes_of_darker_shadows():
    model = learned((frame(i, GREY) for i in range(40)), amid=0.4)
    for index in range(40, 46):
        model.apply(frame(index, GREY, light=(0.55, 0.65, 0.75)[index % 3]))
    counts = model.parts()["darkness_counts"]
    assert not counts[:2].any()
    assert counts[2, 0] > 0


@given(
    seed=st.integers(0, 100),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.integers(1, 4),
    step=st.integers(1, 9),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32]),
)
def test_the_spread_of_channels_is_what_numpy_says(seed, height, width, channels, step, dtype):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, channels)).astype(dtype)
    seen = image[min(step, height) // 2 :: step, min(step, width) // 2 :: step]
    assert kernels.spread(image, step) == pytest.approx(np.ptp(seen.astype(float), axis=2).mean(), rel=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (1080, 1920)])
@pytest.mark.parametrize(("ground", "share"), [(COLOUR, 0.5), (TINTED, 0.7)])
def test_frames_of_every_size_are_told_apart(size, ground, share):
    assert darkest_in(np.full((*size, 3), ground, np.uint8), 1.0, BackgroundSettings()) == share


@pytest.mark.parametrize(("dtype", "level"), [(np.uint8, 1.0), (np.uint16, 100.0), (np.float32, 1 / 255)])
@pytest.mark.parametrize(("ground", "share"), [(COLOUR, 0.5), (TINTED, 0.7)])
def test_colour_is_measured_in_levels(dtype, level, ground, share):
    image = (np.full((*SIZE, 3), ground) * level).astype(dtype)
    assert darkest_in(image, level, BackgroundSettings()) == share


@pytest.mark.parametrize("name", ["vtest", "cdnet_highway", "cdnet_traffic"])
def test_real_clips_have_colour(real_clips, name):
    settings = BackgroundSettings()
    assert {darkest_in(image, 2.0, settings) for image in real_clips(name, 100)} == {0.5}  # with half as much, too
