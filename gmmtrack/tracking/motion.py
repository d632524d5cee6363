"""Motion: a Kalman filter over all tracks at once.

The state of a track is x = (cx, cy, w, h, vx, vy) [pixels, pixels/s]: its centre moves with constant velocity under
white-noise acceleration, its extent drifts. Measured is z = (cx, cy, w, h).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.tracking import kernels

Array = NDArray[np.float64]

N_STATES = 6
N_MEASURED = 4
CENTER = slice(0, 2)
EXTENT = slice(2, 4)
VELOCITY = slice(4, 6)


def predict(x: Array, P: Array, dt: float, acceleration: Array, drift: Array) -> tuple[Array, Array]:
    """Return states and covariances `dt` [s] later.

    x (N, 6), P (N, 6, 6) · acceleration (N,) [pixels/s^1.5] and drift (N,) [pixels/s^0.5]: densities of the noise

    The noise of continuous white-noise acceleration is integrated over `dt`, so one long step equals many short ones
    (Bar-Shalom, Li and Kirubarajan 2001, eq. 6.2.2-4).
    """
    x, P = x.copy(), P.copy()
    kernels.predict(x, P, dt, acceleration, drift)
    return x, P


def correct(x: Array, P: Array, z: Array, R: Array) -> tuple[Array, Array]:
    """Return states and covariances after measurements, in Joseph's form, which keeps P symmetric and positive.

    x (N, 6), P (N, 6, 6) · z (N, 4) measured centre and extent · R (N, 4) variances of their errors
    """
    x, P = x.copy(), P.copy()
    kernels.correct(x, P, z, R)
    return x, P
