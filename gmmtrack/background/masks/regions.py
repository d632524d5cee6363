"""Regions: what is foreground, piece by piece, and which pieces have travelled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks import kernels
from gmmtrack.background.masks.runs import RUN, Runs
from gmmtrack.background.state import fitting
from gmmtrack.errors import ArgumentError

_FAR = 0.1  # [frame heights] that no leaf travels
_LONG = 1e6  # [s] between frames; more is as much
_START = 4  # x, y of a centre and width, height [pixels]


class Regions:
    """Links each connected piece of foreground to the last frame's by overlap, and trusts those that have travelled.

    Objects travel; leaves, ripples and glints come and go where they are. A piece has travelled once its centre is
    farther from where it first appeared than half of its width (or height) then and now together, or than a tenth of
    the frame's height. Pieces of one that has are trusted, however long they stand.

    runs: the M pieces of the last frame
    starts (M + 1, 4) float32: x, y, width, height [pixels] of each when it first appeared, or had last travelled
    rests (M + 1,) float32: time since it last travelled [s], inf if it never has
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self.runs = Runs.none()
        self.starts = np.zeros((1, _START), np.float32)
        self.rests = np.full(1, np.inf, np.float32)

    def follow(self, runs: Runs, interval: float) -> None:
        """Take in what is foreground in the next mask, `interval` [s] after the last one."""
        starts, rests = np.empty((runs.n + 1, _START), np.float32), np.empty(runs.n + 1, np.float32)
        farthest, elapsed = np.float32(_FAR * self._size[0]), np.float32(min(interval, _LONG))
        before = runs.heirs(self.runs), self.starts, self.rests
        kernels.follow(*runs.moments, *before, farthest, elapsed, starts, rests)
        self.runs, self.starts, self.rests = runs, starts, rests

    @property
    def trusted(self) -> NDArray[np.bool_]:
        """(M + 1,) bool, which pieces have travelled."""
        return np.isfinite(self.rests)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        return {"runs": self.runs.runs, "labels": self.runs.labels, "starts": self.starts, "rests": self.rests}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned; a KeyError or ArgumentError if something is missing or does not fit."""
        n_runs, n = len(arrays["runs"]), len(arrays["starts"])
        runs = fitting(np.zeros((n_runs, RUN), np.int32), arrays["runs"])
        labels = fitting(np.zeros(n_runs, np.int32), arrays["labels"])
        starts = fitting(np.zeros((n, _START), np.float32), arrays["starts"])
        rests = fitting(np.zeros(n, np.float32), arrays["rests"])
        height, width = self._size
        if n_runs and not (runs.min() >= 0 and np.all(runs.max(0) <= (height - 1, width, width))):
            raise ArgumentError(f"runs must lie within {self._size} pixels")
        if n_runs and not 0 < labels.min() <= labels.max() < n:
            raise ArgumentError(f"labels must be > 0 and < {n}, got {labels.min()} to {labels.max()}")
        self.runs, self.starts, self.rests = Runs(runs, labels, n - 1), starts, rests
