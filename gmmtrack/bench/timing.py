"""Timing of things side by side: in turns within one run, so that what the machine does besides hits all alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from typing import TypeVar

import cv2

from gmmtrack.errors import ArgumentError
from gmmtrack.threads import available_threads

Item = TypeVar("Item")


def interleave(
    steps: Mapping[str, Callable[[Item], object]], items: Sequence[Item], *, turn: int = 1
) -> dict[str, list[float]]:
    """Return the seconds that each step took for each item.

    Every step sees every item once and in order; after `turn` items the next step has its turn (A B, then B A, ...),
    for the first in a round finds another cache and clock than the last.
    """
    times: dict[str, list[float]] = {name: [] for name in steps}
    names = list(steps)
    for start in range(0, len(items), turn):
        for name in names:
            for item in items[start : start + turn]:
                begun = time.perf_counter()
                steps[name](item)
                times[name].append(time.perf_counter() - begun)
        names.reverse()
    return times


def medians(times: Mapping[str, Sequence[float]], n_warm: int = 0) -> dict[str, float]:
    """Return the median of each step's times [s], the first `n_warm` left out."""
    return {name: median(values[n_warm:]) for name, values in times.items()}


@contextmanager
def limited_threads(n_threads: int) -> Iterator[None]:
    """Let OpenCV and gmmtrack compute with `n_threads` threads for a while; decoders keep threads of their own."""
    opencv, override = cv2.getNumThreads(), os.environ.get("GMMTRACK_THREADS")
    cv2.setNumThreads(n_threads)
    os.environ["GMMTRACK_THREADS"] = str(n_threads)
    try:
        yield
    finally:
        cv2.setNumThreads(opencv)
        if override is None:
            del os.environ["GMMTRACK_THREADS"]
        else:
            os.environ["GMMTRACK_THREADS"] = override


def thread_counts(given: Sequence[int] | None) -> list[int]:
    """Return the numbers of threads to run with: those given, or one and all."""
    counts = [1, available_threads()] if given is None else list(given)
    for count in counts:
        if count < 1:
            raise ArgumentError(f"threads must be >= 1, got {count!r}")
    return list(dict.fromkeys(counts))
