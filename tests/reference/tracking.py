"""Plain twins of the kernels of tracking: textbook matrices, and loops over pairs."""

import numpy as np


def sizes(x):
    """Return (N,) roots of the areas of boxes, of sides of at least a pixel."""
    return np.sqrt(np.maximum(x[:, 2], 1) * np.maximum(x[:, 3], 1))


def predict(x, P, dt, acceleration, drift):
    """Return states and covariances `dt` later: x' = F x, P' = F P F' + Q."""
    F = np.eye(6)
    F[0, 4] = F[1, 5] = dt
    Q = np.zeros_like(P)
    q, r = (acceleration * sizes(x)) ** 2, (drift * sizes(x)) ** 2
    for centre, velocity in ((0, 4), (1, 5)):
        Q[:, centre, centre] = q * dt**3 / 3
        Q[:, centre, velocity] = Q[:, velocity, centre] = q * dt**2 / 2
        Q[:, velocity, velocity] = q * dt
    Q[:, 2, 2] = Q[:, 3, 3] = r * dt
    return x @ F.T, F @ P @ F.T + Q


def variances(x, errors):
    """Return (N, 4) variances of measured centres and extents, of errors (N, 2) [sizes]."""
    return (errors.repeat(2, axis=1) * sizes(x)[:, None]) ** 2


def correct(x, P, z, errors):
    """Return states and covariances after one measurement each, all four numbers at once, in Joseph's form."""
    R = variances(x, errors)
    S = P[:, :4, :4] + R[:, :, None] * np.eye(4)
    K = np.linalg.solve(S, P[:, :4, :]).transpose(0, 2, 1)
    A = np.tile(np.eye(6), (len(x), 1, 1))
    A[:, :, :4] -= K
    corrected = x + (K @ (z - x[:, :4])[:, :, None])[:, :, 0]
    return corrected, A @ P @ A.transpose(0, 2, 1) + (K * R[:, None, :]) @ K.transpose(0, 2, 1)


def overlap(a, b):
    """Return the intersection over union of two boxes given by centre and extent."""
    low = np.maximum(a[:2] - a[2:] / 2, b[:2] - b[2:] / 2)
    high = np.minimum(a[:2] + a[2:] / 2, b[:2] + b[2:] / 2)
    shared = np.prod(np.clip(high - low, 0, None))
    return shared / (np.prod(a[2:]) + np.prod(b[2:]) - shared)


def cost(x, P, known, unseen, z, errors, lacking, color, weights):
    """Return what it costs one track to take one detection: how unlikely its place is, and more."""
    gate2, least, doubt, extent, overlap_weight, second, score, id_worth = weights
    size = sizes(x[None])[0]
    S = P[:2, :2] + (errors[0] * size) ** 2 * np.eye(2)
    off = z[:2] - x[:2]
    total = off @ np.linalg.inv(S) @ off + doubt * np.log(np.linalg.det(S) / (least * size) ** 4) - gate2
    total += extent * sum((z[i] - x[i]) ** 2 / (P[i, i] + (errors[1] * size) ** 2) for i in (2, 3))
    total += second * unseen + score * lacking + color
    total -= overlap_weight * overlap(np.concatenate([x[:2], np.maximum(x[2:4], 1)]), z)
    return min(total, 0.0) - id_worth * known * (total < 0)


def believed(x, ids, hits, odds, made, birthplaces, limits):
    """Return which tracks are given an id (N,), and how far each is from where it was born (N,) [sizes]."""
    fewest, likely, far, given = limits
    travelled = np.linalg.norm(x[:, :2] - birthplaces, axis=1) / sizes(x)
    ready = (ids == 0) & (hits >= fewest) & ((odds >= likely) | (fewest == 1))
    return ready & ((travelled >= far) | (made == given)), travelled


def judge(x, P, ids, taken, unseen, frame_size, limits):
    """Return which tracks live on (N,), and of those that are reported, by id, the rows, and which stand still."""
    coast, tentative_coast, lost, vague, slow = limits
    spread = np.sqrt(np.maximum(P[:, 0, 0], P[:, 1, 1])) / sizes(x)
    low, high = x[:, :2] - x[:, 2:4] / 2, x[:, :2] + x[:, 2:4] / 2
    within = ((high >= 0) & (low <= frame_size[::-1])).all(axis=1) | (frame_size[0] == 0)
    alive = (unseen <= np.where(ids > 0, coast, tentative_coast)) & ((unseen <= 0) | ((spread <= lost) & within))
    shown = np.flatnonzero(alive & (ids > 0) & ((taken >= 0) | (spread <= vague)))
    shown = shown[np.argsort(ids[shown])]
    return alive, shown, (np.linalg.norm(x[:, 4:], axis=1) < slow * sizes(x))[shown]


def still_near(places, leasts, z, taking, rows, limits):
    """Return pairs of what is left: boxes (4,) by centre and extent of a track and a detection that are only theirs."""
    rival, left_rival = limits

    def shared(a, b):
        return overlap(a, b) if np.prod(a[2:]) and np.prod(b[2:]) else 0.0

    left = [t for t in range(len(places)) if t not in taking]
    pairs = []
    for t in [t for t in left if leasts[t] <= 1]:
        for d in [d for d in range(len(z)) if d not in rows]:
            most = shared(places[t], z[d])
            others = [(rival, shared(places[t], z[e])) for e in range(len(z)) if e != d]
            beside = [u for u in range(len(places)) if u != t]
            others += [(left_rival if u in left else rival, shared(places[u], z[d])) for u in beside]
            if most >= leasts[t] and most > 0 and all(other <= share * most for share, other in others):
                pairs.append((t, d))
                break
    return pairs
