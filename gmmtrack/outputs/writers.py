"""Several outputs at once."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from gmmtrack.errors import ArgumentError, OutputError
from gmmtrack.outputs.csv_writer import CsvWriter
from gmmtrack.outputs.drawing import DrawingSettings
from gmmtrack.outputs.json_lines_writer import JsonLinesWriter
from gmmtrack.outputs.masks import MaskWriter
from gmmtrack.outputs.mot import MotWriter
from gmmtrack.outputs.result import Result
from gmmtrack.outputs.video import VideoWriter
from gmmtrack.outputs.writer import Writer

StrPath = str | os.PathLike[str]

KINDS = ("video", "mot", "csv", "jsonl", "masks")
NEED_IMAGES = ("video", "masks")  # the others write what is known of the tracks alone


class Writers:
    """Several outputs at once; all are closed, whichever of them fails."""

    def __init__(self, writers: tuple[Writer, ...] = ()) -> None:
        self.writers = writers

    def write(self, result: Result) -> None:
        """Write one frame's result to each."""
        for writer in self.writers:
            writer.write(result)

    def close(self) -> None:
        """Close each; raise the first OutputError when all are closed."""
        with contextlib.ExitStack() as stack:
            for writer in self.writers:
                stack.callback(writer.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_writer(kind: str, path: StrPath, *, drawing: DrawingSettings | None = None) -> Writer:
    """Return the writer of a `kind` of output ("video", "mot", "csv", "jsonl", "masks") to `path`.

    ArgumentError for another kind; OutputError where `path` cannot be written.
    """
    match kind:
        case "video":
            return VideoWriter(path, settings=drawing)
        case "mot":
            return MotWriter(path)
        case "csv":
            return CsvWriter(path)
        case "jsonl":
            return JsonLinesWriter(path)
        case "masks":
            return MaskWriter(path)
    raise ArgumentError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")


def open_writers(
    paths: Mapping[str, StrPath | None], *, source: object = None, drawing: DrawingSettings | None = None
) -> Writers:
    """Return writers for `paths`, kinds of output and where each goes (None: nowhere).

    Nothing is written or replaced before the first frame. OutputError where one cannot be written, where two go to the
    same file, or where one would replace `source`, the video that is read.
    """
    wanted = {kind: Path(path) for kind, path in paths.items() if path is not None}
    taken = {Path(source).resolve(): "it is the source"} if isinstance(source, (str, os.PathLike)) else {}
    for kind, path in wanted.items():
        if path.resolve() in taken:
            raise OutputError(f"cannot write {path} as {kind}: {taken[path.resolve()]}")
        taken[path.resolve()] = f"{kind} goes there too"
    return Writers(tuple(open_writer(kind, path, drawing=drawing) for kind, path in wanted.items()))
