"""The plain tracker is a fair one."""

import numpy as np
import pytest

from gmmtrack.bench.plain_tracker import PlainTracker

EMPTY = np.zeros((0, 4))


def box(x, y=50.0, width=20.0, height=40.0):
    return np.array([[x, y, x + width, y + height]])


def follow(tracker, boxes):
    """The ids of every frame."""
    return [tracker.update(b)[0].tolist() for b in boxes]


def test_a_walker_keeps_one_id_and_its_box():
    tracker = PlainTracker()
    for k in range(20):
        ids, boxes = tracker.update(box(4.0 * k))
        assert ids.tolist() == [1]
    np.testing.assert_allclose(boxes, box(4.0 * 19), atol=0.5)


def test_a_fast_walker_is_met_where_it_is_predicted():
    steps = [box(0), box(6), box(14), box(26), box(40), box(55), box(70), box(85)]  # frames overlap by a quarter
    assert follow(PlainTracker(), steps) == [[1]] * len(steps)


def test_one_missed_frame_keeps_the_id_and_many_do_not():
    assert follow(PlainTracker(), [box(10)] * 5 + [EMPTY] + [box(10)] * 4)[-1] == [1]
    assert follow(PlainTracker(), [box(10)] * 5 + [EMPTY] * 3 + [box(10)] * 4)[-1] == [2]


def test_a_new_track_is_shown_when_it_was_seen_three_times():
    tracker = PlainTracker()
    follow(tracker, [EMPTY] * 5)
    assert follow(tracker, [box(10)] * 4) == [[], [], [1], [1]]


def test_two_walkers_that_pass_at_a_distance_keep_their_ids():
    steps = [np.concatenate([box(3.0 * k, y=20), box(90 - 3.0 * k, y=120)]) for k in range(30)]
    tracker = PlainTracker()
    for step in steps:
        ids, boxes = tracker.update(step[::-1])
    assert sorted(ids.tolist()) == [1, 2]
    assert boxes[ids == 2, 0] == pytest.approx(87, abs=1)  # the one on top was given second


def test_a_frame_without_boxes_shows_nothing():
    ids, boxes = PlainTracker().update(EMPTY)
    assert ids.shape == (0,)
    assert boxes.shape == (0, 4)


def test_an_object_that_shrinks_fast_keeps_its_id():
    sizes = (100.0, 80.6, 55.7, 55.0, 55.0, 55.0)  # at this speed nothing would be left of it at the fourth
    centred = [box(100 - size / 2, 100 - size / 2, size, size) for size in sizes]
    assert follow(PlainTracker(), centred) == [[1]] * len(sizes)


def test_a_shrinking_object_never_gets_a_box_without_area():
    tracker = PlainTracker()
    for size in (60.0, 40.0, 20.0, 8.0, 3.0):
        tracker.update(box(10, width=size, height=size))
    for _ in range(3):
        ids, boxes = tracker.update(EMPTY)
        assert len(ids) == 0
    assert np.isfinite(boxes).all()
