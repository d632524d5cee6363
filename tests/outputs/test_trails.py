"""Trails remember, forget, and stay small."""

import numpy as np

from gmmtrack.outputs.trails import Trails
from gmmtrack.tracking.tracks import TrackState


def at(make_tracks, *tracks):
    """Return confirmed tracks (id, x) on a line."""
    return make_tracks(*((track, TrackState.CONFIRMED, x - 1, 4, x + 1, 6) for track, x in tracks))


def test_they_hold_the_last_seconds_oldest_first(make_tracks):
    trails = Trails(seconds=1.0)
    for index in range(100):
        trails.update(at(make_tracks, (1, index)), index / 25)
    points = trails.of(1)
    np.testing.assert_allclose(points[:, 1], 5)
    np.testing.assert_array_equal(points[:, 0], np.arange(74, 100))


def test_a_track_that_ends_is_forgotten(make_tracks):
    trails = Trails()
    trails.update(at(make_tracks, (1, 0), (2, 0)), 0.0)
    trails.update(at(make_tracks, (2, 1)), 0.1)
    assert len(trails) == 1
    assert trails.of(1).shape == (0, 2)


def test_memory_is_bounded_at_any_frame_rate(make_tracks):
    trails = Trails(seconds=3.0)
    for index in range(5000):
        trails.update(at(make_tracks, (1, index)), index / 1000)
    points = trails.of(1)
    assert 25 <= len(points) <= 34
    assert points[-1, 0] == 4999
    assert 1950 <= points[0, 0] <= 2100


def test_the_same_frame_twice_changes_nothing(make_tracks):
    trails = Trails()
    for time in (0.0, 0.1, 0.1):
        trails.update(at(make_tracks, (1, time)), time)
    assert len(trails.of(1)) == 2


def test_time_that_jumps_back_starts_anew(make_tracks):
    trails = Trails()
    for time in (5.0, 5.1, 0.0):
        trails.update(at(make_tracks, (1, time)), time)
    assert len(trails.of(1)) == 1
