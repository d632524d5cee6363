"""The form in which TrackEval's metrics take a sequence."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.evaluation.similarity import nearness, overlap


def sequence(
    truth: NDArray[np.float64], tracks: NDArray[np.float64], first: int, last: int, reach: float | None
) -> dict[str, Any]:
    """Return TrackEval's dictionary of frames `first` to `last`, of MOT rows (N, >= 6) and (M, >= 6).

    Ids are numbered from 0 in their order; boxes are compared by overlap, or by centre distance where `reach` is given.
    """
    n_true_ids, true_frames = _by_frame(truth, first, last)
    n_ids, frames = _by_frame(tracks, first, last)
    alike = [
        overlap(t, f) if reach is None else nearness(t, f, reach)
        for (_, t), (_, f) in zip(true_frames, frames, strict=True)
    ]
    return {
        "gt_ids": [ids for ids, _ in true_frames],
        "tracker_ids": [ids for ids, _ in frames],
        "similarity_scores": alike,
        "num_gt_ids": n_true_ids,
        "num_tracker_ids": n_ids,
        "num_gt_dets": sum(len(ids) for ids, _ in true_frames),
        "num_tracker_dets": sum(len(ids) for ids, _ in frames),
        "num_timesteps": last - first + 1,
    }


def _by_frame(
    rows: NDArray[np.float64], first: int, last: int
) -> tuple[int, list[tuple[NDArray[np.int64], NDArray[np.float64]]]]:
    """Return the number of ids, and for every frame its ids (n,) and its boxes (n, 4), in the order of the rows."""
    names, ids = np.unique(rows[:, 1], return_inverse=True)
    order = np.argsort(rows[:, 0], kind="stable")
    edges = np.searchsorted(rows[order, 0], np.arange(first, last + 2))
    ids, boxes = ids.reshape(-1)[order].astype(np.int64), rows[order, 2:6]
    return len(names), [(ids[start:stop], boxes[start:stop]) for start, stop in pairwise(edges)]
