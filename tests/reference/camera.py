"""What the camera did, in plain NumPy: what the kernels of gmmtrack.background.camera must equal."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates


def fit_lines(
    frame: NDArray[np.float64], background: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return gains and offsets (C,) with background = gain * frame + offset, the frame (N, C) being the noisy side."""
    gains, offsets = [], []
    for x, b in zip(frame.T, background.T, strict=True):
        (slope, _start), *_ = np.linalg.lstsq(np.stack([b, np.ones_like(b)], axis=1), x, rcond=None)
        gains.append(1 / slope)
        offsets.append(b.mean() - x.mean() / slope)
    return np.array(gains), np.array(offsets)


def cost_of(
    image: NDArray[np.float64], places: NDArray[np.float64], values: NDArray[np.float64], shift: tuple[float, float]
) -> float:
    """Return the mean residual [levels], each at most 40, of places (N, 2) seen in image (H, W, C) after a shift."""
    grey = image.mean(axis=2)
    seen = map_coordinates(grey, (places + shift).T, order=1, mode="nearest")
    return float(np.minimum(np.abs(seen - values), 40).mean())


def best_shift(
    image: NDArray[np.float64],
    places: NDArray[np.float64],
    values: NDArray[np.float64],
    start: tuple[float, float],
    reach: float,
    step: float,
) -> tuple[tuple[float, float], float]:
    """Return the shift (y, x) of least cost on a fine grid about `start`, and its cost."""
    steps = np.arange(-reach, reach + step / 2, step)
    shifts = [(start[0] + dy, start[1] + dx) for dy in steps for dx in steps]
    costs = [cost_of(image, places, values, shift) for shift in shifts]
    best = int(np.argmin(costs))
    return shifts[best], costs[best]


def best_whole_shift(
    grey: NDArray[np.float64], places: NDArray[np.float64], values: NDArray[np.float64], reach: int, step: int
) -> tuple[int, int]:
    """Return the shift (y, x) of least cost in whole steps."""
    tried = range(-reach, reach + 1, step)
    return min(((dy, dx) for dy in tried for dx in tried), key=lambda at: whole_shift_cost(grey, places, values, at))


def whole_shift_cost(
    grey: NDArray[np.float64], places: NDArray[np.float64], values: NDArray[np.float64], shift: tuple[int, int]
) -> float:
    """Return the cost of a shift (y, x) in whole pixels; places beyond the border see the border."""
    y, x = np.clip(places.astype(int) + np.array(shift), 0, np.array(grey.shape) - 1).T
    return float(np.minimum(np.abs(grey[y, x] - values), 40).sum())
