"""Statistics: all that EM needs to know of the points it has seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sufficient statistics of points under a mixture: additive, and free of cancellation far from the origin.

    counts: (K,) sums of responsibilities times point weights · means: (K, D) of the points each component got
    scatters: (K, D, D) sums of (x - mean)(x - mean)' about those means; only diagonals where covariances are
    weight: sum of the point weights, that of clutter included · log_likelihood: natural, summed over the point weights

    Statistics of parts of the data, all from the same parameters, add up to those of the whole, whatever the parts.
    """

    counts: Floats
    means: Floats
    scatters: Floats
    weight: float
    log_likelihood: float

    @classmethod
    def from_sums(
        cls, counts: Floats, firsts: Floats, seconds: Floats, reference: Floats, weight: float, log_likelihood: float
    ) -> Statistics:
        """Return the statistics from moments about `reference` (K, D), of `seconds` (K, D, D) the upper triangle."""
        safe = np.where(counts > 0.0, counts, 1.0)
        shifts = firsts / safe[:, None]
        upper = np.triu(seconds)
        whole = upper + np.triu(seconds, 1).transpose(0, 2, 1)
        scatters = whole - safe[:, None, None] * shifts[:, :, None] * shifts[:, None, :]
        return cls(counts.copy(), reference + shifts, scatters, float(weight), float(log_likelihood))

    @classmethod
    def from_responsibilities(cls, points: Floats, responsibilities: Floats) -> Statistics:
        """Return the statistics of points (N, D) under given responsibilities (N, K) times point weights."""
        counts = responsibilities.sum(axis=0)
        safe = np.where(counts > 0.0, counts, 1.0)
        centre = points.mean(axis=0)
        means = (responsibilities.T @ (points - centre)) / safe[:, None] + centre
        scatters = np.empty((len(counts), points.shape[1], points.shape[1]))
        for k in range(len(counts)):
            used = responsibilities[:, k] > 0.0
            deltas = points[used] - means[k]
            scatters[k] = (responsibilities[used, k, None] * deltas).T @ deltas
        return cls(counts, means, scatters, float(counts.sum()), 0.0)

    def __add__(self, other: Statistics) -> Statistics:
        """Return the statistics of both sets of points (Chan, Golub and LeVeque 1983, eq. 2.1)."""
        if self.means.shape != other.means.shape:
            raise ArgumentError(f"statistics must have the shape {self.means.shape}, got {other.means.shape}")
        counts = self.counts + other.counts
        safe = np.where(counts > 0.0, counts, 1.0)
        share = other.counts / safe
        gaps = other.means - self.means
        between = (self.counts * share)[:, None, None] * gaps[:, :, None] * gaps[:, None, :]
        return Statistics(
            counts,
            self.means + share[:, None] * gaps,
            self.scatters + other.scatters + between,
            self.weight + other.weight,
            self.log_likelihood + other.log_likelihood,
        )

    def scaled(self, factor: float) -> Statistics:
        """Return the statistics as if every point weighed `factor` >= 0 times as much; below 1, they are forgotten."""
        if not 0.0 <= factor < np.inf:
            raise ArgumentError(f"factor must be >= 0 and finite, got {factor!r}")
        return Statistics(
            factor * self.counts,
            self.means.copy(),
            factor * self.scatters,
            factor * self.weight,
            factor * self.log_likelihood,
        )

    def moved(self, offset: Floats) -> Statistics:
        """Return the statistics of the same points, all moved by `offset` (D,)."""
        return Statistics(self.counts, self.means + offset, self.scatters, self.weight, self.log_likelihood)
