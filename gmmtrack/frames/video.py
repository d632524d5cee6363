"""VideoFile: the frames of a video file, or of a video on a web server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from gmmtrack.errors import SourceError
from gmmtrack.frames.conversion import Converter
from gmmtrack.frames.decoding import Decoder, count_frames, file_address, open_video, rescue_tail
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.source import FrameSource
from gmmtrack.frames.stamps import Stamps
from gmmtrack.frames.video_sample import sample_video

_DEFAULT_RATE = 25.0  # [Hz] where the container knows none
_TIMEOUT = 10.0  # [s] without an answer from a web server
_MOST_RATE = 1000.0  # [Hz] a container that says this or more gives the tick of its clock
_SHORT_SHARE = 0.9  # a video that ends before this share of its announced duration was cut off


class VideoFile(FrameSource):
    """The frames of a video, with the times that the container gives them.

    Parameters
    ----------
    path : str or Path
        A file, or a URL of one.
    frame_rate : float, optional
        [Hz] Replaces the time stamps: frame i is at i / frame_rate.

    Raises
    ------
    SourceError
        If it is missing, empty, not a video, or none of its frames decodes.
    """

    repeats = True

    def __init__(self, path: str | os.PathLike[str], *, frame_rate: float | None = None) -> None:
        self._path = path
        self._address, name = _located(path)
        container, stream = open_video(self._address, name, timeout=_TIMEOUT)
        rate = frame_rate or video_rate(stream)
        self._period = 1 / (rate or _DEFAULT_RATE)
        self._given_rate = frame_rate
        self._duration = video_duration(container, stream)
        n_frames = count_frames(container, stream)
        self._n_declared = n_frames
        estimate = round(self._duration / self._period) if self._duration and not frame_rate else None
        super().__init__(
            name, n_frames=n_frames or estimate, n_frames_estimated=not n_frames and bool(estimate), frame_rate=rate
        )
        self._container = container
        self._decoder = Decoder(container, stream)
        self._converter = Converter()
        self._open_first()

    def _open_first(self) -> None:
        """Decode the first frame, which alone knows the size and whether there is anything to see."""
        frames = self._read()
        try:
            first = next(frames)
        except StopIteration:
            self.close()
            raise SourceError(f"{self.name} has no frame that decodes") from None
        self.size = first.size[::-1]
        self._frames = chain([first], frames)

    def _read(self) -> Iterator[Frame]:
        stamps = Stamps(self._period)
        decoded = chain(self._decoder.frames(), rescue_tail(self._address, self.name, self._decoder))
        time = 0.0
        for index, frame in enumerate(decoded):
            time = stamps.time(None if self._given_rate else self._decoder.stamp(frame))
            self.n_bad = self._decoder.n_errors
            yield self._converter.frame(frame, index, time)
        self._conclude(time)
        self._container.close()

    def _conclude(self, last_time: float) -> None:
        """Count what did not decode, and say so."""
        decoder = self._decoder
        n_lost = max(0, self._n_declared - decoder.n_packets)
        if not self._n_declared and self._duration and not self._given_rate:
            n_lost = self._n_cut_off(last_time + self._period, self._duration)
        # where nothing broke, packets without a frame are meant so (two fields of one frame, hidden references)
        n_broken = max(decoder.n_errors, decoder.n_packets - decoder.n_frames) if decoder.n_errors else 0
        self.n_bad = n_broken + n_lost
        complaints = []
        if self.n_bad:
            complaints.append(f"{self.n_bad} of {decoder.n_frames + self.n_bad} frames are missing or did not decode")
        if decoder.n_damaged:
            complaints.append(f"frames given in spite of damage: {decoder.n_damaged}")
        if self._converter.n_rescaled:
            complaints.append(f"frames of another size, rescaled: {self._converter.n_rescaled}")
        if complaints:
            self.problem = f"{self.name}: {'; '.join(complaints)}"

    def _n_cut_off(self, end: float, duration: float) -> int:
        """Return about how many frames are missing from a video without a count that ends too early."""
        return round((duration - end) / self._period) if end < _SHORT_SHARE * duration else 0

    def _sample(self, n: int) -> Iterator[Frame]:
        return sample_video(self._address, self.name, n, self._period, self._given_rate)

    def again(self) -> VideoFile:
        return VideoFile(self._path, frame_rate=self._given_rate)

    def close(self) -> None:
        super().close()
        self._container.close()


def _located(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Return FFmpeg's address of a video and the name for people; SourceError if there cannot be one."""
    if isinstance(path, str) and "://" in path:
        return path, path
    path = Path(path)
    if not path.exists():
        raise SourceError(f"no such file: {path}")
    if path.is_file() and path.stat().st_size == 0:
        raise SourceError(f"{path} is empty")
    return file_address(path), str(path)


def video_rate(stream: VideoStream) -> float | None:
    """Return the mean frame rate [Hz], or None where the container does not know."""
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate is not None and 0 < rate < _MOST_RATE:
            return float(rate)
    return None


def video_duration(container: InputContainer, stream: VideoStream) -> float | None:
    """Return how long the video is said to be [s], or None where nobody knows."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        return container.duration / 1e6
    return None
