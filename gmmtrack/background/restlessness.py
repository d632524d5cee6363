"""Restlessness: which pixels sway between several colours, and which only see something pass or stop."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import kernels

_FEWEST_CHANGES = 6  # within the memory: three visits
_NONE = np.zeros(0, np.float32)
_NONE_MATCHED = np.zeros(0, np.uint8)


class Restlessness:
    """Which pixels sway between several colours, and which only see something pass or stop.

    A leaf and a waiting person may both show a pixel's second colour for a third of the time: weight alone cannot tell
    them apart, but the leaf comes and goes. Were frames independent, a pixel that shows its heaviest component with
    probability w would change between it and the rest with probability 2 w (1 - w) a frame; a telegraph process that
    keeps its state for a time T changes 1 - exp(-interval / T) times as often (Papoulis 1965, section 9.2). A pixel
    that changes as if T were below `sway`, and not just for one or two visits, is restless: its background is the components of weight `share` in all.
    Of any other pixel only the heaviest are, of weight `calm_share`.

    last_matched (P,) uint8, flicker and shares (P,) float32: P pixels, in the order of the tiles of `kernels`
    """

    def __init__(self, n_pixels: int, share: float) -> None:
        self.last_matched = np.zeros(n_pixels, np.uint8)
        self.flicker = np.zeros(n_pixels, np.float32)
        self.shares = np.full(n_pixels, share, np.float32)
        self.matched = np.zeros(n_pixels, np.uint8)

    def watch(
        self,
        weights: NDArray[np.float32],
        held: NDArray[np.uint8],
        rate: float,
        interval: float,
        settings: tuple[float, float, float],
    ) -> None:
        """Take in one frame, `interval` [s] after the last; `settings`: share, calm share, sway [s].

        weights (P,): of the heaviest components · held: see `kernels.update` · rate: share of this frame in the memory
        """
        share, calm_share, sway = settings
        if rate >= 1:
            self._forget(held, calm_share)
            return
        worth = 1 / (1 - math.exp(-max(interval, 1e-3) / sway))
        kernels.watch(
            self.matched,
            self.last_matched,
            self.flicker,
            self.shares,
            weights,
            held,
            np.float32(rate),
            np.float32(worth),
            np.float32(_FEWEST_CHANGES * worth * rate),
            np.float32(share),
            np.float32(calm_share),
        )

    def _forget(self, held: NDArray[np.uint8], calm_share: float) -> None:
        """Begin anew for all pixels that are not held."""
        held_in_tiles = np.zeros(len(self.flicker), np.bool_)
        held_in_tiles[: len(held)] = held != 0
        for plane, value in ((self.last_matched, 0), (self.flicker, 0), (self.shares, calm_share)):
            plane[~held_in_tiles] = value


def planes_of(restlessness: Restlessness | None) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return what `kernels.update` reads and writes of it: shares and matches, empty where there is none."""
    return (_NONE, _NONE_MATCHED) if restlessness is None else (restlessness.shares, restlessness.matched)
