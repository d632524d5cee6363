"""The way back: the frames of a clip clustered and tracked from the last to the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection import Clusterer
from gmmtrack.tracking.offline.recording import Recording
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.tracker import Tracker

Plane = NDArray[np.uint8]


def record_backward(
    planes: Iterable[tuple[Plane, Plane]], times: Sequence[float], clusterer: Clusterer, settings: TrackingSettings
) -> Recording:
    """Return the recording of a tracker that goes from the last frame to the first, at negated times.

    planes: masks (H, W) and the colours (H, W) of their blobs, the last ones first · times: of the frames, as they came
    clusterer: one that has not seen anything
    """
    tracker, recording = Tracker(settings), Recording()
    for (mask, colors), time in zip(planes, reversed(times), strict=True):
        found = clusterer.detect(mask, tracker.predict(-time), colors=colors)
        tracker.update(found, time=-time)
        recording.add(-time, tracker.population, found)
    return recording
