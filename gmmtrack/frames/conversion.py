"""Decoded video frames to BGR images, upright and all of one size."""

from __future__ import annotations

from threading import Lock
from typing import Any

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from gmmtrack.frames.frame import Frame
from gmmtrack.frames.planes import color_matrix, has_planes, shrunk_planes

# FFmpeg's second thread would take a third more of the processor's time to save a tenth of a millisecond
_ALONE: dict[str, Any] = {"threads": 1} if int(av.__version__.split(".")[0]) >= 18 else {}
_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class Converter:
    """Converts the frames of one video; the first one sets the size and the rotation of all.

    A stream that changes its resolution on the way still shows the same scene, so later frames are rescaled.

    copies: whether images are in NumPy's memory, which is faster where many are kept; FFmpeg's comes by small pages,
    whose making takes longer than decoding
    """

    def __init__(self, *, copies: bool = False) -> None:
        # one reformatter for the whole video: making one a frame costs a third of the decoding rate
        self._reformatter = VideoReformatter()
        self._copies = copies
        self._size: tuple[int, int] | None = None  # (width, height), before turning
        self._turn: int | None = None
        self._matrices: dict[tuple[str, int, int], NDArray[np.float32]] = {}
        self.lock = Lock()  # to be held while an image is made
        self.n_rescaled = 0

    def frame(self, decoded: VideoFrame, index: int, time: float) -> Frame:
        """Return what was decoded as a frame, converted only when that is asked for where it is the smaller so."""
        if self._size is None:
            self._size = decoded.width, decoded.height
            self._turn = _TURNS.get(round(getattr(decoded, "rotation", 0)) % 360)
        if (decoded.width, decoded.height) != self._size:
            self.n_rescaled += 1
        elif has_planes(decoded):
            return DecodedFrame.of(decoded, self, index, time)
        with self.lock:
            return Frame(self.image(decoded), index, time)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of every image [pixels]."""
        assert self._size is not None
        return self._size if self._turn in (_TURNS[90], _TURNS[270]) else self._size[::-1]

    def image(self, decoded: VideoFrame) -> NDArray[np.uint8]:
        """Return what was decoded as (H, W, 3) uint8, BGR."""
        assert self._size is not None
        width, height = self._size
        bgr = self._reformatter.reformat(decoded, width=width, height=height, format="bgr24", **_ALONE)
        image = np.asarray(bgr.to_ndarray(), dtype=np.uint8)
        if self._copies or bgr is decoded:
            image = image.copy()  # else it may be a picture that the decoder still needs
        return self._turned(image)

    def shrunk(self, decoded: VideoFrame, factor: int) -> NDArray[np.uint8]:
        """Return the image of what was decoded in planes, its sides divided by an even factor that divides both."""
        tags = decoded.format.name, int(decoded.colorspace), int(decoded.color_range)
        if tags not in self._matrices:
            self._matrices[tags] = color_matrix(decoded)
        return self._turned(shrunk_planes(decoded, factor, self._matrices[tags]))

    def _turned(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return image if self._turn is None else np.asarray(cv2.rotate(image, self._turn), dtype=np.uint8)


class DecodedFrame(Frame):
    """A frame whose image is made when it is first asked for, and then kept instead of what was decoded.

    Copies of it, by `dataclasses.replace`, `copy` or `pickle`, are made with the image.
    """

    _decoded: VideoFrame | None = None
    _converter: Converter

    @classmethod
    def of(cls, decoded: VideoFrame, converter: Converter, index: int, time: float) -> DecodedFrame:
        """Return a frame without its image."""
        frame = cls.__new__(cls)
        for name, value in (("_decoded", decoded), ("_converter", converter), ("index", index), ("time", time)):
            object.__setattr__(frame, name, value)
        return frame

    def __getattr__(self, name: str) -> Any:
        """Make the image: Python looks here for what is not there."""
        if name == "image" and self._decoded is not None:
            with self._converter.lock:
                if self._decoded is not None:  # else another thread has made it
                    object.__setattr__(self, "image", self._converter.image(self._decoded))
                    object.__setattr__(self, "_decoded", None)
        return object.__getattribute__(self, name)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the image [pixels]."""
        return super().size if self._decoded is None else self._converter.size

    def shrunk(self, factor: int) -> NDArray[np.uint8]:
        """Return the image (H // factor, W // factor, 3) of which each `factor` x `factor` pixels are their mean."""
        decoded = self._decoded  # it may be gone any time
        if decoded is None or factor % 2 or self.size[0] % factor or self.size[1] % factor:
            return super().shrunk(factor)
        return self._converter.shrunk(decoded, factor)
