"""Archives: named arrays in a .npz file, with what they are of and a version."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError, OutputError, SourceError

T = TypeVar("T")
Parts = dict[str, NDArray[Any]]
StrPath = str | os.PathLike[str]


def write_archive(path: StrPath, parts: Mapping[str, NDArray[Any]], version: int) -> None:
    """Write named arrays; the file that was there is replaced only once the new one is whole.

    OutputError where it cannot be written; ArgumentError where `path` is none.
    """
    check_path(path)
    partial = Path(f"{path}.part")
    try:
        with open(partial, "wb") as file:
            np.savez(file, allow_pickle=False, format=np.array(version), **parts)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None


def read_archive(path: StrPath, what: str, version: int, restore: Callable[[Parts], T]) -> T:
    """Return what `restore` makes of the arrays that `write_archive` wrote.

    what: the file should hold, for the message · SourceError where it cannot be read, ArgumentError where it is of
    another version or holds something else, or where `path` is none
    """
    check_path(path)
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            if int(file["format"]) != version:
                raise ArgumentError(f"{path} must be of format {version}, got {int(file['format'])}")
            return restore({name: file[name] for name in file.files})
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from None
    except (ArgumentError, KeyError, TypeError, ValueError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        reason = "" if not isinstance(error, ArgumentError) else f": {error}"
        raise ArgumentError(f"{path} must be {what} that save() wrote{reason}") from None


def check_path(path: object) -> None:
    """Raise ArgumentError unless `path` is one; a number would be taken for a file that is open."""
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentError(f"path must be a str or Path, got {path!r}")


def within(name: str, parts: Mapping[str, NDArray[Any]]) -> Parts:
    """Return parts under a name of their own, to be taken out again by `part_of`."""
    return {f"{name}.{key}": array for key, array in parts.items()}


def part_of(name: str, parts: Mapping[str, NDArray[Any]]) -> Parts:
    """Return those parts that `within` put under a name."""
    return {key.removeprefix(f"{name}."): array for key, array in parts.items() if key.startswith(f"{name}.")}
