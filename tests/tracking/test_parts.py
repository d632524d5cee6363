"""Tracks that go together, one above the other, are parts of one body."""

import numpy as np
import pytest

from gmmtrack import Clusterer, DetectionSettings, Tracker

HEAD, LEGS = (33, 22, 47, 38), (25, 62, 55, 110)  # of one body, the rest of which looks like what is behind it
TIMES = np.arange(40) / 20


def seen(boxes, velocities, times, tracker):
    """Return the tracks of boxes (N, 4) that are foreground, each of which goes its own way [pixels/s], from 0 s on."""
    clusterer, steps = Clusterer(DetectionSettings(join=0.0)), np.tile(np.array(velocities, float), (1, 2))
    for time in times:
        mask = np.zeros((240, 320), np.uint8)
        for x0, y0, x1, y1 in np.rint(np.array(boxes) + steps * time).astype(int).tolist():
            mask[y0:y1, x0:x1] = 255
        tracks = tracker.update(clusterer.detect(mask, tracker.predict(time)), time=time)
    return tracks


def test_parts_above_one_another_that_go_together_become_one_track():
    tracker = Tracker()
    tracks = seen([HEAD, LEGS], [(90, 0), (90, 0)], TIMES, tracker)
    assert len(tracker.population) == len(tracks) == 1
    assert tracks.ids.tolist() == [1]
    np.testing.assert_allclose(tracks.xyxy - np.array([90, 0, 90, 0]) * TIMES[-1], [[25, 22, 55, 110]], atol=3)


def test_something_tiny_that_goes_along_beside_a_body_is_a_part_of_it():
    car, lamp = (60, 60, 150, 100), (46, 76, 53, 83)  # paint of the ground's colour lies between
    tracker = Tracker()
    tracks = seen([car, lamp], [(90, 0), (90, 0)], TIMES, tracker)
    assert len(tracker.population) == len(tracks) == 1
    np.testing.assert_allclose(tracks.xyxy - np.array([90, 0, 90, 0]) * TIMES[-1], [[46, 60, 150, 100]], atol=3)


@pytest.mark.parametrize(
    ("boxes", "velocities", "why"),
    [
        ([HEAD, LEGS], [(0, 0), (0, 0)], "nobody moved"),
        ([HEAD, LEGS], [(90, 0), (45, 0)], "one is faster"),
        ([(20, 20, 38, 60), (50, 20, 80, 110)], [(90, 0), (90, 0)], "side by side"),
        ([(25, 20, 55, 60), (25, 66, 55, 110)], [(90, 0), (90, 0)], "two that are alike"),
        ([HEAD, (25, 92, 55, 140)], [(90, 0), (90, 0)], "far from one another"),
        ([(60, 60, 150, 100), (20, 76, 27, 83)], [(90, 0), (90, 0)], "tiny, but far"),
        ([(60, 60, 150, 100), (36, 70, 53, 90)], [(90, 0), (90, 0)], "beside, but not tiny"),
        ([(60, 20, 90, 110), (46, 90, 53, 97)], [(90, 0), (90, 0)], "a ball beside a player"),
    ],
)
def test_others_stay_two_tracks(boxes, velocities, why):
    tracker = Tracker()
    seen(boxes, velocities, TIMES, tracker)
    assert len(tracker.population) == 2, why


def test_who_was_alone_for_long_is_no_part():
    tracker = Tracker()
    seen([HEAD, LEGS], [(0, 0), (0, 0)], TIMES, tracker)
    seen(np.array([HEAD, LEGS]) - [180, 0, 180, 0], [(90, 0), (90, 0)], TIMES[-1] + TIMES[1:], tracker)
    assert len(tracker.population) == 2


def test_given_boxes_are_never_parts():
    tracker = Tracker()
    for time in TIMES:
        tracks = tracker.update(np.array([HEAD, LEGS]) + np.array([90, 0, 90, 0]) * time, time=time)
    assert len(tracks) == 2
