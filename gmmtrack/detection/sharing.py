"""Sharing: the pixels of blobs that several tracks claim, shared out among those by EM."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection import kernels
from gmmtrack.detection.blobs import Blobs, label_blobs
from gmmtrack.detection.claims import RIM2, Group
from gmmtrack.detection.detections import Origin
from gmmtrack.detection.hypothesis import Hypothesis, union
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.settings import DetectionSettings
from gmmtrack.mixture import fit_components

Array = NDArray[np.float64]

_RARE = 1e-3  # share of the pixels of a group that a colour is taken to have at least


def share_out(
    group: Group, blobs: Blobs, predictions: Predictions, image: NDArray[np.uint8] | None, settings: DetectionSettings
) -> list[Hypothesis]:
    """Return the hypotheses that explain the blobs of a group: its tracks, their shapes held, and what they leave over.

    Each pixel has a place and, where the image is given, a colour: a component is the ellipse of a track, flat-topped,
    times the track's palette. A track is seen where enough pixels are its own, and some lie in no other one's ellipse.
    """
    chosen = np.zeros(len(blobs), np.bool_)
    chosen[group.blobs] = True
    box = union(blobs.xyxy[group.blobs])
    side = max(1, int(np.ceil(np.sqrt(blobs.counts[chosen].sum() / settings.n_points))))
    points, weights = _cells(blobs, chosen, box, side)
    tracks = group.tracks
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
        marks=_marks(predictions.palettes[tracks], blobs, chosen, box, side, len(points), image, settings.any_color),
    )
    precisions = np.asarray(np.linalg.inv(shapes), np.float64)
    own = np.zeros(len(tracks))
    kernels.count_own(points, weights, fit.means, precisions, RIM2, own)
    seen = (fit.counts >= settings.support * expected) & (own >= settings.evident * expected)
    centers = predictions.centers[tracks] + fit.means - predictions.means[tracks]
    halves = predictions.extents[tracks] / 2
    hypotheses = [
        Hypothesis(
            xyxy=np.concatenate([centers[k] - halves[k], centers[k] + halves[k]]),
            mean=fit.means[k],
            covariance=shapes[k],
            count=float(fit.counts[k]),
            area=float(expected[k]),
            origin=Origin.SPLIT,
            prediction=int(tracks[k]),
        )
        for k in np.flatnonzero(seen)
    ]
    smallest = settings.birth * float(expected.mean())
    return hypotheses + _unexplained(blobs, chosen, box, fit.means[seen], precisions[seen], smallest)


def _cells(blobs: Blobs, chosen: NDArray[np.bool_], box: NDArray[np.int64], side: int) -> tuple[Array, Array]:
    """Reduce the pixels of the chosen blobs to weighted points (N, 2), (N,), one a square of `side` pixels."""
    width, height = box[2:] - box[:2]
    room = -(-int(width) // side) * -(-int(height) // side)
    points, weights = np.zeros((room, 2)), np.zeros(room)
    n = kernels.reduce_to_cells(blobs.labels, chosen, box, side, points, weights)
    return points[:n], weights[:n]


def _marks(
    palettes: Array,
    blobs: Blobs,
    chosen: NDArray[np.bool_],
    box: NDArray[np.int64],
    side: int,
    n_points: int,
    image: NDArray[np.uint8] | None,
    any_color: float,
) -> Array | None:
    """Return (T, N) by how much the colours of the points speak for each track [nepers]; None where all are silent.

    palettes (T, N_COLORS); zeros, of a track whose colours are not known, say of no colour more than of another
    """
    known = palettes.any(axis=1)
    if image is None or not known.any() or any_color == 1.0:
        return None
    usual = palettes[known].mean(axis=0) + _RARE
    table = np.log((1 - any_color) * palettes / usual + any_color)
    table[~known] = 0.0
    marks = np.zeros((len(palettes), n_points))
    kernels.mark_cells(image, blobs.labels, chosen, box, side, table, marks)
    return marks


def _unexplained(
    blobs: Blobs, chosen: NDArray[np.bool_], box: NDArray[np.int64], means: Array, precisions: Array, smallest: float
) -> list[Hypothesis]:
    """Return a hypothesis for each region that the tracks leave over and that is large enough to be somebody."""
    left = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    # a margin of half a standard deviation: rims and limbs stick out of ellipses
    n = kernels.mark_unexplained(blobs.labels, chosen, box, means, precisions, (RIM2**0.5 + 0.5) ** 2, left)
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
