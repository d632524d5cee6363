"""KeptMasks: the masks of a clip and the colours of what they show, put by until they are asked for."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import OutputError

Plane = NDArray[np.uint8]

_HEAD = struct.Struct("<IIII")  # height, width, bytes of the mask and of the colours
_IN_MEMORY = 64 << 20  # [bytes] beyond which they go into a temporary file


class KeptMasks:
    """The masks of a clip and the colours of its blobs, put by in the order in which they come.

    They are kept as runs of equal pixels, compressed, on disk once they are many. `close` throws them away. OutputError
    where the disk for temporary files is full.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - it is closed with this object
        self._places = [0]  # in the file, where each frame's begin

    def add(self, mask: Plane, colors: Plane) -> None:
        """Put one mask (H, W) and colours (H, W) by."""
        parts = _packed(mask), _packed(colors)
        head = _HEAD.pack(*mask.shape, len(parts[0]), len(parts[1]))
        try:
            self._file.seek(self._places[-1])
            self._file.write(b"".join((head, *parts)))
        except OSError as error:
            raise OutputError(f"cannot keep masks in a temporary file: {error.strerror or error}") from error
        self._places.append(self._places[-1] + len(head) + sum(map(len, parts)))

    def __len__(self) -> int:
        return len(self._places) - 1

    def __iter__(self) -> Iterator[Plane]:
        """Yield every mask, in the order in which they came."""
        for frame in range(len(self)):
            size, mask, _ = self._read(frame)
            yield _unpacked(mask, size)

    def __reversed__(self) -> Iterator[tuple[Plane, Plane]]:
        """Yield every mask and its colours, the last ones first."""
        for frame in reversed(range(len(self))):
            size, mask, colors = self._read(frame)
            yield _unpacked(mask, size), _unpacked(colors, size)

    def close(self) -> None:
        """Throw them away; a second call does nothing."""
        self._file.close()

    def _read(self, frame: int) -> tuple[tuple[int, int], bytes, bytes]:
        self._file.seek(self._places[frame])
        height, width, n_mask, n_colors = _HEAD.unpack(self._file.read(_HEAD.size))
        return (height, width), self._file.read(n_mask), self._file.read(n_colors)


def _packed(plane: Plane) -> bytes:
    """Return the runs of equal pixels of a plane (H, W): their values, and then their lengths."""
    pixels = plane.reshape(-1)
    starts = np.append(0, np.flatnonzero(pixels[1:] != pixels[:-1]) + 1)
    lengths = np.diff(starts, append=len(pixels)).astype(np.uint32)
    return zlib.compress(pixels[starts].tobytes() + lengths.tobytes(), 1)


def _unpacked(packed: bytes, size: tuple[int, int]) -> Plane:
    """Return the plane (H, W) of a size that was packed."""
    runs = zlib.decompress(packed)
    n_runs = len(runs) // 5
    return np.repeat(np.frombuffer(runs, np.uint8, n_runs), np.frombuffer(runs, np.uint32, offset=n_runs)).reshape(size)
