"""Background models side by side."""

from types import SimpleNamespace

import cv2
import pytest

from gmmtrack.bench import background, bench_background
from gmmtrack.errors import ArgumentError


def test_every_method_has_a_row_for_every_number_of_threads(folder):
    rows = bench_background(folder, threads=(1, 2)).rows
    methods = {"cv2 MOG2", "cv2 KNN", "copy of 16 B a pixel", "gmmtrack mog2", "gmmtrack robust"}
    for n_threads in (1, 2):
        assert methods <= {row.method for row in rows if row.n_threads == n_threads}
    assert {(row.clip, row.size) for row in rows} == {("clip/input", "128x48")}
    assert all(row.ms > 0 for row in rows)
    assert [row.ratio for row in rows if row.method == "cv2 MOG2"] == [1.0, 1.0]


def test_times_are_medians_without_the_warm_up_and_ratios_say_how_many_times_as_fast(monkeypatch, clock, folder):
    slow_at_first = iter([50.0, 50.0, 50.0])
    methods = {
        "cv2 MOG2": lambda _: lambda _: clock.spend(next(slow_at_first, 0.004)),
        "ours": lambda n_threads: lambda _: clock.spend(0.002 / n_threads),
    }
    monkeypatch.setattr(background, "_methods", lambda: methods)
    rows = bench_background([folder], threads=[2]).rows
    assert [(row.method, row.ms, row.ratio) for row in rows] == [
        ("cv2 MOG2", pytest.approx(4.0), 1.0),
        ("ours", pytest.approx(1.0), pytest.approx(4.0)),
    ]


def test_opencv_computes_with_as_many_threads_as_the_row_says(monkeypatch, folder):
    seen = []
    monkeypatch.setattr(
        background, "_methods", lambda: {"cv2 MOG2": lambda _: lambda _: seen.append(cv2.getNumThreads())}
    )
    bench_background(folder, threads=[1])
    assert set(seen) == {1}


def test_contributed_subtractors_are_measured_where_opencv_has_them(monkeypatch):
    class Subtractor:
        def apply(self, image):
            return image

    contrib = SimpleNamespace(createBackgroundSubtractorCNT=Subtractor)
    monkeypatch.setattr(cv2, "bgsegm", contrib, raising=False)
    methods = background._methods()
    assert "cv2 CNT" in methods
    assert "cv2 GSOC" not in methods
    assert methods["cv2 CNT"](1)("image") == "image"


def test_too_few_frames_are_refused(folder):
    with pytest.raises(ArgumentError) as caught:
        bench_background(folder, n_frames=1)
    assert str(caught.value) == "n_frames must be >= 2, got 1"
