import numpy as np
import pytest

from gmmtrack.tracking import TrackingSettings
from gmmtrack.tracking.offline import Recording
from gmmtrack.tracking.offline.belief import Belief
from gmmtrack.tracking.tracker import Tracker

RATE = 25.0  # [Hz]
N_FRAMES = 250


@pytest.fixture
def seen(as_blobs):
    """Return a function that gives what is seen of alike objects, each in its own row and from one frame to another."""

    def sightings(*spans):
        tracker, recording = Tracker(TrackingSettings()), Recording()
        for frame in range(N_FRAMES):
            centers = [(100 + 2 * frame, 100 * row) for row, (first, last) in enumerate(spans) if first <= frame < last]
            detections = as_blobs(centers)
            tracker.update(detections, time=frame / RATE)
            recording.add(frame / RATE, tracker.population, detections)
        return recording.sightings()

    return sightings


def test_what_darts_about_amid_the_frame_is_not_seen_for_long(seen):
    tracks = seen((0, 10), (50, 60), (100, 250))
    nowhere = np.zeros(len(tracks), np.bool_)
    assert Belief.of(tracks, nowhere).lasting(tracks) == pytest.approx(150 / 170)


def test_who_comes_and_goes_where_one_may_was_seen_as_long_as_can_be(seen):
    tracks = seen((0, 10), (50, 60), (100, 250))
    first = tracks.frames < 10
    assert Belief.of(tracks, first).lasting(tracks) == pytest.approx(160 / 170)
    only_came = first & (tracks.frames == 0)
    assert Belief.of(tracks, only_came).lasting(tracks) == pytest.approx(150 / 170)


def test_a_blink_in_the_last_frame_lasts_for_no_time(seen):
    tracks = seen((0, 150), (N_FRAMES - 3, N_FRAMES))
    assert Belief.of(tracks, tracks.frames >= N_FRAMES - 3).lasting(tracks) == pytest.approx(150 / 153)
