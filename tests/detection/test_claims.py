"""Which tracks lay hold of which blobs."""

import numpy as np
import pytest

from gmmtrack import DetectionSettings
from gmmtrack.detection.blobs import find_blobs
from gmmtrack.detection.claims import group_by_claims

SETTINGS = DetectionSettings(join=0.0, covers=0.25, includes=0.5)


@pytest.fixture
def groups(expected):
    """Return a function that gives the groups of a mask as sets of (blobs' left edges, tracks)."""

    def grouped(mask, means, shapes, **changes):
        blobs = find_blobs(mask, SETTINGS)
        found = group_by_claims(blobs, expected(means, shapes, **changes), SETTINGS)
        assert sorted(b for group in found for b in group.blobs.tolist()) == list(range(len(blobs)))
        return {(tuple(sorted(blobs.xyxy[g.blobs, 0].tolist())), tuple(g.tracks.tolist())) for g in found}

    return grouped


def squares(*boxes):
    mask = np.zeros((100, 200), np.uint8)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = 255
    return mask


def test_a_track_claims_the_blob_under_it_and_no_other(groups, turned):
    mask = squares((20, 20, 40, 60), (100, 20, 120, 60))
    assert groups(mask, [[30, 40]], [turned(10, 20)]) == {((20,), (0,)), ((100,), ())}


def test_a_track_claims_all_of_its_fragments(groups, turned):
    mask = squares((20, 20, 40, 38), (22, 42, 40, 60), (33, 39, 35, 41))
    assert groups(mask, [[30, 40]], [turned(10, 20)]) == {((20, 22, 33), (0,))}


def test_tracks_on_one_blob_are_one_group(groups, turned):
    mask = squares((20, 20, 60, 60), (150, 20, 160, 40))
    found = groups(mask, [[30, 40], [155, 30], [50, 40]], [turned(10, 20), turned(5, 10), turned(10, 20)])
    assert found == {((20,), (0, 2)), ((150,), (1,))}


def test_a_fragment_binds_the_groups_of_both_its_tracks(groups, turned):
    mask = squares((20, 20, 36, 60), (38, 30, 42, 50), (44, 20, 60, 60))
    assert groups(mask, [[31, 40], [49, 40]], [turned(13, 20)] * 2) == {((20, 38, 44), (0, 1))}


def test_a_track_that_is_not_steady_claims_nothing(groups, turned):
    mask = squares((20, 20, 40, 60))
    steady = np.array([False, True])
    assert groups(mask, [[30, 40], [120, 40]], [turned(10, 20)] * 2, steady=steady) == {((20,), ())}


@pytest.mark.parametrize(("width", "claimed"), [(3, False), (7, True)])
def test_a_track_claims_a_large_blob_if_it_covers_its_share_of_the_track(groups, turned, width, claimed):
    # the blob reaches `width` pixels into an ellipse 20 wide, and far out of it on the other side
    mask = squares((0, 0, 20 + width, 100))
    assert groups(mask, [[30, 50]], [turned(10, 20)]) == {((0,), (0,) if claimed else ())}


def test_no_blobs_are_no_groups(groups, turned):
    assert groups(squares(), [[30, 50]], [turned(10, 20)]) == set()


@pytest.mark.parametrize(
    ("right", "away", "alone", "joins"),
    [(60, 70, False, True), (40, 70, False, False), (60, 120, False, False), (60, 70, True, False)],
    ids=["room for both", "room for one", "too far away", "was alone"],
)
def test_who_was_lost_from_a_shared_blob_joins_one_beside_it_that_has_room(groups, turned, right, away, alone, joins):
    mask = squares((20, 20, right, 60))
    means, shapes = [[30, 40], [away, 40]], [turned(10, 20)] * 2
    found = groups(mask, means, shapes, alone=np.array([True, alone]))
    assert found == {((20,), (0, 1) if joins else (0,))}
