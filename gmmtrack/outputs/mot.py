"""Tracks as MOTChallenge text: one row a track and frame, read and written."""

import math
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.outputs.result import Result
from gmmtrack.outputs.shown import shown_rows
from gmmtrack.outputs.text_writer import TextWriter

_N_COLUMNS = 10
_N_NEEDED = 6
_SCORE = 6
_FILLING = (1.0, -1.0, -1.0, -1.0)  # the score, and the place in the world, where a file does not tell


class MotWriter(TextWriter):
    """Writes tracks as MOTChallenge text: frame, id, left, top, width, height, score, -1, -1, -1.

    Frames count from 1, boxes are in pixels, scores 0-1. Every whole frame is on the disk before `write` returns.
    OutputError where `path` cannot be written: at birth if it can be known, before anything is lost.
    """

    def lines(self, result: Result) -> str:
        """Return the rows of one frame."""
        tracks, frame = result.tracks, result.frame.index + 1
        return "".join(
            f"{frame},{tracks.ids[t]},{x0:.2f},{y0:.2f},{x1 - x0:.2f},{y1 - y0:.2f},{tracks.scores[t]:.2f},-1,-1,-1\n"
            for t, (x0, y0, x1, y1) in ((t, tracks.xyxy[t].tolist()) for t in shown_rows(tracks))
        )


def read_mot(path: str | os.PathLike[str]) -> NDArray[np.float64]:
    """Return the rows of a MOTChallenge text file.

    Columns are separated by commas or white space, at least 6 and as many in every line; blank lines are passed over.

    Parameters
    ----------
    path
        Text with frame [from 1], id, left, top, width, height [pixels], and optionally a score and three more.

    Returns
    -------
    (N, 10) float64
        In the order of the file; a missing score is 1, what else is missing is -1, columns beyond 10 are left out.

    Raises
    ------
    SourceError
        The file cannot be read.
    ArgumentError
        A line is malformed; the message says which and why.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SourceError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    rows: list[list[float]] = []
    width = 0
    for number, line in enumerate(text.split("\n"), 1):
        words = line.replace(",", " ").split()
        if not words:
            continue
        width = width or len(words)
        try:
            rows.append(_row(words, width))
        except ValueError as error:
            raise ArgumentError(f"{path}, line {number}: {error}") from error
    return np.array(rows, np.float64).reshape(-1, _N_COLUMNS)


def _row(words: list[str], width: int) -> list[float]:
    """Return one line's numbers, filled up to ten; raise ValueError saying what is wrong with them."""
    if len(words) < _N_NEEDED:
        raise ValueError(f"a row must have >= {_N_NEEDED} columns, got {len(words)}")
    if len(words) != width:
        raise ValueError(f"every row must have as many columns as the first ({width}), got {len(words)}")
    row = [_number(word) for word in words[:_N_COLUMNS]]
    if row[0] < 1 or row[0] != int(row[0]):
        raise ValueError(f"frame must be a whole number >= 1, got {words[0]}")
    if row[1] != int(row[1]):
        raise ValueError(f"id must be a whole number, got {words[1]}")
    if row[4] < 0 or row[5] < 0:
        raise ValueError(f"width and height must be >= 0 pixels, got {words[4]} and {words[5]}")
    return row + list(_FILLING[len(row) - _SCORE :])


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"a column must be a finite number, got {word!r}")
    return value
