"""Who stops and goes on, what is left behind and what is taken away, is told of."""

import json

import numpy as np
import pytest

import gmmtrack as gt
from gmmtrack.background.borders import border_verdict
from gmmtrack.events.things import Things

RATE = 10
SIZE = 90, 160


def film(n, place, things=(), light=lambda _: 1.0):
    """Return frames: a dark body whose left edge is at place(t) [s -> pixels or None], and things (x, since, until).

    light(t): what everything is multiplied by
    """
    random = np.random.default_rng(7)
    ground = 110 + np.kron(random.normal(0, 8, (SIZE[0] // 2, SIZE[1] // 2, 3)), np.ones((2, 2, 1)))
    images = []
    for index in range(n):
        image, t = ground + random.normal(0, 2, ground.shape), index / RATE
        for x, since, until in things:
            if since <= t < until:
                image[60:72, x : x + 14] = 200
        x = place(t)
        if x is not None:
            image[20:44, round(x) : round(x) + 12] = 40
        images.append(np.clip(light(t) * image, 0, 255).astype(np.uint8))
    return images


def told(images, **settings):
    """Return (kind, time, track) of every event."""
    return [(e.kind, e.time, e.track) for result in gt.track(shown(images), **settings) for e in result.events]


def shown(images):
    return (gt.Frame(image, index, index / RATE) for index, image in enumerate(images))


def nowhere(_):
    return None


def visits(t):
    """Come in from the left after 2 s, stand from the 5th to the 10th second, and leave on the right."""
    if t < 2 or t > 13:
        return None
    return min(20 * (t - 2), 60) if t < 10 else min(60 + 25 * (t - 10), 147)


def test_who_stops_is_told_of_and_when_it_goes_on():
    (kind, at, track), (later, when, same) = told(film(140, visits))
    assert (kind, later, same) == ("stopped", "went_on", track)
    assert 6.5 < at < 8
    assert 10 < when < 11


def test_who_only_passes_is_not_told_of():
    assert told(film(90, lambda t: 18 * t if t < 8 else None)) == []


@pytest.mark.parametrize(("since", "until", "kind"), [(40, 99, "left_behind"), (0, 40, "taken_away")])
def test_what_was_left_behind_and_what_was_taken_away_are_told_apart(since, until, kind):
    found = told(film(700, nowhere, [(100, since, until)]))  # once, though it is learned in the end, and its track lost
    assert [(name, track) for name, _, track in found] == [(kind, None)]
    assert 41.5 < found[0][1] < 44


def test_what_is_there_from_the_beginning_was_not_left_behind():
    assert told(film(60, nowhere, [(100, 0, 99)])) == []


@pytest.mark.parametrize(
    ("since", "kinds"), [(0, ["taken_away"]), (10, ["left_behind", "taken_away"])], ids=["always there", "later"]
)
@pytest.mark.parametrize("offline", [False, True])
def test_what_stood_before_a_background_that_is_known_is_told_of_when_it_is_gone(since, kinds, offline):
    def passes(t):
        return 18 * (t - 16) if 16 < t < 24 else None  # behind it, while it is taken

    frames = list(shown(film(300, passes, [(100, since, 20)])))
    events = [event for result in gt.track(frames, offline=offline) for event in result.events]
    assert [event.kind for event in events] == kinds
    assert 20 < events[-1].time < 23
    np.testing.assert_allclose(events[-1].xyxy, [100, 60, 114, 72], atol=3)


def primed_told(images):
    """Return (kind, time) of every event, where the background was learned from the first half of the frames."""
    frames, pipeline = list(shown(images)), gt.Pipeline()
    pipeline.prime(frames[: len(frames) // 2 : 5])
    return [(event.kind, event.time) for frame in frames for event in pipeline.process(frame).events]


def test_a_thing_that_stays_is_not_taken_away_by_light_that_falls():
    def dusk(t):
        return max(1 - t / 60, 0.6)

    kinds = [kind for kind, _ in primed_told(film(600, nowhere, [(100, 6, 99)], dusk))]
    assert kinds == ["left_behind"]


def test_where_all_has_changed_nothing_was_taken_away():
    images = film(200, nowhere, [(100, 6, 99)])
    elsewhere = [np.roll(255 - image, 31, axis=1) for image in images[150:]]
    kinds = [kind for kind, _ in primed_told(images[:150] + elsewhere)]
    assert kinds[:2] == ["left_behind", "scene_changed"]
    assert "taken_away" not in kinds


def test_a_thing_that_was_hidden_for_a_moment_is_still_told_of_when_it_is_gone():
    hidden = [(100, 0, 8), (100, 8.6, 20)]
    assert [kind for kind, _ in primed_told(film(300, nowhere, hidden))] == ["taken_away"]


@pytest.mark.parametrize("frame", [150, 205])
def test_a_run_saved_while_a_thing_stands_or_is_just_gone_goes_on_exactly(tmp_path, frame):
    frames = list(shown(film(300, nowhere, [(100, 0, 20)])))
    whole = gt.Pipeline()
    whole.prime(frames[::5])
    for seen in frames[:frame]:
        assert not whole.process(seen).events
    whole.save(tmp_path / "run.npz")
    resumed = gt.Pipeline.load(tmp_path / "run.npz")
    events = [(whole.process(seen).events, resumed.process(seen).events) for seen in frames[frame:]]
    assert all(a == b for a, b in events)
    assert [event.kind for a, _ in events for event in a] == ["taken_away"]


def test_what_is_carried_away_in_one_blob_with_another_is_gone_though_its_track_goes_on():
    ground, box = np.full((*SIZE, 3), 110, np.float32), (100, 60, 114, 72)
    image, empty = ground.copy(), np.zeros(SIZE, np.uint8)
    image[60:72, 100:114] = 200
    things = Things()
    things.put(1, box, image, ground, 0.0)
    assert things.gone({1}, empty, ground, 0.1) == []  # its track tells that it is there
    things.release(1)
    assert [things.gone({1}, empty, ground, time) for time in (0.2, 0.7, 1.2)] == [[], [], [box]]


def test_nobody_is_told_of_where_that_is_not_wanted():
    assert told(film(140, visits), events=gt.EventSettings(stopped=0)) == []


@pytest.mark.parametrize("images", [True, False])
def test_looking_back_the_same_is_told_of_tracks_with_hindsight(images):
    results = list(gt.track(np.stack(film(140, visits)), offline=True, images=images))
    events = [event for result in results for event in result.events]
    assert [event.kind for event in events] == ["stopped", "went_on"]
    for result in results:
        for event in result.events:
            assert event.track in result.tracks.ids.tolist()
            box = result.tracks.xyxy[result.tracks.ids == event.track][0]
            np.testing.assert_allclose(event.xyxy, box, atol=6)


def test_places_are_those_of_the_frame_where_it_is_reduced():
    events = [e for r in gt.track(shown(film(100, visits)), resolution=0.004) for e in r.events]
    assert [e.kind for e in events] == ["stopped"]
    np.testing.assert_allclose(events[0].xyxy, [60, 20, 72, 44], atol=4)


def test_a_run_saved_while_somebody_stands_goes_on_exactly(tmp_path):
    frames = [gt.Frame(image, index, index / RATE) for index, image in enumerate(film(140, visits))]
    whole = gt.Pipeline()
    events = [whole.process(frame).events for frame in frames[:60]]
    whole.save(tmp_path / "run.npz")
    resumed = gt.Pipeline.load(tmp_path / "run.npz")
    for frame in frames[60:]:
        assert whole.process(frame).events == resumed.process(frame).events
    assert not any(events)


def test_json_lines_carry_events(tmp_path):
    from gmmtrack.outputs.writers import open_writers

    with open_writers({"jsonl": tmp_path / "a.jsonl"}) as writers:
        for result in gt.track(shown(film(100, visits))):
            writers.write(result)
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    (event,) = [event for line in lines for event in line["events"]]
    assert (event["kind"], len(event["xyxy"])) == ("stopped", 4)


@pytest.mark.parametrize(("inside", "behind", "verdict"), [(30, 90, 1), (90, 30, -1), (90, 90, 0)])
def test_an_edge_in_the_frame_is_an_object_and_one_in_the_background_a_ghost(inside, behind, verdict):
    pictures = np.full((2, 40, 50, 3), 90.0, np.float32)
    pictures[:, 10:30, 15:35] = np.array([inside, behind]).reshape(2, 1, 1, 1)
    region = np.zeros((40, 50), bool)
    region[10:30, 15:35] = True
    variance = np.full((40, 50), 4, np.float32)
    assert border_verdict(pictures[0].astype(np.uint8), pictures[1], variance, region) == pytest.approx(
        verdict, abs=0.1
    )
    assert border_verdict(pictures[0].astype(np.uint8), pictures[1], variance, region & False) == 0
