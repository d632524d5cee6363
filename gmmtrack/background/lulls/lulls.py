"""Lull: how often calm pixels are learned, and in which light they are compared in between."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.lulls.kernels import FAR, LIT, PLAIN
from gmmtrack.lanes import MANY

_NEVER = 1 << 30  # frames
_LARGEST_STEP = 0.03  # share of the mixture that is learned at once
_FEWEST = 8  # frames; for fewer, a range costs more than it saves
_GREATEST_GAIN = 15.0  # that 16 bits hold
_GREATEST_OFFSET = 1000.0  # [levels]

_NO_GAINS, _NO_OFFSETS = np.zeros(0, np.uint16), np.zeros(0, np.int16)


class Lull(NamedTuple):
    """Which tiles are learned from a frame where they are calm; the others are only compared with it.

    gains, offsets, light, every, phase: see `lulls.kernels`
    """

    gains: NDArray[np.uint16]
    offsets: NDArray[np.int16]
    light: int
    every: int
    phase: int

    @classmethod
    def of(cls, light: NDArray[np.float32] | None, n_channels: int, every: int, phase: int) -> Lull:
        """Return that of a frame; light (2 * C,): gains, then offsets [levels], to that of the background, or None."""
        if light is None:
            return cls(_NO_GAINS, _NO_OFFSETS, PLAIN, every, phase)
        gains, offsets = light[:n_channels].tolist(), light[n_channels:].tolist()
        if all(gain == 1 for gain in gains) and not any(offsets):
            return cls(_NO_GAINS, _NO_OFFSETS, PLAIN, every, phase)
        if not (min(gains) > 0 and max(gains) < _GREATEST_GAIN and max(map(abs, offsets)) < _GREATEST_OFFSET):
            return cls(_NO_GAINS, _NO_OFFSETS, FAR, every, phase)
        fixed_gains = np.array([round(4096 * gain) for gain in gains] * MANY, np.uint16)
        fixed_offsets = np.array([round(16 * offset) for offset in offsets] * MANY, np.int16)
        return cls(fixed_gains, fixed_offsets, LIT, every, phase)


def frames_of_a_lull(lull: float, rate: float, interval: float) -> int:
    """Return how many frames a calm pixel is learned once in: a power of two, so that it hardly ever changes, or 1.

    lull: [s], how long it may wait · rate: share of a frame in the mixture · interval: between frames [s]
    """
    if rate == 0:
        return _NEVER
    most = min(_LARGEST_STEP / rate, lull / max(interval, 1e-6))
    return 1 << int(most).bit_length() - 1 if most >= _FEWEST else 1
