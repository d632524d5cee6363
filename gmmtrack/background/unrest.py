"""Unrest: where the background itself is taken for foreground time and again, as in leaves and on water."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import kernels
from gmmtrack.background.regions import Regions
from gmmtrack.background.state import fitting
from gmmtrack.threads import Threads

if TYPE_CHECKING:
    from gmmtrack.background.settings import BackgroundSettings

_SMALLEST_SHARE = 8192  # pixels; fewer do not pay for waking a thread
_MEMORY = 20.0  # [s] over which noise is counted
_CALM, _RESTLESS = (
    np.float32(0.01),
    np.float32(0.03),
)  # shares of noise: up to where a pixel is calm, from where restless
_PRIOR = 4.0  # [s] without noise that every pixel is credited with at first, so that one frame proves nothing
_SHORTEST = 1e-3  # [s]
_MIDDLE = 0.3  # unrest from which a pixel speaks against a region
_FASTEST = 0.05  # the greatest share of a frame that is learned faster for being noise

QUIET, NOISE, OPEN, TRUSTED = (np.uint8(n) for n in range(4))


class Unrest:
    """Follows how often each pixel is noise: foreground that the clean-up took away, or that never travels.

    What is restless takes more of its mixture for background, so that colours which come back time and again are not
    foreground; noise is learned faster, and what has travelled (see `Regions`) more slowly, so that it is not absorbed
    where it stops. A region that has not travelled and lies on restless pixels is dropped.
    SuBSENSE counts blinking pixels in the same spirit (St-Charles, Bilodeau and Bergevin 2015).

    noise (P,) float32: share of the time · marks (P,) uint8: QUIET, NOISE, OPEN or TRUSTED in the last frame
    shares, rates (P,) float32: for the next frame · P: pixels, filled up to whole tiles
    """

    def __init__(self, size: tuple[int, int]) -> None:
        n_pixels = -(-size[0] * size[1] // kernels.TILE) * kernels.TILE
        self.size = size
        self.noise = np.zeros(n_pixels, np.float32)
        self.marks = np.full(n_pixels, OPEN, np.uint8)
        self.shares = np.zeros(n_pixels, np.float32)
        self.rates = np.zeros(n_pixels, np.float32)
        self.regions = Regions(size)

    def prepare(
        self,
        shares: NDArray[np.float32],
        held: NDArray[np.uint8],
        rate: float,
        memory_rate: float,
        settings: BackgroundSettings,
        threads: Threads,
    ) -> None:
        """Count the last frame's noise, and set the shares and rates of the next.

        shares (P,): of what is calm · held (H * W,) or (0,): nonzero where nothing may be learned
        rate, memory_rate: shares of the next frame in the mixture, of the last one in the count
        """
        hold, haste = np.float32(rate * settings.hold), np.float32(max(rate, min(rate * settings.haste, _FASTEST)))
        numbers = (np.float32(rate), hold, haste, np.float32(memory_rate), np.float32(settings.restless_share))

        def work(first: int, last: int) -> None:
            planes = (self.noise, self.marks, self.shares, self.rates, shares)
            noise, marks, own, rates, calm = (plane[first:last] for plane in planes)
            kernels.weigh_noise(noise, marks, own, rates, calm, held[first:last], *numbers, _CALM, _RESTLESS)

        threads.run(work, len(held) or len(self.noise), _SMALLEST_SHARE)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        regions = self.regions
        planes = {"labels": regions.labels, "births": regions.births, "trusted": regions.trusted}
        return {"noise": self.noise, "marks": self.marks, **planes}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned; a KeyError or ArgumentError if something is missing or does not fit."""
        self.noise, self.marks = fitting(self.noise, arrays["noise"]), fitting(self.marks, arrays["marks"])
        self.regions.restore(arrays["labels"], arrays["births"], arrays["trusted"])

    def memory_rate(self, interval: float, n_frames: int) -> float:
        """Return the share of a frame in the count, `interval` [s] after the last one, after n_frames."""
        return min(1.0, interval / min(_MEMORY, _PRIOR + n_frames * max(interval, _SHORTEST)))

    def judge(self, raw: NDArray[np.uint8], mask: NDArray[np.uint8], *, learns: bool) -> None:
        """Drop from a cleaned mask (H, W) what is unrest, and mark each pixel; raw (H, W): the mask before clean-up.

        learns: whether this frame counts
        """
        _, foreground = cv2.threshold(mask, 254, 255, cv2.THRESH_BINARY)
        regions, solid = self.regions, np.asarray(foreground, np.uint8)
        indices = regions.follow(solid)
        threshold = _CALM + np.float32(_MIDDLE) * (_RESTLESS - _CALM)
        on_unrest = regions.shares(self.noise[indices] > threshold, indices)
        dropped = (on_unrest > _MIDDLE) & ~regions.trusted
        here = regions.labels.reshape(-1)[indices]
        flat, marks = mask.reshape(-1), self.marks[: mask.size]
        flat[indices[dropped[here]]] = 0
        # what borders on an object is part of its blur, not noise
        near = np.asarray(cv2.dilate(np.where(mask == 255, np.uint8(1), np.uint8(0)), np.ones((3, 3), np.uint8)))
        marks[:] = np.where(raw.reshape(-1) == 255, NOISE, QUIET)
        marks[near.reshape(-1) != 0] = OPEN
        marks[indices[regions.trusted[here]]] = TRUSTED
        if not learns:
            marks[:] = OPEN
