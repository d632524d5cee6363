"""Choosing: which of two passes is believed where they see different numbers of objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gmmtrack.tracking import motion
from gmmtrack.tracking.offline.passes import Passes
from gmmtrack.tracking.offline.recording import runs

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

_APART = 0.5  # [s] for which both passes saw an object clear of others, while it moved by its size
_FEWEST = 3  # sightings of that
_SUPPORT = 0.5  # share of its usual area that is seen of an object, at least
_PAUSE = 0.2  # [s] in which two passes may agree between two frames in which they do not


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sightings of two passes are believed; (N,) each.

    taken: what tracklets are made of · refuted: seen forward, where the backward pass knows better
    """

    taken: Flags
    refuted: Flags


def choose(passes: Passes, at_limits: Flags) -> Choice:
    """Return what is believed: the forward pass, but where the backward one tells more objects apart.

    Those who come as one blob and part later are one track forward, and several backward, which the clusterer holds
    until they leave as they came. A track that is left over in the body of another one is held as well; but it ends
    there, and not where objects come from, at the border or in the first frame; or few pixels are its own.
    """
    seen = passes.seen
    is_forward, is_evident = seen.serials > 0, _evident(passes)
    tracks = passes.tracks
    has_come = np.zeros(len(seen), np.bool_)
    for rows in tracks.values():
        has_come[rows] = at_limits[rows[0]]
    n_groups = int(passes.groups.max(initial=-1)) + 1
    counts = [np.bincount(passes.groups[is_evident & of], minlength=n_groups) for of in (is_forward, ~is_forward)]
    differ = counts[0] != counts[1]
    is_believed = np.zeros(len(seen), np.bool_)
    for rows in _stretches(passes, np.flatnonzero(is_evident & differ[passes.groups])):
        backward = rows[~is_forward[rows]]
        if 2 * len(backward) > len(rows) and has_come[backward].all() and _is_supported(passes, tracks, backward):
            is_believed[rows] = True
    refuted = is_forward & np.isin(passes.groups, passes.groups[is_believed])
    return Choice((is_forward | is_believed) & ~refuted, refuted)


def _evident(passes: Passes) -> Flags:
    """Return (N,) which sightings are of tracks that surely are objects of their own.

    Both passes saw such a one clear of others, for some time, and it moved meanwhile.
    """
    seen, partners = passes.seen, passes.partners
    clear = (partners >= 0) & ~passes.entangled & ~passes.entangled[partners] & (seen.serials > 0)
    rows = np.flatnonzero(clear)
    pairs = np.stack([seen.serials[rows], seen.serials[partners[rows]]], axis=1)
    order = np.lexsort((seen.frames[rows], pairs[:, 1], pairs[:, 0]))
    rows, pairs = rows[order], pairs[order]
    _, numbers = np.unique(pairs, axis=0, return_inverse=True)
    times, z = seen.times[rows], seen.z[rows]
    serials: list[int] = []
    for run in runs(numbers.reshape(-1)):
        if run.stop - run.start >= _FEWEST and times[run.stop - 1] - times[run.start] >= _APART:
            size2 = np.median(np.prod(z[run, motion.EXTENT], axis=1))
            if (np.ptp(z[run, motion.CENTER], axis=0) ** 2).sum() >= size2:
                serials += pairs[run.start].tolist()
    return np.isin(seen.serials, serials)


def _is_supported(passes: Passes, tracks: Mapping[int, Rows], rows: Rows) -> bool:
    """Return whether as much is seen of each track in its rows (K,) as befits what is seen of it elsewhere."""
    seen, serials = passes.seen, passes.seen.serials[rows]
    for serial in np.unique(serials).tolist():
        track = tracks[serial]
        usual = np.median(seen.areas[track[~passes.entangled[track]]])
        if np.median(seen.areas[rows[serials == serial]]) < _SUPPORT * usual:
            return False
    return True


def _stretches(passes: Passes, rows: Rows) -> list[Rows]:
    """Return rows in parts: those of one group, and of groups that a track leads from one to the other of, soon after.

    rows (K,): all members of some groups
    """
    times, groups = passes.seen.times[rows], passes.groups[rows]
    order = np.lexsort((times, passes.seen.serials[rows]))
    before, after = order[:-1], order[1:]
    follow = (passes.seen.serials[rows[before]] == passes.seen.serials[rows[after]]) & (
        times[after] - times[before] <= _PAUSE
    )
    names, numbers = np.unique(groups, return_inverse=True)
    edges = numbers.reshape(-1)[before[follow]], numbers.reshape(-1)[after[follow]]
    graph = coo_matrix((np.ones(len(edges[0])), edges), shape=(len(names), len(names)))
    _, members = connected_components(graph, directed=False)
    parts = members[numbers.reshape(-1)]
    order = np.argsort(parts, kind="stable")
    return [rows[order[run]] for run in runs(parts[order])]
