"""The annotated video, whole and after a kill."""

import signal
import subprocess
import sys
import textwrap
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError, OutputError
from gmmtrack.outputs.video import VideoWriter
from gmmtrack.tracking.tracks import TrackState

SUFFIXES = [".mp4", ".mov", ".mkv"]
PLAIN = {"caption": False, "labels": False}


def decode(path):
    """Return the times [s] and images of a video."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert not any(frame.is_corrupt for frame in frames)
        return [frame.time for frame in frames], [frame.to_ndarray(format="bgr24") for frame in frames]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_frame_comes_back_with_its_own_time(suffix, tmp_path, make_result):
    path = tmp_path / f"out{suffix}"
    times = np.cumsum([0.04, 0.04, 0.5, 0.04, 0.1, 1.7, 0.02])
    with VideoWriter(path, **PLAIN) as writer:
        for index, time in enumerate(times):
            writer.write(make_result(index, time=time))
    decoded, images = decode(path)
    assert decoded == pytest.approx(times - times[0], abs=1e-3)
    brightness = [image.mean() for image in images]
    assert brightness == pytest.approx([40 + 20 * index for index in range(7)], abs=2)


def test_it_is_h264_in_the_pixels_that_browsers_play(tmp_path, make_result):
    path = tmp_path / "out.mp4"
    with VideoWriter(path) as writer:
        for index in range(50):
            writer.write(make_result(index))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert stream.duration * stream.time_base == pytest.approx(2.0, abs=0.05)
        keys = [float(packet.pts * packet.time_base) for packet in container.demux(stream) if packet.is_keyframe]
    assert keys == pytest.approx([0.0, 1.0])
    assert int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT)) == 50


def test_colours_survive(tmp_path, make_result):
    result = make_result(0)
    result.frame.image[:] = (200, 60, 30)
    with VideoWriter(tmp_path / "out.mp4", **PLAIN) as writer:
        writer.write(result)
    np.testing.assert_allclose(decode(tmp_path / "out.mp4")[1][0].mean(axis=(0, 1)), (200, 60, 30), atol=4)


@pytest.mark.parametrize("size", [(47, 63), (48, 63), (47, 64), (1, 1), (16, 3000)])
def test_odd_sizes_grow_to_even_ones(size, tmp_path, make_result):
    with VideoWriter(tmp_path / "out.mp4", **PLAIN) as writer:
        writer.write(make_result(0, size=size))
    image = decode(tmp_path / "out.mp4")[1][0]
    assert image.shape == (size[0] + size[0] % 2, size[1] + size[1] % 2, 3)


def test_the_mask_view_stands_beside_the_frame(tmp_path, make_result):
    with VideoWriter(tmp_path / "out.mp4", mask="beside", **PLAIN) as writer:
        writer.write(make_result(0))
    image = decode(tmp_path / "out.mp4")[1][0]
    assert image.shape == (48, 128, 3)
    assert image[4, 120].min() > 250
    assert image[40, 120].max() < 5


def test_times_that_stand_still_or_go_back_lose_no_frame(tmp_path, make_result):
    with VideoWriter(tmp_path / "out.mp4", **PLAIN) as writer:
        for index, time in enumerate([5.0, 5.0, 4.0, 5.04]):
            writer.write(make_result(index, time=time))
    times, _ = decode(tmp_path / "out.mp4")
    assert len(times) == 4
    assert np.all(np.diff(times) > 0)
    assert times[-1] == pytest.approx(0.04)


def test_a_frame_may_be_changed_after_it_was_written(tmp_path, make_result):
    with VideoWriter(tmp_path / "out.mp4", **PLAIN) as writer:
        for index in range(10):
            result = make_result(index)
            writer.write(result)
            result.frame.image[:] = 0
    assert min(image.mean() for image in decode(tmp_path / "out.mp4")[1]) > 35


def test_another_size_is_refused_and_the_rest_is_kept(tmp_path, make_result):
    path = tmp_path / "out.mp4"
    writer = VideoWriter(path, **PLAIN)
    writer.write(make_result(0))
    writer.write(make_result(1, size=(60, 80)))
    with pytest.raises(OutputError) as caught:
        writer.close()
    assert str(caught.value) == f"cannot write {path}: frames must keep the size of the first, 64x48, got 80x60"
    writer.close()
    assert len(decode(path)[0]) == 1


def test_an_error_of_the_thread_does_not_block_the_writer(tmp_path, make_result):
    writer = VideoWriter(tmp_path / "out.mp4", **PLAIN)
    with pytest.raises(OutputError, match="64x48, got 80x60"):  # noqa: PT012 - which of the calls raises is not settled
        for index in range(100):
            writer.write(make_result(index, size=(48 + 12 * (index > 0), 64 + 16 * (index > 0))))


def test_an_unknown_kind_of_video_is_refused(tmp_path):
    with pytest.raises(ArgumentError) as caught:
        VideoWriter(tmp_path / "out.wmv")
    assert str(caught.value) == f"video must end in .mp4, .m4v, .mov, .mkv, got '{tmp_path / 'out.wmv'}'"


def test_without_a_frame_nothing_is_made_and_nothing_replaced(tmp_path):
    VideoWriter(tmp_path / "new.mp4").close()
    (tmp_path / "old.mp4").write_text("precious")
    VideoWriter(tmp_path / "old.mp4").close()
    assert [item.name for item in tmp_path.iterdir()] == ["old.mp4"]
    assert (tmp_path / "old.mp4").read_text() == "precious"


def test_a_colon_in_the_name_is_part_of_the_name(tmp_path, make_result, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with VideoWriter("rtsp:12.mp4") as writer:
        writer.write(make_result(0))
    assert len(decode(tmp_path / "rtsp:12.mp4")[0]) == 1


def test_frames_carry_their_tracks(tmp_path, make_result):
    with VideoWriter(tmp_path / "out.mp4", **PLAIN) as writer:
        writer.write(make_result(0, (1, TrackState.CONFIRMED, 10, 10, 40, 40)))
    image = decode(tmp_path / "out.mp4")[1][0]
    assert np.ptp(image[25, 5:15].astype(int)) > 30
    assert np.ptp(image[44].astype(int)) < 10


KILLED = """
    import os, signal, sys
    import numpy as np
    from gmmtrack.frames.frame import Frame
    from gmmtrack.outputs.result import Result
    from gmmtrack.outputs.writers import open_writers
    from gmmtrack.tracking.tracks import Tracks

    folder, suffix = sys.argv[1:]
    n = 2
    tracks = Tracks(
        ids=np.array([1, 2]), xyxy=np.array([[5.0, 5, 60, 90], [70, 20, 120, 100]]), states=np.array([1, 1], np.int8),
        velocities=np.zeros((n, 2)), covariances=np.zeros((n, 4, 4)), scores=np.ones(n),
        classes=np.full(n, -1), detections=np.arange(n),
    )
    paths = {"mot": "out.txt", "csv": "out.csv", "jsonl": "out.jsonl", "video": "out" + suffix}
    writers = open_writers({kind: f"{folder}/{name}" for kind, name in paths.items()})
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (120, 160, 3), np.uint8)
    for index in range(100):
        image = np.roll(image, 1, axis=1)
        writers.write(Result(frame=Frame(image, index, index / 25), reduced_mask=image[..., 0], tracks=tracks))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_killed_process_leaves_all_but_the_last_frames(suffix, tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), suffix]
    killed = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    times, _ = decode(tmp_path / f"out{suffix}")
    assert len(times) >= 100 - 6 - (
        3 if suffix == ".mkv" else 0
    )  # 4 in the queue, 2 on their way, and a cluster of Matroska
    assert Fraction(times[-1]).limit_denominator(25) == Fraction(len(times) - 1, 25)
    assert len((tmp_path / "out.txt").read_text().splitlines()) == 200
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 201
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 100
    capture = cv2.VideoCapture(str(tmp_path / f"out{suffix}"))
    assert sum(1 for _ in iter(lambda: capture.read()[0], False)) == len(times)
