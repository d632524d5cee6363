"""The plain twins, loaded from their file; boxes that move as told, and who they turn out to be."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


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
