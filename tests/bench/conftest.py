"""A clock that the tests move, and a small clip."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from gmmtrack.bench import timing


class Clock:
    """Seconds that pass only when something says so."""

    def __init__(self):
        self.now = 0.0

    def spend(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: made.now))
    return made


@pytest.fixture
def folder(tmp_path):
    """15 noisy PNG images of 128 x 48 pixels; from the sixth on a bright square of 24 moves by 11 a frame."""
    rng = np.random.default_rng(0)
    made = tmp_path / "clip" / "input"
    made.mkdir(parents=True)
    for k in range(15):
        image = rng.integers(60, 70, (48, 128, 3), dtype=np.uint8)
        if k > 4:
            image[12:36, 11 * (k - 5) : 11 * (k - 5) + 24] = 220
        cv2.imwrite(str(made / f"{k}.png"), image)
    return made
