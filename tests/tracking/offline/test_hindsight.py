"""What is known of tracks at the end of a clip."""

from dataclasses import fields, replace

import numpy as np
import pytest

from gmmtrack import Origin, Tracker, TrackingSettings, TrackState
from gmmtrack.tracking.offline import Recording, look_back
from gmmtrack.tracking.offline.noise import learn_noise
from gmmtrack.tracking.offline.recording import runs

WALK = np.array([60.0, 10.0])  # [pixels/s]


def errors(tracks, centers):
    """Return how far the one track of each frame is from where it should be [pixels]."""
    return np.array([np.linalg.norm(t.centers[0] - c) for t, c in zip(tracks, centers, strict=True) if len(t)])


def noisy_walk(as_blobs, sigma=3.0, seed=0):
    random = np.random.default_rng(seed)
    return lambda time: as_blobs([np.array([50, 100]) + WALK * time + random.normal(size=2) * sigma])


def test_a_track_begins_where_it_was_first_seen(as_blobs, record, look):
    recording, online = record(75, noisy_walk(as_blobs))
    assert [len(tracks) for tracks in online[:3]] == [0, 0, 0]
    assert [tracks.ids.tolist() for tracks in look(recording)] == [[1]] * 75


def test_a_path_is_nearer_to_the_truth_than_it_was_online(as_blobs, record, look):
    recording, online = record(150, noisy_walk(as_blobs))
    truth = np.array([50, 100]) + WALK * np.arange(150)[:, None] / 25
    assert np.mean(errors(look(recording), truth)) < 0.6 * np.mean(errors(online, truth))


def test_a_velocity_is_known_from_the_first_frame_on(as_blobs, record, look):
    recording, _ = record(100, noisy_walk(as_blobs, sigma=0.5))
    first = look(recording)[0]
    np.testing.assert_allclose(first.velocities[0], WALK, atol=8)
    assert first.states.tolist() == [TrackState.CONFIRMED]


def test_a_short_gap_is_filled_and_marked(as_blobs, record, look):
    walk = noisy_walk(as_blobs, sigma=0.5)
    recording, _ = record(100, lambda time: as_blobs([]) if 1.99 < time < 2.19 else walk(time))
    tracks = look(recording)
    assert all(len(frame) == 1 for frame in tracks)
    assert [f for f, frame in enumerate(tracks) if frame.states[0] == TrackState.COASTING] == [50, 51, 52, 53, 54]
    assert all(frame.detections[0] == -1 for frame in tracks[50:55])


def test_who_is_hidden_too_long_for_the_tracker_is_found_again(as_blobs, record, look):
    walk = noisy_walk(as_blobs, sigma=0.5)
    tracker = Tracker(coast=0.5)
    recording, online = record(150, lambda time: as_blobs([]) if 2 < time < 2.9 else walk(time), tracker)
    assert {int(n) for tracks in online for n in tracks.ids} == {1, 2}
    tracks = look(recording)
    assert {int(n) for frame in tracks for n in frame.ids} == {1}
    assert len(tracks[60]) == 0  # where nobody saw it, it is not made up


def test_one_who_leaves_and_another_who_comes_are_two(as_blobs, record, look):
    def found(time):
        if time < 2:
            return as_blobs([np.array([50, 100]) + WALK * time], [3])
        return as_blobs([] if time < 3 else [np.array([400, 300]) - WALK * (time - 3)], [90])

    assert {int(n) for frame in look(record(150, found)[0]) for n in frame.ids} == {1, 2}


def test_those_who_were_taken_for_each_other_are_told_apart_by_their_colours(as_blobs, record, look):
    """Two meet, and part the way they came; the tracker, without colours while they touch, lets them pass."""

    def found(time):
        x = 30 * abs(time - 3.0)
        return as_blobs([[200 - x, 100], [200 + x, 100]], None if x < 9 else [7, 80])

    recording, _ = record(150, found)
    tracks = look(recording)
    left = [int(frame.ids[frame.centers[:, 0].argmin()]) for frame in (tracks[10], tracks[140])]
    assert left[0] == left[1]


