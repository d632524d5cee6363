"""Kernels of tracking: the filter, what it costs a track to take a detection, and what becomes of each track.

A size is the root of the area of a track's box. Tracks are x (N, 6), P (N, 6, 6): centre, extent, velocity; see
`motion`. Detections are z (M, 4): centre and extent; errors (M, 2): standard deviations of these [sizes of the track].
"""

import numpy as np

from gmmtrack.compilation import inline_kernel, kernel

MOST_ODDS = 12.0  # log-odds beyond which existence is not counted


@kernel
def predict(x, P, dt, acceleration, drift):
    """Advance tracks x (N, 6), P (N, 6, 6) by `dt` [s], in place.

    acceleration [sizes/s^1.5], drift [sizes/s^0.5]: densities of the noise of velocity and of extent
    """
    for t in range(len(x)):
        area = max(x[t, 2], 1.0) * max(x[t, 3], 1.0)
        q = acceleration * acceleration * area
        for c, v in ((0, 4), (1, 5)):
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
            P[t, e, e] += drift * drift * area * dt


@kernel
def correct(x, P, tracks, z, errors, rows):
    """Let tracks take detections, in place, and return (K,) squared distances of their centres before [sigma²].

    x (N, 6), P (N, 6, 6) · z (M, 4), errors (M, 2) · tracks[i] takes rows[i], both (K,)

    The errors of the four numbers are independent, so they are taken one after the other, in Joseph's form.
    """
    k, held = np.empty(6), np.empty(6)
    distances2 = np.empty(len(tracks))
    for i in range(len(tracks)):
        t, d = tracks[i], rows[i]
        area = max(x[t, 2], 1.0) * max(x[t, 3], 1.0)
        distances2[i] = distance2(x[t], P[t], z[d], errors[d, 0] * errors[d, 0] * area)[0]
        for m in range(4):
            R = errors[d, m // 2] * errors[d, m // 2] * area
            S = P[t, m, m] + R
            innovation = z[d, m] - x[t, m]
            for a in range(6):
                k[a] = P[t, a, m] / S
                held[a] = P[t, m, a]
                x[t, a] += k[a] * innovation
            for a in range(6):
                for b in range(6):
                    P[t, a, b] -= k[a] * held[b]
            for a in range(6):
                held[a] = R * k[a] - P[t, a, m]
            for a in range(6):
                for b in range(6):
                    P[t, a, b] += held[a] * k[b]
    return distances2


@inline_kernel
def distance2(x, P, z, R):
    """Return the squared distance of centres [sigma²] under P + R, and its covariance's determinant [pixels⁴]."""
    a = P[0, 0] + R
    b = P[0, 1]
    c = P[1, 1] + R
    determinant = a * c - b * b
    dx = z[0] - x[0]
    dy = z[1] - x[1]
    return (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant, determinant


@kernel
def costs(x, P, ids, unseen, z, errors, lacking, colors, weights):
    """Return (N, M) costs of tracks taking detections [sigma²]; 0 where that is unlikely.

    x (N, 6), P (N, 6, 6), ids (N,), unseen (N,) [s] · z (M, 4), errors (M, 2), lacking (M,) log-odds of scores
    colors (N, M): what differing in colour costs
    weights: the gate [sigma²], the smallest error of centres [sizes], the worth of doubt, extent, overlap, a second
    unseen, a score's log-odds and an id
    """
    gate2, least, doubt, extent, overlap, second, score, known = weights
    found = np.zeros((len(x), len(z)))
    for t in range(len(x)):
        width, height = max(x[t, 2], 1.0), max(x[t, 3], 1.0)
        area = width * height
        for d in range(len(z)):
            place, determinant = distance2(x[t], P[t], z[d], errors[d, 0] * errors[d, 0] * area)
            cost = place + doubt * np.log(determinant / (area * area * least**4)) - gate2
            cost += second * unseen[t] + score * lacking[d] + colors[t, d]
            if cost > overlap:
                continue
            R = errors[d, 1] * errors[d, 1] * area
            dw, dh = z[d, 2] - x[t, 2], z[d, 3] - x[t, 3]
            cost += extent * (dw * dw / (P[t, 2, 2] + R) + dh * dh / (P[t, 3, 3] + R))
            across = min((width + z[d, 2]) / 2 - abs(z[d, 0] - x[t, 0]), min(width, z[d, 2]))
            down = min((height + z[d, 3]) / 2 - abs(z[d, 1] - x[t, 1]), min(height, z[d, 3]))
            shared = max(across, 0.0) * max(down, 0.0)
            cost -= overlap * shared / (area + z[d, 2] * z[d, 3] - shared)
            if cost < 0:
                found[t, d] = cost - (known if ids[t] > 0 else 0.0)
    return found


@kernel
def remember(tracks, rows, time, found, miss, memory):
    """Keep account of which track took what.

    tracks[i] took rows[i], both (K,), at `time` [s] · found, of detections: scores, classes, origins, log-odds (M,)
    miss: log-odds that a track without a detection loses
    memory, of tracks, in place: taken, made, hits, seen, scores, classes, odds (N,)
    """
    scores, classes, origins, gains = found
    taken, made, hits, seen, last_scores, last_classes, odds = memory
    for t in range(len(taken)):
        taken[t] = -1
        odds[t] = max(odds[t] - miss, -MOST_ODDS)
    for i in range(len(tracks)):
        t, d = tracks[i], rows[i]
        taken[t] = d
        made[t] = origins[d]
        hits[t] += 1
        seen[t] = time
        last_scores[t] = scores[d]
        if classes[d] >= 0:
            last_classes[t] = classes[d]
        odds[t] = min(odds[t] + miss + gains[d], MOST_ODDS)


@kernel
def judge(x, P, ids, taken, unseen, limits):
    """Return which tracks live on, and which of them are reported, (N,) bool each, and which stand still.

    x (N, 6), P (N, 6, 6), ids, taken (N,), unseen (N,) [s]
    limits: coast of tracks with an id, and without [s]; of place, to live on, and to be reported [sizes]; of the speed
    of what stands still [sizes/s]
    """
    coast, tentative_coast, lost, vague, slow = limits
    alive, reported, still = np.empty((3, len(x)), np.bool_)
    for t in range(len(x)):
        size = np.sqrt(max(x[t, 2], 1.0) * max(x[t, 3], 1.0))
        spread = np.sqrt(max(P[t, 0, 0], P[t, 1, 1])) / size
        patience = coast if ids[t] > 0 else tentative_coast
        alive[t] = unseen[t] <= patience and (unseen[t] <= 0 or spread <= lost)
        reported[t] = alive[t] and ids[t] > 0 and (taken[t] >= 0 or spread <= vague)
        still[t] = np.sqrt(x[t, 4] * x[t, 4] + x[t, 5] * x[t, 5]) < slow * size
    return alive, reported, still


@kernel
def travel(x, birthplaces, moved):
    """Return (N,) how far tracks x (N, 6) are from their birthplaces (N, 2) [sizes]; moved (N,): ever more than 1."""
    travelled = np.empty(len(x))
    for t in range(len(x)):
        dx, dy = x[t, 0] - birthplaces[t, 0], x[t, 1] - birthplaces[t, 1]
        travelled[t] = np.sqrt((dx * dx + dy * dy) / (max(x[t, 2], 1.0) * max(x[t, 3], 1.0)))
        moved[t] |= travelled[t] > 1
    return travelled


@kernel
def boxes(x):
    """Return (N, 4) boxes x0, y0, x1, y1 of tracks x (N, 6) [pixels]."""
    xyxy = np.empty((len(x), 4))
    for t in range(len(x)):
        for i in range(2):
            half = max(x[t, 2 + i], 1.0) / 2
            xyxy[t, i], xyxy[t, 2 + i] = x[t, i] - half, x[t, i] + half
    return xyxy


@kernel
def measurements(xyxy):
    """Return (M, 4) centre and extent of boxes (M, 4) [pixels]."""
    z = np.empty((len(xyxy), 4))
    for d in range(len(xyxy)):
        for i in range(2):
            z[d, i], z[d, 2 + i] = (xyxy[d, i] + xyxy[d, 2 + i]) / 2, xyxy[d, 2 + i] - xyxy[d, i]
    return z
