"""Frames made of whatever images a program has."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.bgr import to_bgr
from gmmtrack.frames.frame import Frame

IMAGE = np.random.default_rng(0).integers(0, 255, (6, 8, 3), dtype=np.uint8)


@pytest.mark.parametrize("image", [IMAGE, IMAGE[:, ::-1], np.broadcast_to(np.uint8(0), (6, 8, 3))])
def test_an_image_is_kept_as_it_is(image):
    assert Frame(image, 0, 0.0).image is image


@pytest.mark.parametrize("image", [IMAGE[:, :, 0], IMAGE[:, :, :1], IMAGE[:, :, [0, 1, 2, 0]]])
def test_grey_and_four_channels_become_bgr(image):
    frame = Frame(image, 3, 0.5)
    for one in (frame, replace(frame, index=4), pickle.loads(pickle.dumps(frame))):
        assert one.size == (6, 8)
        np.testing.assert_array_equal(one.image, to_bgr(image))


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (IMAGE.astype(np.uint16), "(6, 8, 3) uint16; scale to 0-255 and cast with .astype(np.uint8)"),
        (IMAGE / 255, "(6, 8, 3) float64; scale to 0-255 and cast with .astype(np.uint8)"),
        (IMAGE[:0], "(0, 8, 3) uint8"),
        (None, "None"),
    ],
)
def test_another_image_is_refused(image, kind):
    with pytest.raises(ArgumentError) as caught:
        Frame(image, 0, 0.0)
    assert str(caught.value) == f"image must be (H, W, 3) uint8, got {kind}"


@pytest.mark.parametrize("time", [None, "1", np.nan, np.inf])
def test_a_time_that_is_none_is_refused(time):
    with pytest.raises(ArgumentError) as caught:
        Frame(IMAGE, 0, time)
    assert str(caught.value) == f"time must be a finite number [s], got {time!r}"
