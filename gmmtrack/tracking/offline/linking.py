"""Linking: which tracklet goes on as which, decided for the whole clip at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from gmmtrack.tracking.offline.appearance import Appearance
from gmmtrack.tracking.offline.noise import Noise
from gmmtrack.tracking.offline.passes import at_border
from gmmtrack.tracking.offline.tracklets import Tip, Tracklet

Array = NDArray[np.float64]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]

_LONGEST = 3.0  # [s] of a gap that is bridged
_FARTHEST = 6.0  # [sizes] likewise
_SURE = 2.0  # [sigma]
_HANDLED = (0.1, 0.3)  # [sizes, sizes/s] error of a tip's place and velocity beyond that of its filter

# Log odds of a link, each by a logistic regression over thousands of pairs from filmed and rendered scenes
_BY_ITSELF = 0.35
_CONTINUED = np.array([1.5, 1.0])  # the tracker took the two for one, too: forward, backward
_BROKEN = (0.6, 0.4)  # the tracker went on from this tip, and in hindsight nothing does
_LOOSE = 1.0  # from this tip, nothing goes on in hindsight
_A_SECOND = -1.2  # of a gap that the tracker did not bridge either way
_SURPRISE = -0.8  # log of the squared distance from where it was expected, in sigma
_SHARPNESS = -0.1  # a nat of the volume of what was predicted
_AREA = -1.3  # squared ratio of areas, in nepers
_BORDER = -0.6  # a tip where objects leave the frame
_GONE = -2.0  # a tip at whose speed the object is out of the frame at the other one's time


def link(tracklets: Sequence[Tracklet], noise: Noise, frame_size: tuple[int, int] | None) -> list[list[int]]:
    """Return chains of tracklets, each of one object; every tracklet is in one, in the order of their times.

    Pairs are judged by motion, looks and by what the tracker held them for, in either pass; the set of links is the
    likeliest one (a minimum-cost matching of ends and beginnings). That two cross over in hindsight costs nothing
    beyond what the pairs say; that an end the tracker went on from is left loose does.

    frame_size: (H, W) [pixels], None where it is not known
    """
    n = len(tracklets)
    opinions = [_opinion(tracklets, name) for name in ("forward", "backward")]
    ends, begins = _candidates(tracklets, opinions)
    if not len(ends):
        return [[k] for k in range(n)]
    following = np.array([[opinion.get(a) == b for a, b in zip(ends, begins, strict=True)] for opinion in opinions])
    gains = _log_odds(tracklets, (ends, begins), following, noise, frame_size) + 2 * _LOOSE
    for opinion, broken in zip(opinions, _BROKEN, strict=True):
        gains += broken * (np.isin(ends, list(opinion)).astype(np.float64) + np.isin(begins, list(opinion.values())))
    return _chains(_matched((ends, begins), gains, n), n)


def _opinion(tracklets: Sequence[Tracklet], name: str) -> dict[int, int]:
    """Return which tracklet each one goes on as by the tracker's opinion; name: of the pass."""
    begins = sorted((getattr(tracklet.begin, name), tracklet.begin.time, k) for k, tracklet in enumerate(tracklets))
    following: dict[int, int] = {}
    for a in sorted(range(len(tracklets)), key=lambda k: tracklets[k].end.time):
        serial, time = getattr(tracklets[a].end, name), tracklets[a].end.time
        at = bisect_right(begins, (serial, time, len(tracklets)))
        if serial and at < len(begins) and begins[at][0] == serial:
            following[begins[at][2]] = a  # the last one before it, if several go on as one
    return {a: b for b, a in following.items()}


def _candidates(tracklets: Sequence[Tracklet], opinions: Sequence[dict[int, int]]) -> Pairs:
    """Return the pairs that come into question: near in time and place, or held for one by the tracker."""
    starts = np.array([tracklet.begin.time for tracklet in tracklets])
    places = np.array([tracklet.begin.x[:, 0] for tracklet in tracklets]).reshape(-1, 2)
    order = np.argsort(starts, kind="stable")
    ends, begins = [], []
    for a, tracklet in enumerate(tracklets):
        first, last = np.searchsorted(starts[order], [tracklet.end.time, tracklet.end.time + _LONGEST], "right")
        near = order[first:last]
        far = np.linalg.norm(places[near] - tracklet.end.x[:, 0], axis=1) > _FARTHEST * tracklet.size
        found = set(near[~far].tolist()) | {opinion[a] for opinion in opinions if a in opinion}
        ends += [a] * len(found)
        begins += sorted(found)
    return np.array(ends, np.int64), np.array(begins, np.int64)


