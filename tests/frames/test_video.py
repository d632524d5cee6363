"""Video files: times, sizes, damage."""

from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from gmmtrack.errors import SourceError
from gmmtrack.frames.conversion import Converter
from gmmtrack.frames.video import VideoFile


def test_every_frame_comes_once_in_order(write, square):
    with VideoFile(write("clip.mp4", 20)) as video:
        frames = list(video)
    assert [frame.index for frame in frames] == list(range(20))
    assert [square(frame.image) for frame in frames] == pytest.approx([2 * i for i in range(20)], abs=1)
    assert all(
        f.image.shape == (48, 64, 3) and f.image.dtype == np.uint8 and f.image.flags.c_contiguous for f in frames
    )
    assert (video.n_bad, video.problem) == (0, None)


def test_what_is_known_is_known_before_the_first_frame(write):
    with VideoFile(write("clip.mp4", 20)) as video:
        assert (video.n_frames, video.n_frames_estimated) == (20, False)
        assert (video.frame_rate, video.size, video.live) == (25.0, (64, 48), False)


def test_a_container_without_a_count_gives_an_estimate(write):
    with VideoFile(write("clip.mkv", 20)) as video:
        assert (video.n_frames, video.n_frames_estimated) == (20, True)


def test_times_are_the_stamps_of_a_variable_rate(write):
    stamps = [1000 + 40 * i + 300 * (i > 7) + 500 * (i == 19) for i in range(20)]
    with VideoFile(write("clip.mkv", 20, stamps=stamps)) as video:
        times = [frame.time for frame in video]
    assert times == pytest.approx([(stamp - 1000) / 1000 for stamp in stamps], abs=1e-6)


def test_a_given_rate_replaces_the_stamps(write):
    with VideoFile(write("clip.mkv", 5, stamps=[0, 10, 500, 510, 900]), frame_rate=10) as video:
        assert [frame.time for frame in video] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
        assert video.frame_rate == 10
        assert video.problem is None


def test_images_are_those_of_opencv(write):
    path = write("clip.mp4", 5, size=(70, 50))
    capture = cv2.VideoCapture(str(path))
    with VideoFile(path) as video:
        for frame in video:
            good, image = capture.read()
            assert good
            assert np.array_equal(frame.image, image)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotated_videos_are_turned_upright_as_by_opencv(write, rotation):
    path = write("clip.mp4", 3, rotation=rotation)
    expected = cv2.VideoCapture(str(path)).read()[1]
    with VideoFile(path) as video:
        assert np.array_equal(next(video).image, expected)
        assert video.size == (expected.shape[1], expected.shape[0])


def test_a_stream_that_changes_its_size_is_rescaled_to_the_first(write):
    first, second = write("a.mp4", 1), write("b.mp4", 1, size=(128, 96))
    converter = Converter()
    images = []
    for path in (first, second):
        with av.open(str(path)) as container:
            images.append(converter.frame(next(container.decode(video=0)), 0, 0.0).image)
    assert [image.shape for image in images] == [(48, 64, 3)] * 2
    assert converter.n_rescaled == 1


def test_an_image_never_shares_memory_with_the_decoder():
    decoded = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 7, np.uint8), format="bgr24")
    image = Converter().frame(decoded, 0, 0.0).image
    image[:] = 0
    assert (decoded.to_ndarray() == 7).all()


def test_frames_left_out_of_an_avi_are_gaps_and_no_damage(write):
    stamps = [40 * i + 200 * (i > 7) for i in range(20)]
    with VideoFile(write("clip.avi", 20, codec="mpeg4", stamps=stamps)) as video:
        times = [frame.time for frame in video]
    assert times == pytest.approx([stamp / 1000 for stamp in stamps])
    assert (video.n_bad, video.problem) == (0, None)


