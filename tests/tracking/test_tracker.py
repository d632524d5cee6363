"""What a tracker makes of boxes: identities, states, and how it ends."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack import Detections, Origin, Tracker, TrackingSettings, TrackState

seeds = st.integers(0, 2**32 - 1)


def walk(box_at, starts, velocities, times, noise=0.0, seed=0):
    """Return boxes (F, N, 4) of objects that walk straight on."""
    random = np.random.default_rng(seed)
    centers = np.asarray(starts, float) + np.asarray(times)[:, None, None] * np.asarray(velocities, float)
    centers += random.normal(0, noise, centers.shape) if noise else 0
    return np.stack([box_at(frame) for frame in centers])


TIMES = np.arange(50) / 25


def test_an_id_is_given_at_confirmation_and_is_then_kept(box_at):
    tracker = Tracker(confirm_detections=3)
    boxes = walk(box_at, [[50, 50]], [[60, 10]], TIMES)
    ids = [tracker.update(frame, time=time).ids.tolist() for frame, time in zip(boxes, TIMES, strict=True)]
    assert ids == [[], []] + [[1]] * (len(TIMES) - 2)


def test_ids_are_unique_and_count_from_1_without_gaps(box_at):
    random = np.random.default_rng(1)
    tracker, given_out = Tracker(confirm_detections=3), []
    objects = [(start, random.uniform(0, 2000, 2), random.normal(0, 60, 2)) for start in range(0, 200, 12)]
    for frame in range(260):
        centers = [at + velocity * frame / 25 for start, at, velocity in objects if start <= frame < start + 50]
        noise = random.uniform(0, 2000, (random.poisson(1.0), 2))
        tracks = tracker.update(box_at(np.array([*centers, *noise]).reshape(-1, 2)), time=frame / 25)
        assert len(set(tracks.ids.tolist())) == len(tracks)
        assert (np.diff(tracks.ids) > 0).all()
        given_out += [number for number in tracks.ids.tolist() if number not in given_out]
    assert given_out == list(range(1, len(given_out) + 1))
    assert len(given_out) >= len(objects)


def test_two_trackers_count_on_their_own(box_at):
    for tracker in (Tracker(confirm_detections=1), Tracker(confirm_detections=1)):
        assert tracker.update(box_at([10, 10]), time=0.0).ids.tolist() == [1]


def test_tracks_tell_which_detection_they_took(box_at):
    tracker = Tracker(confirm_detections=1)
    boxes = box_at([[100, 100], [300, 100]])
    tracker.update(boxes, time=0.0)
    tracks = tracker.update(np.concatenate([box_at([900, 900]), boxes[::-1]]), time=0.04)
    assert sorted(tracks.detections.tolist()) == [0, 1, 2]
    by_row = dict(zip(tracks.detections.tolist(), tracks.xyxy, strict=True))
    np.testing.assert_allclose(by_row[1], boxes[1], atol=0.5)
    np.testing.assert_allclose(by_row[2], boxes[0], atol=0.5)
    assert dict(zip(tracks.ids.tolist(), tracks.detections.tolist(), strict=True))[3] == 0


def test_the_state_follows_the_object(box_at):
    tracker = Tracker()
    for boxes, time in zip(walk(box_at, [[50, 50]], [[60, -20]], TIMES, noise=0.3), TIMES, strict=True):
        tracks = tracker.update(boxes, time=time)
    np.testing.assert_allclose(tracks.centers[0], [50 + 60 * TIMES[-1], 50 - 20 * TIMES[-1]], atol=1.5)
    np.testing.assert_allclose(tracks.velocities[0], [60, -20], atol=6)
    np.testing.assert_allclose(tracks.xyxy[0, 2:] - tracks.xyxy[0, :2], [20, 40], atol=1)
    assert (np.linalg.eigvalsh(tracks.covariances[0]) > 0).all()
    assert tracks.states[0] == TrackState.CONFIRMED


def test_updates_without_detections_age_the_tracks_and_end_them(box_at):
    tracker = Tracker(coast=0.5, report_sigma=100, coast_sigma=100)
    boxes = walk(box_at, [[50, 50]], [[60, 0]], TIMES)
    for frame, time in zip(boxes, TIMES, strict=True):
        tracker.update(frame, time=time)
    left = [tracker.update([], time=TIMES[-1] + step / 25) for step in range(1, 20)]
    assert [len(tracks) for tracks in left] == [1] * 12 + [0] * 7
    assert all(tracks.states[0] == TrackState.COASTING and tracks.detections[0] == -1 for tracks in left[:12])
    spreads = [tracks.covariances[0, 0, 0] for tracks in left[:12]]
    assert (np.diff(spreads) > 0).all()
    np.testing.assert_allclose(left[11].centers[0, 0], 50 + 60 * (TIMES[-1] + 0.48), atol=2)
    for step in range(20, 30):
        tracks = tracker.update(boxes[-1], time=TIMES[-1] + step / 25)
    assert tracks.ids.tolist() == [2]


def test_a_coasting_track_ends_when_its_place_is_too_uncertain(box_at):
    tracker = Tracker(coast=1e6, coast_sigma=0.5, report_sigma=100)
    for frame, time in zip(walk(box_at, [[50, 50]], [[60, 0]], TIMES), TIMES, strict=True):
        tracker.update(frame, time=time)
    assert len(tracker.update([], time=TIMES[-1] + 0.04)) == 1
    assert len(tracker.update([], time=TIMES[-1] + 60)) == 0


def test_a_track_not_yet_believed_is_given_up_sooner(box_at):
    tracker = Tracker(confirm_detections=3, tentative_coast=0.1, coast=5.0)
    for time in (0.0, 0.04):
        tracker.update(box_at([50, 50]), time=time)
    tracker.update([], time=0.2)
    assert len(tracker.update(box_at([50, 50]), time=0.24)) == 0


def test_a_track_that_is_not_reported_lives_on(box_at):
    tracker = Tracker(report_sigma=0)
    boxes = walk(box_at, [[50, 50]], [[60, 0]], TIMES)
    ids = [tracker.update(boxes[f] if f % 3 else [], time=time).ids.tolist() for f, time in enumerate(TIMES)]
    assert ids[9::3] == [[]] * len(ids[9::3])
    assert ids[10::3] == [[1]] * len(ids[10::3])


@pytest.mark.parametrize("gap", [0.2, 0.4, 0.8])
def test_a_track_keeps_its_id_through_a_gap(box_at, identities, gap):
    boxes = walk(box_at, [[50, 50], [400, 300]], [[60, 20], [-40, 30]], TIMES, noise=0.3)
    hidden = (TIMES > 0.6) & (0.6 + gap > TIMES)
    boxes[hidden, 0] = np.nan
    seen = identities(Tracker(), boxes, TIMES)
    assert [set(ids) for ids in seen] == [{1}, {2}]


@pytest.mark.parametrize("angle", [30, 45, 90, 135, 180])
@pytest.mark.parametrize("aside", [0, 6])
def test_two_objects_that_cross_keep_their_ids(box_at, identities, angle, aside):
    times = np.arange(75) / 25
    directions = np.deg2rad([0, angle])
    velocities = 60 * np.stack([np.cos(directions), np.sin(directions)], axis=1)
    starts = [200, 200] - 1.5 * velocities
    boxes = walk(box_at, starts + np.array([[0, 0], [0, aside]]), velocities, times, noise=0.3)
    seen = identities(Tracker(), boxes, times)
    near = np.linalg.norm(np.diff((boxes[:, :, :2] + boxes[:, :, 2:]) / 2, axis=1)[:, 0], axis=1) < 3
    apart = [{number for number, one in zip(ids, near[-len(ids) :], strict=True) if not one} for ids in seen]
    assert apart in ([{1}, {2}], [{2}, {1}])


@settings(deadline=None, max_examples=30)
@given(seed=seeds, jitter=st.floats(0, 0.9))
def test_times_may_have_any_spacing(box_at, identities, seed, jitter):
    random = np.random.default_rng(seed)
    times = np.sort((np.arange(60) + random.uniform(0, jitter, 60)) / 20)
    boxes = walk(box_at, [[50, 50], [400, 150], [200, 300]], [[60, 20], [-70, 5], [10, -40]], times, 0.3, seed)
    assert [len(set(ids)) for ids in identities(Tracker(), boxes, times)] == [1, 1, 1]


def test_dropping_every_second_frame_gives_the_same_identities(box_at, identities):
    times = np.arange(80) / 25
    starts, velocities = [[50, 50], [300, 52], [200, 300], [60, 200]], [[60, 20], [-70, 15], [10, -40], [0, 0]]
    boxes = walk(box_at, starts, velocities, times, noise=0.3)
    assert [set(ids) for ids in identities(Tracker(), boxes, times)] == [{1}, {2}, {3}, {4}]
    assert [set(ids) for ids in identities(Tracker(), boxes[::2], times[::2])] == [{1}, {2}, {3}, {4}]


def test_the_unit_of_length_does_not_matter(box_at):
    boxes = walk(box_at, [[50, 50], [130, 52]], [[60, 20], [-30, 15]], TIMES, noise=1.0)
    trackers = Tracker(), Tracker()
    for frame, time in zip(boxes, TIMES, strict=True):
        small, large = trackers[0].update(frame, time=time), trackers[1].update(frame * 8, time=time)
        assert small.ids.tolist() == large.ids.tolist()
        np.testing.assert_allclose(small.xyxy * 8, large.xyxy, rtol=1e-9)


@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_the_order_of_detections_does_not_matter(box_at, identities, seed):
    random = np.random.default_rng(seed)
    starts, velocities = random.uniform(0, 300, (5, 2)), random.normal(0, 40, (5, 2))
    boxes = walk(box_at, starts, velocities, TIMES, 0.5, seed)
    boxes[random.random(boxes.shape[:2]) < 0.1] = np.nan

    def renamed(seen):
        names = {}
        return [[names.setdefault(number, len(names)) for number in ids] for ids in seen]

    shuffled = identities(Tracker(), boxes, TIMES, order=lambda _, rows: random.permutation(rows))
    assert renamed(shuffled) == renamed(identities(Tracker(), boxes, TIMES))


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_an_object_that_stands_still_is_stationary_and_one_that_walks_is_not(box_at, noise):
    tracker = Tracker()
    for boxes, time in zip(walk(box_at, [[50, 50], [300, 50]], [[0, 0], [25, 0]], TIMES, noise), TIMES, strict=True):
        tracks = tracker.update(boxes, time=time)
    assert tracks.states.tolist() == [TrackState.STATIONARY, TrackState.CONFIRMED]


def test_an_object_that_stops_becomes_stationary(box_at):
    tracker = Tracker()
    centers = [[50 + 60 * min(time, 1.0), 50] for time in np.arange(100) / 25]
    states = [tracker.update(box_at(center), time=f / 25).states.tolist() for f, center in enumerate(centers)]
    assert states[20] == [TrackState.CONFIRMED]
    assert states[-1] == [TrackState.STATIONARY]


def test_a_given_object_that_never_moves_is_believed(box_at):
    tracker = Tracker(confirm_detections=3, confirm_travel=10)
    ids = [tracker.update(box_at([50, 50]), time=step / 25).ids.tolist() for step in range(5)]
    assert ids == [[], [], [1], [1], [1]]


def first_shown(box_at, score):
    """Return after how many detections of a score an object is believed, 99 for never."""
    tracker = Tracker()
    for step in range(1, 30):
        if len(tracker.update(box_at([50 + step, 50]), scores=[score], time=step / 25)):
            return step
    return 99


def test_the_surer_the_detections_the_sooner_a_track_is_believed(box_at):
    steps = [first_shown(box_at, score) for score in (0.99, 0.9, 0.7, 0.5)]
    assert steps == sorted(steps)
    assert steps[0] == 2
    assert 5 < steps[-1] < 99
    assert first_shown(box_at, 0.2) == 99


def test_weak_detections_keep_a_track_that_is_believed(box_at):
    tracker = Tracker()
    for step in range(50):
        tracks = tracker.update(box_at([50 + step, 50]), scores=[0.95 if step < 10 else 0.2], time=step / 25)
    assert (tracks.ids.tolist(), tracks.detections.tolist()) == ([1], [0])


def test_a_weak_detection_moves_a_track_less_than_a_sure_one(box_at):
    ends = []
    for score in (0.99, 0.5):
        tracker = Tracker()
        for step in range(20):
            tracks = tracker.update(box_at([50, 50]), scores=[0.99], time=step / 25)
        tracks = tracker.update(box_at([53, 50]), scores=[score], time=20 / 25)
        ends.append(tracks.centers[0, 0])
    assert 50 < ends[1] < ends[0] < 53


def test_a_second_box_on_an_object_is_not_another_object(box_at):
    tracker = Tracker()
    for step in range(20):
        twice = np.concatenate([box_at([50 + step, 50]), box_at([52 + step, 54], width=16)])
        tracks = tracker.update(twice, scores=[0.99, 0.9], time=step / 25)
        if step:
            assert tracks.ids.tolist() == [1]
    assert tracks.detections.tolist() == [0]


def test_a_track_with_an_id_comes_before_one_without(box_at):
    tracker = Tracker(confirm_detections=3)
    for step in range(10):
        tracker.update(box_at([50, 50]), time=step / 25)
    tracker.update(box_at([[50, 50], [61, 50]]), time=10 / 25)
    tracks = tracker.update(box_at([56, 50]), time=11 / 25)
    assert (tracks.ids.tolist(), tracks.detections.tolist()) == ([1], [0])


def test_a_blob_that_sways_in_its_place_is_not_believed(box_at):
    tracker = Tracker(confirm_detections=3, confirm_travel=0.5)
    for step in range(40):
        tracks = tracker.update(blobs(box_at([50 + 2 * (step % 2), 50])), time=step / 25)
    assert len(tracks) == 0


def test_a_blob_that_goes_somewhere_is_believed_once_it_got_there(box_at):
    tracker = Tracker(confirm_detections=3, confirm_travel=0.5)
    sizes = (20 * 40) ** 0.5
    for step in range(40):
        tracks = tracker.update(blobs(box_at([50 + 2 * step, 50])), time=step / 25)
        if 2 * step < 0.4 * sizes:
            assert len(tracks) == 0
    assert tracks.ids.tolist() == [1]


def blobs(xyxy):
    """Return detections as gmmtrack's own clustering makes them."""
    n = len(xyxy)
    extents = xyxy[:, 2:] - xyxy[:, :2]
    return Detections(
        xyxy=xyxy, scores=np.ones(n), classes=np.full(n, -1), means=(xyxy[:, :2] + xyxy[:, 2:]) / 2,
        covariances=extents[:, :, None] ** 2 / 16 * np.eye(2), counts=np.prod(extents, axis=1),
        areas=np.prod(extents, axis=1), palettes=np.zeros((n, 125)), silhouettes=np.ones((n, 16, 16), np.float32),
        origins=np.full(n, Origin.BLOB, np.int8), predictions=np.full(n, -1), misfits=np.full(n, np.inf),
    )  # fmt: skip


