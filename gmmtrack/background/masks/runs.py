"""Runs: the regions of a mask, connected pixels of one value, as runs along its rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks import kernels

RUN = 3  # y, first x, x behind the last
_USUAL = 16  # runs a row; of more, all are looked for a second time


@dataclass(frozen=True)
class Runs:
    """The regions of a mask that have one value.

    runs (N, 3) int32: y, first x, x behind the last [pixels], row by row from the left
    labels (N,) int32: the region of each run, from 1 on · n: how many regions
    """

    runs: NDArray[np.int32]
    labels: NDArray[np.int32]
    n: int

    @classmethod
    def of(cls, mask: NDArray[np.uint8], value: np.uint8, *, corners: bool) -> Runs:
        """Find the regions of a mask (H, W); corners: whether pixels that touch at a corner are connected."""
        return cls._labelled(cls.find(mask, value), corners)

    @staticmethod
    def find(mask: NDArray[np.uint8], value: np.uint8) -> NDArray[np.int32]:
        """Return the runs alone (N, 3)."""
        pixels, (height, width) = mask.reshape(-1), mask.shape
        words = pixels[: pixels.size // kernels.WORD * kernels.WORD].view(np.uint64)
        runs = np.empty((_USUAL * height, RUN), np.int32)
        n = kernels.find_runs(pixels, words, width, value, runs)
        if n > len(runs):
            runs = np.empty((n, RUN), np.int32)
            kernels.find_runs(pixels, words, width, value, runs)
        return runs[:n]

    @classmethod
    def _labelled(cls, runs: NDArray[np.int32], corners: bool) -> Runs:
        labels = np.empty(len(runs), np.int32)
        return cls(runs, labels, kernels.label_runs(runs, int(corners), labels))

    @classmethod
    def none(cls) -> Runs:
        """Return those of an empty mask."""
        return cls(np.zeros((0, RUN), np.int32), np.zeros(0, np.int32), 0)

    def gaps(self, size: tuple[int, int]) -> Runs:
        """Return the regions of what is left of a mask of a size (H, W); pixels that touch at a corner are apart."""
        gaps = np.empty((len(self.runs) + size[0], RUN), np.int32)
        return self._labelled(gaps[: kernels.find_gaps(self.runs, *size, gaps)], corners=False)

    def kept(self, chosen: NDArray[np.bool_]) -> Runs:
        """Return the chosen regions alone, numbered anew in the same order; chosen (n + 1,)."""
        runs, labels = np.empty_like(self.runs), np.empty_like(self.labels)
        numbers = np.empty(self.n + 1, np.int32)
        n, n_regions = kernels.keep(self.runs, self.labels, chosen, numbers, runs, labels)
        return Runs(runs[:n], labels[:n], n_regions)

    def paint(self, mask: NDArray[np.uint8], chosen: NDArray[np.bool_], value: np.uint8) -> None:
        """Set the pixels of the chosen regions to a value; chosen (n + 1,), [0] of none."""
        kernels.paint(mask.reshape(-1), mask.shape[1], self.runs, self.labels, chosen, value)

    def without(self, dropped: NDArray[np.bool_], mask: NDArray[np.uint8]) -> Runs:
        """Return the regions but for the dropped ones (n + 1,), which are cleared from the mask that they are of."""
        if not dropped[1:].any():
            return self
        self.paint(mask, dropped, kernels.BACKGROUND)
        return self.kept(~dropped)

    def draw(self, out: NDArray[np.int32]) -> None:
        """Write the region of each pixel into an image (H, W); where there is none, it stays as it is."""
        kernels.draw(0, 0, self.runs, self.labels, out)

    def within(self, window: tuple[slice, slice]) -> NDArray[np.int32]:
        """Return the region of each pixel of some rows and columns of the mask (H, W), 0 where there is none."""
        rows, columns = window
        out = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.int32)
        kernels.draw(columns.start, rows.start, self.runs, self.labels, out)
        return out

    def erase(self, out: NDArray[np.int32]) -> None:
        """Clear what `draw` has drawn into an image (H, W)."""
        kernels.draw(0, 0, self.runs, np.zeros_like(self.labels), out)

    @cached_property
    def moments(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """n, and the sums of x, y, xx, xy, yy of each region's pixels (n + 1, 6), and its box (n + 1, 4).

        Boxes are x0, y0, x1, y1, end exclusive; [0] is of none.
        """
        sums, boxes = np.zeros((self.n + 1, 6), np.int64), np.zeros((self.n + 1, 4), np.int64)
        kernels.measure(self.runs, self.labels, sums, boxes)
        return sums, boxes

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many pixels each region has (n + 1,), [0] of none."""
        return self.moments[0][:, 0]

    @property
    def boxes(self) -> NDArray[np.int64]:
        """x0, y0, x1, y1 of each region [pixels], end exclusive (n + 1, 4), [0] of none."""
        return self.moments[1]

    def borders(self, mask: NDArray[np.uint8], own: np.uint8, other: np.uint8) -> NDArray[np.int64]:
        """Return how many pixels border on each region, and how many of those have one other value (n + 1, 2).

        mask (H, W): where the regions have the value `own`
        """
        borders = np.zeros((self.n + 1, 2), np.int64)
        kernels.count_borders(mask.reshape(-1), mask.shape[1], self.runs, self.labels, own, other, borders)
        return borders

    def neighbours(self, chosen: NDArray[np.bool_], others: Runs) -> NDArray[np.int64]:
        """Return the pairs of a chosen region and one of others that it borders on (K, 2); chosen (n + 1,).

        others: of the same mask, and of another value
        """
        found = np.empty((3 * (len(self.runs) + len(others.runs)), 2), np.int32)
        n = kernels.find_neighbours(self.runs, self.labels, chosen, others.runs, others.labels, found)
        pairs = np.unique(found[:n] @ np.array([others.n + 1, 1]))  # as one number each: a tenth of the time
        return np.stack(np.divmod(pairs, others.n + 1), axis=1)

    def heirs(self, before: Runs) -> NDArray[np.int64]:
        """Return for each region the one of another mask with which it shares most pixels, or 0; (n + 1,)."""
        heirs = np.zeros(self.n + 1, np.int64)
        found = np.empty((len(self.runs) + len(before.runs), 3), np.int32)
        last, shared = np.zeros(self.n + 1, np.int32), np.zeros(before.n + 1, np.int32)
        kernels.find_heirs(self.runs, self.labels, before.runs, before.labels, found, last, shared, heirs)
        return heirs