def _log_odds(
    tracklets: Sequence[Tracklet],
    pairs: Pairs,
    following: NDArray[np.bool_],
    noise: Noise,
    frame_size: tuple[int, int] | None,
) -> Array:
    """Return (N,) the log odds that the tracklets of each pair show one object.

    following (2, N): whether the tracker took them for one, forward and backward · frame_size: H, W, if known
    """
    sizes = np.array([tracklet.size for tracklet in tracklets])
    ends, begins = [tracklets[a].end for a in pairs[0]], [tracklets[b].begin for b in pairs[1]]
    size = np.sqrt(sizes[pairs[0]] * sizes[pairs[1]])
    gaps = _column(begins, "time") - _column(ends, "time")
    distances2, volumes = _motion(ends, begins, gaps, size, noise)
    areas = np.log(np.maximum(_column(ends, "area"), 1.0) / np.maximum(_column(begins, "area"), 1.0))
    borders = [there[rows] for there, rows in zip(_at_border(tracklets, sizes), pairs, strict=True)]
    return np.asarray(
        _BY_ITSELF
        + _CONTINUED @ following
        + np.where(following.any(axis=0), 0.0, _A_SECOND * gaps)
        + _SURPRISE * np.log1p(distances2 / 4)  # Student's t: objects turn while nobody looks
        + _SHARPNESS * volumes
        + Appearance.learned(tracklets).log_odds(ends, begins)
        + _AREA * np.minimum(areas**2, 2.0)
        + _BORDER * (borders[0].astype(np.float64) + borders[1])
        + _GONE * (_gone(ends, gaps, frame_size).astype(np.float64) + _gone(begins, -gaps, frame_size))
    )


def _motion(ends: Sequence[Tip], begins: Sequence[Tip], gaps: Array, size: Array, noise: Noise) -> tuple[Array, Array]:
    """Return (N,) squared distances of where pairs begin from where they are expected, and logs of that's volume."""
    x, P = _column(ends, "x") / size[:, None, None], _column(ends, "P") / size[:, None, None] ** 2
    y, R = _column(begins, "x") / size[:, None, None], _column(begins, "P") / size[:, None, None] ** 2
    dt, q = gaps[:, None], noise.acceleration**2
    A = _variance(P, dt) + q * dt**3 / 3 + R[:, :, 0] + _HANDLED[0] ** 2
    B = P[:, :, 1] + dt * P[:, :, 2] + q * dt**2 / 2 + R[:, :, 1]
    C = P[:, :, 2] + q * dt + R[:, :, 2] + _HANDLED[1] ** 2
    place, velocity = y[:, :, 0] - x[:, :, 0] - dt * x[:, :, 1], y[:, :, 1] - x[:, :, 1]
    determinant = A * C - B**2
    distances2 = (C * place**2 - 2 * B * place * velocity + A * velocity**2) / determinant
    return distances2.sum(axis=1), 0.5 * np.log(determinant).sum(axis=1)


def _gone(tips: Sequence[Tip], gaps: Array, frame_size: tuple[int, int] | None) -> NDArray[np.bool_]:
    """Return (N,) whether objects at the speed of tips have surely left the frame (H, W) after gaps [s]."""
    if frame_size is None:
        return np.zeros(len(tips), np.bool_)
    x, P, dt = _column(tips, "x"), _column(tips, "P"), gaps[:, None]
    then, reach = x[:, :, 0] + dt * x[:, :, 1], _column(tips, "extent") / 2 + _SURE * np.sqrt(_variance(P, dt))
    return np.asarray(((then + reach < 0) | (then - reach > frame_size[::-1])).any(axis=1))


def _variance(P: Array, dt: Array) -> Array:
    """Return (N, 2) the variances of places after times (N, 1) [s], by P (N, 2, 3) of a `Tip` alone."""
    return np.asarray(P[:, :, 0] + dt * (2 * P[:, :, 1] + dt * P[:, :, 2]))


def _at_border(tracklets: Sequence[Tracklet], sizes: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (N,) whether each tracklet ends where objects enter and leave the frame, and whether it begins there."""
    tips = [tracklet.end for tracklet in tracklets] + [tracklet.begin for tracklet in tracklets]
    z = np.concatenate([_column(tips, "x")[:, :, 0], _column(tips, "extent")], axis=1)
    there = at_border(z, np.tile(sizes, 2))
    return there[: len(tracklets)], there[len(tracklets) :]


def _matched(pairs: Pairs, gains: Array, n: int) -> dict[int, int]:
    """Return which begin each end goes on as, for the greatest total gain; ends without gain stay loose."""
    worth = gains > 0
    alone = np.arange(n)
    rows, columns = np.append(pairs[0][worth], alone), np.append(pairs[1][worth], n + alone)
    top = float(gains.max(initial=0.0)) + 1.0  # the solver takes a cost of 0 for no edge
    costs = np.append(top - gains[worth], np.full(n, top))
    ends, begins = min_weight_full_bipartite_matching(coo_matrix((costs, (rows, columns)), shape=(n, 2 * n)).tocsr())
    return {a: b for a, b in zip(ends.tolist(), begins.tolist(), strict=True) if b < n}


def _chains(following: dict[int, int], n: int) -> list[list[int]]:
    """Return all of `n` tracklets in chains, given which goes on as which."""
    chains = [[first] for first in sorted(set(range(n)) - set(following.values()))]
    for chain in chains:
        while chain[-1] in following:
            chain.append(following[chain[-1]])
    return chains


def _column(tips: Sequence[Tip], name: str) -> Array:
    return np.array([getattr(tip, name) for tip in tips], np.float64)
