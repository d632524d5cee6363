import numpy as np
import pytest

from gmmtrack.detection import Origin
from gmmtrack.tracking.offline.parts import are_parts
from gmmtrack.tracking.offline.recording import Sightings

N_FRAMES = 20
BODY = (100.0, 100.0, 60.0, 40.0)  # centre and extent
TAIL = (125.0, 95.0, 8.0, 20.0)  # within its box


@pytest.fixture
def sighted():
    """Return a function that gives a track seen at one place, centre and extent, with the body's blob or without."""

    def sightings(z, origin=Origin.SPLIT, n_frames=N_FRAMES):
        zeros = np.zeros(n_frames, np.int64)
        return Sightings(
            serials=zeros + 1,
            frames=np.arange(n_frames),
            times=np.arange(n_frames) / 25,
            ids=zeros + 1,
            z=np.tile(z, (n_frames, 1)),
            origins=np.broadcast_to(np.int8(origin), n_frames).copy(),
            scores=np.ones(n_frames),
            classes=zeros - 1,
            detections=zeros,
            areas=np.full(n_frames, z[2] * z[3]),
            shades=np.zeros((n_frames, 4), np.uint8),
        )

    return sightings


def test_who_is_seen_only_within_another_ones_body_is_a_part_of_it(sighted):
    assert are_parts([sighted(TAIL), sighted(BODY)]).tolist() == [True, False]


def test_who_has_a_blob_of_its_own_is_nobodys_part_though_a_box_is_around_it(sighted):
    assert not are_parts([sighted(TAIL, Origin.BLOB), sighted(BODY)]).any()


def test_who_is_about_as_large_or_stands_out_is_nobodys_part(sighted):
    large = (100.0, 100.0, 50.0, 30.0)
    beside = (140.0, 95.0, 30.0, 20.0)  # a half of it lies within
    assert not are_parts([sighted(large), sighted(BODY)]).any()
    assert not are_parts([sighted(beside), sighted(BODY)]).any()


@pytest.mark.parametrize(("n_with", "is_part"), [(9, False), (11, True)])
def test_an_object_is_seen_by_itself_for_half_of_its_time(sighted, n_with, is_part):
    assert are_parts([sighted(TAIL), sighted(BODY, n_frames=n_with)]).tolist() == [is_part, False]


def test_of_no_tracks_none_are_parts():
    assert are_parts([]).tolist() == []
