"""Detections of any detector: boxes, columns, masks, objects; and what is refused."""

import inspect
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from gmmtrack import ArgumentError, Detections, Tracker, TrackingSettings

BOXES = [[10.0, 20.0, 30.0, 60.0], [100.0, 20.0, 130.0, 50.0]]


@dataclass
class Found:
    """What supervision's Detections look like from outside."""

    xyxy: Any
    confidence: Any = None
    class_id: Any = None
    mask: Any = None


def eager() -> Tracker:
    return Tracker(confirm_detections=1)


def complaint(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(ArgumentError) as caught:
        eager().update(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize("make", [list, np.array, lambda boxes: np.array(boxes, np.float32), Found])
def test_boxes_may_come_as_anything_like_an_array(make):
    tracks = eager().update(make(BOXES))
    np.testing.assert_allclose(tracks.xyxy, BOXES)
    assert tracks.xyxy.dtype == np.float64


def test_boxes_of_whole_numbers_stay_what_they_are():
    tracks = eager().update(np.array(BOXES, np.uint8))
    np.testing.assert_allclose(tracks.xyxy, BOXES)


@pytest.mark.parametrize("nothing", [[], np.zeros((0, 4)), Found(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))])
def test_nothing_may_be_found(nothing):
    tracks = eager().update(nothing)
    assert (len(tracks), tracks.xyxy.shape, tracks.covariances.shape) == (0, (0, 4), (0, 4, 4))


def test_scores_and_classes_are_passed_on():
    tracks = eager().update(BOXES, scores=[0.25, 0.5], classes=[3, 7])
    assert (tracks.scores.tolist(), tracks.classes.tolist()) == ([0.25, 0.5], [3, 7])


def test_scores_are_1_and_classes_unknown_unless_told():
    tracks = eager().update(BOXES)
    assert (tracks.scores.tolist(), tracks.classes.tolist()) == ([1.0, 1.0], [-1, -1])


def test_a_class_is_kept_while_it_is_not_told():
    tracker = eager()
    tracker.update(BOXES, classes=[3, 7])
    assert tracker.update(BOXES).classes.tolist() == [3, 7]
    assert tracker.update(BOXES, classes=[-1, 8]).classes.tolist() == [3, 8]


def test_an_object_with_boxes_is_read():
    tracks = eager().update(Found(np.array(BOXES), np.array([0.25, 0.5]), np.array([3, 7])))
    np.testing.assert_allclose(tracks.xyxy, BOXES)
    assert (tracks.scores.tolist(), tracks.classes.tolist()) == ([0.25, 0.5], [3, 7])


def test_columns_given_beside_an_object_win():
    found = Found(np.array(BOXES), np.array([0.25, 0.5]), np.array([3, 7]))
    tracks = eager().update(found, scores=[0.75, 1.0], classes=[1, 2])
    assert (tracks.scores.tolist(), tracks.classes.tolist()) == ([0.75, 1.0], [1, 2])


@pytest.mark.parametrize("by_object", [False, True])
def test_masks_say_where_the_pixels_of_an_object_are(by_object):
    masks = np.zeros((2, 80, 160), bool)
    masks[0, 20:60, 10:20] = True  # the left half of the first box; the second mask is empty
    tracker = eager()
    tracker.update(Found(np.array(BOXES), mask=masks)) if by_object else tracker.update(BOXES, masks=masks)
    expected = tracker.predict(0.0)
    np.testing.assert_allclose(expected.means, [[15, 40], [115, 35]])
    np.testing.assert_allclose(expected.areas, [400, np.pi / 4 * 900])
    np.testing.assert_allclose(expected.shapes[0], np.diag([10**2, 40**2]) / 12)
    np.testing.assert_allclose(expected.shapes[1], np.eye(2) * 30**2 / 16)


@pytest.mark.parametrize(
    ("box", "shown"),
    [
        ([np.nan, 0, 5, 5], "[nan, 0.0, 5.0, 5.0]"),
        ([0, 0, np.inf, 5], "[0.0, 0.0, inf, 5.0]"),
        ([9, 0, 5, 5], "[9.0, 0.0, 5.0, 5.0]"),
        ([0, 7, 5, 5], "[0.0, 7.0, 5.0, 5.0]"),
    ],
)
def test_a_box_that_is_none_is_told_with_its_row(box, shown):
    bad = f"xyxy must be finite with x0 <= x1 and y0 <= y1, got {shown} in row 2"
    assert complaint([*BOXES, box]) == bad
    assert complaint(Found(np.array([*BOXES, box]))) == bad


@pytest.mark.parametrize("shape", [(4,), (2, 5), (2, 2, 4), (1,)])
def test_boxes_of_another_shape_are_refused(shape):
    assert complaint(np.ones(shape)) == f"xyxy must be (N, 4), got {shape}"


@pytest.mark.parametrize("name", ["scores", "classes"])
def test_a_column_of_another_length_is_refused(name):
    assert complaint(BOXES, **{name: [1]}) == f"{name} must be (2,) as xyxy has 2 rows, got (1,)"
    assert complaint(BOXES, **{name: [[1, 2]]}) == f"{name} must be (2,) as xyxy has 2 rows, got (1, 2)"
    assert complaint([], **{name: [1]}) == f"{name} must be (0,) as xyxy has 0 rows, got (1,)"


@pytest.mark.parametrize("name", ["scores", "classes"])
def test_a_column_with_nan_is_refused(name):
    assert complaint(BOXES, **{name: [1, np.nan]}) == f"{name} must be finite, got [1.0, nan]"


def test_masks_of_another_shape_are_refused():
    assert complaint(BOXES, masks=np.ones((1, 4, 4))) == "masks must be (2, H, W) as xyxy has 2 rows, got (1, 4, 4)"
    assert complaint(BOXES, masks=np.ones((2, 4))) == "masks must be (N, H, W), got (2, 4)"


@pytest.mark.parametrize("time", [1.9, -1.0, np.nan, np.inf, -np.inf])
def test_a_time_before_the_last_is_refused(time):
    tracker = eager()
    tracker.update(BOXES, time=2.0)
    with pytest.raises(ArgumentError) as caught:
        tracker.update(BOXES, time=time)
    assert str(caught.value) == f"time must be finite and >= 2 s, that of the last update, got {time!r}"


def test_the_same_time_twice_is_none_passed():
    tracker = eager()
    tracker.update(BOXES, time=2.0)
    assert tracker.update(BOXES, time=2.0).ids.tolist() == [1, 2]


def test_a_refused_update_changes_nothing():
    tracker, other = eager(), eager()
    for each in (tracker, other):
        each.update(BOXES, time=0.0)
    for bad in (
        {"xyxy": [[5, 5, 1, 1]]},
        {"xyxy": BOXES, "scores": [1]},
        {"xyxy": BOXES, "time": -1},
    ):
        with pytest.raises(ArgumentError):
            tracker.update(**{"time": 0.1, **bad})
    for step in range(1, 5):
        shifted = np.add(BOXES, step)
        one, two = tracker.update(shifted, time=step * 0.04), other.update(shifted, time=step * 0.04)
        np.testing.assert_array_equal(one.xyxy, two.xyxy)


def test_an_unknown_setting_is_told_with_all_there_are():
    with pytest.raises(ArgumentError) as caught:
        Tracker(gait=3)
    names = ", ".join(TrackingSettings.__dataclass_fields__)
    assert str(caught.value) == f"unknown tracking setting 'gait'; there are {names}"


def test_settings_and_changes_are_not_given_together():
    with pytest.raises(ArgumentError) as caught:
        Tracker(TrackingSettings(), gate=3, coast=2)
    assert str(caught.value) == "settings must not be given together with gate, coast"


def test_a_setting_out_of_bounds_is_told():
    with pytest.raises(ArgumentError) as caught:
        Tracker(gate=-3)
    assert str(caught.value) == "gate must be > 0 sigma, got -3.0"


@pytest.mark.parametrize(
    "arguments",
    [
        {"xyxy": [[1, 2, 3, 4], [1, 2]]},
        {"xyxy": "boxes"},
        {"xyxy": BOXES, "scores": ["high", "low"]},
        {"xyxy": BOXES, "classes": ["car", "dog"]},
    ],
)
def test_what_is_no_number_is_refused(arguments):
    complaint(**arguments)


def test_a_first_time_that_is_no_number_is_told_as_such():
    assert complaint(BOXES, time=np.nan) == "time must be finite, got nan"


def rectangles(boxes, size=(120, 400)):
    masks = np.zeros((len(boxes), *size), bool)
    for mask, (x0, y0, x1, y1) in zip(masks, boxes, strict=True):
        mask[y0:y1, x0:x1] = True
    return masks


GIVEN = {
    "lists": lambda boxes: {"xyxy": boxes.tolist()},
    "arrays": lambda boxes: {"xyxy": boxes},
    "masks": lambda boxes: {"masks": rectangles(boxes)},
    "masks of bytes": lambda boxes: {"xyxy": None, "masks": rectangles(boxes) * np.uint8(255)},
    "objects": lambda boxes: {"xyxy": Found(boxes)},
    "objects with all fields": lambda boxes: {
        "xyxy": Found(boxes, np.ones(len(boxes)), np.full(len(boxes), -1), rectangles(boxes))
    },
    "objects with the boxes alone": lambda boxes: {"xyxy": type("Boxes", (), {"xyxy": boxes})()},
}


@pytest.mark.parametrize("way", GIVEN)
def test_whatever_way_detections_come_the_tracks_are_the_same_and_rows_keep_their_order(way):
    tracker, random = Tracker(), np.random.default_rng(0)
    starts, steps = np.array([[10, 10], [100, 20], [300, 30]]), np.array([[3, 0], [2, 1], [-3, 0]])
    for frame in range(12):
        order = random.permutation(3)
        corners = (starts + frame * steps)[order]
        tracks = tracker.update(
            **GIVEN[way](np.concatenate([corners, corners + np.array([20, 40])], axis=1)), time=frame / 25
        )
        if frame > 2:
            objects = order[tracks.detections]
            np.testing.assert_allclose(tracks.xyxy[:, :2], (starts + frame * steps)[objects], atol=2)
            if frame == 3:
                first = dict(zip(tracks.ids.tolist(), objects.tolist(), strict=True))
            assert dict(zip(tracks.ids.tolist(), objects.tolist(), strict=True)) == first
    for gap in range(1, 5):
        tracks = tracker.update(**GIVEN[way](np.zeros((0, 4), int)), time=(11 + gap) / 25)
        assert (tracks.detections == -1).all()
    unseen = (15 / 25) - tracker.population.seen
    np.testing.assert_allclose(unseen, 4 / 25)
    assert len(tracker.update(**GIVEN[way](np.zeros((0, 4), int)), time=60.0)) == len(tracker.population) == 0


@pytest.mark.parametrize("masks", [[], np.zeros((0, 9, 9), bool)])
def test_no_masks_are_no_detections(masks):
    assert len(eager().update(None, masks=masks)) == len(eager().update([], masks=masks)) == 0


def test_a_mask_without_pixels_has_no_box():
    masks = rectangles(np.array(BOXES, int))
    masks[1] = False
    said = "masks must have a pixel where no boxes are given, that of row 1 has none"
    assert complaint(None, masks=masks) == said


@pytest.mark.parametrize("nothing", [(), (None,), (Found(None),)])
def test_neither_boxes_nor_masks_is_refused(nothing):
    assert complaint(*nothing) == "xyxy or masks must be given, got neither; where nothing was found, xyxy=[]"


def test_the_arguments_are_those_of_the_contract():
    assert list(inspect.signature(Tracker.update).parameters)[1:] == ["xyxy", "scores", "classes", "masks", "time"]
    tracks = eager().update(xyxy=BOXES, scores=[0.5, 1], classes=[1, 2], time=3.0)
    np.testing.assert_allclose(tracks.xyxy, BOXES)


def test_a_class_that_is_no_whole_number_is_refused():
    assert complaint(BOXES, classes=[1, 2.5]) == "classes must be whole numbers, got [1.0, 2.5]"


def test_columns_beside_detections_are_refused():
    said = "scores, classes and masks must not be given beside Detections, which hold them"
    assert complaint(Detections.none(), scores=[]) == said


@pytest.mark.parametrize("time", ["x", datetime(2024, 1, 1), np.array([1.0]), 1j, [0.5]])
def test_a_time_that_is_no_number_is_refused_and_the_clock_stays(time):
    tracker, other = eager(), eager()
    for each in (tracker, other):
        each.update(BOXES, time=1.0)
    for ask in (lambda: tracker.update(BOXES, time=time), lambda: tracker.predict(time)):
        with pytest.raises(ArgumentError) as caught:
            ask()
        assert str(caught.value) == f"time must be a number [s], got {time!r}"
    one, two = (each.update(np.add(BOXES, 1), time=1.04) for each in (tracker, other))
    np.testing.assert_array_equal(one.covariances, two.covariances)


@pytest.mark.parametrize("time", [1, np.float32(1), np.array(1.0), np.int16(1)])
def test_a_time_may_be_any_number(time):
    assert len(eager().update(BOXES, time=time)) == 2


def test_a_time_beyond_all_numbers_is_refused():
    assert complaint(BOXES, time=10**400).startswith("time must be finite, got 1000")


@pytest.mark.parametrize("motion", ["constant_velocity", "imm"])
def test_a_time_whose_powers_are_no_numbers_is_refused(motion):
    tracker = Tracker(confirm_detections=1, motion=motion)
    tracker.update(BOXES, time=-1e15)
    with pytest.raises(ArgumentError) as caught:
        tracker.update(BOXES, time=1e60)
    assert str(caught.value) == "time must be within 1e+15 s of 0, got 1e+60"
    assert np.isfinite(tracker.update(BOXES, time=1e15).covariances).all()


def test_masks_of_unequal_sizes_are_refused():
    masks = [np.ones((4, 4)), np.ones((2, 4))]
    assert complaint(BOXES, masks=masks) == "masks must be (N, H, W), all of one size, got some of others"


def test_a_box_beyond_what_can_be_squared_is_refused():
    said = "xyxy must be within 1e+12 pixels of 0, got [0.0, 0.0, 1e+300, 1e+300] in row 2"
    assert complaint([*BOXES, [0, 0, 1e300, 1e300]]) == said
    tracker = Tracker()
    for step in range(20):
        tracks = tracker.update([[0, 0, 1e12, 1e12], [-1e12, 5, -1e12, 7], [step, 0, step + 3, 3]], time=step / 25)
    assert np.isfinite(tracks.covariances).all()


@pytest.mark.parametrize(("scores", "shown"), [([0.5, 90], "90.0 in row 1"), ([-0.5, 2], "-0.5 in row 0")])
def test_scores_beyond_0_to_1_are_refused(scores, shown):
    assert complaint(BOXES, scores=scores) == f"scores must be from 0 to 1, got {shown}"
    assert complaint(Found(BOXES, scores)) == f"scores must be from 0 to 1, got {shown}"


@pytest.mark.parametrize("make", [list, np.array])
def test_classes_are_kept_exactly(make):
    classes = [2**60 + 1, -(2**62) - 1]
    assert eager().update(BOXES, classes=make(classes)).classes.tolist() == classes


@pytest.mark.parametrize("classes", [np.array([2**64 - 1, 1], np.uint64), [1e30, 1]])
def test_classes_of_more_than_64_bits_are_refused(classes):
    assert complaint(BOXES, classes=classes) == f"classes must be of 64 bits, got {np.asarray(classes).tolist()}"


@pytest.mark.parametrize("settings", [3, "imm", {"gate": 3.0}])
def test_settings_that_are_none_are_refused(settings):
    with pytest.raises(ArgumentError) as caught:
        Tracker(settings)
    assert str(caught.value) == f"settings must be TrackingSettings, got {settings!r}"


@pytest.mark.parametrize(("score", "n"), [(1, 2), (0.9, 3), (0.8, 4), (0.7, 6), (0.6, 9), (0.5, 21), (0.425, None)])
def test_a_track_is_believed_after_as_many_detections_as_the_docstring_says(score, n):
    tracker, first = Tracker(), None
    for step in range(1, 200):
        shown = len(tracker.update([BOXES[0]], scores=[score], time=step / 25))
        first = step if shown and first is None else first
    assert first == n
    told = " ".join(Tracker.update.__doc__.split())
    assert n is None or f"{n} of {score}" in told or f"{n} detections of score {score}" in told


def test_the_score_of_a_track_is_that_of_the_detection_it_took_last():
    tracker = Tracker(confirm_detections=1, report_sigma=100)
    for score in (0.9, 0.75):
        tracker.update(BOXES[:1], scores=[score])
    assert tracker.update([]).scores.tolist() == [0.75]
