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
def compare(x, P, z, errors, places, extents, overlaps):
    """Write how well each detection fits each track.

    x (N, 6), P (N, 6, 6) · z (M, 4) measured centre and extent, errors (M, 2) of these [sizes of the track]
    places (N, M, 2): squared distance of centres [sigma²], and the log of its covariance's determinant [sizes⁴]
    extents (N, M): squared distance of widths and heights [sigma²] · overlaps (N, M): intersection over union of boxes
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
            places[t, d, 0] = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant
            places[t, d, 1] = np.log(determinant / (area * area))
            R = errors[d, 1] * errors[d, 1] * area
            dw = z[d, 2] - x[t, 2]
            dh = z[d, 3] - x[t, 3]
            extents[t, d] = dw * dw / (P[t, 2, 2] + R) + dh * dh / (P[t, 3, 3] + R)
            dx = min((width + z[d, 2]) / 2 - abs(dx), min(width, z[d, 2]))
            dy = min((height + z[d, 3]) / 2 - abs(dy), min(height, z[d, 3]))
            shared = max(dx, 0.0) * max(dy, 0.0)
            joined = area + z[d, 2] * z[d, 3] - shared
            overlaps[t, d] = shared / joined
