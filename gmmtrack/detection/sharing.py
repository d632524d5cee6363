"""Sharing: the pixels of blobs that several tracks claim, shared out among those by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection import kernels
from gmmtrack.detection.blobs import Blobs, label_blobs
from gmmtrack.detection.claims import RIM2, Group, ellipse_boxes
from gmmtrack.detection.detections import N_COLORS, Origin
from gmmtrack.detection.hypothesis import Hypothesis, union
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.settings import DetectionSettings
from gmmtrack.mixture import fit_components

Array = NDArray[np.float64]

_SILENT, _NO_COLORS = np.zeros((0, N_COLORS)), np.zeros((0, 0), np.uint8)
_RARE = 1e-3  # share of the pixels of a group that a colour is taken to have at least


@dataclass(frozen=True, slots=True)
class _Pixels:
    """The pixels of some blobs: those `chosen` (B,) of `labels` (H, W), within `box` (4,)."""

    labels: NDArray[np.int32]
    chosen: NDArray[np.bool_]
    box: NDArray[np.int64]

    @staticmethod
    def of(blobs: Blobs, members: NDArray[np.int64]) -> _Pixels:
        chosen = np.zeros(len(blobs), np.bool_)
        chosen[members] = True
        return _Pixels(blobs.labels, chosen, union(blobs.xyxy[members]))


def share_out(group: Group, blobs: Blobs, predictions: Predictions, settings: DetectionSettings) -> list[Hypothesis]:
    """Return the hypotheses that explain the blobs of a group: its tracks, their shapes held, and what they leave over.

    Each pixel has a place and, where it is known, a colour: a component is the ellipse of a track, flat-topped,
    times the track's palette. A track is seen where enough pixels are its own, and some lie in no other one's ellipse.
    """
    pixels, tracks = _Pixels.of(blobs, group.blobs), group.tracks
    cell = max(1, int(np.ceil(np.sqrt(blobs.counts[group.blobs].sum() / settings.n_points))))
    colors = _NO_COLORS if blobs.colors is None else blobs.colors
    table = _SILENT if blobs.colors is None else _table(predictions.palettes[tracks], settings.any_color)
    points, weights, marks = _cells(pixels, cell, colors, table)
    shapes, expected = predictions.shapes[tracks], predictions.areas[tracks]
    fit = fit_components(
        points,
        weights,
        expected / expected.sum(),
        predictions.means[tracks],
        shapes,
        frozen_shapes=True,
        density=settings.density,
        clutter=settings.clutter,
        max_iter=settings.n_iterations,
        tolerance=settings.tolerance,
        marks=marks if len(marks) else None,
    )
    precisions, own = np.asarray(np.linalg.inv(shapes), np.float64), np.zeros(len(tracks))
    kernels.count_own(points, weights, fit.means, precisions, RIM2, own)
    seen = (fit.counts >= settings.support * expected) & (own >= settings.evident * expected)
    off = _disagreement(pixels, fit.means[seen], shapes[seen], precisions[seen])
    found = [_split(predictions, int(tracks[k]), fit.means[k], float(fit.counts[k]), off) for k in np.flatnonzero(seen)]
    smallest = settings.birth * float(expected.mean())
    return found + _unexplained(pixels, fit.means[seen], precisions[seen], smallest)


def _cells(pixels: _Pixels, cell: int, colors: NDArray[np.uint8], table: Array) -> tuple[Array, Array, Array]:
    """Reduce pixels to weighted points (N, 2), (N,), one a square of `cell` pixels, and their colours' marks (T, N)."""
    width, height = pixels.box[2:] - pixels.box[:2]
    room = -(-int(width) // cell) * -(-int(height) // cell)
    points, weights, marks = np.zeros((room, 2)), np.zeros(room), np.zeros((len(table), room))
    n = kernels.reduce_to_cells(
        pixels.labels, pixels.chosen, pixels.box, cell, colors, table, points, weights, marks
    )  # fmt: skip
    return points[:n], weights[:n], marks[:, :n]


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


def _disagreement(pixels: _Pixels, means: Array, shapes: Array, precisions: Array) -> float:
    """Return the share of the pixels of blobs and ellipses that are not of both [0-1]."""
    boxes = ellipse_boxes(means, shapes, RIM2, (pixels.labels.shape[0], pixels.labels.shape[1]))
    around = union(np.concatenate([boxes, pixels.box[None]]))
    return 1.0 - float(kernels.agreement(pixels.labels, pixels.chosen, around, means, precisions, RIM2))


def _split(predictions: Predictions, track: int, mean: Array, count: float, off: float) -> Hypothesis:
    """Return the hypothesis that a track with the shape it has now lies about `mean` (2,).

    off: what `_disagreement` found; the less is seen of the track, the more of that may be due to its place
    """
    center = predictions.centers[track] + mean - predictions.means[track]
    half = predictions.extents[track] / 2
    return Hypothesis(
        xyxy=np.concatenate([center - half, center + half]),
        mean=mean,
        covariance=predictions.shapes[track],
        count=count,
        area=float(predictions.areas[track]),
        misfit=off / min(count / float(predictions.areas[track]), 1.0),
        origin=Origin.SPLIT,
        prediction=track,
    )


def _unexplained(pixels: _Pixels, means: Array, precisions: Array, smallest: float) -> list[Hypothesis]:
    """Return a hypothesis for each region that the tracks leave over and that is large enough to be somebody."""
    box = pixels.box
    left = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    # a margin of half a standard deviation: rims and limbs stick out of ellipses
    n = kernels.mark_unexplained(pixels.labels, pixels.chosen, box, means, precisions, (RIM2**0.5 + 0.5) ** 2, left)
    if n < smallest:
        return []
    rest = label_blobs(left, smallest)
    corner = box[:2].astype(np.float64)
    return [
        Hypothesis(
            xyxy=rest.xyxy[b] + np.tile(corner, 2),
            mean=rest.means[b] + corner,
            covariance=rest.covariances[b],
            count=float(rest.counts[b]),
            area=float(rest.counts[b]),
            origin=Origin.BLOB,
            prediction=-1,
        )
        for b in range(len(rest))
    ]
