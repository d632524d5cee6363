"""Axes: which way bodies lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def elongations(shapes: Array) -> Array:
    """Return (N, 2) by how much spreads (N, 2, 2) are longer than wide [0-1], times cos and sin of twice their angle.

    Twice, for a body that has turned by half a circle lies as before.
    """
    along, across = shapes[:, 0, 0] - shapes[:, 1, 1], 2 * shapes[:, 0, 1]
    return np.asarray(np.stack([along, across], axis=1) / (shapes[:, 0, 0] + shapes[:, 1, 1])[:, None])


def turned(shapes: Array, like: Array) -> Array:
    """Return spreads (N, 2, 2), as long and as wide as they are, that lie as others (N, 2, 2) do."""
    long = elongations(like)
    length = np.hypot(long[:, 0], long[:, 1])
    has_axis = length > 0
    ways = long.T / np.where(has_axis, length, 1.0)
    mean, half = np.trace(shapes, axis1=1, axis2=2) / 2, np.hypot(*elongations(shapes).T)
    along, across = mean * half * ways
    result = np.array([[mean + along, across], [across, mean - along]]).transpose(2, 0, 1)
    return np.asarray(np.where(has_axis[:, None, None], result, shapes))


def turned_extents(extents: Array, before: Array, now: Array) -> Array:
    """Return (..., 2) width and height of boxes, given what they were when their spreads (..., 2, 2) were `before`."""
    wide, high = (np.sqrt(now[..., i, i] / before[..., i, i]) for i in range(2))
    return np.asarray(extents * np.stack([wide, high], axis=-1))


def turned_offset(offset: Array, before: Array, now: Array) -> Array:
    """Return the way (2,) from a body's centroid to the centre of its box, turned as its spread (2, 2) has."""
    angles = [0.5 * np.arctan2(2 * shape[0, 1], shape[0, 0] - shape[1, 1]) for shape in (before, now)]
    angle = (angles[1] - angles[0] + np.pi / 2) % np.pi - np.pi / 2
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([cos * offset[0] - sin * offset[1], sin * offset[0] + cos * offset[1]])