@pytest.mark.parametrize(("frame_size", "ids"), [((100, 200), [2]), ((100, 300), [1]), (None, [1])])
def test_who_must_have_left_the_frame_does_not_come_back(box_at, frame_size, ids):
    def seen(*places):
        return replace(blobs(box_at(np.array([(x, 50) for x in places]).reshape(-1, 2))), frame_size=frame_size)

    tracker = Tracker()
    for step in range(30):  # at 100 pixels/s, to 176
        tracker.update(seen(60 + 4 * step), time=step / 25)
    for step in range(30, 45):
        tracker.update(seen(), time=step / 25)
    for step in range(45, 60):
        tracks = tracker.update(seen(234 - 4 * (step - 45)), time=step / 25)
    assert tracks.ids.tolist() == ids


def test_a_prediction_is_where_the_object_will_be_and_does_not_advance_it_twice(box_at):
    predicted, plain = Tracker(), Tracker()
    boxes = walk(box_at, [[50, 50]], [[60, 20]], TIMES)
    for frame, time in zip(boxes, TIMES, strict=True):
        expected = predicted.predict(time)
        one, other = predicted.update(frame, time=time), plain.update(frame, time=time)
        np.testing.assert_array_equal(one.xyxy, other.xyxy)
        np.testing.assert_array_equal(one.covariances, other.covariances)
    np.testing.assert_allclose(expected.xyxy, boxes[-1], atol=1.0)
    np.testing.assert_allclose(expected.means, (boxes[-1][:, :2] + boxes[-1][:, 2:]) / 2, atol=1.0)
    assert expected.ids.tolist() == [1]
    assert expected.moved.tolist() == [True]


