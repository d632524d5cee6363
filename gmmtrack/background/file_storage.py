"""A MOG2 subtractor in OpenCV's file storage: its parameters under OpenCV's names, and what it has learned.

OpenCV reads the parameters of such a file and passes over the rest; of its own files, the parameters are read here.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.parameters import Parameters
from gmmtrack.background.state import MIXTURES, PixelMixtures, restored
from gmmtrack.errors import ArgumentError

_FORMAT = 3
_NAME = "BackgroundSubtractor.MOG2"
_LEARNED = "learned"


def put_subtractor(
    storage: cv2.FileStorage,
    parameters: Parameters,
    mixtures: PixelMixtures | None,
    n_frames: int,
    dtype: np.dtype[Any],
) -> None:
    """Write the parameters, and what was learned, into the map that is open in `storage`."""
    storage.write("format", _FORMAT)
    storage.write("name", _NAME)
    for name, value in asdict(parameters).items():
        storage.write(name, int(value) if isinstance(value, bool) else value)
    if mixtures is None:
        return
    storage.startWriteStruct(_LEARNED, cv2.FILE_NODE_MAP)
    storage.write("nframes", n_frames)
    storage.write("dtype", dtype.name)
    storage.write("shape", np.array(mixtures.shape, np.int32))
    storage.write("n_components", mixtures.n_components)
    for name in MIXTURES:
        storage.write(name, getattr(mixtures, name).reshape(1, -1))
    storage.endWriteStruct()


def take_subtractor(node: cv2.FileNode) -> tuple[Parameters, PixelMixtures | None, int, np.dtype[Any]]:
    """Return the parameters, the mixtures, the number of frames and the dtype that `put_subtractor` wrote."""
    if not isinstance(node, cv2.FileNode) or not node.isMap() or node.getNode("name").string() != _NAME:
        raise ArgumentError(f"fn must be a node that a BackgroundSubtractorMOG2 wrote, got {_kind(node)}")
    parameters = Parameters(**{item.name: _value(node.getNode(item.name), item.name) for item in fields(Parameters)})
    learned = node.getNode(_LEARNED)
    if learned.empty():
        return parameters, None, 0, np.dtype(np.uint8)
    try:
        n_frames, dtype = int(learned.getNode("nframes").real()), np.dtype(learned.getNode("dtype").string())
        return parameters, _mixtures(learned), n_frames, dtype
    except (TypeError, ValueError, cv2.error) as error:
        raise ArgumentError(
            f"fn must hold what a BackgroundSubtractorMOG2 learned, got a broken node: {error}"
        ) from None


def _mixtures(node: cv2.FileNode) -> PixelMixtures:
    height, width, n_channels = (int(n) for n in _array(node, "shape"))
    empty = PixelMixtures((height, width, n_channels), int(node.getNode("n_components").real()))
    parts = {name: _array(node, name) for name in MIXTURES}
    for name, part in parts.items():
        if part.size != getattr(empty, name).size:
            raise ArgumentError(f"{name} must have {getattr(empty, name).size} elements, got {part.size}")
    shaped = {name: part.reshape(getattr(empty, name).shape) for name, part in parts.items()}
    return restored(empty.shape, shaped)


def _array(node: cv2.FileNode, name: str) -> NDArray[Any]:
    array = node.getNode(name).mat()
    return np.empty(0) if array is None else np.asarray(array).reshape(-1)


def _value(node: cv2.FileNode, name: str) -> Any:
    if node.empty():
        raise ArgumentError(f"fn must hold {name}, got a node without it")
    if name == "detectShadows":
        return bool(node.real())
    return int(node.real()) if node.isInt() else node.real()


def _kind(node: Any) -> str:
    return "another node" if isinstance(node, cv2.FileNode) else type(node).__name__
