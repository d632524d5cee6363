"""Recordings of made-up tracks."""

from dataclasses import replace

import numpy as np
import pytest

from gmmtrack.detection import Origin
from gmmtrack.tracking import Tracker, TrackingSettings
from gmmtrack.tracking.given import given_detections
from gmmtrack.tracking.offline import Recording, look_back

RATE = 25.0  # [Hz]


@pytest.fixture(scope="session")
def as_blobs():
    """Return a function that gives detections, as if boxes around centres (N, 2) were blobs of one colour each.

    Where they are split off from one blob, the first one is of the tracker's first track, and so on.
    """

    def blobs(centers, colors=None, extent=(20.0, 40.0), origin=Origin.BLOB):
        centers, half = np.asarray(centers, float).reshape(-1, 2), np.array(extent) / 2
        found = given_detections(np.concatenate([centers - half, centers + half], axis=1), None, None, None)
        palettes = found.palettes if colors is None else np.eye(found.palettes.shape[1])[colors]
        predictions = np.arange(len(found)) if origin == Origin.SPLIT else found.predictions
        origins = np.full(len(found), origin, np.int8)
        return replace(found, origins=origins, palettes=palettes, predictions=predictions)

    return blobs


@pytest.fixture(scope="session")
def record():
    """Return a function that tracks what is found at each time, either way; it gives both recordings, and the tracks.

    What is found may be another thing on the way back: `found_backward`.
    """

    def run(n_frames, found, tracker=None, found_backward=None):
        tracker = tracker or Tracker()
        times = (np.arange(n_frames) / RATE).tolist()
        seen = [found(time) for time in times]
        forward, online = recorded(tracker, times, seen)
        seen = seen if found_backward is None else [found_backward(time) for time in times]
        backward, _ = recorded(Tracker(tracker.settings), [-time for time in reversed(times)], seen[::-1])
        return (forward, backward), online

    return run


def recorded(tracker, times, seen):
    recording, online = Recording(), []
    for time, detections in zip(times, seen, strict=True):
        online.append(tracker.update(detections, time=time))
        recording.add(time, tracker.population, detections)
    return recording, online


@pytest.fixture(scope="session")
def look():
    """Return a function that looks back on both recordings, and gives the tracks frame by frame."""

    def tracks(recordings):
        hindsight = look_back(*recordings, TrackingSettings())
        return [hindsight.tracks(frame) for frame in range(len(hindsight))]

    return tracks
