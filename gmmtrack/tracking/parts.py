"""Parts: tracks that turn out to be parts of others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.hypothesis import are_stacked, union
from gmmtrack.tracking import motion
from gmmtrack.tracking.population import LAST_WHOLE, Population

Array = NDArray[np.float64]

_ALIGNED = 0.7  # share of the narrower one's width that is above or below the other one
_GAP = 0.6  # of the higher one's height, between the two at most
_INSIDE = 0.8  # share of a part that lies on the other one, if they are not above one another
_SMALL = 0.3  # of the other one's area, such a part at most
_TINY = 0.05  # likewise, a part before or behind one that is wider than high: a lamp of a car
_NEAR = 0.3  # of the other one's size, such a part is away at most
_SMALLER = 0.67  # likewise, any part: two that are alike are two
_STEADY = 0.3  # of their common size, by which their places change relative to each other, at most
_TRAVEL = 0.4  # of their common size, which they went together
_KNOWN = 1.5  # [s] of having been alone, after which a track is somebody
_APART = 0.7  # [s] likewise, of having been so with nobody beside it


def join_parts(population: Population, interval: float) -> NDArray[np.bool_]:
    """Join tracks that are of one body, and return which live on (N,).

    Where a part of a body looks like what is behind it, the rest is seen in parts, one above the other, and each begins
    a track. That they are of one body shows in their common motion (Bose, Wang and Grimson, CVPR 2007): two that went
    some way together, one above the other, or one on the other, are one, unless the smaller one was alone for so long
    that it is known. Two who go side by side may be two, unless one is as tiny as a lamp is beside its car.
    """
    alive = np.ones(len(population), np.bool_)
    xyxy, seen = population.xyxy, population.taken >= 0
    unknown = seen & (population.alone <= _KNOWN) & (population.apart <= _APART)
    if not unknown.any():
        population.beside[seen] = 0
        return alive
    candidates = _candidates(population, xyxy, seen) & unknown[:, None]
    clear = seen & ~candidates.any(axis=1)
    population.beside[clear] = 0
    population.apart[clear & (population.made <= LAST_WHOLE)] += interval
    for part in np.flatnonzero(candidates.any(axis=1)).tolist():
        wholes = np.flatnonzero(candidates[part] & alive)
        if len(wholes) and _goes_along(population, part, wholes, xyxy):
            whole = int(wholes[population.serials[wholes] == population.beside[part]][0])
            _join(population, whole, part, union(xyxy[[whole, part]]))
            alive[part] = False
    return alive


def _candidates(population: Population, xyxy: Array, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (N, N) bool, whether a track may be a part of another one that is seen, by where they are now."""
    extents = xyxy[:, 2:] - xyxy[:, :2]
    shared = np.minimum(xyxy[:, None, 2:], xyxy[:, 2:]) - np.maximum(xyxy[:, None, :2], xyxy[:, :2])  # < 0: a gap
    highest = np.maximum(extents[:, None, 1], extents[:, 1])
    stacked = are_stacked(xyxy[:, None], xyxy, _ALIGNED) & (shared[:, :, 1] >= -_GAP * highest)
    ratios = population.areas[:, None] / population.areas
    inside = np.prod(np.maximum(shared, 0.0), axis=2) >= _INSIDE * np.prod(extents, axis=1)[:, None]
    in_line = (xyxy[:, None, 1] >= xyxy[:, 1]) & (xyxy[:, None, 3] <= xyxy[:, 3]) & (extents[:, 0] > extents[:, 1])
    near = in_line & (-shared[:, :, 0] <= _NEAR * np.sqrt(np.prod(extents, axis=1)))
    small = (inside & (ratios <= _SMALL)) | (near & (ratios <= _TINY))
    return np.asarray((stacked | small) & (ratios <= _SMALLER) & seen)


def _goes_along(population: Population, part: int, wholes: NDArray[np.int64], xyxy: Array) -> bool:
    """Return whether a part went some way with the whole that it began to be beside; begin with the largest if not."""
    centers = population.x[:, motion.CENTER]
    known = wholes[population.serials[wholes] == population.beside[part]]
    whole = known[0] if len(known) else wholes[population.areas[wholes].argmax()]
    offset = centers[part] - centers[whole]
    low, high = np.split(union(xyxy[[whole, part]]), 2)
    size = np.sqrt(np.prod(high - low))
    if len(known) and np.linalg.norm(offset - population.beside_at[part]) <= _STEADY * size:
        return bool(np.linalg.norm(centers[whole] - population.beside_from[part]) > _TRAVEL * size)
    population.beside[part] = population.serials[whole]
    population.beside_at[part], population.beside_from[part] = offset, centers[whole]
    return False


def _join(population: Population, whole: int, part: int, xyxy: Array) -> None:
    """Let a track be the ellipse in the box xyxy (4,) around it and its part, and have the older id of the two."""
    both = [whole, part]
    shares = population.areas[both] / population.areas[both].sum()
    center, extent = (xyxy[:2] + xyxy[2:]) / 2, xyxy[2:] - xyxy[:2]
    population.x[whole, motion.CENTER], population.x[whole, motion.EXTENT] = center, extent
    population.shapes[whole], population.offsets[whole] = np.diag(extent**2) / 16, 0.0
    population.areas[whole] += population.areas[part]
    population.extents[whole], population.places[whole] = extent, center
    population.alone[whole] += population.alone[part]  # what both were, it is known to be
    palette = shares @ population.palettes[both]
    population.palettes[whole] = palette / max(palette.sum(), 1e-9)
    ids = population.ids[both]
    population.ids[whole] = ids[ids > 0].min(initial=ids.max())
