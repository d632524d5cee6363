"""Restlessness: which pixels sway between several colours, and which only see something pass or stop."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import kernels
from gmmtrack.threads import Threads

_SMALLEST_SHARE = 1024  # tiles; fewer do not pay for waking a thread
_FEWEST_CHANGES = 6  # within the memory: three visits


class Restlessness:
    """Which pixels sway between several colours, and which only see something pass or stop.

    A leaf and a waiting person may both show a pixel's second colour for a third of the time: weight alone cannot tell
    them apart, but the leaf comes and goes. Were frames independent, a pixel that shows its heaviest component with
    probability w would change between it and the rest with probability 2 w (1 - w) a frame; one that remembers its
    state for a time T changes 1 - exp(-interval / T) times as often (the random telegraph signal: Papoulis 1965). A
    pixel that changes as if T were below `sway`, and not just for one or two visits, is restless: its background is
    the components of weight `share` in all. Of any other pixel only the heaviest are, of weight `calm_share`.

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
        decays: NDArray[np.float32],
        prune: float,
        held: NDArray[np.uint8],
        rate: float,
        interval: float,
        settings: tuple[float, float, float],
        threads: Threads,
    ) -> None:
        """Take in one frame, `interval` [s] after the last; `settings`: share, calm share, sway [s].

        weights (P,): of the heaviest components · decays (T,): of the tiles · prune, held: see `kernels.update`
        rate: share of this frame in the memory
        """
        share, calm_share, sway = settings
        if rate >= 1:
            self._forget(held, calm_share)
            return
        worth = 1 / (1 - math.exp(-max(interval, 1e-3) / sway))
        fewest = _FEWEST_CHANGES * worth * rate
        prune32, rate32, worth32, fewest32, share32, calm32 = (
            np.float32(n) for n in (prune, rate, worth, fewest, share, calm_share)
        )
        n_pixels = len(held) or len(self.flicker)

        def work(first: int, last: int) -> None:
            part = slice(first * kernels.TILE, min(last * kernels.TILE, n_pixels))
            planes = (self.matched, self.last_matched, self.flicker, self.shares, weights)
            matched, last_matched, flicker, shares, heaviest = (plane[part] for plane in planes)
            state = (matched, last_matched, flicker, shares, heaviest, decays[first:last], held[part])
            kernels.watch(*state, prune32, rate32, worth32, fewest32, share32, calm32)

        threads.run(work, len(decays), _SMALLEST_SHARE)

    def _forget(self, held: NDArray[np.uint8], calm_share: float) -> None:
        """Begin anew for all pixels that are not held."""
        held_in_tiles = np.zeros(len(self.flicker), np.bool_)
        held_in_tiles[: len(held)] = held != 0
        for plane, value in ((self.last_matched, 0), (self.flicker, 0), (self.shares, calm_share)):
            plane[~held_in_tiles] = value


def planes_of(restlessness: Restlessness | None) -> tuple[NDArray[np.float32] | None, NDArray[np.uint8] | None]:
    """Return what `kernels.update` reads and writes of it: shares and matches, or None."""
    return (None, None) if restlessness is None else (restlessness.shares, restlessness.matched)
