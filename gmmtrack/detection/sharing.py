"""Sharing: the pixels of blobs that several tracks claim, shared out among those."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection import kernels
from gmmtrack.detection.axes import turned_extents, turned_offset
from gmmtrack.detection.blobs import Blobs, label_blobs
from gmmtrack.detection.claims import RIM2, Group, ellipse_boxes
from gmmtrack.detection.detections import Origin
from gmmtrack.detection.hypothesis import Hypothesis, union
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.settings import DetectionSettings
from gmmtrack.detection.shared import Placement, Shared
from gmmtrack.detection.silhouettes import place
from gmmtrack.mixture import fit_components

Array = NDArray[np.float64]

_RIGID = 0.8  # intersection over union of outlines from frame to frame, and of outlines and blobs, of rigid bodies


def share_out(group: Group, blobs: Blobs, predictions: Predictions, settings: DetectionSettings) -> list[Hypothesis]:
    """Return the hypotheses that explain the blobs of a group: its tracks, their shapes held, and what they leave over.

    Rigid bodies, whose outlines were always alike and explain the blobs, are where their outlines explain most; others
    are where EM finds them. A track is seen where enough pixels are its own, and some lie in no other one.
    """
    tracks = group.tracks
    shared = Shared.of(blobs, group.blobs, predictions.palettes[tracks], settings.any_color)
    expected, found = predictions.areas[tracks], None
    if predictions.likenesses[tracks].min() >= _RIGID:
        found = place(shared, predictions, tracks)
    if found is None or found.misfit > 1 - _RIGID:
        found = _cluster(shared, predictions, tracks, settings)
    seen = _are_seen(found, expected, settings)
    split = [_split(predictions, tracks, found, k) for k in np.flatnonzero(seen).tolist()]
    smallest = settings.birth * float(expected.mean())
    return split + _unexplained(shared, found.means[seen], _precisions(found.shapes[seen]), smallest)


def _are_seen(found: Placement, expected: Array, settings: DetectionSettings) -> NDArray[np.bool_]:
    """Return (K,) whether tracks of expected areas (K,) [pixels] are seen."""
    return np.asarray((found.counts >= settings.support * expected) & (found.own >= settings.evident * expected))


def _cluster(
    shared: Shared, predictions: Predictions, tracks: NDArray[np.int64], settings: DetectionSettings
) -> Placement:
    """Return where EM finds tracks.

    Each pixel has a place and, where it is known, a colour: a component is the ellipse of a track, flat-topped,
    times the track's palette. Those that turn are found as they lie.
    """
    cell = max(1, int(np.ceil(np.sqrt(shared.count / settings.n_points))))
    points, weights, marks = _cells(shared, cell)
    expected = predictions.areas[tracks]
    fit = fit_components(
        points,
        weights,
        expected / expected.sum(),
        predictions.means[tracks],
        predictions.shapes[tracks],
        frozen_shapes=True,
        turning=predictions.turn[tracks],
        density=settings.density,
        clutter=settings.clutter,
        max_iter=settings.n_iterations,
        tolerance=settings.tolerance,
        marks=marks if len(marks) else None,
    )
    own = np.zeros(len(tracks))
    precisions = _precisions(fit.covariances)
    kernels.count_own(points, weights, fit.means, precisions, RIM2, own)
    found = Placement(fit.means, fit.covariances, fit.counts, own, np.inf)
    seen = _are_seen(found, expected, settings)
    return replace(found, misfit=_disagreement(shared, fit.means[seen], fit.covariances[seen], precisions[seen]))


def _cells(shared: Shared, cell: int) -> tuple[Array, Array, Array]:
    """Reduce pixels to weighted points (N, 2), (N,), one a square of `cell` pixels, and their colours' marks (T, N)."""
    width, height = shared.box[2:] - shared.box[:2]
    room = -(-int(width) // cell) * -(-int(height) // cell)
    points, weights, marks = np.zeros((room, 2)), np.zeros(room), np.zeros((len(shared.table), room))
    n = kernels.reduce_to_cells(
        shared.labels, shared.chosen, shared.box, cell, shared.colors, shared.table, points, weights, marks
    )  # fmt: skip
    return points[:n], weights[:n], marks[:, :n]


def _precisions(shapes: Array) -> Array:
    return np.asarray(np.linalg.inv(shapes), np.float64)


def _disagreement(shared: Shared, means: Array, shapes: Array, precisions: Array) -> float:
    """Return the share of the pixels of blobs and ellipses that are not of both [0-1]."""
    boxes = ellipse_boxes(means, shapes, RIM2, (shared.labels.shape[0], shared.labels.shape[1]))
    around = union(np.concatenate([boxes, shared.box[None]]))
    return 1.0 - float(kernels.agreement(shared.labels, shared.chosen, around, means, precisions, RIM2))


def _split(predictions: Predictions, tracks: NDArray[np.int64], found: Placement, k: int) -> Hypothesis:
    """Return the hypothesis that track k of those that share a blob lies where, and as, it was found.

    The less is seen of it, the more of the misfit may be due to its place.
    """
    track, count = int(tracks[k]), float(found.counts[k])
    shape, offset = found.shapes[k], predictions.centers[track] - predictions.means[track]
    half = predictions.extents[track] / 2
    if predictions.turn[track]:
        offset = turned_offset(offset, predictions.shapes[track], shape)
        half = turned_extents(half, predictions.shapes[track], shape)
    center = found.means[k] + offset
    return Hypothesis(
        xyxy=np.concatenate([center - half, center + half]),
        mean=found.means[k],
        covariance=shape,
        count=count,
        area=float(predictions.areas[track]),
        misfit=found.misfit / min(count / float(predictions.areas[track]), 1.0),
        origin=Origin.SPLIT,
        prediction=track,
    )


def _unexplained(shared: Shared, means: Array, precisions: Array, smallest: float) -> list[Hypothesis]:
    """Return a hypothesis for each region that the tracks leave over and that is large enough to be somebody."""
    box = shared.box
    left = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    # a margin of half a standard deviation: rims and limbs stick out of ellipses
    n = kernels.mark_unexplained(shared.labels, shared.chosen, box, means, precisions, (RIM2**0.5 + 0.5) ** 2, left)
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
