"""Exposure: the gain and offset a channel between a frame and the background."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.camera import kernels
from gmmtrack.background.state import fitting

Array = NDArray[np.float32]

_N_SAMPLES = 2500
_RIDGE = np.float32(20.0)  # [levels²] a scene flatter than this tells the gain only
_FINEST, _COARSEST = np.float32(4.0), np.float32(14.0)  # [levels] residuals that still count as explained
_FAR = 1.25  # the gain, or its inverse, beyond which a light is far from another
_TELLING = np.array([32, 128, 224], np.float32)  # [levels] at which lights are compared
_SLIGHT = 1.0  # [levels] by which a light may differ unnoticed
_N_SIGMA = 3.0  # times the noise, where that is more, counts as explained
_AGILITY = 0.1  # share of a frame in the noise
_ENOUGH = 600  # samples to look for another light with
_NEARLY_ALL = 0.8  # share of the samples
_LEAD = 3.0  # times as many samples must speak for a light other than the last one


class Exposure:
    """Follows the gain and offset that bring each frame to the light in which the background was learned.

    A camera's automatic exposure, a lamp's flicker, dusk and a light switched on change all pixels alike: the line that
    most pixels of a sparse grid agree on is taken off before the mixture sees the frame. The start is the commonest
    ratio, not the mean one, so that objects may cover most of the frame.

    pixels (N,): of the grid, counted row by row · explained: share of the grid that agrees
    gains (C,), offsets (C,) [levels]: background = gain * frame + offset
    noise [levels]: standard deviation of a calm pixel about its background
    age [s]: for how long the light has been far from that of the background
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        height, width, n_channels = shape
        stride = max(1, math.isqrt(height * width // _N_SAMPLES))
        grid = _grid(height, stride), _grid(width, stride)
        rows, columns = np.meshgrid(*grid, indexing="ij")
        few = (_grid(len(places), math.isqrt(rows.size // _ENOUGH) or 1) for places in grid)
        self._few = np.ravel_multi_index(np.meshgrid(*few, indexing="ij"), rows.shape).ravel()
        self._rows, self._columns = rows.ravel(), columns.ravel()
        self.pixels = self._rows * width + self._columns
        self.gains = np.ones(n_channels, np.float32)
        self.offsets = np.zeros(n_channels, np.float32)
        self.explained = 1.0
        self.age = 0.0
        self.noise = 0.0

    def follow(
        self,
        image: NDArray[Any],
        background: Array,
        shift: tuple[float, float],
        interval: float,
        level: float,
    ) -> None:
        """Take in one frame.

        image (H, W, C) · background (N, C) [levels], of `pixels` · shift: (y, x) of the frame [pixels]
        interval: since the last frame [s] · level: of one count of the image [levels]
        """
        frame = np.empty((len(self._rows), image.shape[2]), np.float32)
        y, x = round(shift[0]), round(shift[1])
        kernels.sample(image, self._rows, self._columns, y, x, np.float32(level), frame)
        self.explained = self.find_light(frame, background)
        self._measure_noise(frame, background)
        # what the mixture follows by itself is left to it: its errors would add up over time
        if np.max(np.abs((self.gains - 1) * _TELLING[:, None] + self.offsets)) < _SLIGHT:
            self.gains[:], self.offsets[:] = 1, 0
        farthest = np.max(np.maximum(self.gains, 1 / np.maximum(self.gains, 1e-6)))
        self.age = self.age + interval if farthest > _FAR else 0.0

    def find_light(self, frame: Array, background: Array) -> float:
        """Find the light that brings samples of a frame to those of the background; return the share explained.

        Of a scene without contrast nothing is said. The light of the last frame is followed. Where it does not explain
        nearly all, another one may take its place; but only if, of the samples that one of the two explains and the
        other does not, it has `_LEAD` times as many: the shade of a cloud is not a darker exposure.
        """
        if not kernels.is_telling(frame, background, _FINEST):
            self.gains[:], self.offsets[:] = 1, 0
            return 1.0
        coarsest = np.float32(max(float(_COARSEST), _N_SIGMA * self.noise))
        self._fit(frame, background, self.gains, self.offsets, coarsest)
        is_here = np.empty(len(frame), np.bool_)
        n_here = kernels.explained(frame, background, self.gains, self.offsets, coarsest, is_here)
        if n_here < _NEARLY_ALL * len(frame):
            gains, offsets = self._another_light(frame[self._few], background[self._few], coarsest)
            is_there = np.empty(len(frame), np.bool_)
            n_there = kernels.explained(frame, background, gains, offsets, coarsest, is_there)
            n_both = np.count_nonzero(is_here & is_there)
            if n_there - n_both > _LEAD * (n_here - n_both):
                self.gains[:], self.offsets[:], n_here = gains, offsets, n_there
        return float(n_here / len(frame))

    def _another_light(self, frame: Array, background: Array, coarsest: np.float32) -> tuple[Array, Array]:
        """Return gains and offsets (C,) about the commonest ratio of samples, whatever the last light was."""
        gains, offsets = np.empty_like(self.gains), np.zeros_like(self.offsets)
        gains[:] = kernels.commonest_ratio(frame, background, np.zeros(kernels.N_RATIOS, np.int64))
        self._fit(frame, background, gains, offsets, coarsest)
        return gains, offsets

    def _fit(self, frame: Array, background: Array, gains: Array, offsets: Array, coarsest: np.float32) -> None:
        """Fit a light to samples (N, C) about the one given; gains, offsets (C,): changed in place."""
        sums = np.empty((len(gains), 5))
        kernels.fit_light(frame, background, gains, offsets, _FINEST, coarsest, _RIDGE, sums)

    def _measure_noise(self, frame: Array, background: Array) -> None:
        """Follow how far samples (N, C) [levels] stray from their background: the median, for some show objects."""
        counts = np.zeros(kernels.N_BINS, np.int64)
        sigma = float(kernels.median_residual(frame, background, self.gains, self.offsets, counts)) / 0.6745
        self.noise += _AGILITY * (sigma - self.noise)

    def reset(self) -> None:
        """Take the light as it is for that of the background."""
        self.gains[:], self.offsets[:] = 1, 0
        self.age = 0.0

    def state(self) -> dict[str, Any]:
        """Return what `restore` takes, in its order."""
        return {
            "gains": self.gains,
            "offsets": self.offsets,
            "explained": self.explained,
            "age": self.age,
            "noise": self.noise,
        }

    def restore(
        self,
        gains: NDArray[Any],
        offsets: NDArray[Any],
        explained: NDArray[Any],
        age: NDArray[Any],
        noise: NDArray[Any],
    ) -> None:
        """Go on from what `state` returned."""
        self.gains, self.offsets = fitting(self.gains, gains), fitting(self.offsets, offsets)
        self.explained, self.age, self.noise = float(explained), float(age), float(noise)


def _grid(length: int, stride: int) -> NDArray[np.int64]:
    """Return places in 0..length - 1, a stride apart from either end inwards, so that a mirrored frame has the same."""
    near = np.arange(min(stride // 2, (length - 1) // 2), (length + 1) // 2, stride)
    return np.union1d(near, length - 1 - near)
