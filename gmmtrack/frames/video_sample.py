"""Frames drawn evenly over a whole video, at the least cost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gmmtrack.frames.conversion import Converter
from gmmtrack.frames.decoding import Decoder, open_video
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.sampling import even_positions
from gmmtrack.frames.stamps import Stamps

_SHORT = 1000  # [frames] so few are decoded as fast as key frames are found
_MANY = 8  # times as many frames as are wanted: then those that no other frame needs can be left out


def sample_video(address: str, name: str, n: int, period: float, frame_rate: float | None) -> Iterator[Frame]:
    """Yield at most `n` frames drawn evenly over the video at `address`.

    In a long video key frames, where at least n / 2 of them are spread over it: each costs one seek and one decoded
    frame. Else frames of equal distance: all are decoded, where there are many but for those that no other
    frame needs, and only they are converted.

    period: [s] between frames · frame_rate: [Hz] if given, times are index / frame_rate
    """
    container, stream = open_video(address, name)
    with container:
        long = _length(container, stream) * (stream.time_base or 0) > _SHORT * period
        keys = _find_keys(container, stream, n) if long else []
        if keys and 2 * len(keys) >= n:
            taken = _take_keys(container, stream, keys, period)
        else:
            taken = _take_every(address, name, n, period)
        converter = Converter(copies=True)  # many are kept
        for index, time, frame in taken:
            yield converter.frame(frame, index, index / frame_rate if frame_rate else time)


def _find_keys(container: InputContainer, stream: VideoStream, n: int) -> list[int]:
    """Return the time stamps of the key frames before `n` evenly spread times, each once; decodes nothing."""
    length = _length(container, stream)
    start = stream.start_time or 0
    keys: list[int] = []
    for target in even_positions(length, n) if length else ():
        packet = _seek(container, stream, start + target)
        if packet is not None and packet.pts is not None and packet.pts not in keys:
            keys.append(packet.pts)
    return keys


def _length(container: InputContainer, stream: VideoStream) -> int:
    """Return how long the video is in ticks of its time base, 0 where nobody knows."""
    if stream.duration or not container.duration or not stream.time_base:
        return stream.duration or 0
    return round(container.duration / 1_000_000 / stream.time_base)


def _seek(container: InputContainer, stream: VideoStream, pts: int) -> Packet[Any] | None:
    """Return the packet of the last key frame not after `pts`, or None where there is no way to it."""
    try:
        container.seek(pts, stream=stream)
        return next((packet for packet in container.demux(stream) if packet.is_keyframe and packet.size), None)
    except av.error.FFmpegError:
        return None


def _take_keys(
    container: InputContainer, stream: VideoStream, keys: list[int], period: float
) -> Iterator[tuple[int, float, VideoFrame]]:
    """Yield index, time [s] and frame at each key frame."""
    assert stream.time_base is not None
    for pts in keys:
        packet = _seek(container, stream, pts)
        for frame in _decode_alone(stream, packet) if packet is not None else ():
            time = float((pts - (stream.start_time or 0)) * stream.time_base)
            yield round(time / period), time, frame


def _decode_alone(stream: VideoStream, packet: Packet[Any]) -> list[VideoFrame]:
    """Return the frame of a key packet, which needs no other, or nothing if it is broken."""
    try:
        stream.codec_context.flush_buffers()
        return [*stream.codec_context.decode(packet), *stream.codec_context.decode(None)][:1]
    except av.error.FFmpegError:
        return []
    finally:
        stream.codec_context.flush_buffers()


def _take_every(address: str, name: str, n: int, period: float) -> Iterator[tuple[int, float, VideoFrame]]:
    """Yield index, time [s] and frame of `n` of all frames, or of those that come after them."""
    shown = _shown(address, name)
    place = {pts: index for index, pts in enumerate(sorted(pts for pts in shown if pts is not None))}
    container, stream = open_video(address, name)
    leaves_out = len(shown) >= _MANY * n and len(place) == len(shown)
    if leaves_out:
        stream.codec_context.skip_frame = "NONREF"
    with container:
        stamps = Stamps(period)
        decoder = Decoder(container, stream)
        wanted = deque(even_positions(len(shown), n))
        for number, frame in enumerate(decoder.frames()):
            time = stamps.time(decoder.stamp(frame))
            index = place.get(frame.pts or 0, number) if leaves_out else number
            if wanted and index >= wanted[0]:
                while wanted and index >= wanted[0]:
                    wanted.popleft()
                yield index, time, frame


def _shown(address: str, name: str) -> list[int | None]:
    """Return the time stamps of the frames there are to decode; the header of a truncated video would say more."""
    container, stream = open_video(address, name)
    with container:
        packets = Decoder(container, stream).packets()
        return [packet.pts for packet in packets if packet.size and not packet.is_discard]
