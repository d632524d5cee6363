"""Pictures as decoders give them, in planes of luma and chroma: made smaller first, and then converted."""

from __future__ import annotations

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from gmmtrack.frames.shrinking import shrunk

_HALVED_CHROMA = ("yuv420p", "yuvj420p")  # bytes: luma for each pixel, chroma for two by two
_SIDE = 256  # [pixels] of the picture that tells how FFmpeg converts


def has_planes(frame: VideoFrame) -> bool:
    """Tell whether a frame is in planes of bytes, chroma half as wide and high as luma."""
    return frame.format.name in _HALVED_CHROMA and all(plane.line_size > 0 for plane in frame.planes)


def shrunk_planes(frame: VideoFrame, factor: int, matrix: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a frame that has planes as (H / factor, W / factor, 3) uint8 BGR, each pixel the mean of those it covers.

    factor: even, divides both sides · matrix: of `color_matrix`
    """
    from gmmtrack.frames.kernels import mix  # the compiler is not loaded by who only reads frames

    luma = shrunk(_values(frame.planes[0]), factor)
    cb, cr = (np.ascontiguousarray(shrunk(_values(plane), factor // 2)) for plane in frame.planes[1:])
    colors = np.empty((3, *luma.shape), np.uint8)
    mix(luma, cb, cr, matrix, colors)
    return np.asarray(cv2.merge(list(colors)), np.uint8)


def color_matrix(frame: VideoFrame) -> NDArray[np.float32]:
    """Return the matrix (3, 4) by which FFmpeg makes B, G and R of luma, cb, cr and 1, for frames tagged as this one.

    It is fitted to a picture: what FFmpeg makes of tags, and how it rounds, is its own and its version's.
    """
    picture = VideoFrame(_SIDE, _SIDE, frame.format.name)
    picture.colorspace, picture.color_range = frame.colorspace, frame.color_range
    row, column = np.indices((_SIDE, _SIDE)).astype(np.uint8)
    # of every level, the same chroma for two by two, and smooth, for it may be interpolated
    luma, cb, cr = 5 * row + 9 * column, column // 2 * 2, row // 2 * 2
    for plane, values in zip(picture.planes, (luma, cb[::2, ::2], cr[::2, ::2]), strict=True):
        _values(plane)[:] = values
    bgr = VideoReformatter().reformat(picture, format="bgr24").to_ndarray()
    kept = ((bgr > 0) & (bgr < 255)).all(axis=2)  # of the rest, colours may be cut off
    terms = np.column_stack([luma[kept], cb[kept], cr[kept], np.ones(kept.sum())])
    matrix = np.linalg.lstsq(terms, bgr[kept], rcond=None)[0].T
    matrix[:, 3] += 0.5  # for the kernel cuts off fractions
    return np.asarray(matrix, np.float32)


def _values(plane: VideoPlane) -> NDArray[np.uint8]:
    """Return the bytes of a plane (H, W), which stay the decoder's."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)[:, : plane.width]
