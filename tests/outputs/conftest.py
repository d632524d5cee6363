"""Small results for the tests of outputs."""

from collections.abc import Callable

import numpy as np
import pytest

from gmmtrack.frames.frame import Frame
from gmmtrack.outputs.result import Result
from gmmtrack.tracking.tracks import Tracks, TrackState

MakeTracks = Callable[..., Tracks]
MakeResult = Callable[..., Result]


@pytest.fixture(scope="session")
def make_tracks() -> MakeTracks:
    """Return a function that makes tracks from rows of (id, state, x0, y0, x1, y1)."""

    def make(*rows: tuple[int, TrackState, float, float, float, float]) -> Tracks:
        n = len(rows)
        return Tracks(
            ids=np.array([row[0] for row in rows], np.int64),
            states=np.array([row[1] for row in rows], np.int8),
            xyxy=np.array([row[2:] for row in rows], np.float64).reshape(n, 4),
            velocities=np.tile([1.5, -2.0], (n, 1)),
            covariances=np.zeros((n, 4, 4)),
            scores=np.full(n, 0.875),
            classes=np.full(n, -1, np.int64),
            detections=np.arange(n),
        )

    return make


@pytest.fixture(scope="session")
def make_result(make_tracks: MakeTracks) -> MakeResult:
    """Return a function that makes the result of a grey frame, its brightness telling its index."""

    def make(index: int, *rows, size=(48, 64), time=None, events=()) -> Result:
        image = np.full((*size, 3), 40 + index % 10 * 20, np.uint8)
        mask = np.zeros(size, np.uint8)
        mask[: size[0] // 3], mask[size[0] // 3 : size[0] // 2] = 255, 127
        time = index / 25 if time is None else time
        return Result(frame=Frame(image, index, time), reduced_mask=mask, tracks=make_tracks(*rows), events=events)

    return make
