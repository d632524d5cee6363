"""Work shared out over threads."""

import copy
import os
import pickle
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.threads import Threads, available_threads


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(0, 50), st.integers(1, 20))
def test_the_parts_cover_the_range_exactly_once(n_threads, n_items, smallest_share):
    parts = []
    Threads(n_threads).run(lambda start, stop: parts.append((start, stop)), n_items, smallest_share)
    assert sorted(item for part in parts for item in range(*part)) == list(range(n_items))
    assert 1 <= len(parts) <= n_threads
    if len(parts) > 1:
        assert min(stop - start for start, stop in parts) >= smallest_share


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_the_parts_run_at_the_same_time_and_the_caller_does_one(n_threads):
    meeting, workers = threading.Barrier(n_threads), set()

    def work(_start, _stop):
        meeting.wait(timeout=10)  # breaks unless all parts are under way
        workers.add(threading.get_ident())

    Threads(n_threads).run(work, n_threads)
    assert len(workers) == n_threads
    assert threading.get_ident() in workers


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_an_error_in_any_thread_comes_out(bad):
    def work(start, stop):
        if start <= bad < stop:
            raise KeyError(f"part {bad}")

    crew = Threads(3)
    with pytest.raises(KeyError, match=f"part {bad}"):
        crew.run(work, 3)
    done = []
    crew.run(lambda start, _: done.append(start), 3)
    assert sorted(done) == [0, 1, 2]


def test_all_parts_are_done_when_an_error_comes_out():
    failing, finished = threading.Event(), threading.Event()

    def work(start, _):
        if start == 0:
            failing.set()
            raise KeyError("part 0")
        failing.wait(timeout=10)
        sum(range(3_000_000))  # real work, which takes longer than leaving `run` does
        finished.set()

    with pytest.raises(KeyError):
        Threads(2).run(work, 2)
    assert finished.is_set()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda crew: pickle.loads(pickle.dumps(crew))])
def test_a_crew_survives_copying_and_pickling(duplicate):
    crew, done = duplicate(Threads(2)), []
    crew.run(lambda start, stop: done.append((start, stop)), 10)
    assert crew.n_threads == 2
    assert sorted(done) == [(0, 5), (5, 10)]


@pytest.mark.parametrize(("value", "n_threads"), [("1", 1), ("3", 3), ("64", 64)])
def test_the_environment_tells_how_many_threads(monkeypatch, value, n_threads):
    monkeypatch.setenv("GMMTRACK_THREADS", value)
    assert available_threads() == n_threads


@pytest.mark.parametrize("value", ["", "0", "-2", "many", "1.5"])
def test_an_environment_that_tells_no_number_is_passed_over(monkeypatch, value):
    monkeypatch.setenv("GMMTRACK_THREADS", value)
    assert 1 <= available_threads() <= os.cpu_count()
