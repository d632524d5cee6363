"""Regions: what is foreground, piece by piece, and which pieces have travelled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.runs import Runs
from gmmtrack.background.state import fitting
from gmmtrack.errors import ArgumentError

_FAR = 0.1  # [frame heights] that no leaf travels
_BIRTH = 4  # x, y of a centre and width, height [pixels]
_FOREGROUND = 255


class Regions:
    """Links each connected piece of foreground to the last frame's by overlap, and trusts those that have travelled.

    Objects travel; leaves, ripples and glints come and go where they are. A piece is trusted once its centre is farther
    from where it first appeared than half of its width (or height) then and now together, or than a tenth of the
    frame's height; pieces of a trusted one are trusted, however long they stand.

    runs: the M pieces of the last frame · sizes (M + 1,) [pixels], [0] of none
    births (M + 1, 4) float32: x, y, width, height [pixels] of each when its chain began · trusted (M + 1,) bool
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self.runs = Runs.none()
        self.sizes = np.zeros(1)
        self.births = np.zeros((1, _BIRTH), np.float32)
        self.trusted = np.zeros(1, np.bool_)

    def follow(self, foreground: NDArray[np.uint8]) -> None:
        """Take in the next mask (H, W), 255 where foreground."""
        runs = Runs.of(foreground, _FOREGROUND, corners=True)
        parents = runs.heirs(self.runs)
        boxes, sizes, centres = runs.boxes()
        now = np.concatenate([centres, boxes[:, 2:] - boxes[:, :2]], axis=1).astype(np.float32)
        births = np.where(parents[:, None] > 0, self.births[parents], now)
        reach = np.minimum((births[:, 2:] + now[:, 2:]) / 2, _FAR * self._size[0])
        travelled = np.any(np.abs(now[:, :2] - births[:, :2]) > reach, axis=1)
        trusted = self.trusted[parents] | travelled
        trusted[0] = False
        self.runs, self.sizes, self.births, self.trusted = runs, sizes, births, trusted

    def keep(self, kept: NDArray[np.bool_], foreground: NDArray[np.uint8]) -> None:
        """Clear the pieces that are not kept from the mask; kept (M + 1,) bool. Their chains go on."""
        self.runs.paint(foreground, ~kept, 0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        return {"runs": self.runs.runs, "labels": self.runs.labels, "births": self.births, "trusted": self.trusted}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned; a KeyError or ArgumentError if something is missing or does not fit."""
        n_runs, n = len(arrays["runs"]), len(arrays["births"])
        runs = fitting(np.zeros((n_runs, 3), np.int32), arrays["runs"])
        labels = fitting(np.zeros(n_runs, np.int32), arrays["labels"])
        births = fitting(np.zeros((n, _BIRTH), np.float32), arrays["births"])
        trusted = fitting(np.zeros(n, np.bool_), arrays["trusted"])
        height, width = self._size
        if n_runs and not (runs.min() >= 0 and np.all(runs.max(0) <= (height - 1, width, width))):
            raise ArgumentError(f"runs must lie within {self._size} pixels")
        if n_runs and not 0 < labels.min() <= labels.max() < n:
            raise ArgumentError(f"labels must be > 0 and < {n}, got {labels.min()} to {labels.max()}")
        self.runs, self.births, self.trusted = Runs(runs, labels, n - 1), births, trusted
