"""A tracker saved or pickled half-way goes on bit for bit."""

import pickle
from dataclasses import fields

import numpy as np
import pytest

from gmmtrack import ArgumentError, SourceError, Tracker, Tracks


def saved(tracker, folder):
    tracker.save(folder / "tracker.npz")
    return Tracker.load(folder / "tracker.npz")


WAYS = {"save": saved, "pickle": lambda tracker, _: pickle.loads(pickle.dumps(tracker))}


def crowd(n_frames=60, n=6, seed=0):
    """Yield boxes (M, 4) of walkers, some of whom are missed, and scores, classes and times."""
    random = np.random.default_rng(seed)
    centers, steps = random.uniform(0, 300, (n, 2)), random.normal(0, 3, (n, 2))
    for frame in range(n_frames):
        seen = random.random(n) < 0.8
        at = (centers + frame * steps + random.normal(0, 1, (n, 2)))[seen]
        boxes = np.concatenate([at, at + np.array([20, 40])], axis=1)
        yield boxes, random.random(len(at)), random.integers(-1, 3, len(at)), frame / 20 + random.uniform(0, 0.02)


def same(a, b):
    for field in fields(Tracks):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name), err_msg=field.name)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n_before", [0, 1, 30])
def test_a_tracker_goes_on_bit_for_bit(tmp_path, way, n_before):
    tracker, n_tracks = Tracker(confirm_detections=2, gate=4.0), 0
    frames = list(crowd())
    for boxes, scores, classes, time in frames[:n_before]:
        tracker.update(boxes, scores, classes, time=time)
    other = WAYS[way](tracker, tmp_path)
    assert other.settings == tracker.settings
    for boxes, scores, classes, time in frames[n_before:]:
        one, two = (t.update(boxes, scores, classes, time=time) for t in (tracker, other))
        same(one, two)
        n_tracks = max(n_tracks, len(one))
    assert n_tracks >= 5
    with pytest.raises(ArgumentError, match="that of the last update"):
        other.update([], time=0.0)


def test_a_tracker_saved_between_prediction_and_update_goes_on(tmp_path):
    tracker, frames = Tracker(), list(crowd())
    for boxes, scores, classes, time in frames[:30]:
        tracker.update(boxes, scores, classes, time=time)
    boxes, scores, classes, time = frames[30]
    tracker.predict(time)
    other = saved(tracker, tmp_path)
    same(*(t.update(boxes, scores, classes, time=time) for t in (tracker, other)))


def test_a_file_that_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(SourceError) as error:
        Tracker.load(tmp_path / "none.npz")
    assert str(error.value) == f"cannot read {tmp_path / 'none.npz'}: No such file or directory"


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut off"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "tracker.npz"
    path.write_bytes(content)
    with pytest.raises(ArgumentError) as error:
        Tracker.load(path)
    assert str(error.value) == f"{path} must be a tracker that save() wrote"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("format", np.array(9), ": {path} must be of format 5, got 9"),
        ("tracks.ids", np.zeros(2, np.int64), ": ids must be (6,) int64, got (2,) int64"),
        ("settings", np.array('{"gate": -1}'), ": gate must be > 0 sigma, got -1.0"),
        ("tracks.x", None, ""),
    ],
)
def test_a_file_that_does_not_fit_itself_is_refused(tmp_path, name, value, reason):
    path, tracker = tmp_path / "tracker.npz", Tracker()
    tracker.update(np.array([[10.0 * k, 0, 10 * k + 5, 9] for k in range(6)]))
    tracker.save(path)
    with np.load(path) as file:
        parts = {key: file[key] for key in file.files} | {name: value}
    np.savez(path, **{key: array for key, array in parts.items() if array is not None})
    with pytest.raises(ArgumentError) as error:
        Tracker.load(path)
    assert str(error.value) == f"{path} must be a tracker that save() wrote{reason.format(path=path)}"
