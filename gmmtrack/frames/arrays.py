"""Arrays: frames from arrays that a program already has, or makes as it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.bgr import to_bgr
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.images import DEFAULT_RATE
from gmmtrack.frames.sampling import even_positions
from gmmtrack.frames.source import FrameSource


class Arrays(FrameSource):
    """Frames from a 4-D array or any iterable of images or of `Frame`; nothing is copied that need not be.

    Parameters
    ----------
    images : (N, H, W, 1, 3 or 4) uint8, or iterable of (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8, or of Frame
        Grey or BGR, see `to_bgr`. A `Frame` keeps its index and time.
    frame_rate : float, optional
        [Hz] Image i is at i / frame_rate, a `Frame` too if it is given; 25 Hz for images if not.

    Raises
    ------
    ArgumentError
        On iteration, if an image is of another shape, size or dtype, or the time of a Frame does not increase.
    """

    decodes = False

    def __init__(self, images: Iterable[Any], *, frame_rate: float | None = None) -> None:
        if isinstance(images, np.ndarray) and images.ndim != 4:
            remedy = "; put a single image in a list" if images.ndim in (2, 3) else ""
            raise ArgumentError(f"source must be (N, H, W, 3) uint8, got {images.shape} {images.dtype}{remedy}")
        self._images = images
        self._given_rate = frame_rate
        self.repeats = isinstance(images, (Sequence, np.ndarray))
        n_frames = len(images) if isinstance(images, (Sequence, np.ndarray)) else None
        super().__init__("frames", n_frames=n_frames, frame_rate=frame_rate or DEFAULT_RATE)
        if isinstance(images, (Sequence, np.ndarray)) and len(images):
            first = self._frame(images[0], 0).image
            self.size = first.shape[1], first.shape[0]

    def _read(self) -> Iterator[Frame]:
        last = -np.inf
        for index, item in enumerate(self._images):
            frame = self._frame(item, index)
            if self.size is None:
                self.size = frame.image.shape[1], frame.image.shape[0]
            self._check_size(frame)
            if not frame.time > last:
                raise ArgumentError(f"time of a frame must be > {last:g} s, got {frame.time:g}")
            last = frame.time
            yield frame

    def _frame(self, item: Any, index: int) -> Frame:
        time = index / (self._given_rate or DEFAULT_RATE)
        if not isinstance(item, Frame):
            return Frame(to_bgr(item), index, time)
        return Frame(to_bgr(item.image), item.index, time if self._given_rate else item.time)

    def _check_size(self, frame: Frame) -> None:
        assert self.size is not None
        width, height = self.size
        if frame.image.shape[:2] != (height, width):
            raise ArgumentError(f"image must be ({height}, {width}, 3) as the one before, got {frame.image.shape}")

    def again(self) -> FrameSource:
        return Arrays(self._images, frame_rate=self._given_rate) if self.repeats else super().again()

    def _sample(self, n: int) -> Iterator[Frame]:
        if isinstance(self._images, (Sequence, np.ndarray)):
            for index in even_positions(len(self._images), n):
                frame = self._frame(self._images[index], index)
                self._check_size(frame)
                yield frame
