"""KeptMasks: the masks of a clip, put by until they are asked for."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import OutputError

_HEAD = struct.Struct("<III")  # height, width, number of runs
_IN_MEMORY = 64 << 20  # [bytes] beyond which they go into a temporary file


class KeptMasks:
    """The masks of a clip, put by in the order in which they come: as runs of equal pixels, on disk once they are many.

    `close` throws them away. OutputError where the disk for temporary files is full.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - it is closed with this object

    def add(self, mask: NDArray[np.uint8]) -> None:
        """Put one mask (H, W) by."""
        pixels = mask.reshape(-1)
        starts = np.append(0, np.flatnonzero(pixels[1:] != pixels[:-1]) + 1)
        try:
            self._file.write(_HEAD.pack(*mask.shape, len(starts)))
            self._file.write(starts.astype(np.uint32).tobytes())
            self._file.write(pixels[starts].tobytes())
        except OSError as error:
            raise OutputError(f"cannot keep masks in a temporary file: {error.strerror or error}") from error

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Yield every mask, in the order in which they came."""
        self._file.seek(0)
        while head := self._file.read(_HEAD.size):
            height, width, n_runs = _HEAD.unpack(head)
            starts = np.frombuffer(self._file.read(4 * n_runs), np.uint32)
            labels = np.frombuffer(self._file.read(n_runs), np.uint8)
            lengths = np.diff(starts, append=np.uint32(height * width))
            yield np.repeat(labels, lengths).reshape(height, width)

    def close(self) -> None:
        """Throw them away; a second call does nothing."""
        self._file.close()
