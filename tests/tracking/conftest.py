"""The plain twins, loaded from their file; boxes that move as told, and who they turn out to be."""

import importlib.util
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gmmtrack import Tracks


@pytest.fixture(scope="session")
def twin() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "reference" / "tracking.py"
    spec = importlib.util.spec_from_file_location("reference_tracking", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def box_at():
    """Return a function that gives the box of a centre (2,) or centres (N, 2) [pixels]."""

    def box(centers, width=20.0, height=40.0):
        centers = np.atleast_2d(np.asarray(centers, float))
        half = np.array([width, height]) / 2
        return np.concatenate([centers - half, centers + half], axis=1)

    return box


@pytest.fixture(scope="session")
def identities():
    """Return a function that runs a tracker over boxes of many objects, and tells the ids that each object had."""

    def follow(tracker, frames, times, order=None):
        """frames (F, N, 4), NaN where an object is not seen · times (F,) [s] · order: of the rows of frame f."""
        seen = [[] for _ in frames[0]]
        for f, (boxes, time) in enumerate(zip(frames, times, strict=True)):
            rows = np.flatnonzero(np.isfinite(boxes).all(axis=1))
            if order is not None:
                rows = order(f, rows)
            tracks = tracker.update(boxes[rows], time=float(time))
            for number, row in zip(tracks.ids.tolist(), tracks.detections.tolist(), strict=True):
                if row >= 0:
                    seen[rows[row]].append(number)
        return seen

    return follow


@pytest.fixture(scope="session")
def walkers():
    """Return a function that yields the boxes of walkers, their scores, and times of any spacing."""

    def walk(n=4, n_frames=80, seed=0, missed=0.2):
        """Yield boxes of walkers of other sizes, some missed, and times of any spacing."""
        random = np.random.default_rng(seed)
        centers, steps = random.uniform(0, 400, (n, 2)), random.normal(0, 40, (n, 2))
        width = random.uniform(15, 40, n)
        time = 0.0
        for _ in range(n_frames):
            time += random.choice([0.02, 0.04, 0.1])
            seen = random.random(n) >= missed
            at = (centers + time * steps + random.normal(0, 1, (n, 2)))[seen]
            half = np.stack([width, 2 * width], axis=1)[seen] / 2
            yield np.concatenate([at - half, at + half], axis=1), random.uniform(0.3, 1, len(at)), time

    return walk


@pytest.fixture(scope="session")
def equal():
    """Return a function that finds two frames' tracks equal."""

    def compare(one, two, **tolerance):
        for field in fields(Tracks):
            a, b = getattr(one, field.name), getattr(two, field.name)
            np.testing.assert_allclose(a, b, err_msg=field.name, **tolerance)

    return compare


@pytest.fixture(scope="session")
def goes_on(walkers, equal):
    """Return a function that finds a tracker to go on half-way as its copy, made in some way, does."""

    def compare(tracker, way):
        frames, n = list(walkers()), 0
        for boxes, scores, time in frames[:30]:
            tracker.update(boxes, scores, time=time)
        other = way(tracker)
        for boxes, scores, time in frames[30:]:
            one, two = (each.update(boxes, scores, time=time) for each in (tracker, other))
            equal(one, two, rtol=0, atol=0)
            n += len(one)
        assert n > 100

    return compare
