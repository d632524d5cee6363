"""Exposure: the gain and offset a channel between a frame and the background."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.camera import kernels
from gmmtrack.background.state import fitting
from gmmtrack.background.tiles import TILE

Array = NDArray[np.float32]

_N_SAMPLES = 2500
_RIDGE = np.float32(20.0)  # [levels²] a scene flatter than this tells the gain only
_FINEST, _COARSEST = np.float32(4.0), np.float32(14.0)  # [levels] residuals that still count as explained
_FAR = 1.25  # the gain, or its inverse, beyond which a light is far from another
_TELLING = 32, 128, 224  # [levels] at which lights are compared
_SLIGHT = 1.0  # [levels] by which a light may differ unnoticed
_N_SIGMA = 3.0  # times the noise, where that is more, counts as explained
_AGILITY = 0.1  # share of a frame in the noise
_NEARLY_ALL = 0.8  # share of the samples
_LEAD = 3.0  # times as many samples must speak for a light other than the last one


class Exposure:
    """Follows the gain and offset that bring each frame to the light in which the background was learned.

    A camera's automatic exposure, a lamp's flicker, dusk and a light switched on change all pixels alike: the line that
    most pixels of a sparse grid agree on is taken off before the mixture sees the frame. The start is the commonest
    ratio, not the mean one, so that objects may cover most of the frame.

    pixels (N,): of the grid, counted row by row, the last one repeated to fill a tile
    explained: share of the grid that agrees
    gains (C,), offsets (C,) [levels]: background = gain * frame + offset
    noise [levels]: standard deviation of a calm pixel about its background
    age [s]: for how long the light has been far from that of the background
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        height, width, n_channels = shape
        stride = max(1, math.isqrt(height * width // _N_SAMPLES))
        pixels = (_grid(height, stride)[:, None] * width + _grid(width, stride)).ravel()
        self.pixels = np.pad(pixels, (0, -len(pixels) % TILE), "edge")
        self._rows, self._columns = np.divmod(self.pixels, width)
        self._channels = (0,) * n_channels
        self._sums = np.zeros(kernels.n_sums(n_channels), np.float32)
        self.gains = np.ones(n_channels, np.float32)
        self.offsets = np.zeros(n_channels, np.float32)
        self.explained = 1.0
        self.age = 0.0
        self.noise = 0.0

    @property
    def mean_light(self) -> tuple[float, float]:
        """Gain and offset [levels], the mean of all channels."""
        return sum(self.gains.tolist()) / len(self.gains), sum(self.offsets.tolist()) / len(self.offsets)

    def follow(
        self,
        image: NDArray[Any],
        background: Array,
        shift: tuple[float, float],
        interval: float,
        level: float,
    ) -> None:
        """Take in one frame.

        image (H, W, C) · background: the `pixels` of the background, as `kernels` take them
        shift: (y, x) of the frame [pixels] · interval: since the last frame [s] · level: of one count of it [levels]
        """
        frame = self.sampled(image, level, shift)
        self.explained = self.find_light(frame, background)
        self._measure_noise(frame, background)
        light = list(zip(self.gains.tolist(), self.offsets.tolist(), strict=True))
        # what the mixture follows by itself is left to it: its errors would add up over time
        if all(abs((gain - 1) * at + offset) < _SLIGHT for gain, offset in light for at in _TELLING):
            self.gains[:], self.offsets[:] = 1, 0
        is_far = any(max(gain, 1 / max(gain, 1e-6)) > _FAR for gain, _ in light)
        self.age = self.age + interval if is_far else 0.0

    def sampled(self, image: NDArray[Any], level: float, shift: tuple[float, float] = (0.0, 0.0)) -> Array:
        """Return the `pixels` of an image (H, W, C), as `kernels` take them; all else: as in `follow`."""
        samples = np.empty(len(self.pixels) * len(self._channels), np.float32)
        shifts = round(shift[0]), round(shift[1])
        kernels.sample(self._channels, image, self._rows, self._columns, *shifts, np.float32(level), samples)
        return samples

    def find_light(self, frame: Array, background: Array) -> float:
        """Find the light that brings samples of a frame to those of the background; return the share explained.

        Of a scene without contrast nothing is said. The light of the last frame is followed. Where it does not explain
        nearly all, another one may take its place; but only if, of the samples that one of the two explains and the
        other does not, it has `_LEAD` times as many: the shade of a cloud is not a darker exposure.

        frame, background: samples, as `kernels` take them
        """
        samples = self._channels, frame, background
        if not kernels.is_telling(*samples, _FINEST, self._sums):
            self.gains[:], self.offsets[:] = 1, 0
            return 1.0
        n, coarsest = len(frame) // len(self.gains), np.float32(max(float(_COARSEST), _N_SIGMA * self.noise))
        light = self.gains, self.offsets
        is_here = np.empty(n, np.uint8)
        kernels.fit_light(*samples, *light, _FINEST, coarsest, _RIDGE, self._sums)
        n_here = kernels.explained(*samples, *light, coarsest, self._sums, is_here)
        if n_here < _NEARLY_ALL * n:
            another, is_there = self._another_light(frame, background, coarsest), np.empty(n, np.uint8)
            n_there = kernels.explained(*samples, *another, coarsest, self._sums, is_there)
            n_both = np.count_nonzero(is_here & is_there)
            if n_there - n_both > _LEAD * (n_here - n_both):
                (self.gains[:], self.offsets[:]), n_here = another, n_there
        return float(n_here / n)

    def _another_light(self, frame: Array, background: Array, coarsest: np.float32) -> tuple[Array, Array]:
        """Return gains and offsets (C,) about the commonest ratio of samples, whatever the last light was."""
        samples = self._channels, frame, background
        gains, offsets = np.empty_like(self.gains), np.zeros_like(self.offsets)
        gains[:] = kernels.commonest_ratio(*samples, self._sums, np.zeros(kernels.N_RATIOS, np.int64))
        kernels.fit_light(*samples, gains, offsets, _FINEST, coarsest, _RIDGE, self._sums)
        return gains, offsets

    def _measure_noise(self, frame: Array, background: Array) -> None:
        """Follow how far samples stray from their background: the median, for some show objects."""
        light = self.gains, self.offsets
        sigma = kernels.median_residual(self._channels, frame, background, *light, self._sums) / 0.6745
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
