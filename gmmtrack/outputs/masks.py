"""Masks as a folder of PNG images or as a video, told apart by the path."""

import os
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import OutputError
from gmmtrack.outputs.destination import cannot_write, check_folder
from gmmtrack.outputs.encoder import is_video
from gmmtrack.outputs.encoding_thread import EncodingThread
from gmmtrack.outputs.result import Result

_CRF = 12  # masks are for measuring with: 255, 127 and 0 stay apart by far


class MaskWriter:
    """Writes masks: to a video if `path` ends like one, else to a folder as mask000001.png, mask000002.png, ...

    0 background, 127 shadow, 255 foreground; exact in the images, close to it in a video. Images count from 1 and
    replace those of the same name; the folder is made if the one above it exists.
    OutputError where `path` cannot be written: at birth if it can be known; ArgumentError for an unknown kind of video.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._closed = False
        self._encoding = EncodingThread(path, _CRF) if is_video(self.path) else None
        if self._encoding is None:
            check_folder(path)

    def write(self, result: Result) -> None:
        """Write one frame's mask."""
        if self._closed:
            raise OutputError(f"cannot write into {self.path}: it is closed")
        if self._encoding is not None:
            self._encoding.add(partial(_as_color, result.mask.copy()), result.frame.time)
        else:
            self._write_image(result)

    def close(self) -> None:
        """Finish; a second call does nothing."""
        self._closed = True
        if self._encoding is not None:
            self._encoding.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write_image(self, result: Result) -> None:
        data = cv2.imencode(".png", result.mask, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
        path = self.path / f"mask{result.frame.index + 1:06d}.png"
        part = path.with_suffix(".part")
        try:
            self.path.mkdir(exist_ok=True)
            part.write_bytes(data.tobytes())
            part.replace(path)  # a name that ends in .png is always a whole image
        except OSError as error:
            part.unlink(missing_ok=True)
            raise cannot_write(path, error) from error


def _as_color(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.cvtColor(mask, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
