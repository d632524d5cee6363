"""The whole loop against an assembly."""

import pytest

from gmmtrack.bench import bench_pipeline, pipeline
from gmmtrack.errors import ArgumentError


@pytest.fixture
def sides(monkeypatch, clock):
    """Both sides as doubles of 100 frames: ours takes 2 s and 5 s more at first, the assembly 4 s and 1 s more."""
    monkeypatch.setattr(pipeline, "pick_tracker", lambda: ("a tracker", lambda: None))
    extra = {"ours": iter([5.0]), "theirs": iter([1.0]), "decoding": iter([])}

    def run(side, seconds):
        clock.spend(seconds + next(extra[side], 0.0))
        return 100

    monkeypatch.setattr(pipeline, "run_assembly", lambda *_: run("theirs", 4.0))
    monkeypatch.setattr(pipeline, "_decode", lambda _: run("decoding", 1.0))
    monkeypatch.setattr(pipeline, "_run_own", lambda _: run("ours", 2.0))


@pytest.mark.usefixtures("sides")
def test_rates_leave_the_first_run_out_and_tell_it_apart(folder):
    decoding, theirs, ours = bench_pipeline(folder, threads=[1], n_runs=1).rows
    assert (decoding.method, decoding.frames_per_second, decoding.ratio) == ("decoding alone", 100.0, 4.0)
    assert (theirs.method, theirs.frames_per_second, theirs.ratio) == ("MOG2 + clean-up + a tracker", 25.0, 1.0)
    assert (ours.method, ours.frames_per_second, ours.ratio) == ("gmmtrack", 50.0, 2.0)
    assert (theirs.warm_up, ours.warm_up) == (1.0, 5.0)
    assert (ours.clip, ours.n_frames, ours.n_threads) == ("clip/input", 100, 1)


@pytest.mark.usefixtures("sides")
def test_every_number_of_threads_has_all_sides(folder):
    rows = bench_pipeline([folder], threads=[1, 2], n_runs=1).rows
    assert [row.n_threads for row in rows] == [1, 1, 1, 2, 2, 2]


def test_the_real_loop_sees_as_many_frames_as_the_assembly(folder):
    pytest.importorskip("gmmtrack.pipeline")
    _, theirs, ours = bench_pipeline(folder, threads=[1], n_runs=1).rows
    assert ours.n_frames == theirs.n_frames == 15
    assert min(ours.frames_per_second, theirs.frames_per_second) > 0


def test_no_runs_are_refused(folder):
    with pytest.raises(ArgumentError) as caught:
        bench_pipeline(folder, n_runs=0)
    assert str(caught.value) == "n_runs must be >= 1, got 0"
