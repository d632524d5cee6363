"""Shared: what is known of the blobs that several tracks share, and where these are in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.blobs import Blobs
from gmmtrack.detection.detections import N_COLORS
from gmmtrack.detection.hypothesis import union

Array = NDArray[np.float64]

_SILENT, _NO_COLORS = np.zeros((0, N_COLORS)), np.zeros((0, 0), np.uint8)
_RARE = 1e-3  # share of the pixels of a group that a colour is taken to have at least


@dataclass(frozen=True, slots=True)
class Shared:
    """The blobs that K tracks share: those `chosen` (B,) of `labels` (H, W), within `box` (4,), of `count` pixels.

    colors (H, W), table (K, N_COLORS): by how much each colour speaks for each track [nepers]; of none where all are
    silent
    """

    labels: NDArray[np.int32]
    chosen: NDArray[np.bool_]
    box: NDArray[np.int64]
    count: float
    colors: NDArray[np.uint8]
    table: Array

    @staticmethod
    def of(blobs: Blobs, members: NDArray[np.int64], palettes: Array, any_color: float) -> Shared:
        """Return some of the blobs, shared by tracks of palettes (K, N_COLORS), of which a share has any color."""
        chosen = np.zeros(len(blobs), np.bool_)
        chosen[members] = True
        table = _SILENT if blobs.colors is None else _table(palettes, any_color)
        colors = _NO_COLORS if blobs.colors is None else blobs.colors
        box = union(blobs.xyxy[members])
        return Shared(blobs.labels, chosen, box, float(blobs.counts[members].sum()), colors, table)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where K tracks are in blobs that they share.

    means: (K, 2) centroids [pixels] · shapes: (K, 2, 2) spread of their pixels [pixels²]
    counts: (K,) pixels of each · own: (K,) pixels that lie in no other one
    misfit: share of the pixels of tracks and blobs that are not of both [0-1]
    """

    means: Array
    shapes: Array
    counts: Array
    own: Array
    misfit: float


def _table(palettes: Array, any_color: float) -> Array:
    """Return (T, N_COLORS) by how much each colour speaks for each track [nepers]; no row where all are silent.

    palettes (T, N_COLORS); zeros, of a track whose colours are not known, say of no colour more than of another
    """
    known = palettes.any(axis=1)
    if not known.any() or any_color == 1.0:
        return _SILENT
    usual = palettes[known].mean(axis=0) + _RARE
    table = np.log((1 - any_color) * palettes / usual + any_color)
    table[~known] = 0.0
    return np.asarray(table, np.float64)
