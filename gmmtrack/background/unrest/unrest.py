"""Unrest: which pixels sway or flicker, and which only see something pass or stop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.regions import Regions
from gmmtrack.background.masks.runs import Runs
from gmmtrack.background.state import fitting
from gmmtrack.background.tiles import TILE, n_tiles_of
from gmmtrack.background.unrest import kernels

if TYPE_CHECKING:
    from gmmtrack.background.settings import BackgroundSettings

_ARRAYS = ("noise", "flicker", "marks", "left", "fades", "memory")
_FEWEST_CHANGES = 6  # at the rate and worth of now: three visits
_FEWEST_SEEN = 8  # at those of the frames so far: 16 changes in those of a survey, 12 in these and the clip
_MEMORY = 20.0  # [s] over which noise is counted
_CALM, _RESTLESS = 0.01, 0.03  # shares of noise: up to where a pixel is calm, and from where it is restless
_MIDDLE = 0.0155  # the share of noise from which a pixel speaks against a region
_MOST = 0.3  # share of its pixels that may speak against a region
_PRIOR = 4.0  # [s] without noise that every pixel is credited with at first, so that one frame proves nothing
_SHORTEST = 1e-3  # [s]
_FRESH = 1.0  # [s] after which what has travelled, and does no more, no longer moves
_FASTEST = 0.05  # the greatest share of a frame that is learned faster for being noise


class Unrest:
    """Follows where the background itself moves, as in leaves and on water, so that it is not foreground.

    Two things are counted. A pixel flickers when it leaves its heaviest component, and when it comes back. A leaf and a
    waiting person may both show a pixel's second colour for a third of the time: weight alone cannot tell them apart,
    but the leaf comes and goes. Were frames independent, a pixel that shows its heaviest component with probability w
    would change between it and the rest with probability 2 w (1 - w) a frame; one that remembers its state for a time T
    changes 1 - exp(-interval / T) times as often (the random telegraph signal: Papoulis 1965). A pixel that changes as
    if T were below `sway`, and not just for one or two visits, sways: its background is the components of weight
    `background_share` in all. Of any other pixel only the heaviest are, of weight `calm_share`.

    A pixel is noise when it is foreground that the clean-up takes away, or that never travels (see `Regions`). Where it
    often is, still more of its mixture is background, up to `restless_share`. Noise is learned faster; what has
    travelled, and shadows beside foreground, more slowly, so that they are not absorbed where they stop; and what
    travels is followed over restless pixels as if they were calm. A region that has not travelled and lies on such
    pixels is dropped.
    SuBSENSE counts blinking pixels in the same spirit (St-Charles, Bilodeau and Bergevin 2015).

    noise, flicker (P,), marks, left (P,) uint8, fades (2 * T,): see `kernels` · P: pixels, filled up to whole tiles
    memory (2,): the sum of what is left of each frame so far, and what a change in them was worth in the mean; zeros
    unless the model was primed
    """

    def __init__(self, size: tuple[int, int]) -> None:
        n_tiles = n_tiles_of(size)
        self.noise = np.zeros(n_tiles * TILE, np.float32)
        self.flicker = np.zeros(n_tiles * TILE, np.float32)
        self.marks = np.full(n_tiles * TILE, kernels.QUIET, np.uint8)
        self.left = np.zeros(n_tiles * TILE, np.uint8)
        self.fades = np.ones(2 * n_tiles, np.float32)
        self.memory = np.zeros(2)
        self._worth = 0.0
        self.regions = Regions(size)

    def state(
        self, settings: BackgroundSettings, rate: float, interval: float, n_frames: int, every: int = 1
    ) -> tuple[Any, ...]:
        """Return what `kernels` take in the next frame, `interval` [s] after the last one, the n_frames-th; count it.

        rate: its share in the mixture · every: how many frames it stands for where a tile is calm
        """
        self._worth = worth = 1 / (1 - math.exp(-max(interval, _SHORTEST) / settings.sway))
        fewest = self._fewest(worth, rate)
        memory = min(_MEMORY, _PRIOR + n_frames * max(interval, _SHORTEST))
        memory_rate = min(1.0, interval / memory) if rate > 0 else 0.0
        numbers = (
            memory_rate,
            (1 - memory_rate) ** every,
            rate * settings.hold,
            max(rate, min(rate * settings.haste, _FASTEST)),
            worth,
            fewest,
            min(settings.calm_share, settings.background_share),
            settings.restless_share if settings.unrest else 0.0,
            _CALM,
            _RESTLESS,
        )
        return self.noise, self.flicker, self.marks, self.left, self.fades, tuple(np.float32(n) for n in numbers)

    def _fewest(self, worth: float, rate: float) -> float:
        """Return how much flicker proves that a pixel sways, where a change is worth so much now; count the frame.

        After priming, a rate that falls from frame to frame tells of a longer memory than there is, and all that was
        learned from is seen once more.
        """
        if not self.memory[0]:
            return _FEWEST_CHANGES * worth * rate
        if rate > 0:
            self.memory[0] = (1 - rate) * self.memory[0] + 1
            self.memory[1] += rate * (worth - self.memory[1])
        n_seen, usual_worth = self.memory.tolist()
        return max(_FEWEST_CHANGES * worth * rate, _FEWEST_SEEN * usual_worth / max(n_seen, 1))

    def remember(self) -> None:
        """Count frames from the last one on, for they are of a clip that will be seen once more."""
        if not self.memory[0]:
            self.memory[:] = 1, self._worth

    def judge(
        self,
        mask: NDArray[np.uint8],
        foreground: NDArray[np.uint8],
        pieces: Runs,
        shadows: Runs,
        interval: float,
        *,
        learns: bool,
    ) -> Runs:
        """Drop from the foreground (H, W) what is unrest, and mark each pixel; return what pieces stay.

        mask (H, W): before its clean-up · pieces: of the foreground · shadows: that are held
        interval: since the last frame [s] · learns: whether this frame counts
        """
        self.regions.follow(pieces, interval)
        runs, width = (pieces.runs, pieces.labels), mask.shape[1]
        n_noisy, kinds = np.zeros(pieces.n + 1, np.int64), np.empty(pieces.n + 1, np.uint8)
        state = self.noise, self.fades, pieces.moments[0], self.regions.rests
        kernels.judge(*runs, width, *state, np.float32(_MIDDLE), _MOST, np.float32(_FRESH), n_noisy, kinds)
        if learns:
            kernels.mark(mask.reshape(-1), width, *runs, kinds, shadows.runs, self.marks)
        else:
            self.marks[:] = kernels.OPEN
        return pieces.without(kinds == kernels.QUIET, foreground)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        planes = {name: getattr(self, name) for name in _ARRAYS}
        return planes | self.regions.arrays()

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned; a KeyError or ArgumentError if something is missing or does not fit."""
        for name in _ARRAYS:
            setattr(self, name, fitting(getattr(self, name), arrays[name]))
        self.regions.restore(arrays)
