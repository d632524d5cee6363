"""Shake: how far the camera has moved from where the background was learned."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.camera import kernels
from gmmtrack.background.state import fitting
from gmmtrack.errors import ArgumentError
from gmmtrack.frames.shrinking import shrunk
from gmmtrack.lanes import LANES

Fit = tuple[tuple[float, float], float]  # a shift (y, x) [pixels] and its cost [levels]

_SOONEST, _LATEST = 2.0, 16.0  # [s] corners are chosen anew, each time after twice as long
_REST = (0.0, 0.0)
_N_CORNERS = 150
_FEWEST = 12  # corners; fewer do not hold a frame
_SCAN_HEIGHT = 240  # [pixels] of the reduced frame in which large displacements are looked for
_REACH = 0.085  # [frame heights] the camera may move
_GOOD = 1.1  # a fit that is worse than the usual one by no more than this factor is not looked for elsewhere
_SLACK = 1.3  # a fit that is worse than the usual one by this factor is looked for farther away
_BETTER = 0.85  # a camera has moved if its corners then fit better than at rest by this factor
_N_STEPS = 8
_STILL = 0.2  # [pixels] a displacement below this is left alone: resampling would cost more sharpness than it saves


class Shake:
    """Follows how far the camera has moved, by corners of the background.

    Each frame, the corners are fitted from where they were last; if they do not fit well, from rest too; and if they
    fit badly, they are looked for over the whole reach.

    shift: (y, x) [pixels] of this frame, a point of the background at p being seen at p + shift
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        height, width, n_channels = shape
        self._channels = (0,) * n_channels
        self._size = height, width
        self._factor = min(max(1, round(height / _SCAN_HEIGHT)), width)
        self._offsets = _window()
        self.shift = _REST
        self.places = np.zeros((0, 2), np.float32)
        self.values = np.zeros(0, np.float32)
        self.slopes = np.zeros((0, 2), np.float32)
        self.usual_cost = 0.0
        self.age = np.inf  # [s] of the corners
        self.lasting = _SOONEST  # [s] they are to be used

    def forget(self) -> None:
        """Choose corners anew at once, and soon again: the background has been changed."""
        self.age = np.inf

    def reset(self) -> None:
        """Take the camera to be at rest, and choose corners anew: the scene is another one."""
        self.forget()
        self.shift = _REST
        self.usual_cost = 0.0

    def wants_corners(self, interval: float) -> bool:
        """Return whether the corners are due to be renewed, `interval` [s] after the last call."""
        self.age += interval
        return self.age >= self.lasting

    def choose_corners(self, grey: NDArray[np.float32]) -> None:
        """Choose corners of the background to hold on to; grey (H, W) [levels]: the mean of its channels."""
        self.lasting = _SOONEST if np.isinf(self.age) else min(2 * self.lasting, _LATEST)
        self.age = 0.0
        small = shrunk(grey, self._factor)
        apart = max(4.0, small.shape[0] / 20)
        found = cv2.goodFeaturesToTrack(np.clip(small, 0, 255).astype(np.uint8), _N_CORNERS, 0.02, apart)
        if found is None or len(found) < _FEWEST:
            self.places, self.values, self.slopes = self.places[:0], self.values[:0], self.slopes[:0]
            return
        corners = found[:, 0, ::-1] * self._factor
        places = (corners[:, None] + self._offsets).reshape(-1, 2)
        limits = np.array(self._size) - 3
        places = places[np.all((places >= 2) & (places <= limits), axis=1)]
        self.places = np.rint(places).astype(np.float32)
        y, x = self.places.astype(np.int64).T
        soft = cv2.GaussianBlur(grey, (3, 3), 0.7)
        self.values = grey[y, x]
        slopes = np.stack([soft[y + 1, x] - soft[y - 1, x], soft[y, x + 1] - soft[y, x - 1]], axis=1) / 2
        self.slopes = slopes.astype(np.float32)

    def follow(self, image: NDArray[Any], gain: float, offset: float) -> None:
        """Find the shift of one frame; gain and offset bring image (H, W, C) to the background's levels."""
        if not len(self.places):
            self.shift = _REST
            return
        best, at_rest = self._refine(image, gain, offset, self.shift if self.moved else _REST)
        if self.moved:
            n_steps = _N_STEPS if best[1] > _GOOD * self.usual_cost else 1
            near, at_rest = self._refine(image, gain, offset, _REST, n_steps)
            best = min(near, best, key=_cost)
        if best[1] > _SLACK * self.usual_cost + 1:
            found, _ = self._refine(image, gain, offset, self._scan(image, gain, offset))
            best = min(best, found, key=_cost)
            if best[1] * _SLACK > at_rest:  # the scene differs, wherever the camera looks
                best = _REST, at_rest
        if best[1] > _BETTER * at_rest:  # what moves a little is the scene
            best = _REST, at_rest
        shift, cost = best
        if self.usual_cost == 0.0:
            self.usual_cost = cost
        self.usual_cost += 0.05 * (min(cost, 1.5 * self.usual_cost + 0.1) - self.usual_cost)
        reach = _REACH * self._size[0]
        self.shift = shift if max(abs(shift[0]), abs(shift[1])) <= reach else _REST

    @property
    def moved(self) -> bool:
        """Whether the frame must be moved back."""
        return max(abs(self.shift[0]), abs(self.shift[1])) > _STILL

    def state(self) -> dict[str, Any]:
        """Return what `restore` takes, in its order."""
        numbers = {"shift": self.shift, "usual_cost": self.usual_cost, "age": self.age, "lasting": self.lasting}
        return {"places": self.places, "values": self.values, "slopes": self.slopes, **numbers}

    def restore(
        self,
        places: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
        shift: NDArray[Any],
        usual_cost: NDArray[Any],
        age: NDArray[Any],
        lasting: NDArray[Any],
    ) -> None:
        """Go on from what `state` returned."""
        if not (np.isfinite(places).all() and np.isfinite(shift).all()):
            raise ArgumentError("the corners and shift of a shaking camera must be finite")
        n = len(np.atleast_1d(places))
        self.places = fitting(np.zeros((n, 2), np.float32), places)
        self.values = fitting(np.zeros(n, np.float32), values)
        self.slopes = fitting(np.zeros((n, 2), np.float32), slopes)
        y, x = fitting(np.zeros(2), shift)
        self.shift = float(y), float(x)
        self.usual_cost, self.age, self.lasting = float(usual_cost), float(age), float(lasting)

    def _refine(
        self, image: NDArray[Any], gain: float, offset: float, start: tuple[float, float], n_steps: int = _N_STEPS
    ) -> tuple[Fit, float]:
        """Return the best fit near `start`, and the cost there."""
        gain32, offset32, y32, x32 = (np.float32(n) for n in (gain, offset, *start))
        corners = self.places, self.values, self.slopes.reshape(-1)
        memory = np.empty(4 * len(self.places) + 2 * LANES, np.float32), np.empty(6 * LANES, np.float32)
        y, x, cost, at_start = kernels.refine(
            self._channels, image, *corners, gain32, offset32, y32, x32, n_steps, *memory
        )  # fmt: skip
        return ((y, x), cost), at_start

    def _scan(self, image: NDArray[Any], gain: float, offset: float) -> tuple[float, float]:
        """Return about where the corners are, from a reduced frame."""
        small = shrunk(np.ascontiguousarray(image), self._factor)
        grey = np.empty(small.shape[:2], np.float32)
        kernels.grey(self._channels, small, np.float32(gain), np.float32(offset), grey)
        # one place of each window is enough to find its neighbourhood
        n = len(self._offsets)
        places = self.places[n // 2 :: n] / np.float32(self._factor)
        reach = round(_REACH * len(grey))
        y, x = kernels.scan(cv2.blur(grey, (3, 3)), places, self.values[n // 2 :: n], reach, 2)
        return float(y) * self._factor, float(x) * self._factor


def _cost(fit: Fit) -> float:
    return fit[1]


def _window() -> NDArray[np.float32]:
    """Return the places about a corner that are compared, (N, 2) [pixels]."""
    steps = np.arange(-3, 4, 3, dtype=np.float32)
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
