"""Frames of videos whose images are made when they are asked for."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

import gmmtrack as gt
from gmmtrack.frames.conversion import Converter, DecodedFrame
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.planes import color_matrix
from gmmtrack.frames.video import VideoFile

TAGS = [("yuv420p", 2, 0), ("yuv420p", 6, 1), ("yuv420p", 1, 1), ("yuv420p", 2, 2), ("yuvj420p", 1, 2)]


def decoded(size=(96, 64), name="yuv420p", space=2, color_range=0, seed=0):
    """Return a picture (width, height) of patches, as a decoder gives it; none of its colours is cut off."""
    rng = np.random.default_rng(seed)
    frame = av.VideoFrame(*size, name)
    frame.colorspace, frame.color_range = space, color_range
    for plane, (low, high) in zip(frame.planes, [(80, 170), (108, 148), (108, 148)], strict=True):
        patches = rng.integers(low, high, (-(-plane.height // 8), -(-plane.line_size // 8)))
        values = np.kron(patches, np.ones((8, 8), int))[: plane.height, : plane.line_size]
        noisy = values + rng.integers(-8, 9, values.shape)
        plane.update(noisy.astype(np.uint8).tobytes())
    return frame


def in_full(picture):
    return VideoReformatter().reformat(picture, format="bgr24").to_ndarray()


def is_made(frame):
    return frame._decoded is None


def test_the_image_is_made_when_asked_for_and_kept(write):
    with VideoFile(write("clip.mp4", 3)) as video:
        frames = list(video)
    with av.open(video.name) as container:
        expected = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert not any(is_made(frame) for frame in frames)
    for frame, image in zip(frames, expected, strict=True):  # long after the file was closed
        np.testing.assert_array_equal(frame.image, image)
        assert frame.image is frame.image
        assert is_made(frame)


@pytest.mark.parametrize("rotation", [0, 90, 180])
def test_size_and_reduction_need_no_image(write, rotation):
    with VideoFile(write("clip.mp4", 1, rotation=rotation)) as video:
        frame = next(video)
    small, size = frame.shrunk(4), frame.size
    assert not is_made(frame)
    assert size == frame.image.shape[:2] == frame.size
    assert size == ((64, 48) if rotation == 90 else (48, 64))
    assert np.abs(small.astype(int) - Frame.shrunk(frame, 4)).max() <= 3


@pytest.mark.parametrize(("name", "space", "color_range"), TAGS)
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_reducing_planes_is_reducing_the_image_within_a_level_or_two(name, space, color_range, factor):
    picture = decoded(name=name, space=space, color_range=color_range)
    frame = Converter().frame(picture, 0, 0.0)
    small = frame.shrunk(factor)
    assert not is_made(frame)
    difference = small.astype(int) - Frame.shrunk(frame, factor)
    assert np.abs(difference).max() <= 2  # FFmpeg cuts off fractions of luma and of chroma
    assert np.abs(difference).mean() < 0.6


@pytest.mark.parametrize(("name", "space", "color_range"), TAGS)
def test_the_matrix_is_that_of_the_tags(name, space, color_range):
    red, blue = (0.2126, 0.0722) if space == 1 else (0.299, 0.114)
    is_full = name == "yuvj420p" or color_range == 2
    light, color = (1.0, 1.0) if is_full else (255 / 219, 255 / 224)
    green = 1 - red - blue
    expected = np.array([
        [light, 2 * (1 - blue) * color, 0],
        [light, -2 * (1 - blue) * blue / green * color, -2 * (1 - red) * red / green * color],
        [light, 0, 2 * (1 - red) * color],
    ])  # fmt: skip
    matrix = color_matrix(decoded(name=name, space=space, color_range=color_range))
    np.testing.assert_allclose(matrix[:, :3], expected, atol=0.003)


def test_colors_out_of_bounds_are_cut_off():
    picture = decoded()
    for plane, value in zip(picture.planes, (250, 20, 250), strict=True):
        plane.update(np.full(plane.buffer_size, value, np.uint8).tobytes())
    small = Converter().frame(picture, 0, 0.0).shrunk(2)
    np.testing.assert_allclose(small[0, 0], in_full(picture)[0, 0], atol=1)
    assert small[0, 0, 2] == 255


@pytest.mark.parametrize(
    ("width", "height", "factor"), [(96, 64, 3), (98, 66, 4), (96, 66, 4), (97, 65, 2), (96, 64, 1)]
)
def test_what_planes_cannot_give_is_reduced_from_the_image(width, height, factor):
    picture = decoded((width, height))
    frame = Converter().frame(picture, 0, 0.0)
    np.testing.assert_array_equal(frame.shrunk(factor), Frame(in_full(picture), 0, 0.0).shrunk(factor))


@pytest.mark.parametrize("name", ["yuv444p", "bgr24", "gray", "yuv420p10le"])
def test_other_formats_are_converted_at_once(name):
    picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 9, np.uint8), format="bgr24").reformat(format=name)
    frame = Converter().frame(picture, 3, 0.5)
    assert type(frame) is Frame
    assert (frame.index, frame.time, frame.size) == (3, 0.5, (48, 64))


@pytest.mark.parametrize("asked", [True, False])
def test_copies_are_frames_with_the_same_image(asked):
    picture = decoded()
    expected = in_full(picture)
    ways = copy.copy, copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f)), lambda f: replace(f, time=9.0)
    for duplicate in ways:
        frame = Converter().frame(picture, 5, 0.5)
        assert not asked or frame.image.size
        other = duplicate(frame)
        assert (other.index, other.size) == (5, (64, 96))
        np.testing.assert_array_equal(other.image, expected)
        np.testing.assert_array_equal(other.shrunk(2), frame.shrunk(2))


def test_another_image_can_take_its_place():
    frame = Converter().frame(decoded(), 5, 0.5)
    other = replace(frame, image=np.full((7, 9, 3), 3, np.uint8))
    assert (other.index, other.time, other.size) == (5, 0.5, (7, 9))
    assert (other.shrunk(2) == 3).all()
    assert not is_made(frame)


def test_threads_that_ask_at_once_get_the_same_image():
    converter = Converter()
    with ThreadPoolExecutor(8) as pool:
        for seed in range(20):
            frame = converter.frame(decoded((640, 480), seed=seed), 0, 0.0)
            images = list(pool.map(lambda _, frame=frame: frame.image, range(8)))
            assert all(image is images[0] for image in images)


def test_what_is_not_there_is_an_error():
    frame = Converter().frame(decoded(), 0, 0.0)
    assert isinstance(frame, DecodedFrame)
    with pytest.raises(AttributeError):
        frame.images  # noqa: B018


@pytest.mark.parametrize("offline", [False, True])
def test_a_clip_that_is_reduced_is_tracked_in_without_an_image(write, offline):
    path = write("clip.mp4", 20)
    for resolution, factor in ((1.0, 1), (48 * 64 / 4e6, 2)):
        results = list(gt.track(path, offline=offline, resolution=resolution))
        assert all(result.reduction.factor == factor for result in results)
        assert {is_made(result.frame) for result in results} == {factor == 1 and not offline}
        with VideoFile(path) as video:
            for frame, result in zip(video, results, strict=True):
                np.testing.assert_array_equal(result.frame.image, frame.image)