def test_what_jumps_about_and_what_never_left_its_place_are_left_out(as_blobs, record, look):
    random = np.random.default_rng(1)
    walk = noisy_walk(as_blobs, sigma=0.5)

    def found(time):
        jumping = np.array([300, 60]) + random.uniform(-18, 18, 2) if 1 < time < 2.5 else None
        swaying = [400 + 8 * np.sin(9 * time), 200]
        others = [swaying] if jumping is None else [swaying, jumping]
        centers = [(box[:2] + box[2:]) / 2 for box in walk(time).xyxy]
        return as_blobs([*centers, *others])

    recording, online = record(100, found)
    assert max(len(tracks) for tracks in online) > 1
    assert [len(frame) for frame in look(recording)] == [1] * 100


@pytest.mark.parametrize(("n_leaves", "kept"), [(0, True), (40, False)])
def test_what_darts_by_is_litter_where_most_of_its_size_does(as_blobs, record, look, n_leaves, kept):
    random = np.random.default_rng(2)
    starts, places = random.uniform(0.2, 7, n_leaves), random.uniform(200, 900, (n_leaves, 2))
    walk = noisy_walk(as_blobs, sigma=0.3)
    small = {"extent": (8.0, 8.0)}

    def found(time):
        dart = [[1500 + 60 * (time - 3), 500]] if 3 < time < 5 else []
        leaves = places[(starts < time) & (time < starts + 0.6)] + random.uniform(-3, 3, 2)
        parts = [walk(time), as_blobs([*dart, *leaves], **small)]
        rows = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(parts[0])[:-1]}
        return replace(parts[0], **rows)

    recording, _ = record(200, found)
    tracks = look(recording)
    assert {len(frame) for frame in tracks[:70]} == {1}
    assert any(len(frame) > 1 for frame in tracks) == kept


def test_who_is_taken_for_what_never_moved_does_not_move_it(as_blobs, record, look):
    def found(time):
        passing = [60 * (time - 4) + 300, 100] if 4 < time < 4.3 else [300, 100]
        return as_blobs([passing, [50 + 30 * time, 300]])

    recording, _ = record(250, found)
    assert [len(frame) for frame in look(recording)] == [1] * 250


def test_what_a_detector_gives_is_kept_though_it_stands(as_blobs, record, look):
    recording, _ = record(50, lambda _: as_blobs([[100, 100]], origin=Origin.GIVEN))
    tracks = look(recording)
    assert [frame.ids.tolist() for frame in tracks] == [[1]] * 50
    assert tracks[25].states.tolist() == [TrackState.STATIONARY]


def test_ids_count_from_one_in_the_order_of_appearance(as_blobs, record, look):
    def found(time):
        starts = [(0.0, 50), (1.0, 150), (2.0, 250)]
        return as_blobs([np.array([30, y]) + WALK * (time - start) for start, y in starts if time >= start])

    tracks = look(record(100, found)[0])
    assert [tracks[f].ids.tolist() for f in (0, 30, 60)] == [[1], [1, 2], [1, 2, 3]]


@pytest.mark.parametrize("n_frames", [0, 1, 20])
def test_a_clip_without_objects_has_no_tracks(as_blobs, record, look, n_frames):
    assert [len(frame) for frame in look(record(n_frames, lambda _: as_blobs([]))[0])] == [0] * n_frames


def test_the_noise_of_a_clip_is_learned_from_it(as_blobs, record):
    size = np.sqrt(20 * 40)
    for sigma in (0.3, 1.0):
        seen = record(400, noisy_walk(as_blobs, sigma=sigma))[0][0].sightings()
        noise = learn_noise([seen.at(run) for run in runs(seen.serials)], TrackingSettings())
        assert noise.position == pytest.approx(sigma / size, rel=0.3)
        assert noise.extent == 2 * noise.position


def test_nothing_seen_teaches_nothing():
    settings = TrackingSettings()
    noise = learn_noise([], settings)
    assert (noise.position, noise.acceleration) == (settings.position_sigma, settings.acceleration)
    assert len(look_back(Recording(), Recording(), settings)) == 0
