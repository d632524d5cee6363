"""Where a file is going to be written: checked before any work is done, and without touching what is there."""

import contextlib
import os
import stat
from pathlib import Path

from gmmtrack.errors import OutputError


def check_file(path: str | os.PathLike[str]) -> Path:
    """Return `path` if a file can be written there; raise OutputError if not.

    Nothing is left behind and what is already there is not changed, so a run that fails early costs no earlier result.
    """
    path = Path(path)
    _check_parent(path)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        _try(path, os.O_CREAT | os.O_EXCL)
        path.unlink()
        return path
    except OSError as error:
        raise cannot_write(path, error) from error
    if stat.S_ISDIR(mode):
        raise OutputError(f"cannot write {path}: it is a folder")
    if stat.S_ISREG(mode):
        _try(path, 0)
    elif not os.access(path, os.W_OK):  # opening a pipe would block until somebody reads it
        raise OutputError(f"cannot write {path}: permission denied")
    return path


def check_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder `path` if files can be written into it, or it can be made; raise OutputError if not."""
    path = Path(path)
    _check_parent(path)
    if path.exists() and not path.is_dir():
        raise OutputError(f"cannot write into {path}: it is not a folder")
    is_new = not path.exists()
    try:
        path.mkdir(exist_ok=True)
        probe = path / f".gmmtrack-{os.getpid()}"
        probe.touch()
        probe.unlink()
        if is_new:
            path.rmdir()
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def cannot_write(path: Path, error: OSError) -> OutputError:
    """Return the OutputError, one line, for what the system says of `path`."""
    reason = (error.strerror or str(error) or type(error).__name__).strip()
    return OutputError(f"cannot write {path}: {reason[:1].lower()}{reason[1:]}")


def _check_parent(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.parent.is_dir():
            return
    raise OutputError(f"cannot write {path}: the folder {path.parent} does not exist")


def _try(path: Path, flags: int) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | flags, 0o666))
    except OSError as error:
        raise cannot_write(path, error) from error
