"""Kernels of surprises: who changed its speed, and who is still near where it was last, however unlikely that is.

A size is the root of the area of a track's box. Tracks are x (N, 6), P (N, 6, 6): centre, extent, velocity; see
`motion`. Detections are z (M, 4): centre and extent; errors (M, 2): standard deviations of these [sizes of the track].
"""

import numpy as np

from gmmtrack.compilation import inline_kernel, kernel


@kernel
def change_speed(x, P, tracks, z, moves, rows, unseen):
    """Let the places of tracks be as uncertain as they prove to be: those far from what they take changed their speed.

    x (N, 6), P (N, 6, 6), changed in place · z (M, 4), moves (M,): see `Measurements` · tracks[i] takes rows[i]
    unseen (N,): how long ago each was last detected [s], when it changed its speed

    In shared blobs EM starts from where tracks are expected: one that stops there must not be expected beyond others.
    """
    for i in range(len(tracks)):
        t, d = tracks[i], rows[i]
        dx, dy, dt = z[d, 0] - x[t, 0], z[d, 1] - x[t, 1], unseen[t]
        known = (P[t, 0, 0] + P[t, 1, 1]) / 2 + moves[d] * moves[d] * max(x[t, 2], 1.0) * max(x[t, 3], 1.0)
        excess = dx * dx + dy * dy - known
        if excess > 0 and dt > 0:
            _loosen(P[t], excess, dt)


@kernel
def follow_turns(x, P, tracks, z, errors, rows, n_likely, places, unseen, limits):
    """Let tracks of given boxes be as uncertain as they prove to be: see `change_speed`.

    x (N, 6), P (N, 6, 6), changed in place · z (M, 4), errors (M, 2) · tracks[i] takes rows[i]; from n_likely on they
    are not where expected · places (N, 2): where each was last detected · unseen (N,): how long ago that was [s]
    limits: how far off to one side, twice in a row, shows a change of speed [sigma], and how far once [sizes]

    The errors of a filter that is right are not correlated from one update to the next (Mehra 1970): where the product
    of two in a row is large, it goes straight on while its object turns.
    """
    twice, once = limits
    for i in range(len(tracks)):
        t, d = tracks[i], rows[i]
        dx, dy, dt = z[d, 0] - x[t, 0], z[d, 1] - x[t, 1], unseen[t]
        area = max(x[t, 2], 1.0) * max(x[t, 3], 1.0)
        expected = (P[t, 0, 0] + P[t, 1, 1]) / 2
        if i >= n_likely:
            excess = dx * dx + dy * dy - expected - once * once * area
        else:
            before_x, before_y = places[t, 0] - x[t, 0] + dt * x[t, 4], places[t, 1] - x[t, 1] + dt * x[t, 5]
            expected += errors[d, 0] * errors[d, 0] * area
            excess = dx * before_x + dy * before_y - expected
            if excess < (twice * twice - 1) * expected:
                continue
        if excess > 0 and dt > 0:
            _loosen(P[t], excess, dt)


@inline_kernel
def _loosen(P, excess, dt):
    """Add to P (6, 6) the variance of each axis [pixels²] of a place that a speed changed `dt` [s] ago leads to."""
    for c, v in ((0, 4), (1, 5)):
        P[c, c] += excess
        P[c, v] += excess / dt
        P[v, c] += excess / dt
        P[v, v] += excess / (dt * dt)


@kernel
def still_near(whereabouts, z, tracks, rows, limits):
    """Return which of the tracks and detections that are left lie on one another and are nobody else's, (K,) and (K,).

    whereabouts, of tracks: x (N, 6); ids, taken (N,), the row taken at the last update, or -1; places, extents (N, 2)
    of the box that was · z (M, 4) · tracks[i] takes rows[i] already
    limits: intersection over union, at least, with where those with an id were that were just seen, and with where the
    others are expected; how much of it any other has at most, and how much a track that is left [shares]
    """
    x, ids, taken, places, extents = whereabouts
    least_seen, least_unseen, rival, left_rival = limits
    boxes, rivals = np.empty((len(x), 4)), np.full(len(x), left_rival)
    for t in range(len(x)):
        for i in range(2):
            boxes[t, i] = places[t, i] if taken[t] >= 0 else x[t, i]
            boxes[t, 2 + i] = extents[t, i] if taken[t] >= 0 else x[t, 2 + i]
    is_out, is_left = ids <= 0, np.ones(len(z), np.bool_)
    for i in range(len(tracks)):
        rivals[tracks[i]], is_out[tracks[i]], is_left[rows[i]] = rival, True, False
    found_tracks, found_rows = np.empty(len(x), np.int64), np.empty(len(x), np.int64)
    n = 0
    for t in range(len(x)):
        least, d = least_seen if taken[t] >= 0 else least_unseen, 0
        while not is_out[t] and d < len(z):
            if is_left[d] and _is_its_own(t, d, boxes, z, least, rival, rivals):
                found_tracks[n], found_rows[n], is_out[t] = t, d, True
                n += 1
            d += 1
    return found_tracks[:n], found_rows[:n]


@inline_kernel
def _is_its_own(t, d, boxes, z, least, rival, rivals):
    """Return whether a detection lies on the place of a track, and neither on another's nor that on another."""
    shared = _overlap(boxes[t], z[d])
    if shared < least:
        return False
    for u in range(len(boxes)):
        if u != t and _overlap(boxes[u], z[d]) > rivals[u] * shared:
            return False
    is_alone = True
    for e in range(len(z)):
        is_alone &= e == d or _overlap(boxes[t], z[e]) <= rival * shared
    return is_alone


@inline_kernel
def _overlap(a, b):
    """Return intersection over union of two boxes (4,) of centre and extent."""
    across = min((a[2] + b[2]) / 2 - abs(b[0] - a[0]), min(a[2], b[2]))
    down = min((a[3] + b[3]) / 2 - abs(b[1] - a[1]), min(a[3], b[3]))
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
