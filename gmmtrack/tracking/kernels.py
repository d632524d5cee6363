"""Kernels of tracking: the filter, what it costs a track to take a detection, and what becomes of each track.

A size is the root of the area of a track's box. Tracks are x (N, 6), P (N, 6, 6): centre, extent, velocity; see
`motion`. Detections are z (M, 4): centre and extent; errors (M, 2): standard deviations of these [sizes of the track].
"""

import numpy as np

from gmmtrack.compilation import exact_kernel, inline_kernel, kernel

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
def remember(tracks, rows, distances2, found, numbers, memory):
    """Keep account of which track took what, and return by how many more surprises were large than small.

    tracks[i] took rows[i], distances2[i] [sigma²] from where it was expected, all (K,)
    found, of detections: centres and extents (M, 4); scores, classes, origins, log-odds (M,)
    numbers: the time [s], log-odds that a track without a detection loses, from where a surprise is large [sigma²], and
    the last origin of what counts as one, where a track was seen before often enough to be expected
    memory, of tracks, in place: taken, made, hits, seen, scores, classes, odds (N,); of boxes given: places, extents
    """
    time, miss, large, last = numbers
    z, scores, classes, origins, gains = found
    surprises = 0
    taken, made, hits, seen, last_scores, last_classes, odds, places, extents = memory
    for t in range(len(taken)):
        taken[t] = -1
        odds[t] = max(odds[t] - miss, -MOST_ODDS)
    for k in range(len(tracks)):
        t, d = tracks[k], rows[k]
        if hits[t] >= 2 and origins[d] <= last:
            surprises += 1 if distances2[k] > large else -1
        taken[t] = d
        made[t] = origins[d]
        hits[t] += 1
        seen[t] = time
        last_scores[t] = scores[d]
        if classes[d] >= 0:
            last_classes[t] = classes[d]
        odds[t] = min(odds[t] + miss + gains[d], MOST_ODDS)
        if origins[d] == 0:  # what a blob looks like is learned with more care
            for i in range(2):
                places[t, i], extents[t, i] = z[d, i], z[d, 2 + i]
    return surprises


@kernel
def confirm(course, limits, last_id):
    """Give an id to each track that is believed, in their order, and return the last one that was given.

    course, of tracks: x (N, 6), ids, hits, odds, made (N,), birthplaces (N, 2) [pixels], moved (N,): was ever its
    own size away from there; ids and moved are changed in place
    limits: the fewest hits, the least odds, which do not matter where one hit will do, the least way from the
    birthplace [sizes], and the origin that needs none: a detector from outside answers for what it gives, also for
    what never moves
    """
    x, ids, hits, odds, made, birthplaces, moved = course
    fewest, likely, far, given = limits
    for t in range(len(x)):
        dx, dy = x[t, 0] - birthplaces[t, 0], x[t, 1] - birthplaces[t, 1]
        travelled = np.sqrt((dx * dx + dy * dy) / (max(x[t, 2], 1.0) * max(x[t, 3], 1.0)))
        moved[t] |= travelled > 1
        is_likely = odds[t] >= likely or fewest == 1
        if ids[t] == 0 and hits[t] >= fewest and is_likely and (travelled >= far or made[t] == given):
            last_id += 1
            ids[t] = last_id
    return last_id


@kernel
def judge(x, P, ids, taken, unseen, frame_size, limits, names):
    """Return which tracks live on (N,), and the rows (K,), by id, and states (K,) of those that are reported.

    x (N, 6), P (N, 6, 6), ids, taken (N,), unseen (N,) [s] · frame_size: H, W [pixels], 0 if not known
    limits: coast of tracks with an id, and without [s]; of place, to live on, and to be reported [sizes]; of the speed
    of what stands still [sizes/s] · names of states: seen, not seen, standing still
    """
    coast, tentative_coast, lost, vague, slow = limits
    confirmed, coasting, stationary = names
    alive, shown = np.empty(len(x), np.bool_), np.empty(len(x), np.int64)
    n = 0
    for t in range(len(x)):
        spread = np.sqrt(max(P[t, 0, 0], P[t, 1, 1])) / _size(x[t])
        patience = coast if ids[t] > 0 else tentative_coast
        may_return = unseen[t] <= patience and spread <= lost and _is_within(x[t], frame_size)
        alive[t] = unseen[t] <= 0 or may_return
        if alive[t] and ids[t] > 0 and (taken[t] >= 0 or spread <= vague):
            i = n
            while i > 0 and ids[shown[i - 1]] > ids[t]:
                shown[i] = shown[i - 1]
                i -= 1
            shown[i] = t
            n += 1
    states = np.empty(n, np.int8)
    for i in range(n):
        t = shown[i]
        is_still = np.sqrt(x[t, 4] * x[t, 4] + x[t, 5] * x[t, 5]) < slow * _size(x[t])
        states[i] = coasting if taken[t] < 0 else stationary if is_still else confirmed
    return alive, shown[:n], states


