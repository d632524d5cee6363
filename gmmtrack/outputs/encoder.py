"""An H.264 file that plays up to the last frame written, whatever happens to the process."""

import contextlib
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError, OutputError
from gmmtrack.outputs.destination import cannot_write
from gmmtrack.threads import available_threads

# One fragment a frame: what has been encoded is in the file and can be decoded. On closing, the fragments become an
# ordinary MP4 with one index at its end, so that players know its length and can seek.
_MP4 = {"movflags": "hybrid_fragmented+frag_every_frame", "flush_packets": "1"}
_MATROSKA = {"cluster_time_limit": "100", "flush_packets": "1"}  # [ms] a cluster reaches the file as a whole
_CONTAINERS = {".mp4": _MP4, ".m4v": _MP4, ".mov": _MP4, ".mkv": _MATROSKA}
_OTHERS = (".avi", ".webm", ".wmv", ".flv", ".mpg", ".mpeg", ".ts", ".ogv", ".gif")  # that nobody means as a folder
_TIME_BASE = Fraction(1, 90_000)  # [s] whole ticks at 24, 25, 30 and 29.97 frames/s
_KEY_INTERVAL = 90_000  # [ticks] between pictures that a player can jump to
_BT601, _LIMITED = 6, 1  # the colour conversion that cv2.cvtColor computes, as H.264 numbers it


def check_suffix(path: Path) -> None:
    """Raise ArgumentError unless `path` ends like a video that can be written."""
    if path.suffix.lower() not in _CONTAINERS:
        raise ArgumentError(f"video must end in {', '.join(_CONTAINERS)}, got {str(path)!r}")


def is_video(path: Path) -> bool:
    """Return whether `path` ends like a video, if perhaps one that cannot be written."""
    return path.suffix.lower() in (*_CONTAINERS, *_OTHERS)


class Encoder:
    """Encodes images to a new H.264 file; when `add` returns, all before that image are on the disk and decodable.

    image (H, W, 3) uint8 BGR; odd sizes grow by one replicated row or column, for 4:2:0 colour has no half pixels.
    """

    def __init__(self, path: Path, image: NDArray[np.uint8], crf: int) -> None:
        self.path = path
        self.shape = image.shape
        try:
            self._container = _open(path)
        except OSError as error:
            raise cannot_write(path, error) from error
        self._stream = _add_stream(self._container, image, crf)
        self._ticks = -1  # of the last frame
        self._start = 0.0  # [s]
        self._key_ticks = -_KEY_INTERVAL

    def add(self, image: NDArray[np.uint8], time: float) -> None:
        """Encode `image`, shown from `time` [s] on; the first one is shown from 0 on."""
        if image.shape != self.shape:
            had, got = (f"{shape[1]}x{shape[0]}" for shape in (self.shape, image.shape))
            raise OutputError(f"cannot write {self.path}: frames must keep the size of the first, {had}, got {got}")
        frame = av.VideoFrame.from_ndarray(_planes(image), format="yuv420p")
        frame.pts, frame.time_base = self._next_ticks(time), _TIME_BASE
        if frame.pts - self._key_ticks >= _KEY_INTERVAL:
            self._key_ticks, frame.pict_type = frame.pts, PictureType.I
        self._mux(frame)

    def close(self) -> None:
        """Write what is still in the encoder, and the index."""
        try:
            self._mux(None)
        finally:
            self._close()

    def abandon(self) -> None:
        """Close the file as it is, after an error."""
        with contextlib.suppress(OutputError):
            self._close()

    def _next_ticks(self, time: float) -> int:
        """Return the time stamp for `time`; stamps must grow, whatever a camera's clock does."""
        if self._ticks < 0:
            self._start = time
        self._ticks = max(self._ticks + 1, round((time - self._start) / _TIME_BASE))
        return self._ticks

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _close(self) -> None:
        try:
            self._container.close()
        except OSError as error:
            raise cannot_write(self.path, error) from error


def _open(path: Path) -> OutputContainer:
    # An absolute path, for FFmpeg takes what stands before a colon for a protocol.
    return av.open(str(path.absolute()), "w", options=_CONTAINERS[path.suffix.lower()])


def _add_stream(container: OutputContainer, image: NDArray[np.uint8], crf: int) -> VideoStream:
    # zerolatency: no frame waits in the encoder. superfast: two thirds of the time of veryfast.
    options = {"preset": "superfast", "tune": "zerolatency", "crf": str(crf), "forced-idr": "1"}
    options["sc_threshold"] = "0"  # what changes is small beside a camera that stands still
    stream = container.add_stream("libx264", rate=30, options=options)
    stream.height, stream.width = (size + size % 2 for size in image.shape[:2])
    stream.pix_fmt = "yuv420p"
    codec = stream.codec_context
    codec.time_base = _TIME_BASE
    codec.gop_size = 1_000_000  # key frames come by time, not by count
    # Below a megapixel a second thread costs a third more work and saves no time.
    n_threads = min(4, available_threads()) if image.shape[0] * image.shape[1] > 1_000_000 else 1
    codec.thread_type, codec.thread_count = "SLICE", n_threads
    codec.colorspace = codec.color_primaries = codec.color_trc = _BT601
    codec.color_range = _LIMITED
    return stream


def _planes(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return `image` as (1.5 H, W) planes of brightness and colour, H and W made even."""
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        image = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE).astype(
            np.uint8, copy=False
        )
    planes: NDArray[np.uint8] = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
    return planes
