"""Motion: a Kalman filter over all tracks at once.

The state of a track is x = (cx, cy, w, h, vx, vy) [pixels, pixels/s]: its centre moves with constant velocity under
white-noise acceleration, its extent drifts. Measured is z = (cx, cy, w, h).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

N_STATES = 6
N_MEASURED = 4
CENTER = slice(0, 2)
EXTENT = slice(2, 4)
VELOCITY = slice(4, 6)


def predict(x: Array, P: Array, dt: float, acceleration: Array, drift: Array) -> tuple[Array, Array]:
    """Return states and covariances `dt` [s] later.

    x (N, 6), P (N, 6, 6) · acceleration (N,) [pixels/s²] and drift (N,) [pixels/√s] are standard deviations

    The noise of continuous white-noise acceleration is integrated over `dt`, so one long step equals many short ones
    (Bar-Shalom, Li and Kirubarajan 2001, eq. 6.2.2-4).
    """
    F = np.eye(N_STATES)
    F[0, 4] = F[1, 5] = dt
    Q = np.zeros_like(P)
    q = acceleration**2
    for centre, velocity in ((0, 4), (1, 5)):
        Q[:, centre, centre] = q * dt**3 / 3
        Q[:, centre, velocity] = Q[:, velocity, centre] = q * dt**2 / 2
        Q[:, velocity, velocity] = q * dt
    Q[:, 2, 2] = Q[:, 3, 3] = drift**2 * dt
    return x @ F.T, F @ P @ F.T + Q


def correct(x: Array, P: Array, z: Array, R: Array) -> tuple[Array, Array]:
    """Return states and covariances after measurements, in Joseph's form, which keeps P symmetric and positive.

    x (N, 6), P (N, 6, 6) · z (N, 4) measured centre and extent · R (N, 4) variances of their errors
    """
    n = len(x)
    S = P[:, :N_MEASURED, :N_MEASURED] + R[:, :, None] * np.eye(N_MEASURED)
    K = np.linalg.solve(S, P[:, :N_MEASURED, :]).transpose(0, 2, 1)
    A = np.tile(np.eye(N_STATES), (n, 1, 1))
    A[:, :, :N_MEASURED] -= K
    corrected = x + (K @ (z - x[:, :N_MEASURED])[:, :, None])[:, :, 0]
    return corrected, A @ P @ A.transpose(0, 2, 1) + (K * R[:, None, :]) @ K.transpose(0, 2, 1)
