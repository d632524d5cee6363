"""Turning: objects that move straight on or in a turn, whichever fits, by filterpy's interacting multiple model."""

from __future__ import annotations

import math
import sys
from functools import partial

import numpy as np
from filterpy.kalman import IMMEstimator, KalmanFilter
from numpy.typing import NDArray

from gmmtrack.archive import Parts
from gmmtrack.errors import ArgumentError
from gmmtrack.tracking import motion
from gmmtrack.tracking.filters import FilterPerTrack
from gmmtrack.tracking.population import Population
from gmmtrack.tracking.settings import TrackingSettings

Array = NDArray[np.float64]

_N_STATES = motion.N_STATES + 1  # the last is the rate of turn [rad/s]
_RATE = motion.N_STATES
_RATE_SIGMA = 1.5  # [rad/s] rates of turns, usually
_RATE_TIME = 2.0  # [s] after which a rate is forgotten
_MODE_TIME = 1.0  # [s] for which an object goes straight on or turns, usually
_N_MEMORY = 2 * (1 + _N_STATES + _N_STATES**2)
_SMALL = 1e-4  # [rad] of a turn whose formulas would divide by nothing


class Mode(KalmanFilter):  # type: ignore[misc]  # filterpy has no types
    """Motion straight on, or in a turn of unknown rate: the states of `motion`, and the rate of turn [rad/s].

    The coordinated turn, its noise that of straight motion (Bar-Shalom, Li and Kirubarajan 2001, 11.7.1-2), in an
    extended Kalman filter; the rate fades as an Ornstein-Uhlenbeck process.
    """

    def __init__(self, x: Array, P: Array, settings: TrackingSettings, turns: bool) -> None:
        super().__init__(dim_x=_N_STATES, dim_z=motion.N_MEASURED)
        self.x, self.P = np.append(x, 0.0), np.diag(np.full(_N_STATES, _RATE_SIGMA**2))
        self.P[:_RATE, :_RATE] = P
        self.H = np.eye(motion.N_MEASURED, _N_STATES)
        self.acceleration, self.drift, self.turns = settings.acceleration, settings.extent_drift, turns

    def predict(self, dt: float) -> None:
        """Advance by `dt` [s]."""
        size = math.sqrt(np.prod(np.maximum(self.x[motion.EXTENT], 1.0)))
        self.Q = _noise(dt, self.acceleration * size, self.drift * size)
        step, self.F = _turn(self.x, dt) if self.turns else (_straight(dt),) * 2
        self.x = step @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q

    @property
    def likelihood(self) -> float:
        """Of the last measurement; filterpy's own takes five times as long."""
        distance2 = self.y @ self.SI @ self.y
        logarithm = -0.5 * (distance2 + np.linalg.slogdet(2 * np.pi * self.S)[1])
        return max(math.exp(logarithm), sys.float_info.min)


class StraightOrTurning(IMMEstimator):  # type: ignore[misc]  # filterpy has no types
    """An interacting multiple model (Blom and Bar-Shalom 1988) of two modes, whose changes happen in true time."""

    def __init__(self, settings: TrackingSettings, x: Array, P: Array) -> None:
        self.agility, self._acceleration = 1.0, settings.acceleration
        modes = [Mode(x, P, settings, turns=turns) for turns in (False, True)]
        super().__init__(modes, np.full(2, 0.5), _changes(0.0))

    def predict(self, dt: float) -> None:
        """Advance by `dt` [s]."""
        self.M = _changes(dt)
        self._compute_mixing_probabilities()
        self.mu = self.cbar
        for mode in self.filters:
            mode.acceleration = self._acceleration * self.agility
        super().predict(dt)

    @property
    def memory(self) -> Array:
        """(114,) all that it needs to go on exactly: of each mode its probability, x and P."""
        return np.concatenate([self.mu, *(part for mode in self.filters for part in (mode.x, mode.P.ravel()))])

    @memory.setter
    def memory(self, values: Array) -> None:
        self.mu, states = values[:2].copy(), values[2:].reshape(2, _N_STATES + 1, _N_STATES)
        self.cbar: Array = self.mu
        for mode, state in zip(self.filters, states, strict=True):
            mode.x, mode.P = state[0].copy(), state[1:].copy()
        self._compute_state_estimate()


class ImmPerTrack(FilterPerTrack):
    """A `StraightOrTurning` for each track."""

    def __init__(self, settings: TrackingSettings) -> None:
        super().__init__(partial(StraightOrTurning, settings))

    def arrays(self) -> Parts:
        memories = [imm.memory for imm in self.filters]
        return {
            "memories": np.array(memories).reshape(len(memories), _N_MEMORY),
            "predicted": np.array(self.predicted, np.bool_),
        }

    def restore(self, population: Population, arrays: Parts) -> None:
        n = len(population)
        for name, shape in (("memories", (n, _N_MEMORY)), ("predicted", (n,))):
            if arrays[name].shape != shape:
                raise ArgumentError(f"{name} must be {shape}, got {arrays[name].shape}")
        self.start(population)
        for imm, memory in zip(self.filters, arrays["memories"], strict=True):
            imm.memory = memory
        self.predicted = arrays["predicted"].tolist()


def _changes(dt: float) -> Array:
    """Return (2, 2) probabilities of each mode after `dt` [s] given the one before."""
    change = (1 - math.exp(-2 * dt / _MODE_TIME)) / 2
    return np.array([[1 - change, change], [change, 1 - change]])


def _straight(dt: float) -> Array:
    """Return (7, 7) how the states follow from those `dt` [s] ago, straight on."""
    F = np.eye(_N_STATES)
    F[[0, 1], [4, 5]] = dt
    F[_RATE, _RATE] = math.exp(-dt / _RATE_TIME)
    return F


def _turn(x: Array, dt: float) -> tuple[Array, Array]:
    """Return (7, 7) how the states follow from those `dt` [s] ago in a turn, at its rate, and the Jacobian of that."""
    rate = x[_RATE]
    angle = rate * dt
    s, c = math.sin(angle), math.cos(angle)
    if abs(angle) < _SMALL:
        along, across, d_along, d_across = dt, angle * dt / 2, -angle * dt * dt / 3, dt * dt / 2
    else:
        along, across = s / rate, (1 - c) / rate
        d_along, d_across = (dt * c - along) / rate, (dt * s - across) / rate
    step = _straight(dt)
    step[:2, motion.VELOCITY] = [[along, -across], [across, along]]
    step[motion.VELOCITY, motion.VELOCITY] = [[c, -s], [s, c]]
    F = step.copy()
    F[:2, _RATE] = np.array([[d_along, -d_across], [d_across, d_along]]) @ x[motion.VELOCITY]
    F[motion.VELOCITY, _RATE] = dt * np.array([[-s, -c], [c, -s]]) @ x[motion.VELOCITY]
    return step, F


def _noise(dt: float, acceleration: float, drift: float) -> Array:
    """Return (7, 7) what `dt` [s] add to the covariance: as in `kernels.predict`, and what keeps the rate's as it is.

    acceleration [pixels/s^1.5], drift [pixels/s^0.5]
    """
    Q = np.zeros((_N_STATES, _N_STATES))
    q = acceleration**2
    for c, v in ((0, 4), (1, 5)):
        Q[c, c], Q[v, v] = q * dt**3 / 3, q * dt
        Q[c, v] = Q[v, c] = q * dt**2 / 2
    Q[2, 2] = Q[3, 3] = drift**2 * dt
    Q[_RATE, _RATE] = _RATE_SIGMA**2 * (1 - math.exp(-2 * dt / _RATE_TIME))
    return Q
