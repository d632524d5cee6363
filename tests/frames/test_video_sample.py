"""Frames drawn from all over a video."""

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.video import VideoFile


def test_a_sample_is_spread_evenly(write):
    with VideoFile(write("clip.mp4", 30)) as video:
        frames = list(video.sample(5))
    assert [frame.index for frame in frames] == [3, 9, 15, 21, 27]
    assert [frame.time for frame in frames] == pytest.approx([0.12, 0.36, 0.6, 0.84, 1.08])


def test_of_many_frames_those_that_others_need_are_sampled(write):
    with VideoFile(write("clip.mp4", 100)) as video:
        sampled, whole = list(video.sample(5)), list(video)
    assert [frame.index for frame in sampled] == pytest.approx([10, 30, 50, 70, 90], abs=3)
    for frame in sampled:
        assert frame.time == pytest.approx(whole[frame.index].time)
        assert np.array_equal(frame.image, whole[frame.index].image)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi", "clip.mkv"])
def test_a_long_video_is_sampled_at_key_frames(write, name):
    with VideoFile(write(name, 1200, g="20", codec="mpeg4", size=(64, 48))) as video:
        sampled = list(video.sample(12))
        assert len(sampled) == 12
        assert {frame.index % 20 for frame in sampled} == {0}
        assert [frame.index for frame in sampled] == pytest.approx([50 + 100 * i for i in range(12)], abs=20)
        whole = {frame.index: frame for frame in video}
    for frame in sampled:
        assert frame.time == pytest.approx(whole[frame.index].time)
        assert np.array_equal(frame.image, whole[frame.index].image)


def test_a_long_video_with_few_key_frames_is_decoded(write):
    with VideoFile(write("clip.mp4", 1200, g="600", codec="mpeg4")) as video:
        assert [frame.index for frame in video.sample(12)] == [50 + 100 * i for i in range(12)]


def test_a_given_rate_holds_for_samples(write):
    for n, abs_ in ((30, 0.01), (100, 0.3)):
        with VideoFile(write("clip.mp4", n), frame_rate=10) as video:
            expected = [n * share for share in (0.01, 0.03, 0.05, 0.07, 0.09)]
            assert [frame.time for frame in video.sample(5)] == pytest.approx(expected, abs=abs_)


def test_sampling_does_not_disturb_the_iteration(write):
    with VideoFile(write("clip.mp4", 20)) as video:
        first = [next(video), next(video)]
        assert len(list(video.sample(3))) == 3
        assert [frame.index for frame in first + list(video)] == list(range(20))


def test_a_truncated_video_is_sampled_over_what_is_left(write, cut):
    path = cut(write("clip.mp4", 100, flags={"movflags": "faststart"}), 0.7)
    with VideoFile(path) as video:
        sampled = list(video.sample(4))
        n = len(list(video))
    assert 3 <= len(sampled) <= 4
    assert all(frame.index < n for frame in sampled)


def test_asking_for_more_frames_than_there_are_gives_all(write):
    with VideoFile(write("clip.mp4", 6)) as video:
        assert [frame.index for frame in video.sample(50)] == list(range(6))


def test_a_sample_of_none_is_an_error(write):
    with VideoFile(write("clip.mp4", 3)) as video, pytest.raises(ArgumentError) as error:
        video.sample(0)
    assert str(error.value) == "n must be >= 1, got 0"
