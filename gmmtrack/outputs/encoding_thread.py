"""Encoding beside the tracking: a thread that takes images from a short queue."""

import os
import queue
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import OutputError
from gmmtrack.outputs.destination import check_file
from gmmtrack.outputs.encoder import Encoder, check_suffix

_LONGEST_QUEUE = 4  # frames; as many, and two on their way, are lost when the process is killed

Image = NDArray[np.uint8]


class EncodingThread:
    """Paints and encodes images in a thread of its own, in order; the caller waits only when it is 4 frames ahead.

    The file is made, or an earlier one replaced, with the first image; without one, nothing is touched.
    """

    def __init__(self, path: str | os.PathLike[str], crf: int = 23) -> None:
        self.path = check_file(path)
        check_suffix(self.path)
        self._crf = crf
        self._queue: queue.Queue[tuple[Callable[[], Image], float] | None] = queue.Queue(_LONGEST_QUEUE)
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._closed = False

    def add(self, paint: Callable[[], Image], time: float) -> None:
        """Encode what `paint` returns, shown from `time` [s] on; raise what went wrong with earlier ones."""
        if self._closed:
            raise OutputError(f"cannot write {self.path}: it is closed")
        self._raise()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"encode {self.path.name}", daemon=True)
            self._thread.start()
        self._queue.put((paint, time))

    def close(self) -> None:
        """Wait for what is queued, finish the file, and raise what went wrong; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error, self._closed = self._error, None, True
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
            raise error

    def _run(self) -> None:
        encoder: Encoder | None = None
        try:
            while (item := self._queue.get()) is not None:
                paint, time = item
                image = paint()
                encoder = encoder or Encoder(self.path, image, self._crf)
                encoder.add(image, time)
            if encoder is not None:
                encoder.close()
        except BaseException as error:  # raised again where the caller can see it
            self._error = error
            if encoder is not None:
                encoder.abandon()
            if item is not None:
                self._drain()

    def _drain(self) -> None:
        """Take what still comes, so that the caller does not wait for ever before it learns of the error."""
        while self._queue.get() is not None:
            pass
