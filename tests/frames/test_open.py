"""Whatever a caller has, as a source."""

import functools
import http.server
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.frames.arrays import Arrays
from gmmtrack.frames.camera import Camera
from gmmtrack.frames.images import ImageFiles
from gmmtrack.frames.open import open_source
from gmmtrack.frames.stream import LiveStream
from gmmtrack.frames.video import VideoFile


@pytest.fixture
def server(tmp_path):
    """The address of a web server on loopback that serves tmp_path."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path)) as web:
        thread = threading.Thread(target=web.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()
        thread.join()


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("1.png", "2.png"):
        cv2.imwrite(str(folder / name), np.zeros((4, 4, 3), np.uint8))
    return folder


@pytest.mark.parametrize("kind", [str, Path, lambda path: path.as_uri()])
def test_a_path_to_a_video_opens_it(write, kind):
    with open_source(kind(write("clip.mp4", 3))) as source:
        assert isinstance(source, VideoFile)
        assert len(list(source)) == 3


@pytest.mark.parametrize(("tail", "n"), [("", 2), ("/*.png", 2), ("/2.png", 1), ("/[1].png", 1)])
def test_images_open_by_folder_glob_and_name(images, tail, n):
    with open_source(f"{images}{tail}") as source:
        assert isinstance(source, ImageFiles)
        assert len(list(source)) == n


def test_a_name_with_brackets_is_a_name_before_it_is_a_glob(write):
    with open_source(write("clip[1].mp4", 2)) as source:
        assert len(list(source)) == 2


def test_arrays_and_iterables_open():
    stack = np.zeros((2, 4, 4, 3), np.uint8)
    for source in (stack, list(stack), iter(stack)):
        assert isinstance(open_source(source), Arrays)


def test_a_source_is_returned_as_it_is():
    source = Arrays([])
    assert open_source(source) is source


def test_the_rate_reaches_the_source(images):
    assert open_source(images, frame_rate=5).frame_rate == 5


def test_a_video_on_a_web_server_is_a_file(write, server):
    write("clip.mp4", 30)
    with open_source(f"{server}/clip.mp4") as source:
        assert isinstance(source, VideoFile)
        assert (source.live, source.n_frames) == (False, 30)
        assert [frame.index for frame in source.sample(5)] == [3, 9, 15, 21, 27]
        assert len(list(source)) == 30


def test_a_web_server_without_the_video_is_an_error_in_one_line(server):
    with pytest.raises(SourceError) as error:
        open_source(f"{server}/clip.mp4")
    assert str(error.value).startswith(f"{server}/clip.mp4 cannot be opened: ")
    assert "\n" not in str(error.value)


def test_a_stream_without_an_end_is_live_and_timed_by_the_clock(write, server):
    url = f"{server}/clip.h264"
    write("clip.h264", 4)
    ticks = iter([10.0, 10.5, 10.5, 12.0])
    with LiveStream(url, clock=lambda: next(ticks)) as stream:
        assert (stream.live, stream.n_frames, stream.size, list(stream.sample(3))) == (True, None, (64, 48), [])
        assert [frame.time for frame in stream] == pytest.approx([0, 0.5, 0.500001, 2.0])
        assert stream.problem == f"{url} gives no more frames"
    with open_source(url) as source:
        assert isinstance(source, LiveStream)
    with pytest.raises(ArgumentError) as error:
        open_source(url, frame_rate=5)
    assert str(error.value) == "frame_rate must be None for a live stream, whose times are the clock's, got 5"


def test_a_stream_that_nobody_sends_is_an_error():
    with pytest.raises(SourceError) as error:
        open_source("rtsp://127.0.0.1:9/none")
    assert str(error.value) == "rtsp://127.0.0.1:9/none cannot be opened: connection refused"


@pytest.mark.parametrize("source", [99, "99", np.int64(99)])
def test_an_absent_camera_is_an_error_in_one_line(source, capfd):
    with pytest.raises(SourceError) as error:
        open_source(source)
    assert str(error.value) == "no camera 99"
    assert capfd.readouterr() == ("", "")


def test_a_camera_gives_frames_until_it_stops(monkeypatch):
    class Device:
        def __init__(self, index):
            self.left, self.index = 2, index

        def isOpened(self):  # noqa: N802
            return True

        def get(self, key):
            return {cv2.CAP_PROP_FRAME_WIDTH: 4.0, cv2.CAP_PROP_FRAME_HEIGHT: 3.0}.get(key, 0.0)

        def read(self):
            self.left -= 1
            return self.left >= 0, np.zeros((3, 4, 3), np.uint8)

        def release(self):
            self.left = 0

    monkeypatch.setattr(cv2, "VideoCapture", Device)
    ticks = iter([5.0, 5.25, 6.0])
    with Camera(1, clock=lambda: next(ticks)) as camera:
        assert (camera.live, camera.size, camera.frame_rate) == (True, (4, 3), None)
        assert [(frame.index, frame.time) for frame in camera] == [(0, 0.0), (1, 0.25)]
        assert camera.problem == "camera 1 gives no more frames"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing.mp4", "no such file or folder: missing.mp4"),
        ("missing*.png", "no images match missing*.png"),
        ("", "no such file: the name is empty"),
    ],
)
def test_what_is_not_there_is_an_error(source, message):
    with pytest.raises(SourceError) as error:
        open_source(source)
    assert str(error.value) == message


@pytest.mark.parametrize("source", [3.5, None, True, b"clip.mp4"])
def test_what_no_frames_can_come_from_is_an_error(source):
    with pytest.raises(ArgumentError) as error:
        open_source(source)
    kinds = "a path, a camera index, a URL, an array or an iterable of images"
    assert str(error.value) == f"source must be {kinds}, got {source!r}"


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), "25"])
def test_a_rate_out_of_bounds_is_an_error(rate):
    with pytest.raises(ArgumentError) as error:
        open_source([], frame_rate=rate)
    assert str(error.value) == f"frame_rate must be > 0 Hz, got {rate!r}"
