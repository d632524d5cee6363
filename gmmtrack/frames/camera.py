"""Camera: frames from a camera at this machine, as they are taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import cv2

from gmmtrack.errors import SourceError
from gmmtrack.frames.bgr import to_bgr
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.quiet import quiet_opencv
from gmmtrack.frames.source import FrameSource


class Camera(FrameSource):
    """The camera that OpenCV counts as number `index`; frames carry the time [s] of their arrival.

    Parameters
    ----------
    index : int
        From 0.
    frame_rate : float, optional
        [Hz] What the camera is asked for; it may do otherwise.

    Raises
    ------
    SourceError
        If there is no such camera.
    """

    live = True

    def __init__(
        self, index: int, *, frame_rate: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        with quiet_opencv():
            self._capture = cv2.VideoCapture(index)
        if not self._capture.isOpened():
            raise SourceError(f"no camera {index}")
        if frame_rate:
            self._capture.set(cv2.CAP_PROP_FPS, frame_rate)
        width, height = (self._capture.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        super().__init__(
            f"camera {index}",
            frame_rate=self._capture.get(cv2.CAP_PROP_FPS) or None,
            size=(round(width), round(height)) if width and height else None,
        )
        self._clock = clock

    def _read(self) -> Iterator[Frame]:
        start, index = None, 0
        while True:
            good, image = self._capture.read()
            now = self._clock()
            if not good:
                self.problem = f"{self.name} gives no more frames"
                return
            start = now if start is None else start
            yield Frame(to_bgr(image), index, now - start)
            index += 1

    def close(self) -> None:
        super().close()
        self._capture.release()
