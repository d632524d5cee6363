"""What two passes through a clip, forward and backward, know together."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack import Clusterer, Origin, TrackingSettings
from gmmtrack.tracking.offline import record_backward
from gmmtrack.tracking.offline.choosing import choose
from gmmtrack.tracking.offline.passes import Passes
from gmmtrack.tracking.offline.recording import Sightings, runs

WALK = np.array([40.0, 0.0])  # [pixels/s]


def pair(time, parting):
    """Return the centres of two who walk side by side, and go apart from a time on [s]."""
    apart = np.array([0.0, 14.0 + 40 * max(time - parting, 0.0)])
    middle = np.array([60.0, 200.0]) + WALK * time
    return [middle - apart, middle + apart]


def parting(as_blobs, *, at=2.0, until=0.0):
    """Return what is found forward and backward of two who share a blob up to a time, and then go apart.

    The backward pass tells them apart before as well, down to the time `until` [s].
    """

    def one(time):
        return as_blobs([np.mean(pair(time, at), axis=0)], extent=(20.0, 68.0))

    def two(time, origin):
        return as_blobs(pair(time, at), origin=origin)

    def forward(time):
        return two(time, Origin.BLOB) if time > at + 0.8 else one(time)

    def backward(time):
        if time > at + 0.8:
            return two(time, Origin.BLOB)
        return two(time, Origin.SPLIT) if time >= until else one(time)

    return forward, backward


def test_who_come_as_one_and_part_were_two_from_the_first_frame_on(as_blobs, record, look):
    forward, backward = parting(as_blobs)
    recordings, online = record(150, forward, found_backward=backward)
    assert len(online[40]) == 1
    tracks = look(recordings)
    assert [frame.ids.tolist() for frame in tracks] == [[1, 2]] * 150
    for time in (0.0, 1.0, 5.0):
        centers = tracks[round(time * 25)].centers
        np.testing.assert_allclose(centers[centers[:, 1].argsort()], pair(time, 2.0), atol=3)


def test_who_is_lost_in_anothers_body_did_not_come_from_there(as_blobs, record, look):
    forward, backward = parting(as_blobs, until=1.0)
    tracks = look(record(150, forward, found_backward=backward)[0])
    assert {len(frame) for frame in tracks[:60]} == {1}
    assert {len(frame) for frame in tracks[80:]} == {2}


def test_whom_the_backward_pass_held_through_a_meeting_is_one(as_blobs, record, look):
    """They stay together for longer than any gap is bridged; forward, one of them is lost meanwhile."""

    def found(time, is_held):
        apart = np.array([0.0, 14 + 30 * max(1.5 - time, 0.0, time - 6.0)])
        first, second = np.array([60.0, 200]) + WALK * time - apart, np.array([60.0, 200]) + WALK * time + apart
        if not 1.5 < time < 6.0:
            return as_blobs([first, second])
        return as_blobs([first, second], origin=Origin.SPLIT) if is_held else as_blobs([first])

    recordings, online = record(200, lambda t: found(t, False), found_backward=lambda t: found(t, True))
    assert {int(n) for frame in online for n in frame.ids} == {1, 2, 3}
    assert [frame.ids.tolist() for frame in look(recordings)] == [[1, 2]] * 200


@pytest.mark.parametrize(("share", "wins"), [(0.9, True), (0.2, False)])
def test_the_backward_pass_wins_only_if_as_much_is_seen_as_usual(as_blobs, record, share, wins):
    forward, backward = parting(as_blobs)

    def dim(time):
        found = backward(time)
        is_split = found.origins == Origin.SPLIT
        return replace(found, counts=np.where(is_split, share, 1.0) * found.counts)

    (there, back), _ = record(150, forward, found_backward=dim)
    passes = Passes.of(there.sightings(), back.turned())
    choice = choose(passes, passes.at_limits())
    assert choice.taken[passes.seen.serials < 0].any() == wins
    assert choice.refuted.any() == wins


def test_the_backward_pass_wins_only_with_tracks_that_both_saw_apart(as_blobs, record):
    def found(time):
        return as_blobs([np.array([60.0, 200]) + WALK * time], extent=(20.0, 68.0))

    def halves(time):
        middle, half = np.array([60.0, 200]) + WALK * time, np.array([0.0, 14.0])
        return as_blobs([middle - half, middle + half], origin=Origin.SPLIT, extent=(20.0, 27.0))

    (forward, backward), _ = record(100, found, found_backward=halves)
    passes = Passes.of(forward.sightings(), backward.turned())
    choice = choose(passes, passes.at_limits())
    np.testing.assert_array_equal(choice.taken, passes.seen.serials > 0)
    assert not choice.refuted.any()


def wandering(random, sign, n_tracks=3, n_frames=6):
    """Return sightings of tracks all over a small place, with gaps."""
    serials, frames = (part.ravel() for part in np.indices((n_tracks, n_frames)))
    seen = random.random(len(serials)) < 0.8
    n = int(seen.sum())
    found = Sightings(
        serials=sign * (serials[seen] + 1),
        frames=frames[seen],
        times=frames[seen] / 25,
        ids=np.ones(n, np.int64),
        z=np.concatenate([random.uniform(0, 60, (n, 2)), random.uniform(10, 40, (n, 2))], axis=1),
        origins=random.choice([Origin.BLOB, Origin.SPLIT], n).astype(np.int8),
        scores=np.ones(n),
        classes=np.full(n, -1),
        detections=np.zeros(n, np.int64),
        areas=np.ones(n),
        shades=np.zeros((n, 125), np.uint8),
    )
    return found.at(np.lexsort((found.frames, found.serials)))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_partners_are_pairs_of_the_two_passes_in_one_frame_and_one_group(seed):
    random = np.random.default_rng(seed)
    passes = Passes.of(wandering(random, 1), wandering(random, -1))
    seen, rows = passes.seen, np.flatnonzero(passes.partners >= 0)
    others = passes.partners[rows]
    np.testing.assert_array_equal(passes.partners[others], rows)
    np.testing.assert_array_equal(seen.frames[others], seen.frames[rows])
    assert (np.sign(seen.serials[others]) == -np.sign(seen.serials[rows])).all()
    np.testing.assert_array_equal(passes.groups[others], passes.groups[rows])
    assert all(len(np.unique(seen.frames[passes.groups == group])) == 1 for group in np.unique(passes.groups))
    assert passes.entangled[seen.origins == Origin.SPLIT].all()


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_two_passes_that_saw_the_same_are_one(seed):
    forward = wandering(np.random.default_rng(seed), 1)
    backward = replace(forward, serials=-forward.serials)
    passes = Passes.of(forward, backward.at(np.lexsort((backward.frames, backward.serials))))
    np.testing.assert_array_equal(passes.partner_serials(np.arange(len(passes.seen))), -passes.seen.serials)
    choice = choose(passes, passes.at_limits())
    np.testing.assert_array_equal(choice.taken, passes.seen.serials > 0)


def test_the_way_back_is_the_way_of_the_frames_turned_round():
    times = [0.0, 0.1, 0.3, 0.4, 0.6]
    masks = np.zeros((5, 120, 160), np.uint8)
    for mask, time in zip(masks, times, strict=True):
        for x, y in ((40 + round(60 * time), 50), (110, 90 - round(30 * time))):
            mask[y - 9 : y + 9, x - 6 : x + 6] = 255
    colors = [np.uint8(7) * (mask == 255) for mask in masks]
    planes = list(zip(masks, colors, strict=True))[::-1]
    seen = record_backward(planes, times, Clusterer(), TrackingSettings()).turned()
    assert {len(seen.serials[run]) for run in runs(seen.serials)} == {5}
    assert (seen.serials < 0).all()
    np.testing.assert_array_equal(seen.times, np.tile(times, 2))
    np.testing.assert_array_equal(seen.frames, np.tile(np.arange(5), 2))
    assert sorted(seen.z[seen.frames == 2, :2].tolist()) == [[58, 50], [110, 81]]
    assert (seen.shades.argmax(axis=1) == 7).all()


def test_a_pass_that_saw_nothing_refutes_nothing(as_blobs, record, look):
    def walk(time):
        return as_blobs([np.array([60.0, 200]) + WALK * time])

    tracks = look(record(50, walk, found_backward=lambda _: as_blobs([]))[0])
    assert [frame.ids.tolist() for frame in tracks] == [[1]] * 50
