"""Smooth random textures: value noise on a wrapping lattice, at any coordinates, in several octaves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]

_PERIOD = 128  # lattice points after which the noise repeats


class Noise:
    """Value noise: random numbers on a lattice, joined smoothly; mean 0, values -1 to 1."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._table = rng.uniform(-1, 1, (_PERIOD, _PERIOD)).astype(np.float32)

    def __call__(self, x: Plane, y: Plane) -> NDArray[np.float32]:
        """Return the noise at coordinates `x`, `y` [lattice steps], of the shape that they broadcast to."""
        column, row = np.floor(x), np.floor(y)
        across, down = _ease(x - column), _ease(y - row)
        left, top = column.astype(np.int64) % _PERIOD, row.astype(np.int64) % _PERIOD
        right, bottom = (left + 1) % _PERIOD, (top + 1) % _PERIOD
        table = self._table
        upper = table[top, left] * (1 - across) + table[top, right] * across
        lower = table[bottom, left] * (1 - across) + table[bottom, right] * across
        mixed: NDArray[np.float32] = (upper * (1 - down) + lower * down).astype(np.float32)
        return mixed


def layered(rng: np.random.Generator, x: Plane, y: Plane, wavelength: float, n_octaves: int) -> NDArray[np.float32]:
    """Return noise of `n_octaves` from `wavelength` [units of x and y] down, each half as long and 0.6 as strong."""
    total, strength = np.zeros(np.broadcast(x, y).shape, np.float32), 1.0
    for octave in range(n_octaves):
        step = wavelength / 2**octave
        total += np.float32(strength) * Noise(rng)(x / step, y / step)
        strength *= 0.6
    return total


def waves(rng: np.random.Generator, n: int, slowest: float, fastest: float) -> NDArray[np.float64]:
    """Return (n, 2) random sinusoids: angular frequency [rad/s] between two periods [s], and phase [rad]."""
    periods = np.exp(rng.uniform(np.log(fastest), np.log(slowest), n))
    return np.column_stack([2 * np.pi / periods, rng.uniform(0, 2 * np.pi, n)])


def sway(modes: NDArray[np.float64], time: float) -> float:
    """Return the mean of sinusoids `modes` at `time` [s], scaled to a standard deviation near 0.7."""
    return float(np.sin(modes[:, 0] * time + modes[:, 1]).sum() / np.sqrt(len(modes)))


def _ease(share: Plane) -> Plane:
    return share * share * (3 - 2 * share)
