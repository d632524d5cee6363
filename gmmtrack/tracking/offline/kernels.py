"""Kernels of the backward pass: one axis of one track at a time, for the axes of `motion` are independent."""

import numpy as np

from gmmtrack.compilation import inline_kernel, kernel


@kernel
def smooth(times, z, variances, acceleration2, drift2, speed2, x, P):
    """Write what is known of one axis with hindsight: Kalman's filter forward, Rauch, Tung and Striebel's backward.

    times (T,) [s], rising · z (T,) measured [pixels] · variances (T,) of their errors [pixels²], < 0 where nothing was
    acceleration2 [pixels²/s³], drift2 [pixels²/s]: noise of velocity and of place · speed2: variance of the first
    velocity [pixels²/s²], 0 for what has none
    x (T, 2): place and velocity · P (T, 3): their variances and, in the middle, covariance; both written
    """
    p, v, a, b, c = z[0], 0.0, variances[0], 0.0, speed2
    x[0, 0], x[0, 1], P[0, 0], P[0, 1], P[0, 2] = p, v, a, b, c
    for t in range(1, len(times)):
        dt = times[t] - times[t - 1]
        p += dt * v
        a, b, c = _foretold(a, b, c, dt, acceleration2, drift2)
        if variances[t] >= 0:
            S = a + variances[t]
            innovation = z[t] - p
            p, v, a, b, c = _corrected(p, v, a, b, c, S, innovation)
        x[t, 0], x[t, 1], P[t, 0], P[t, 1], P[t, 2] = p, v, a, b, c
    for t in range(len(times) - 2, -1, -1):
        dt = times[t + 1] - times[t]
        a, b, c = P[t, 0], P[t, 1], P[t, 2]
        A, B, C = _foretold(a, b, c, dt, acceleration2, drift2)
        determinant = A * C - B * B
        if determinant > 1e-12 * A * C:
            # G = P F' Q⁻¹, with Q = [[A, B], [B, C]] predicted
            g00 = ((a + dt * b) * C - b * B) / determinant
            g01 = (b * A - (a + dt * b) * B) / determinant
            g10 = ((b + dt * c) * C - c * B) / determinant
            g11 = (c * A - (b + dt * c) * B) / determinant
        else:
            g00, g01, g10, g11 = a / A, 0.0, 0.0, 0.0
        dp = x[t + 1, 0] - x[t, 0] - dt * x[t, 1]
        dv = x[t + 1, 1] - x[t, 1]
        dA, dB, dC = P[t + 1, 0] - A, P[t + 1, 1] - B, P[t + 1, 2] - C
        x[t, 0] += g00 * dp + g01 * dv
        x[t, 1] += g10 * dp + g11 * dv
        P[t, 0] = a + g00 * (g00 * dA + g01 * dB) + g01 * (g00 * dB + g01 * dC)
        P[t, 1] = b + g00 * (g10 * dA + g11 * dB) + g01 * (g10 * dB + g11 * dC)
        P[t, 2] = c + g10 * (g10 * dA + g11 * dB) + g11 * (g10 * dB + g11 * dC)


@kernel
def disbelieve(times, z, variances, acceleration2, drift2, speed2):
    """Return how ill a model of motion foretells one axis: minus the log likelihood, up to a constant, in Student's t.

    Arguments as of `smooth`. The tails of 4 degrees of freedom keep single jumps from passing for motion.
    """
    p, v, a, b, c = z[0], 0.0, variances[0], 0.0, speed2
    total = 0.0
    for t in range(1, len(times)):
        dt = times[t] - times[t - 1]
        p += dt * v
        a, b, c = _foretold(a, b, c, dt, acceleration2, drift2)
        if variances[t] >= 0:
            S = a + variances[t]
            innovation = z[t] - p
            total += 2.5 * np.log1p(innovation**2 / (4 * S)) + 0.5 * np.log(S)
            p, v, a, b, c = _corrected(p, v, a, b, c, S, innovation)
    return total


@inline_kernel
def _foretold(a, b, c, dt, acceleration2, drift2):
    """Return the variances of place and velocity, a and c, and their covariance b, after a time `dt` [s]."""
    ahead = a + dt * (2 * b + dt * c) + acceleration2 * dt**3 / 3 + drift2 * dt
    return ahead, b + dt * c + acceleration2 * dt**2 / 2, c + acceleration2 * dt


@inline_kernel
def _corrected(p, v, a, b, c, S, innovation):
    """Return place, velocity and their variances after a measurement; S: variance of the innovation [pixels²]."""
    return p + a / S * innovation, v + b / S * innovation, a - a / S * a, b - a / S * b, c - b * b / S