def test_a_truncated_mp4_gives_what_decodes_and_counts_the_rest(write, cut, capfd):
    path = cut(write("clip.mp4", flags={"movflags": "faststart"}), 0.6)
    with VideoFile(path) as video:
        n = len(list(video))
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "SLICE"
        n_decodable = 0
        for packet in container.demux(video=0):
            n_decodable += len(packet.decode()) if not packet.is_corrupt else 0
    assert n == n_decodable > 0
    assert video.n_bad == 60 - n
    assert video.problem == f"{path}: {60 - n} of 60 frames are missing or did not decode"
    assert capfd.readouterr() == ("", "")


def test_a_truncated_avi_gives_what_decodes_and_counts_the_rest(write, cut, capfd):
    with VideoFile(cut(write("clip.avi", codec="mpeg4"), 0.8)) as video:
        n = len(list(video))
    assert 20 < n < 60
    assert video.n_bad == 60 - n
    assert video.problem is not None
    assert capfd.readouterr() == ("", "")


def test_a_truncated_mkv_counts_about_what_is_missing(write, cut):
    with VideoFile(cut(write("clip.mkv"), 0.6)) as video:
        n = len(list(video))
    assert 0 < n < 50
    # counted by time from the last picture: up to three B-frames that the cut took from before it go unseen
    assert video.n_bad == pytest.approx(60 - n, abs=4)


def test_corruption_in_the_middle_does_not_end_the_video(write, spoil, capfd):
    path = spoil(write("clip.mp4", 100, g="10", flags={"movflags": "faststart"}), 0.5, 1500)
    with VideoFile(path) as video:
        frames = list(video)
    assert frames[-1].time == pytest.approx(99 / 25)
    assert 0 < video.n_bad < 40
    assert len(frames) + video.n_bad == 100
    assert all(early.time < late.time for early, late in pairwise(frames))
    assert capfd.readouterr() == ("", "")


def test_an_mp4_cut_off_before_its_index_is_refused(write, cut):
    path = cut(write("clip.mp4"), 0.6)
    with pytest.raises(SourceError) as error:
        VideoFile(path)
    assert str(error.value) == f"{path} is not a video, or is damaged from the start"


def test_files_that_are_no_video_are_refused_in_one_line(tmp_path):
    (tmp_path / "text.mp4").write_text("not a video\n" * 100)
    (tmp_path / "notes.txt").write_text("not a video\n" * 100)
    (tmp_path / "empty.mp4").touch()
    said = {}
    for name in ("text.mp4", "notes.txt", "empty.mp4", "missing.mp4"):
        with pytest.raises(SourceError) as error:
            VideoFile(tmp_path / name)
        said[name] = str(error.value).replace(f"{tmp_path}/", "")
    assert said == {
        "text.mp4": "text.mp4 is not a video, or is damaged from the start",
        "notes.txt": "notes.txt has no video in it",
        "empty.mp4": "empty.mp4 is empty",
        "missing.mp4": "no such file: missing.mp4",
    }


def test_sound_alone_is_refused(tmp_path):
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        container.mux([*stream.encode(sound), *stream.encode()])
    with pytest.raises(SourceError) as error:
        VideoFile(path)
    assert str(error.value) == f"{path} has no video in it"


def test_a_colon_or_per_cent_sign_in_a_name_has_no_meaning(write, tmp_path, monkeypatch):
    write("clip.mp4", 3).rename(tmp_path / "10:30 %03d.mp4")
    monkeypatch.chdir(tmp_path)
    with VideoFile("10:30 %03d.mp4") as video:
        assert len(list(video)) == 3


def test_closing_ends_the_iteration(write):
    video = VideoFile(write("clip.mp4", 10))
    next(video)
    video.close()
    video.close()
    assert list(video) == []


def test_raw_video_that_crashes_opencv_is_read(data: Path):
    with VideoFile(data / "bad" / "demo.avi") as video:
        assert len(list(video)) == video.n_frames == 51
        assert video.problem is None


def test_vtest_has_795_frames_at_10_hz(data: Path):
    with VideoFile(data / "vtest" / "vtest.avi") as video:
        assert (video.n_frames, video.frame_rate, video.size) == (795, 10.0, (768, 576))
        times = [frame.time for frame in video]
    assert times == pytest.approx([i / 10 for i in range(795)])
