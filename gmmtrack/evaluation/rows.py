"""Rows: the boxes of a truth or of tracks, read and checked, whatever they came as."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.outputs.mot import read_mot

# frame from 1, id, x, y, width, height [pixels]: what every MOT row begins with
N_COLUMNS = 6
_CENTRE_COLUMNS = ("frame0", "id", "cx", "cy")


def read_rows(source: str | os.PathLike[str] | ArrayLike, name: str) -> tuple[NDArray[np.float64], bool]:
    """Return (N, >= 6) float64 MOT rows, and whether they are bare centres, from a path or an array."""
    if not isinstance(source, (str, os.PathLike)):
        return _check_rows(_as_rows(source, name), name), False
    path = Path(source)
    if path.suffix.lower() == ".csv":
        return _check_rows(read_centres(path), str(path)), True
    return _check_rows(read_mot(path), str(path)), False


def read_centres(path: Path) -> NDArray[np.float64]:
    """Return (N, 7) float64 MOT rows with boxes of no size, from a CSV file with columns frame0, id, cx, cy.

    Frames count from 0 in the file and from 1 in the rows; other columns are not looked at. SourceError where the file
    cannot be read, ArgumentError naming the line where it is malformed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SourceError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in _CENTRE_COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        wanted = ", ".join(_CENTRE_COLUMNS)
        raise ArgumentError(f"{path}, line 1 must name the columns {wanted}, got no {', '.join(missing)}")
    rows = [_centre(record, path, reader.line_num) for record in reader]
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def _centre(record: dict[str, str], path: Path, line: int) -> tuple[float, ...]:
    try:
        frame, track = int(record["frame0"]), int(record["id"])
        return frame + 1, track, float(record["cx"]), float(record["cy"]), 0.0, 0.0, 1.0
    except (TypeError, ValueError):
        got = ",".join(str(record[column]) for column in _CENTRE_COLUMNS)
        raise ArgumentError(f"{path}, line {line} must hold numbers for frame0, id, cx, cy, got {got}") from None


def _as_rows(source: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        rows = np.asarray(source, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} must be MOT rows of numbers or a path, got {type(source).__name__}") from error
    if rows.size == 0:
        return np.zeros((0, N_COLUMNS))
    if rows.ndim != 2 or rows.shape[1] < N_COLUMNS:
        raise ArgumentError(
            f"{name} must be (N, >= {N_COLUMNS}) rows of frame, id, x, y, width, height, got {rows.shape}"
        )
    return rows


def _check_rows(rows: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Return `rows`; raise ArgumentError where a number is not finite, a frame or id not whole, or a size negative."""
    boxes = rows[:, :N_COLUMNS]
    _refuse(rows, ~np.isfinite(boxes), name, "be finite")
    _refuse(rows, boxes[:, :2] % 1 != 0, name, "have a whole frame and id")
    _refuse(rows, boxes[:, 4:6] < 0, name, "have a width and height >= 0 pixels")
    return rows


def _refuse(rows: NDArray[np.float64], bad: NDArray[np.bool_], name: str, bound: str) -> None:
    """Raise ArgumentError for the first row of `bad` (N, M) with a True in it."""
    if bad.any():
        row = int(np.argmax(np.any(bad, axis=1)))
        got = ", ".join(f"{value:g}" for value in rows[row, :N_COLUMNS])
        raise ArgumentError(f"{name}, row {row + 1} must {bound}, got {got}")


def check_unique(rows: NDArray[np.float64], name: str) -> None:
    """Raise ArgumentError where an id appears twice in a frame, which no score is defined for."""
    keys, counts = np.unique(rows[:, :2], axis=0, return_counts=True)
    if (counts > 1).any():
        frame, track = keys[int(np.argmax(counts > 1))]
        raise ArgumentError(
            f"{name} must have an id at most once in a frame, got id {track:g} again in frame {frame:g}"
        )
