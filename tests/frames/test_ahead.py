"""Reading ahead in a thread."""

import gc
import threading
from contextlib import closing

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.frames.ahead import read_ahead
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.source import FrameSource
from gmmtrack.frames.video import VideoFile


class Counted(FrameSource):
    """Gives frames, remembers how many were asked for, and may fail."""

    def __init__(self, n, fail_at=None):
        super().__init__("counted", n_frames=n)
        self.n_given, self.fail_at = 0, fail_at
        self.given = threading.Semaphore(0)

    def _read(self):
        for index in range(self.n_frames):
            if index == self.fail_at:
                raise SourceError("the disk is gone")
            self.n_given += 1
            self.given.release()
            yield Frame(np.zeros((2, 2, 3), np.uint8), index, index / 10)


def n_threads():
    return sum(thread.name == "gmmtrack-read-ahead" for thread in threading.enumerate())


def test_the_frames_are_the_same(write):
    path = write("clip.mp4", 30)
    with VideoFile(path) as plain, VideoFile(path) as source:
        for expected, frame in zip(plain, read_ahead(source), strict=True):
            assert (frame.index, frame.time) == (expected.index, expected.time)
            assert np.array_equal(frame.image, expected.image)


def test_anything_can_be_made_ahead():
    assert list(read_ahead(iter([None, 0, ""]))) == [None, 0, ""]
    assert list(read_ahead([])) == []


def test_it_reads_no_further_than_its_depth():
    source = Counted(100)
    with closing(read_ahead(source, depth=3)) as ahead:
        next(ahead)
        for _ in range(5):  # one taken, three waiting, one in the thread's hand
            assert source.given.acquire(timeout=10)
        assert not source.given.acquire(blocking=False)
    assert source.n_given == 5


def test_an_error_comes_after_the_frames_before_it():
    seen = []
    with pytest.raises(SourceError, match="the disk is gone"):
        seen.extend(frame.index for frame in read_ahead(Counted(10, fail_at=4)))
    assert seen == [0, 1, 2, 3]
    assert n_threads() == 0
    ahead = read_ahead(Counted(10, fail_at=2), depth=8)
    assert [next(ahead).index, next(ahead).index] == [0, 1]
    with pytest.raises(SourceError, match="the disk is gone"):
        next(ahead)
    assert list(ahead) == []


@pytest.mark.parametrize("n_taken", [0, 1, 5])
def test_closing_half_way_leaves_no_thread(n_taken):
    with closing(read_ahead(Counted(100))) as ahead:
        for _ in range(n_taken):
            next(ahead)
    assert n_threads() == 0
    assert list(ahead) == []


def test_an_iteration_that_is_dropped_leaves_no_thread():
    for _ in read_ahead(Counted(100)):
        break
    gc.collect()
    assert n_threads() == 0


def test_an_exception_in_the_loop_leaves_no_thread(write):
    with pytest.raises(ZeroDivisionError), closing(read_ahead(VideoFile(write("clip.mp4", 60)))) as ahead:
        _ = [1 // frame.index for frame in ahead]
    assert n_threads() == 0


def test_a_depth_of_none_is_an_error():
    with pytest.raises(ArgumentError) as error:
        read_ahead(Counted(1), depth=0)
    assert str(error.value) == "depth must be >= 1, got 0"
