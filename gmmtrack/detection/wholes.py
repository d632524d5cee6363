"""Wholes: parts of one body, put together by the size that bodies have at their place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Origin
from gmmtrack.detection.hypothesis import Hypothesis, are_stacked, pooled, union
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.size_model import SizeModel, box_sizes

Array = NDArray[np.float64]

_FITS = 0.25  # by how much of the usual size at its place a whole may differ from it
_PART = 0.75  # of the usual size, a part at most
_ALIGNED = 0.6  # share of the narrower one's width that is above or below the other one


def put_together(hypotheses: Sequence[Hypothesis], predictions: Predictions, sizes: SizeModel) -> list[Hypothesis]:
    """Return hypotheses, those that are parts of one body as one: a head above a sign, and the legs below it.

    Two are, if they lie above one another, are both too small for their place, and together of the usual size; and so
    is what lies between them. Parts of tracks that have this size by themselves are parts of two bodies.
    """
    found = list(hypotheses)
    while len(found) > 1 and (around := _likeliest(found, predictions, sizes)) is not None:
        inside = [part.origin != Origin.SPLIT and _is_within(part.xyxy, around) for part in found]
        outside = [not is_inside for is_inside in inside]
        found = [*compress(found, outside), _joined(list(compress(found, inside)))]
    return found


def _likeliest(found: Sequence[Hypothesis], predictions: Predictions, sizes: SizeModel) -> Array | None:
    """Return the box (4,) around those two that make the whole nearest to the usual size, None where none do."""
    found = [part for part in found if part.origin != Origin.SPLIT]
    boxes = np.array([part.xyxy for part in found]).reshape(-1, 4)
    extents = np.append(predictions.extents, [[0.0, 0.0]], axis=0)[[part.prediction for part in found]]  # 0 at -1
    own = np.sqrt(np.prod(extents, axis=1))
    is_part = box_sizes(boxes) <= _PART * sizes.usual(boxes)
    a, b = np.triu_indices(len(boxes), 1)
    may_be_one = is_part[a] & is_part[b] & are_stacked(boxes[a], boxes[b], _ALIGNED)
    a, b = a[may_be_one], b[may_be_one]
    one, other = boxes[a], boxes[b]
    wholes = np.concatenate([np.minimum(one[:, :2], other[:, :2]), np.maximum(one[:, 2:], other[:, 2:])], axis=1)
    usual = sizes.usual(wholes)
    off = np.abs(box_sizes(wholes) / usual - 1)
    are_two = np.minimum(own[a], own[b]) > _PART * usual
    off[are_two | (np.maximum(box_sizes(one), box_sizes(other)) > _PART * usual)] = np.inf
    return wholes[off.argmin()] if len(off) and off.min() <= _FITS else None


def _is_within(box: Array, around: Array) -> bool:
    return bool((box[:2] >= around[:2]).all() and (box[2:] <= around[2:]).all())


def _joined(parts: Sequence[Hypothesis]) -> Hypothesis:
    """Return parts as one; it is of the track of the largest one that has one."""
    parts = sorted(parts, key=lambda part: -part.count)
    counts = np.array([part.count for part in parts])
    mean, covariance = pooled(
        counts, np.array([part.mean for part in parts]), np.array([part.covariance for part in parts])
    )
    palettes = [part.palette for part in parts if part.palette is not None]
    return Hypothesis(
        xyxy=union(np.array([part.xyxy for part in parts])),
        mean=mean,
        covariance=covariance,
        count=float(counts.sum()),
        area=float(counts.sum()),
        origin=Origin.BLOB,  # whole, for its size is right
        prediction=next((part.prediction for part in parts if part.prediction >= 0), -1),
        palette=np.sum(palettes, axis=0) if len(palettes) == len(parts) else None,
    )