@inline_kernel
def _is_within(x, frame_size):
    """Return whether any of a track's box is expected within a frame (H, W)."""
    height, width = frame_size
    across, down = x[2] / 2, x[3] / 2
    is_across = x[0] + across >= 0 and x[0] - across <= width
    return height <= 0 or (is_across and x[1] + down >= 0 and x[1] - down <= height)


@inline_kernel
def _size(x):
    return np.sqrt(max(x[2], 1.0) * max(x[3], 1.0))


@kernel
def views(x, P, shown):
    """Return boxes (K, 4), velocities (K, 2) and covariances (K, 4, 4) of both of chosen tracks x (N, 6), P (N, 6, 6).

    shown (K,): their rows; the covariances are of centre and velocity [pixels, pixels/s]
    """
    xyxy, velocities, covariances = np.empty((len(shown), 4)), np.empty((len(shown), 2)), np.empty((len(shown), 4, 4))
    for k in range(len(shown)):
        t = shown[k]
        _put_box(x[t], xyxy[k])
        for i in range(2):
            velocities[k, i] = x[t, 4 + i]
        for i in range(4):
            for j in range(4):
                covariances[k, i, j] = P[t, i + i // 2 * 2, j + j // 2 * 2]
    return xyxy, velocities, covariances


@kernel
def boxes(x):
    """Return (N, 4) boxes x0, y0, x1, y1 of tracks x (N, 6) [pixels]."""
    xyxy = np.empty((len(x), 4))
    for t in range(len(x)):
        _put_box(x[t], xyxy[t])
    return xyxy


@inline_kernel
def _put_box(x, xyxy):
    for i in range(2):
        half = max(x[2 + i], 1.0) / 2
        xyxy[i], xyxy[2 + i] = x[i] - half, x[i] + half


@kernel
def measurements(xyxy):
    """Return (M, 4) centre and extent of boxes (M, 4) [pixels]."""
    z = np.empty((len(xyxy), 4))
    for d in range(len(xyxy)):
        _put_measurement(xyxy[d], z[d])
    return z


@inline_kernel
def _put_measurement(xyxy, z):
    for i in range(2):
        z[i], z[2 + i] = (xyxy[i] + xyxy[2 + i]) / 2, xyxy[2 + i] - xyxy[i]


@exact_kernel
def measure(xyxy, scores, numbers):
    """Return what boxes (M, 4) of scores (M,) measure, as if all were given: see `Measurements`.

    z (M, 4), errors (M, 2), gains (M,), lacking (M,)
    numbers: the limits of scores, the log-odds of a sure one, the growth of errors for each unit that it lacks, the
    errors of centres and extents [sizes], and the log-odds that a detection adds to those of its score
    """
    least, most, sure, weak, position, extent, repeat = numbers
    m = len(xyxy)
    z, errors, gains, lacking = np.empty((m, 4)), np.empty((m, 2)), np.empty(m), np.empty(m)
    for d in range(m):
        likely = min(max(scores[d], least), most)
        odds = np.log(likely / (1 - likely))
        lacking[d] = sure - odds
        gains[d] = odds + repeat
        errors[d, 0] = (1 + weak * lacking[d]) * position
        errors[d, 1] = (1 + weak * lacking[d]) * extent
        _put_measurement(xyxy[d], z[d])
    return z, errors, gains, lacking


@exact_kernel
def first_unfair(xyxy, farthest):
    """Return the first row of boxes (M, 4) that is inside out, or beyond what is `farthest` [pixels]; -1: none is."""
    for d in range(len(xyxy)):
        for i in range(2):
            if not -farthest <= xyxy[d, i] <= xyxy[d, 2 + i] <= farthest:
                return d
    return -1


@kernel
def ellipses(xyxy):
    """Return means (M, 2) [pixels], covariances (M, 2, 2) [pixels²] and areas (M,) [pixels] of ellipses in boxes."""
    m = len(xyxy)
    means, shapes, areas = np.empty((m, 2)), np.zeros((m, 2, 2)), np.empty(m)
    for d in range(m):
        for i in range(2):
            extent = max(xyxy[d, 2 + i] - xyxy[d, i], 1.0)
            means[d, i], shapes[d, i, i] = (xyxy[d, i] + xyxy[d, 2 + i]) / 2, extent * extent / 16
        areas[d] = np.pi / 4 * (xyxy[d, 2] - xyxy[d, 0]) * (xyxy[d, 3] - xyxy[d, 1])
    return means, shapes, areas


@kernel
def blend(remembered, seen, tracks, rows, keep):
    """Blend what tracks are remembered by (N, K) with what detections show (M, K): tracks[i] took rows[i].

    keep: the share that is kept of what is remembered, one of each of these pairs
    """
    for i in range(len(tracks)):
        for k in range(remembered.shape[1]):
            old = remembered[tracks[i], k]
            remembered[tracks[i], k] = keep[i] * old + (1 - keep[i]) * seen[rows[i], k]
