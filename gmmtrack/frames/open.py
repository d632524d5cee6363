"""open_source: whatever a caller has, as a source of frames."""

from __future__ import annotations

import glob
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.frames.arrays import Arrays
from gmmtrack.frames.camera import Camera
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.images import ImageFiles, image_folder, image_glob, is_image
from gmmtrack.frames.source import FrameSource
from gmmtrack.frames.stream import LiveStream
from gmmtrack.frames.video import VideoFile

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def open_source(
    source: str | os.PathLike[str] | int | Iterable[Any] | FrameSource, *, frame_rate: float | None = None
) -> FrameSource:
    """Return a source of frames from a path, a folder, a glob, a camera index, a URL, an array or any iterable.

    Parameters
    ----------
    source : str, Path, int, (N, H, W, 3) uint8, iterable of images or of Frame, or FrameSource
        A video or image file; a folder or glob of images, in natural order; a camera index, also as a string of
        digits; a URL (rtsp://, http://, file://, ...); arrays. A FrameSource is returned as it is.
    frame_rate : float, optional
        [Hz] When to say that frames were taken: files, folders and arrays are then timed by it alone, a camera is
        asked for it. Without it videos keep their time stamps, and folders and arrays run at 25 Hz.

    Raises
    ------
    SourceError
        If it cannot be opened.
    ArgumentError
        If it is nothing that frames can come from, or the rate is out of bounds.
    """
    if frame_rate is not None and not (isinstance(frame_rate, (int, float)) and 0 < frame_rate < math.inf):
        raise ArgumentError(f"frame_rate must be > 0 Hz, got {frame_rate!r}")
    if isinstance(source, FrameSource):
        return source
    if isinstance(source, (int, np.integer)) and not isinstance(source, bool):
        return _camera(int(source), frame_rate)
    if isinstance(source, (str, os.PathLike)):
        return _open_named(os.fspath(source), frame_rate)
    if isinstance(source, Iterable) and not isinstance(source, (bytes, Frame)):
        return Arrays(source, frame_rate=frame_rate)
    kinds = "a path, a camera index, a URL, an array or an iterable of images"
    raise ArgumentError(f"source must be {kinds}, got {source!r}")


def _camera(index: int, frame_rate: float | None) -> FrameSource:
    if index < 0:
        raise ArgumentError(f"camera index must be >= 0, got {index}")
    return Camera(index, frame_rate=frame_rate)


def _open_named(name: str, frame_rate: float | None) -> FrameSource:
    if not name:
        raise SourceError("no such file: the name is empty")
    if name.lower().startswith("file://"):
        name = url2pathname(urlsplit(name).path)
    elif _URL.match(name):
        return _open_url(name, frame_rate)
    path = Path(name).expanduser()
    if path.is_dir():
        return image_folder(path, frame_rate=frame_rate)
    if path.exists():
        if is_image(path):
            return ImageFiles([path], str(path), frame_rate=frame_rate)
        return VideoFile(path, frame_rate=frame_rate)
    if name.isascii() and name.isdigit():
        return _camera(int(name), frame_rate)
    if glob.has_magic(name):
        return image_glob(str(path), frame_rate=frame_rate)
    raise SourceError(f"no such file or folder: {name}")


def _open_url(url: str, frame_rate: float | None) -> FrameSource:
    """Return a video on a web server as a file, for it has a beginning and an end; all else is live."""
    if url.lower().startswith(("http://", "https://")):
        video = VideoFile(url, frame_rate=frame_rate)
        if video.n_frames is not None:
            return video
        video.close()
    if frame_rate is not None:
        raise ArgumentError(f"frame_rate must be None for a live stream, whose times are the clock's, got {frame_rate}")
    return LiveStream(url)
