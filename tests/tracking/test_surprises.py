"""Boxes of objects that turn back, stop or start at once: each keeps its id, and its track stays on it."""

import numpy as np
import pytest

from gmmtrack import Tracker
from gmmtrack.bench.plain_tracker import PlainTracker
from gmmtrack.evaluation.similarity import overlap

COURSES = {  # [sizes], after t [s], at speed v [sizes/s]: something happens at 2 s
    "turns back": lambda v, t: v * (2 - abs(t - 2)),
    "stops": lambda v, t: v * min(t, 2),
    "starts": lambda v, t: v * max(t - 2, 0),
    "goes to and fro": lambda v, t: v * (1 - abs(t % 2 - 1)),
}


def course(name, speed, interval, n=1, gap=1.3, jitter=0.02, seed=0):
    """Yield times [s], true boxes (n, 4) and detected ones of bodies that go beside each other, `gap` widths apart."""
    random, width, height = np.random.default_rng(seed), 30.0, 70.0
    size, angle = np.sqrt(width * height), random.uniform(0, 2 * np.pi)
    for time in np.arange(0, 4, interval):
        way = size * COURSES[name](speed, time) * np.array([np.cos(angle), np.sin(angle)])
        centers = 300 + way + np.arange(n)[:, None] * [gap * width, 0]
        half = np.array([width, height]) / 2
        boxes = np.concatenate([centers - half, centers + half], axis=1)
        yield time, boxes, boxes + random.normal(0, jitter * size, boxes.shape)


def sized(xyxy):
    return np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)


def followed(tracker, frames):
    """Return the ids that each object had, and how much its track overlapped it [0-1], once it was believed."""
    ids, shared = [], []
    for time, true, seen in frames:
        tracks = tracker.update(seen, time=time)
        if len(tracks) == len(true):
            overlaps = overlap(sized(true), sized(tracks.xyxy))
            ids.append(tracks.ids[overlaps.argmax(axis=1)].tolist())
            shared.append(overlaps.max(axis=1))
    return [set(one) for one in zip(*ids, strict=True)], np.array(shared)


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("speed", [0.7, 1.3, 2.0])
@pytest.mark.parametrize("interval", [1 / 60, 0.04, 0.1])
@pytest.mark.parametrize("motion", ["constant_velocity", "imm"])
def test_who_changes_its_speed_at_once_keeps_its_id(name, speed, interval, motion):
    ids, shared = followed(Tracker(motion=motion), course(name, speed, interval))
    assert ids == [{1}]
    assert len(shared) >= 3.5 / interval


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("jitter", [0.03, 0.06, 0.1])
def test_so_do_three_beside_each_other(name, jitter):
    ids, _ = followed(Tracker(), course(name, 2.0, 0.04, n=3, jitter=jitter))
    assert sorted(ids, key=min) == [{1}, {2}, {3}]


@pytest.mark.parametrize("speed", [1.3, 3.0])
def test_the_track_of_who_turns_back_stays_on_it(speed):
    _, shared = followed(Tracker(), course("turns back", speed, 0.04, jitter=0.0))
    assert shared.min() > 0.5
    assert shared[54:].min() > 0.8  # five updates after it turned


def bouncing(seed, n=5, speeds=(60, 160)):
    """Yield times and boxes (n, 4) that bounce off the borders of 640 x 480 for 20 s."""
    random = np.random.default_rng(seed)
    extents, centers = random.uniform(30, 70, (n, 2)), random.uniform([50, 50], [590, 430], (n, 2))
    angles = random.uniform(0, 2 * np.pi, n)
    velocities = np.stack([np.cos(angles), np.sin(angles)], axis=1) * random.uniform(*speeds, n)[:, None]
    for step in range(500):
        centers = centers + velocities / 25
        low, high = centers < extents / 2, centers > np.array([640, 480]) - extents / 2
        velocities = np.where(low, np.abs(velocities), np.where(high, -np.abs(velocities), velocities))
        boxes = np.concatenate([centers - extents / 2, centers + extents / 2], axis=1)
        yield step / 25, boxes + random.normal(0, 1, (n, 4))


def test_bouncing_boxes_need_no_more_ids_than_a_plain_tracker_gives_them():
    own, plain = [], []
    for seed in range(10):
        trackers, ids = (Tracker(), PlainTracker()), (set(), set())
        for time, boxes in bouncing(seed):
            ids[0].update(trackers[0].update(boxes, time=time).ids.tolist())
            ids[1].update(trackers[1].update(boxes)[0].tolist())
        own.append(len(ids[0]))
        plain.append(len(ids[1]))
    assert np.mean(own) <= np.mean(plain)


def stands(tracker, boxes, n=50):
    for step in range(n):
        tracks = tracker.update(boxes, time=step / 25)
    return tracks


BOX = np.array([100.0, 100, 130, 170])
WIDTH = np.array([30.0, 0, 30, 0])


def test_who_jumps_aside_by_almost_half_of_its_box_is_the_same():
    tracker = Tracker()
    assert stands(tracker, [BOX]).ids.tolist() == [1]
    tracks = tracker.update([BOX + 0.45 * WIDTH], time=2.0)
    assert (tracks.ids.tolist(), tracks.detections.tolist()) == ([1], [0])


def test_where_two_may_have_jumped_nobody_is_sure():
    tracker = Tracker()
    aside = BOX + WIDTH
    assert stands(tracker, [BOX, aside]).ids.tolist() == [1, 2]
    tracks = tracker.update([BOX + 0.5 * WIDTH], time=2.0)
    assert (tracks.detections == -1).all()


@pytest.mark.parametrize("unseen", [1.0, 3.0, 3.9])
@pytest.mark.parametrize("speed", [0, 30, 60])
@pytest.mark.parametrize("motion", ["constant_velocity", "imm"])  # the IMM's places grow uncertain sooner
def test_who_comes_back_where_it_is_expected_is_the_same_as_long_as_tracks_coast(unseen, speed, motion):
    tracker = Tracker(motion=motion, coast_sigma=10)
    for step in range(100):
        tracker.update([BOX + speed * step / 25 * np.array([1, 0, 1, 0])], time=step / 25)
    for step in range(100, 100 + int(25 * unseen)):
        tracker.update([], time=step / 25)
    step += 1
    tracks = tracker.update([BOX + speed * step / 25 * np.array([1, 0, 1, 0])], time=step / 25)
    assert (tracks.ids.tolist(), tracks.detections.tolist()) == ([1], [0])


def test_who_comes_back_where_two_are_expected_may_be_either():
    tracker = Tracker()
    assert stands(tracker, [BOX, BOX + 0.6 * WIDTH], n=100).ids.tolist() == [1, 2]
    for step in range(100, 190):
        tracker.update([], time=step / 25)
    assert (tracker.update([BOX + 0.3 * WIDTH], time=7.6).detections == -1).all()


def test_who_was_not_seen_a_moment_ago_has_not_jumped():
    tracker = Tracker()
    stands(tracker, [BOX])
    tracker.update([], time=2.0)
    assert (tracker.update([BOX + 0.5 * WIDTH], time=2.04).detections == -1).all()