def test_times_that_are_not_told_are_a_25th_of_a_second_apart(box_at):
    told, untold = Tracker(), Tracker()
    for step, boxes in enumerate(walk(box_at, [[50, 50]], [[60, 20]], TIMES)):
        one, other = told.update(boxes, time=step * 0.04), untold.update(boxes)
        np.testing.assert_allclose(one.velocities, other.velocities, rtol=1e-6)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda tracker: pickle.loads(pickle.dumps(tracker))])
def test_a_tracker_goes_on_from_its_copy(box_at, duplicate):
    random = np.random.default_rng(2)
    tracker = other = Tracker()
    boxes = walk(box_at, [[50, 50], [150, 50]], [[60, 20], [-60, 20]], TIMES, noise=1.0)
    for f, time in enumerate(TIMES):
        other = duplicate(tracker) if f == 25 else other
        frame = boxes[f][random.random(2) < 0.8]
        one = tracker.update(frame, time=time)
        if f >= 25:
            two = other.update(frame, time=time)
            np.testing.assert_array_equal(one.ids, two.ids)
            np.testing.assert_array_equal(one.xyxy, two.xyxy)


def test_what_is_given_is_not_changed(box_at):
    tracker = Tracker(confirm_detections=1)
    boxes = box_at([[50, 50], [90, 50]])
    before = boxes.copy()
    tracks = tracker.update(boxes, time=0.0)
    kept = tracks.xyxy.copy()
    tracker.update(boxes + 3, time=0.1)
    np.testing.assert_array_equal(boxes, before)
    np.testing.assert_array_equal(tracks.xyxy, kept)


