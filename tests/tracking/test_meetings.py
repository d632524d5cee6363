"""Who is who after objects have been one blob: bodies that come from all sides and overlap for 15 frames."""

import cv2
import numpy as np
import pytest

from gmmtrack import Clusterer, Tracker

SIZE = (240, 320)
ALONE, MEETING = 30, 15  # frames


def draw_ellipse(mask, center, extent, angle=0.0):
    cv2.ellipse(mask, (tuple(map(float, center)), tuple(map(float, extent)), float(angle)), 255, cv2.FILLED)


def draw_box(mask, center, extent):
    low, high = np.rint(center - extent / 2).astype(int), np.rint(center + extent / 2).astype(int)
    mask[max(low[1], 0) : high[1], max(low[0], 0) : high[0]] = 255


def ids_at_the_ends(places, extents, frame_rate=25, draw=draw_ellipse):
    """Return the ids of whom is nearest to each of places (F, N, 2), once before and once after the meeting.

    extents (N, 2): of bodies [pixels]
    """
    clusterer, tracker, found = Clusterer(), Tracker(), []
    for step, centers in enumerate(places):
        mask = np.zeros(SIZE, np.uint8)
        for center, extent in zip(centers, extents, strict=True):
            draw(mask, center, extent)
        detections = clusterer.detect(mask, tracker.predict(step / frame_rate))
        tracks = tracker.update(detections, time=step / frame_rate)
        apart = distances(tracks, centers[:, None])
        is_there = len(tracks) > 0 and (apart.min(axis=1) <= extents.max() / 3).all()
        found.append(tracks.ids[apart.argmin(axis=1)].tolist() if is_there else None)
    return found[ALONE - 5], found[-5]


def distances(tracks, centers):
    """Return how far the middles of tracks (T,) are from centers (..., 1, 2) or (2,) [pixels]."""
    return np.linalg.norm(centers - (tracks.xyxy[:, :2] + tracks.xyxy[:, 2:]) / 2, axis=-1)


def along(x, y=120.0):
    """Return places (F, N, 2) of those who go along x (F, N) on the same height."""
    return np.stack([x, np.full_like(x, y) + np.linspace(-2, 2, x.shape[1])], axis=2)


def come_together(speed, gap):
    """Return x (ALONE + MEETING, 2) of two who come from both sides and stop with centres `gap` apart."""
    left = np.minimum(np.arange(-ALONE, MEETING), 0.0) * speed + 160 - gap / 2
    return np.stack([left, 320 - left], axis=1)


@pytest.mark.parametrize("speed", [2.0, 4.0, 6.0])
@pytest.mark.parametrize("height", [24.0, 34.0])
def test_who_stop_at_each_other_and_turn_back_keep_their_ids(speed, height):
    x = come_together(min(speed, 4.0), gap=24.0)
    back = x[-1] + speed * np.arange(1, ALONE)[:, None] * [-1, 1]
    before, after = ids_at_the_ends(along(np.concatenate([x, back])), np.array([[30, 30], [30, height]]))
    assert before is not None
    assert before == after


@pytest.mark.parametrize("speed", [2.0, 4.0])
@pytest.mark.parametrize("to", [-1, 1])
def test_who_meet_and_go_on_together_in_one_blob_keep_their_ids(speed, to):
    x = come_together(4.0, gap=24.0)
    on = x[-1] + to * speed * np.arange(1, ALONE)[:, None]
    before, after = ids_at_the_ends(along(np.concatenate([x, on])), np.array([[30, 30], [30, 34]]))
    assert before is not None
    assert before == after


@pytest.mark.parametrize("speed", [2.0, 4.0])
@pytest.mark.parametrize("width", [24.0, 30.0])
def test_who_stop_and_go_on_through_each_other_are_told_apart_by_their_area(speed, width):
    x = come_together(4.0, gap=28.0)
    through = x[-1] + speed * np.arange(1, ALONE)[:, None] * [1, -1]
    before, after = ids_at_the_ends(along(np.concatenate([x, through])), np.array([[width, width], [40, 44]]))
    assert before is not None
    assert before == after


@pytest.mark.parametrize("speed", [2.0, 4.0])
@pytest.mark.parametrize("extents", [[[30, 30], [30, 30]], [[24, 40], [26, 40]], [[50, 40], [20, 30]]])
def test_boxes_that_stop_at_each_other_and_go_on_through_are_told_apart_by_how_they_move(speed, extents):
    x = come_together(4.0, gap=24.0)
    through = x[-1] + speed * np.arange(1, ALONE)[:, None] * [1, -1]
    before, after = ids_at_the_ends(along(np.concatenate([x, through])), np.array(extents), draw=draw_box)
    assert before is not None
    assert before == after


@pytest.mark.parametrize("turn", [-1, 1])
@pytest.mark.parametrize("draw", [draw_ellipse, draw_box])
def test_three_that_stop_at_each_other_and_pass_or_turn_back_keep_their_ids(turn, draw):
    bearings = np.array([0.2, 2.2, 4.3])
    sides = np.stack([np.cos(bearings), np.sin(bearings)], axis=1)
    steps = np.maximum(np.arange(ALONE, -MEETING, -1), 0)
    away = np.concatenate([16 + 2.5 * steps, 16 + turn * 2.5 * np.arange(1, ALONE)])
    places = [160, 120] + away[:, None, None] * sides
    before, after = ids_at_the_ends(places, np.array([[34, 24], [28, 30], [36, 36]]), draw=draw)
    assert before is not None
    assert before == after


@pytest.mark.parametrize("side", [-1, 1])
def test_who_come_from_above_and_below_and_go_on_together_are_two(side):
    steps = np.arange(-ALONE, ALONE + MEETING)
    apart = 19 - 2.0 * np.minimum(steps, 0)
    x = 160 + side * 3.0 * np.maximum(steps - MEETING, 0)
    places = np.stack([np.stack([x, 120 - apart], axis=1), np.stack([x, 120 + apart], axis=1)], axis=1)
    before, after = ids_at_the_ends(places, np.array([[44, 44], [32, 34]]), draw=draw_box)
    assert before is not None
    assert before == after


def test_who_turn_while_they_share_a_blob_keep_their_ids_and_are_found_as_they_lie():
    clusterer, tracker, found = Clusterer(), Tracker(), []
    steps = np.arange(-70, 60)
    for step in steps:
        # two long bodies, one winding along and one across, whose middles are not at the crossing at the same time
        angles = 35 * np.sin(step / 9), 90 + 35 * np.sin(step / 7)
        centers = np.array([[160 + 2.0 * step, 120], [160, 140 + 1.6 * step]])
        mask = np.zeros(SIZE, np.uint8)
        for center, angle in zip(centers, angles, strict=True):
            draw_ellipse(mask, center, (48, 10), angle)
        detections = clusterer.detect(mask, tracker.predict((step + 70) / 25))
        tracks = tracker.update(detections, time=(step + 70) / 25)
        found.append([tracks.ids[distances(tracks, center).argmin()] if len(tracks) else 0 for center in centers])
        if abs(step) <= 8:
            assert max(distances(tracks, center).min() for center in centers) < 9
    assert found[45] == found[-1]
    assert len(set(found[-1])) == 2
