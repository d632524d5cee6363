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
    """Return a function that gives detections, as if boxes around centres (N, 2) were blobs of one colour each."""

    def blobs(centers, colors=None, extent=(20.0, 40.0), origin=Origin.BLOB):
        centers, half = np.asarray(centers, float).reshape(-1, 2), np.array(extent) / 2
        found = given_detections(np.concatenate([centers - half, centers + half], axis=1), None, None, None)
        palettes = found.palettes if colors is None else np.eye(found.palettes.shape[1])[colors]
        return replace(found, origins=np.full(len(found), origin, np.int8), palettes=palettes)

    return blobs


@pytest.fixture(scope="session")
def record():
    """Return a function that tracks what is found at each time; it gives the recording and the online tracks."""

    def run(n_frames, found, tracker=None):
        tracker, recording, online = tracker or Tracker(), Recording(), []
        for time in np.arange(n_frames) / RATE:
            detections = found(float(time))
            online.append(tracker.update(detections, time=float(time)))
            recording.add(float(time), tracker.population, detections)
        return recording, online

    return run


@pytest.fixture(scope="session")
def look():
    """Return a function that looks back on a recording, and gives the tracks frame by frame."""

    def tracks(recording):
        hindsight = look_back(recording, TrackingSettings())
        return [hindsight.tracks(frame) for frame in range(len(hindsight))]

    return tracks