def test_what_appears_elsewhere_after_an_hour_is_somebody_else(box_at):
    tracker = Tracker()
    for frame, time in zip(walk(box_at, [[50, 50]], [[60, 0]], TIMES), TIMES, strict=True):
        tracker.update(frame, time=time)
    for step in range(10):
        tracks = tracker.update(box_at([1500, 900]), time=3600 + step / 25)
    assert tracks.ids.tolist() == [2]


def a_sequence(seed, n_frames):
    """Yield detections, scores, classes and times that obey the rules and no sense beyond them."""
    random = np.random.default_rng(seed)
    time, scale = random.uniform(-1e3, 1e6), 10.0 ** random.uniform(-1, 4)
    for _ in range(n_frames):
        time += random.choice([0.0, 1e-6, 0.04, 0.04, 0.04, 1.0, 1e4])
        n = int(random.choice([0, 1, 3, 8]))
        corners = random.normal(size=(n, 2)) * scale * random.choice([0.0, 1.0, 10.0])
        boxes = np.concatenate([corners, corners + np.abs(random.normal(size=(n, 2))) * scale * 0.2], axis=1)
        if random.random() < 0.3:
            boxes[:, 2:] = boxes[:, :2]
        yield boxes, random.random(n), random.integers(-1, 5, n), time


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(1, 40), st.booleans(), st.sampled_from(["constant_velocity", "imm"]))
def test_no_sequence_of_valid_updates_breaks_it(seed, n_frames, eager, motion):
    tracker, highest = Tracker(TrackingSettings(confirm_detections=1 if eager else 3, motion=motion)), 0
    for boxes, scores, classes, time in a_sequence(seed, n_frames):
        tracks = tracker.update(boxes, scores=scores, classes=classes, time=time)
        for column in (tracks.xyxy, tracks.velocities, tracks.covariances, tracks.scores):
            assert np.isfinite(column).all()
        assert (tracks.xyxy[:, 2:] > tracks.xyxy[:, :2]).all()
        assert (np.diagonal(tracks.covariances, axis1=1, axis2=2) > 0).all()
        assert len(set(tracks.ids.tolist())) == len(tracks)
        new = sorted(number for number in tracks.ids.tolist() if number > highest)
        assert new == list(range(highest + 1, highest + 1 + len(new)))
        highest += len(new)
        taken = tracks.detections[tracks.detections >= 0]
        assert len(set(taken.tolist())) == len(taken)
        assert (taken < len(boxes)).all()
        assert ((tracks.states == TrackState.COASTING) == (tracks.detections < 0)).all()


@pytest.mark.parametrize("interval", [1 / 60, 0.04, 0.3, 0.5])
@pytest.mark.parametrize("pace", [0.0, 0.5, 1.0])
def test_one_object_has_one_id_at_two_updates_a_second_and_at_sixty(interval, pace):
    random, tracker, n_seen, ids = np.random.default_rng(0), Tracker(), 0, set()
    for index in range(40):
        left = 100 + pace * 40 * index * interval  # widths a second
        tracks = tracker.update(np.array([[left, 100, left + 40, 140]]) + random.normal(0, 1, 4), time=index * interval)
        n_seen, ids = n_seen + len(tracks), ids | set(tracks.ids.tolist())
    assert n_seen >= 37
    assert ids == {1}
