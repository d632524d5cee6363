"""Packets of a video to decoded frames, however damaged it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Literal

import av
import av.container
import av.error
import av.packet
import av.stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gmmtrack.errors import SourceError

# PyAV 19 replaces what is not UTF-8 in a title by itself, and no longer has the word for it
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
_NOT_VIDEO = {"tty", "bin", "xbin", "adf", "idf"}  # what FFmpeg draws from text files
_MOST_READ_ERRORS = 100  # damage may break reading many times over; a broken disk would for ever
_AVINDEX_DISCARD_FRAME = 2


def open_video(
    address: str, name: str, *, options: dict[str, str] | None = None, timeout: float | None = None
) -> tuple[av.container.InputContainer, VideoStream]:
    """Return the opened container at `address` (as FFmpeg knows it) and its video stream; SourceError in one line."""
    try:
        container = av.open(address, "r", options=options or {}, timeout=timeout, **_LENIENT)
    except av.error.InvalidDataError:
        raise SourceError(f"{name} is not a video, or is damaged from the start") from None
    except (av.error.FFmpegError, OSError) as error:
        raise SourceError(f"{name} cannot be opened: {_reason(error)}") from None
    pictures = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & pictures]
    if container.format.name in _NOT_VIDEO or not streams:
        container.close()
        raise SourceError(f"{name} has no video in it")
    if getattr(streams[0], "codec_context", None) is None:
        container.close()
        raise SourceError(f"{name} is in a format for which there is no decoder")
    return container, streams[0]


def _reason(error: Exception) -> str:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words).lower()


def file_address(path: str | os.PathLike[str]) -> str:
    """Return how FFmpeg names a file, so that a colon or per cent sign in its name has no meaning."""
    return f"file:{os.fspath(path)}"


def count_frames(container: av.container.InputContainer, stream: VideoStream) -> int:
    """Return how many frames the container says it has, or 0 where it does not say.

    The header also counts what is not shown, which only the index knows: ticks without a frame in an AVI, and samples
    that an edit list of an MP4 hides or drops.
    """
    index = getattr(stream, "index_entries", ())  # PyAV has it from version 17 on
    n_entries = len(index)
    if not n_entries:
        return stream.frames
    if container.format.name == "avi":
        # the index of a truncated file ends early: the rest is taken to be as dense as what it covers
        return stream.frames * n_entries // max(n_entries, int(index[n_entries - 1].timestamp) + 1)
    if "mov" in container.format.name:
        return min(stream.frames, sum(1 for entry in index if not entry.flags & _AVINDEX_DISCARD_FRAME))
    return stream.frames


class Decoder:
    """Decodes one pass over an opened video and counts what does not decode."""

    def __init__(
        self,
        container: av.container.InputContainer,
        stream: VideoStream,
        threading: Literal["AUTO", "SLICE"] = "AUTO",
    ) -> None:
        self.container = container
        self.stream = stream
        self.n_packets = 0  # that are meant to be shown
        self.n_frames = 0
        self.n_errors = 0
        self.n_damaged = 0  # frames that came out with holes filled in
        self.last_pts: int | None = None
        stream.thread_type = threading

    def frames(self) -> Iterator[VideoFrame]:
        """Yield every frame that decodes, from where the container stands to its end."""
        for packet in self.packets():
            self.n_packets += not packet.is_discard
            if packet.size > 0:  # an empty one, a frame left out, would tell the decoder that the video is over
                yield from self._decode(packet)
        yield from self._decode(None)

    def stamp(self, frame: VideoFrame) -> float | None:
        """Return the time stamp of a frame [s], or None; PyAV's own `frame.time` fails for the last frames."""
        if frame.pts is None or self.stream.time_base is None:
            return None
        return float(frame.pts * self.stream.time_base)

    def packets(self) -> Iterator[av.packet.Packet[Any]]:
        """Yield the packets of the stream, going on where reading fails."""
        for _ in range(_MOST_READ_ERRORS):
            try:
                for packet in self.container.demux(self.stream):
                    if packet.size > 0 or packet.dts is not None:  # the rest is PyAV's mark of the end
                        yield packet
                return
            except av.error.FFmpegError:
                continue

    def _decode(self, packet: av.packet.Packet[Any] | None) -> Iterator[VideoFrame]:
        try:
            frames = self.stream.codec_context.decode(packet)
        except av.error.FFmpegError:
            self.n_errors += 1
            return
        for frame in frames:
            self.n_frames += 1
            self.n_damaged += frame.is_corrupt
            self.last_pts = frame.pts if frame.pts is not None else self.last_pts
            yield frame


def rescue_tail(address: str, name: str, decoder: Decoder) -> Iterator[VideoFrame]:
    """Yield the frames after the last one that `decoder` gave, and add them and the errors met to its counts.

    Decoding in several threads, FFmpeg forgets up to one frame a thread when the last packets are broken; a second
    reader without frame threads, started at the key frame before, still finds them.
    """
    if decoder.last_pts is None or decoder.n_frames + decoder.n_errors >= decoder.n_packets:
        return
    container, stream = open_video(address, name)
    with container:
        again = Decoder(container, stream, "SLICE")
        try:
            container.seek(decoder.last_pts, stream=stream)
        except av.error.FFmpegError:
            return
        last = decoder.last_pts
        for frame in again.frames():
            if frame.pts is not None and frame.pts > last:
                decoder.n_frames += 1
                yield frame
        # the same broken packets may have been met twice
        decoder.n_errors = max(decoder.n_errors, again.n_errors)
