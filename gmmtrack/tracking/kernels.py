"""Kernels of tracking: the filter, and how well each detection fits each track; one track at a time."""

import numpy as np

from gmmtrack.compilation import kernel


@kernel
def predict(x, P, dt, acceleration, drift):
    """Advance states by `dt` [s], in place.

    x (N, 6), P (N, 6, 6): centre, extent, velocity; see `motion`
    acceleration (N,) [pixels/s^1.5], drift (N,) [pixels/s^0.5]: densities of the noise of velocity and of extent
    """
    for t in range(len(x)):
        for c, v in ((0, 4), (1, 5)):
            q = acceleration[t] * acceleration[t]
            x[t, c] += dt * x[t, v]
            for i in range(6):
                P[t, c, i] += dt * P[t, v, i]
            for i in range(6):
                P[t, i, c] += dt * P[t, i, v]
            P[t, c, c] += q * dt * dt * dt / 3
            P[t, c, v] += q * dt * dt / 2
            P[t, v, c] += q * dt * dt / 2
            P[t, v, v] += q * dt
        for e in (2, 3):
            P[t, e, e] += drift[t] * drift[t] * dt


@kernel
def correct(x, P, z, R):
    """Take measurements, in place: one number after the other, for their errors are independent, in Joseph's form.

    x (N, 6), P (N, 6, 6) · z (N, 4) measured centre and extent · R (N, 4) variances of their errors
    """
    k = np.empty(6)
    held = np.empty(6)
    for t in range(len(x)):
        for m in range(4):
            S = P[t, m, m] + R[t, m]
            innovation = z[t, m] - x[t, m]
            for i in range(6):
                k[i] = P[t, i, m] / S
                held[i] = P[t, m, i]
                x[t, i] += k[i] * innovation
            for i in range(6):
                for j in range(6):
                    P[t, i, j] -= k[i] * held[j]
            for i in range(6):
                held[i] = R[t, m] * k[i] - P[t, i, m]
            for i in range(6):
                for j in range(6):
                    P[t, i, j] += held[i] * k[j]


@kernel
def compare(x, P, z, errors, places, doubts, extents, overlaps):
    """Write how well each detection fits each track.

    x (N, 6), P (N, 6, 6) · z (M, 4) measured centre and extent, errors (M, 2) of these [sizes of the track]
    written, (N, M) each: places, extents: squared distances of centres, and of widths and heights [sigma²]
    doubts: log of the determinant of the covariance of the centres' distance [sizes⁴] · overlaps: intersection over union
    """
    for t in range(len(x)):
        width = max(x[t, 2], 1.0)
        height = max(x[t, 3], 1.0)
        area = width * height
        for d in range(len(z)):
            R = errors[d, 0] * errors[d, 0] * area
            a = P[t, 0, 0] + R
            b = P[t, 0, 1]
            c = P[t, 1, 1] + R
            determinant = a * c - b * b
            dx = z[d, 0] - x[t, 0]
            dy = z[d, 1] - x[t, 1]
            places[t, d] = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant
            doubts[t, d] = np.log(determinant / (area * area))
            R = errors[d, 1] * errors[d, 1] * area
            dw = z[d, 2] - x[t, 2]
            dh = z[d, 3] - x[t, 3]
            extents[t, d] = dw * dw / (P[t, 2, 2] + R) + dh * dh / (P[t, 3, 3] + R)
            dx = min((width + z[d, 2]) / 2 - abs(dx), min(width, z[d, 2]))
            dy = min((height + z[d, 3]) / 2 - abs(dy), min(height, z[d, 3]))
            shared = max(dx, 0.0) * max(dy, 0.0)
            joined = area + z[d, 2] * z[d, 3] - shared
            overlaps[t, d] = shared / joined


@kernel
def surprises(x, P, z, R):
    """Return (N,) squared distances of measured centres from where they were expected [sigma²].

    x (N, 6), P (N, 6, 6) · z (N, 4) measured centre and extent · R (N, 4) variances of their errors
    """
    distances2 = np.empty(len(x))
    for t in range(len(x)):
        a = P[t, 0, 0] + R[t, 0]
        b = P[t, 0, 1]
        c = P[t, 1, 1] + R[t, 1]
        dx = z[t, 0] - x[t, 0]
        dy = z[t, 1] - x[t, 1]
        distances2[t] = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / (a * c - b * b)
    return distances2
