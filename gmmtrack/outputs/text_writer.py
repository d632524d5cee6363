"""A text file that is complete up to the last whole frame, whatever happens to the process."""

import contextlib
import os
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from gmmtrack.errors import OutputError
from gmmtrack.outputs.destination import cannot_write, check_file
from gmmtrack.outputs.result import Result


class TextWriter(ABC):
    """Writes some lines of text a frame, in one call to the system: a frame is in the file as a whole or not at all.

    The file is made, or an earlier one replaced, with the first frame; without one, nothing is touched.
    """

    header = ""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = check_file(path)
        self._file: int | None = None
        self._closed = False

    @abstractmethod
    def lines(self, result: Result) -> str:
        """Return the lines of one frame, each with its line end; there may be none."""

    def write(self, result: Result) -> None:
        """Append one frame's lines; OutputError where the disk is full or the file is gone."""
        if self._closed:
            raise OutputError(f"cannot write {self.path}: it is closed")
        if self._file is None:
            self._file = self._open()
            self._append(self._file, self.header + self.lines(result))
        else:
            self._append(self._file, self.lines(result))

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._closed = True
        file, self._file = self._file, None
        if file is None:
            return
        try:
            os.close(file)
        except OSError as error:  # a network drive may tell only now that it is full
            raise cannot_write(self.path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _append(self, file: int, text: str) -> None:
        rest = memoryview(text.encode())
        written = 0
        try:
            while written < len(rest):
                written += os.write(file, rest[written:])
        except OSError as error:
            self._take_back(file, written)
            raise cannot_write(self.path, error) from error

    def _take_back(self, file: int, n_bytes: int) -> None:
        """Cut off the part of a frame that still found room on a full disk."""
        with contextlib.suppress(OSError):  # a pipe cannot be cut
            os.ftruncate(file, os.lseek(file, 0, os.SEEK_CUR) - n_bytes)
            os.lseek(file, 0, os.SEEK_END)
