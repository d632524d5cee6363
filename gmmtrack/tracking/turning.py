"""Turning: objects move straight on or in a turn, whichever fits, by an interacting multiple model of all at once.

The states of a track are those of `motion` and its rate of turn [rad/s], held once a mode: in the first it moves
straight on, in the second in a turn at that rate. Both have the noise of constant velocity; the turn is linearised, and
its rate fades as an Ornstein-Uhlenbeck process (Bar-Shalom, Li and Kirubarajan 2001, sections 11.6.6 and 11.7).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.archive import Parts
from gmmtrack.errors import ArgumentError
from gmmtrack.tracking import motion
from gmmtrack.tracking.association import Matches
from gmmtrack.tracking.filters import loosen_unlikely
from gmmtrack.tracking.measurements import Measurements
from gmmtrack.tracking.population import Population
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

N_STATES = motion.N_STATES + 1
RATE = motion.N_STATES
RATE_SIGMA = 1.5  # [rad/s] rates of turns, usually
RATE_TIME = 2.0  # [s] after which a rate is forgotten
MODE_TIME = 1.0  # [s] for which an object goes straight on or turns, usually
_SMALL = 1e-4  # [rad] of a turn whose formulas would divide by nothing
_MEASURED = slice(0, motion.N_MEASURED)


class InteractingModels:
    """An interacting multiple model (Blom and Bar-Shalom 1988) of straight motion and turns, over all tracks at once.

    mu (N, 2): probabilities of the modes · x (N, 2, 7), P (N, 2, 7, 7): of each mode
    """

    def __init__(self, settings: TrackingSettings) -> None:
        self._acceleration, self._drift = settings.acceleration, settings.extent_drift
        self.mu, self.x, self.P = np.zeros((0, 2)), np.zeros((0, 2, N_STATES)), np.zeros((0, 2, N_STATES, N_STATES))

    def predict(self, population: Population, interval: float, agility: float) -> None:
        self.x[:, :, motion.EXTENT] = population.x[:, None, motion.EXTENT]  # may have been set, in a shared blob
        sizes = population.sizes
        self._mix(interval)
        step, F = turns(self.x[:, 1], interval)
        steps = np.stack([np.broadcast_to(straight(interval), step.shape), step], axis=1)
        F = np.stack([steps[:, 0], F], axis=1)
        Q = noise(interval, self._acceleration * agility * sizes, self._drift * sizes)
        self.x = (steps @ self.x[..., None])[..., 0]
        self.P = F @ self.P @ F.swapaxes(2, 3) + Q[:, None]
        self._tell(population, np.arange(len(population)))

    def change_speed(self, population: Population, matches: Matches, measured: Measurements, unseen: Array) -> None:
        if measured.has_blobs:
            return  # one of the models turns
        tracks, grown = loosen_unlikely(population, matches, measured, unseen)
        self.P[tracks, :, :RATE, :RATE] += grown[:, None]

    def correct(self, population: Population, tracks: Rows, measured: Measurements, rows: Rows) -> Array:
        z = measured.z[rows, None]
        variances = (measured.errors[rows].repeat(2, axis=1) * population.sizes[tracks, None]) ** 2
        distances2 = _distances2(population.x[tracks], population.P[tracks], z[:, 0], variances)
        x, P, R = self.x[tracks], self.P[tracks], (variances[:, :, None] * np.eye(motion.N_MEASURED))[:, None]
        y = z - x[..., _MEASURED]
        S = P[..., _MEASURED, _MEASURED] + R
        inverse = np.linalg.inv(S)
        K = P[..., _MEASURED] @ inverse
        rest = np.broadcast_to(np.eye(N_STATES), P.shape).copy()
        rest[..., _MEASURED] -= K
        self.x[tracks] = x + (K @ y[..., None])[..., 0]
        self.P[tracks] = rest @ P @ rest.swapaxes(2, 3) + K @ R @ K.swapaxes(2, 3)
        logarithms = -0.5 * (np.einsum("nka,nkab,nkb->nk", y, inverse, y) + np.linalg.slogdet(S)[1])
        mu = self.mu[tracks] * np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
        self.mu[tracks] = mu / mu.sum(axis=1, keepdims=True)
        self._tell(population, tracks)
        return distances2

    def start(self, born: Population) -> None:
        n = len(born)
        x, P = np.zeros((n, 2, N_STATES)), np.zeros((n, 2, N_STATES, N_STATES))
        x[..., :RATE], P[..., :RATE, :RATE] = born.x[:, None], born.P[:, None]
        P[..., RATE, RATE] = RATE_SIGMA**2
        self.mu = np.concatenate([self.mu, np.full((n, 2), 0.5)])
        self.x, self.P = np.concatenate([self.x, x]), np.concatenate([self.P, P])

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        self.mu, self.x, self.P = self.mu[chosen], self.x[chosen], self.P[chosen]

    def arrays(self) -> Parts:
        return {"mu": self.mu, "x": self.x, "P": self.P}

    def restore(self, population: Population, arrays: Parts) -> None:
        for name, held in self.arrays().items():
            shape = (len(population), *held.shape[1:])
            if arrays[name].shape != shape:
                raise ArgumentError(f"{name} of the modes must be {shape}, got {arrays[name].shape}")
        self.mu, self.x, self.P = arrays["mu"], arrays["x"], arrays["P"]

    def _mix(self, dt: float) -> None:
        """Let the modes change as they do in `dt` [s]: each starts from all, by how likely those led to it."""
        change = (1 - math.exp(-2 * dt / MODE_TIME)) / 2
        joint = self.mu[:, :, None] * np.array([[1 - change, change], [change, 1 - change]])
        self.mu = joint.sum(axis=1)
        shares = joint / self.mu[:, None]
        x = np.einsum("nij,nia->nja", shares, self.x)
        apart = self.x[:, :, None] - x[:, None]
        spread = self.P[:, :, None] + apart[..., :, None] * apart[..., None, :]
        self.x, self.P = x, np.einsum("nij,nijab->njab", shares, spread)

    def _tell(self, population: Population, tracks: Rows) -> None:
        """Put the mean and covariance over both modes into the population."""
        mu, modes = self.mu[tracks], self.x[tracks, :, :RATE]
        x = np.einsum("ni,nia->na", mu, modes)
        apart = modes - x[:, None]
        spread = self.P[tracks, :, :RATE, :RATE] + apart[..., :, None] * apart[..., None, :]
        population.x[tracks], population.P[tracks] = x, np.einsum("ni,niab->nab", mu, spread)


def straight(dt: float) -> Array:
    """Return (7, 7) how the states follow from those `dt` [s] ago, straight on."""
    F = np.eye(N_STATES)
    F[[0, 1], [4, 5]] = dt
    F[RATE, RATE] = math.exp(-dt / RATE_TIME)
    return F


def turns(x: Array, dt: float) -> tuple[Array, Array]:
    """Return (N, 7, 7) how states x (N, 7) lead to those `dt` [s] later in turns at their rates, and the Jacobians."""
    rate, vx, vy = x[:, RATE], x[:, 4], x[:, 5]
    angle = rate * dt
    s, c = np.sin(angle), np.cos(angle)
    is_small = np.abs(angle) < _SMALL
    divisor = np.where(is_small, 1.0, rate)
    along, across = np.where(is_small, dt, s / divisor), np.where(is_small, angle * dt / 2, (1 - c) / divisor)
    d_along = np.where(is_small, -angle * dt * dt / 3, (dt * c - along) / divisor)
    d_across = np.where(is_small, dt * dt / 2, (dt * s - across) / divisor)
    step = np.broadcast_to(straight(dt), (len(x), N_STATES, N_STATES)).copy()
    step[:, 0, 4], step[:, 0, 5], step[:, 1, 4], step[:, 1, 5] = along, -across, across, along
    step[:, 4, 4], step[:, 4, 5], step[:, 5, 4], step[:, 5, 5] = c, -s, s, c
    F = step.copy()
    F[:, 0, RATE], F[:, 1, RATE] = d_along * vx - d_across * vy, d_across * vx + d_along * vy
    F[:, 4, RATE], F[:, 5, RATE] = -dt * (s * vx + c * vy), dt * (c * vx - s * vy)
    return step, F


def noise(dt: float, acceleration: Array, drift: Array) -> Array:
    """Return (N, 7, 7) what `dt` [s] add to covariances: as in `kernels.predict`, and what keeps the rate's as it is.

    acceleration (N,) [pixels/s^1.5], drift (N,) [pixels/s^0.5]
    """
    Q = np.zeros((len(drift), N_STATES, N_STATES))
    for c, v in ((0, 4), (1, 5)):
        Q[:, c, c], Q[:, v, v] = acceleration**2 * dt**3 / 3, acceleration**2 * dt
        Q[:, c, v] = Q[:, v, c] = acceleration**2 * dt**2 / 2
    Q[:, 2, 2] = Q[:, 3, 3] = drift**2 * dt
    Q[:, RATE, RATE] = RATE_SIGMA**2 * (1 - math.exp(-2 * dt / RATE_TIME))
    return Q


def _distances2(x: Array, P: Array, z: Array, variances: Array) -> Array:
    """Return (K,) squared distances of measured centres z (K, 4) from states x (K, 6), P (K, 6, 6) [sigma²]."""
    y = (z - x[:, _MEASURED])[:, motion.CENTER]
    S = P[:, motion.CENTER, motion.CENTER] + variances[:, motion.CENTER, None] * np.eye(2)
    return np.asarray(np.einsum("ka,kab,kb->k", y, np.linalg.inv(S), y))
