"""Frames, and where they come from: video files, images, arrays, cameras and streams."""

from gmmtrack.frames.ahead import read_ahead
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.open import open_source
from gmmtrack.frames.source import FrameSource

__all__ = ["Frame", "FrameSource", "open_source", "read_ahead"]
