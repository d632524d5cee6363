"""What one would assemble from today's parts: OpenCV's MOG2, a clean-up, blobs, and an off-the-shelf tracker."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.bench.plain_tracker import PlainTracker
from gmmtrack.errors import SourceError
from gmmtrack.frames.images import is_image, natural_order

Update = Callable[[NDArray[np.float64]], object]

_MIN_AREA = 150  # [pixels]
_CORE = np.ones((3, 3), np.uint8)
_GAP = np.ones((9, 9), np.uint8)


def run_assembly(source: Path, update: Update) -> int:
    """Track a video or folder of images from the first frame to the last; return how many there were."""
    subtractor = cv2.createBackgroundSubtractorMOG2()
    n_frames = 0
    for image in _images(source):
        update(find_boxes(subtractor.apply(image)))
        n_frames += 1
    return n_frames


def find_boxes(mask: NDArray[Any]) -> NDArray[np.float64]:
    """Return (N, 4) float64 boxes x0, y0, x1, y1 [pixels] of the blobs of a cleaned mask (H, W) uint8."""
    solid = cv2.threshold(mask, 254, 255, cv2.THRESH_BINARY)[1]  # shadows go
    solid = cv2.medianBlur(solid, 5)
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, _CORE)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, _GAP)
    blobs = cv2.connectedComponentsWithStats(solid)[2][1:]
    corner, size = blobs[:, :2], blobs[:, 2:4]
    boxes = np.concatenate([corner, corner + size], axis=1)[blobs[:, cv2.CC_STAT_AREA] >= _MIN_AREA]
    return boxes.astype(np.float64)


def pick_tracker() -> tuple[str, Callable[[], Update]]:
    """Return the name of the best-known tracker that is installed, and what makes a new one."""
    if _installed("trackers") and _installed("supervision"):
        return "SORT (trackers)", _new_sort
    if _installed("norfair"):
        return "norfair", _new_norfair
    return "plain SORT", lambda: PlainTracker().update


def check_readable(source: Path) -> None:
    """Raise SourceError where OpenCV cannot read a video.

    Tried in a process of its own: there are files, of raw video for one, that make cv2.VideoCapture abort the process.
    """
    if source.is_dir() or is_image(source):
        return
    trial = "import cv2, sys; r = cv2.VideoCapture(sys.argv[1]).read; sys.exit(not sum(r()[0] for _ in range(60)))"
    if subprocess.run([sys.executable, "-c", trial, str(source)], capture_output=True, check=False).returncode:
        raise SourceError(f"cannot compare on {source}: OpenCV's reader, which the other side uses, fails on it")


def _images(source: Path) -> Iterator[NDArray[np.uint8]]:
    if source.is_dir():
        for path in natural_order(filter(is_image, source.iterdir())):
            image = cv2.imread(str(path))
            if image is not None:
                yield np.asarray(image, dtype=np.uint8)
        return
    video = cv2.VideoCapture(str(source))
    try:
        while True:
            ok, image = video.read()
            if not ok:
                return
            yield np.asarray(image, dtype=np.uint8)
    finally:
        video.release()


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _new_sort() -> Update:
    supervision: Any = importlib.import_module("supervision")
    tracker: Any = importlib.import_module("trackers").SORTTracker()

    def update(boxes: NDArray[np.float64]) -> object:
        n = len(boxes)
        given = supervision.Detections(
            xyxy=boxes.astype(np.float32), confidence=np.ones(n, np.float32), class_id=np.zeros(n, int)
        )
        return tracker.update(given)

    return update


def _new_norfair() -> Update:
    norfair: Any = importlib.import_module("norfair")
    tracker = norfair.Tracker(distance_function="iou", distance_threshold=0.7)
    return lambda boxes: tracker.update([norfair.Detection(points=box.reshape(2, 2)) for box in boxes])
