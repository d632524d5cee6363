"""Timing in turns."""

import os

import cv2
import pytest

from gmmtrack.bench.timing import interleave, limited_threads, medians, thread_counts
from gmmtrack.errors import ArgumentError


def test_steps_take_turns_and_the_order_turns_round():
    seen = []
    steps = {"a": lambda k: seen.append(f"a{k}"), "b": lambda k: seen.append(f"b{k}")}
    interleave(steps, range(5), turn=2)
    assert seen == ["a0", "a1", "b0", "b1", "b2", "b3", "a2", "a3", "a4", "b4"]


def test_every_step_has_its_own_time_of_every_item(clock):
    times = interleave({"slow": lambda k: clock.spend(3 + k), "fast": lambda _: clock.spend(1)}, range(3))
    assert times == {"slow": [3, 4, 5], "fast": [1, 1, 1]}


def test_the_median_leaves_the_warm_up_out():
    assert medians({"a": [90.0, 80.0, 1.0, 3.0, 2.0]}, n_warm=2) == {"a": 2.0}


@pytest.mark.parametrize("override", [None, "7"])
def test_the_number_of_threads_is_put_back(monkeypatch, override):
    if override is None:
        monkeypatch.delenv("GMMTRACK_THREADS", raising=False)
    else:
        monkeypatch.setenv("GMMTRACK_THREADS", override)
    before = cv2.getNumThreads()
    with limited_threads(1):
        assert (cv2.getNumThreads(), os.environ["GMMTRACK_THREADS"]) == (1, "1")
    assert (cv2.getNumThreads(), os.environ.get("GMMTRACK_THREADS")) == (before, override)


def test_one_thread_and_all_are_the_default(monkeypatch):
    monkeypatch.setenv("GMMTRACK_THREADS", "4")
    assert thread_counts(None) == [1, 4]
    monkeypatch.setenv("GMMTRACK_THREADS", "1")
    assert thread_counts(None) == [1]


def test_no_threads_are_refused():
    with pytest.raises(ArgumentError) as caught:
        thread_counts([2, 0])
    assert str(caught.value) == "threads must be >= 1, got 0"
