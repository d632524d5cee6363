"""SizeModel: how large an object usually is at each place of the scene, learned while it is watched."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_CAPACITY = 2000  # samples
_EVERY = 25  # samples between fits
_FEWEST_SAMPLES = 50
_FEWEST_TRACKS = 4
_LARGEST_SPREAD = 0.25  # relative; beyond it size does not follow place
_N_STEPS = 10
_MARGIN = 1.3  # how far beyond the sizes seen it extrapolates


class SizeModel:
    """How large an object usually is at each place of the scene, learned while it is watched.

    The size, the root of the box area, is taken to be linear in the place, as it is under perspective for bodies of
    like size on a plane, and is fitted by least absolute relative deviations (iteratively reweighted least squares),
    so that a few pairs seen as one do not matter. Where size does not follow place, as for animals seen from above
    that differ among themselves, the deviations stay large and the model answers NaN: unknown.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float, float, int]] = deque(maxlen=_CAPACITY)
        self._n_new = 0
        self._coefficients: Array | None = None
        self._limits = (0.0, 0.0)

    def arrays(self) -> dict[str, Array]:
        """Return all that was learned as named arrays."""
        return {
            "samples": np.array(self._samples, np.float64).reshape(-1, 4),
            "n_new": np.array(float(self._n_new)),
            "coefficients": np.full(3, np.nan) if self._coefficients is None else self._coefficients,
            "limits": np.array(self._limits),
        }

    def restore(self, arrays: dict[str, Array]) -> None:
        """Take over what `arrays` gave."""
        coefficients, (lowest, highest) = arrays["coefficients"], arrays["limits"]
        samples = ((x, y, size, int(track)) for x, y, size, track in arrays["samples"].tolist())
        self._samples = deque(samples, maxlen=_CAPACITY)
        self._n_new = int(arrays["n_new"])
        self._coefficients = None if np.isnan(coefficients).any() else coefficients
        self._limits = (float(lowest), float(highest))

    @property
    def known(self) -> bool:
        """Whether size follows place in this scene, as far as it has been seen."""
        return self._coefficients is not None

    def learn(self, xyxy: Array, ids: NDArray[np.int64]) -> None:
        """Take boxes (N, 4) [pixels] of objects seen whole and alone, and which tracks (N,) they are of."""
        rows = zip(*_centers(xyxy).T.tolist(), box_sizes(xyxy).tolist(), ids.tolist(), strict=True)
        self._samples.extend((x, y, size, track) for x, y, size, track in rows if size > 0)
        self._n_new += len(xyxy)
        if self._n_new >= _EVERY:
            self._n_new = 0
            self._fit()

    def expected(self, points: Array) -> Array:
        """Return (N,) the usual size [pixels] of an object centred at points (N, 2), NaN where it is not known."""
        if self._coefficients is None:
            return np.full(len(points), np.nan)
        lowest, highest = self._limits
        return np.clip(_features(points) @ self._coefficients, lowest / _MARGIN, highest * _MARGIN)

    def usual(self, xyxy: Array) -> Array:
        """Return (N,) the usual size [pixels] of an object where boxes (N, 4) lie, NaN where it is not known."""
        return self.expected(_centers(xyxy))

    def _fit(self) -> None:
        samples = np.array(self._samples)
        self._coefficients = None
        if len(samples) < _FEWEST_SAMPLES or len(np.unique(samples[:, 3])) < _FEWEST_TRACKS:
            return
        A, sizes = _features(samples[:, :2]), samples[:, 2]
        weights = 1 / sizes
        for _ in range(_N_STEPS):
            coefficients = np.asarray(np.linalg.lstsq(A * weights[:, None], sizes * weights, rcond=None)[0], np.float64)
            deviations = np.abs(A @ coefficients / sizes - 1)
            weights = 1 / (sizes * np.sqrt(np.maximum(deviations, 0.01)))
        spread = 1.48 * float(np.median(deviations))
        if spread <= _LARGEST_SPREAD:
            self._coefficients = coefficients
            self._limits = (float(np.quantile(sizes, 0.05)), float(np.quantile(sizes, 0.95)))


def box_sizes(xyxy: Array) -> Array:
    """Return (N,) the sizes of boxes (N, 4), the roots of their areas [pixels]."""
    return np.asarray(np.sqrt(np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)))


def _centers(xyxy: Array) -> Array:
    return np.asarray((xyxy[:, :2] + xyxy[:, 2:]) / 2)


def _features(points: Array) -> Array:
    """Return (N, 3) what size is linear in."""
    return np.concatenate([np.ones((len(points), 1)), points], axis=1)
