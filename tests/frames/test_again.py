"""Sources that can be read twice give the same frames twice."""

import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.frames import open_source


@pytest.fixture
def sources(write, tmp_path):
    """A video, a folder of images, an array and a list, each with a rate of its own."""
    images = np.random.default_rng(0).integers(0, 255, (6, 24, 32, 3), np.uint8)
    folder = tmp_path / "images"
    folder.mkdir()
    for index, image in enumerate(images):
        assert cv2.imwrite(str(folder / f"{index}.png"), image)
    return write("clip.mp4", 12), folder, images, list(images)


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("frame_rate", [None, 5.0])
def test_the_same_frames_come_again(sources, which, frame_rate):
    with open_source(sources[which], frame_rate=frame_rate) as first:
        assert first.repeats
        frames = list(first)
        with first.again() as second:
            again = list(second)
        assert [(f.index, f.time) for f in frames] == [(f.index, f.time) for f in again]
        for one, other in zip(frames, again, strict=True):
            np.testing.assert_array_equal(one.image, other.image)


def test_what_comes_only_once_says_so():
    source = open_source(iter([np.zeros((4, 4, 3), np.uint8)]))
    assert not source.repeats
    with pytest.raises(ArgumentError) as error:
        source.again()
    assert str(error.value) == "source must be one that can be read twice, got frames, whose frames come only once"
