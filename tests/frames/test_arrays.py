"""Arrays and iterables as sources."""

import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.arrays import Arrays
from gmmtrack.frames.bgr import to_bgr
from gmmtrack.frames.frame import Frame


def level(value, shape=(6, 8, 3)):
    return np.full(shape, value, np.uint8)


def test_a_stack_of_images_is_not_copied():
    stack = np.stack([level(i) for i in range(3)])
    frames = list(Arrays(stack))
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 0.08])
    assert all(np.shares_memory(frame.image, stack) for frame in frames)


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 1)])
def test_grey_becomes_bgr(shape):
    assert np.array_equal(to_bgr(level(7, shape)), level(7))


def test_a_fourth_channel_is_left_out():
    image = np.random.default_rng(0).integers(0, 255, (6, 8, 4), dtype=np.uint8)
    found = to_bgr(image)
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, cv2.cvtColor(image, cv2.COLOR_BGRA2BGR))


def test_images_are_made_contiguous():
    rgb = np.random.default_rng(0).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    image = to_bgr(rgb[..., ::-1])
    assert image.flags.c_contiguous
    assert np.array_equal(image, rgb[..., ::-1])


def test_a_generator_is_read_once_and_lazily():
    asked = []

    def images():
        for i in range(3):
            asked.append(i)
            yield level(i)

    source = Arrays(images())
    assert (source.n_frames, source.size, list(source.sample(2)), asked) == (None, None, [], [])
    next(source)
    assert (asked, source.size) == ([0], (8, 6))


def test_a_list_can_be_sampled():
    source = Arrays([level(i) for i in range(9)], frame_rate=1)
    assert (source.n_frames, source.size) == (9, (8, 6))
    assert [frame.time for frame in source.sample(3)] == [1, 4, 7]


def test_frames_keep_their_time_unless_a_rate_is_given():
    frames = [Frame(level(0), 3, 0.3), Frame(level(0), 5, 0.5)]
    assert [(frame.index, frame.time) for frame in Arrays(frames)] == [(3, 0.3), (5, 0.5)]
    assert [(frame.index, frame.time) for frame in Arrays(frames, frame_rate=2)] == [(3, 0.0), (5, 0.5)]


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (
            np.zeros((2, 3, 3)),
            "image must be (H, W, 3) uint8, got (2, 3, 3) float64; scale to 0-255 and cast with .astype(np.uint8)",
        ),
        (
            np.zeros((2, 3, 5), np.uint8),
            "image must be (H, W, 3) uint8, got (2, 3, 5) uint8",
        ),
        (np.zeros((0, 3, 3), np.uint8), "image must be (H, W, 3) uint8, got (0, 3, 3) uint8"),
        (np.zeros(5, np.uint8), "image must be (H, W, 3) uint8, got (5,) uint8"),
        ("a.png", "image must be (H, W, 3) uint8, got 'a.png'"),
    ],
)
def test_other_images_are_refused(image, message):
    with pytest.raises(ArgumentError) as error:
        list(Arrays(iter([image])))
    assert str(error.value) == message


def test_a_single_image_is_not_taken_for_a_stack():
    with pytest.raises(ArgumentError) as error:
        Arrays(level(0))
    assert str(error.value) == "source must be (N, H, W, 3) uint8, got (6, 8, 3) uint8; put a single image in a list"


def test_an_image_of_another_size_is_refused():
    with pytest.raises(ArgumentError) as error:
        list(Arrays([level(0), level(0, (5, 9, 3))]))
    assert str(error.value) == "image must be (6, 8, 3) as the one before, got (5, 9, 3)"


def test_time_must_increase():
    with pytest.raises(ArgumentError) as error:
        list(Arrays([Frame(level(0), 0, 0.5), Frame(level(0), 1, 0.5)]))
    assert str(error.value) == "time of a frame must be > 0.5 s, got 0.5"


def test_no_images_are_no_error():
    assert list(Arrays([])) == []
