"""Scores of tracks against a truth, by TrackEval."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.evaluation.metrics import measure
from gmmtrack.evaluation.rows import check_unique, read_rows
from gmmtrack.evaluation.sequence import sequence

# nearness is 0.5 at the reach
_WITHIN_REACH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackScores:
    """How good tracks are; shares are from 0 to 1.

    Where no box or no truth is scored, every share is 0 (and loca 1), as TrackEval has it.

    hota, deta, assa, loca: higher-order tracking accuracy, its parts for detection and association, and the likeness of
    what was matched (Luiten et al. 2021), each the mean over likenesses of 0.05 to 0.95
    mota, motp, recall, precision: CLEAR MOT (Bernardin and Stiefelhagen 2008); mota may be negative
    idf1, id_recall, id_precision: the share of boxes with the one right identity (Ristani et al. 2016)
    id_switches, fragmentations: how often a true object's id changed, and how often its track was taken up again
    false_positives, misses: boxes without a true object, and true objects without a box
    mostly_tracked, mostly_lost: true ids matched in more than 80 %, in less than 20 % of their frames
    n_ids, n_true_ids: ids in all of the tracks and all of the truth, scored or not
    n_boxes, n_true_boxes, n_frames: in what was scored
    """

    hota: float
    deta: float
    assa: float
    loca: float
    mota: float
    motp: float
    recall: float
    precision: float
    idf1: float
    id_recall: float
    id_precision: float
    id_switches: int
    fragmentations: int
    false_positives: int
    misses: int
    mostly_tracked: int
    mostly_lost: int
    n_ids: int
    n_true_ids: int
    n_boxes: int
    n_true_boxes: int
    n_frames: int


def score_tracks(
    truth: str | os.PathLike[str] | ArrayLike,
    tracks: str | os.PathLike[str] | ArrayLike,
    *,
    iou: float = 0.5,
    reach: float | None = None,
    first: int = 1,
    last: int | None = None,
) -> TrackScores:
    """Return how good `tracks` are against `truth`, by TrackEval's HOTA, CLEAR and Identity metrics.

    Parameters
    ----------
    truth, tracks
        MOT rows (N, >= 6): frame from 1, id, x, y, width, height [pixels]; or the path of a MOT text file, or of a CSV
        file of centres with columns frame0, id, cx, cy, where frames count from 0. Rows of the truth whose seventh
        column is 0 are left out.
    iou
        (0, 1] the least intersection over union of a match, for CLEAR and Identity; HOTA takes the mean over many.
    reach
        [pixels] compare centres, which match up to this distance apart, instead of boxes; `iou` then has no part.
    first, last
        The frames that are scored, both included; by default up to the truth's last.

    Raises
    ------
    ArgumentError
        An argument out of its bounds, or a malformed file or array; the message names the file and line or row.
    SourceError
        A file that cannot be read.
    MissingExtraError
        TrackEval is not installed.

    Examples
    --------
    >>> rows = [[1, 1, 10, 10, 5, 5], [2, 1, 12, 10, 5, 5]]
    >>> scores = score_tracks(rows, rows)
    >>> scores.hota, scores.mota, scores.idf1, scores.id_switches
    (1.0, 1.0, 1.0, 0)
    """
    _check_thresholds(iou, reach)
    true_rows, true_centres = read_rows(truth, "truth")
    rows, centres = read_rows(tracks, "tracks")
    if (true_centres or centres) and reach is None:
        raise ArgumentError("reach must be given [pixels] where a file holds centres without boxes, got None")
    true_rows = _counted(true_rows)
    first, last = _frames(true_rows, rows, first, last)
    check_unique(true_rows, _name(truth, "truth"))
    check_unique(rows, _name(tracks, "tracks"))
    scored = sequence(true_rows, rows, first, last, reach)
    found = measure(scored, iou if reach is None else _WITHIN_REACH)
    found |= {name: value for name, value in scored.items() if name.startswith("num_")}
    return _scores(found)


def _check_thresholds(iou: float, reach: float | None) -> None:
    if not 0 < iou <= 1:
        raise ArgumentError(f"iou must be > 0 and <= 1, got {iou!r}")
    if reach is not None and not 0 < reach < np.inf:
        raise ArgumentError(f"reach must be > 0 pixels, got {reach!r}")


def _name(source: object, default: str) -> str:
    return str(source) if isinstance(source, (str, os.PathLike)) else default


def _counted(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows that count: MOTChallenge marks by a 0 in column 7 what is not to be scored."""
    return rows[rows[:, 6] != 0] if rows.shape[1] > 6 else rows


def _frames(truth: NDArray[np.float64], tracks: NDArray[np.float64], first: int, last: int | None) -> tuple[int, int]:
    """Return the first and last scored frame; without a truth, whatever the tracks hold counts against them."""
    if first < 1:
        raise ArgumentError(f"first must be >= 1, got {first!r}")
    if last is None:
        known = truth if len(truth) else tracks
        return first, int(max(known[:, 0].max(initial=first), first))
    if last < first:
        raise ArgumentError(f"last must be >= first = {first}, got {last!r}")
    return first, last


def _scores(found: dict[str, object]) -> TrackScores:
    def share(name: str) -> float:
        return float(np.mean(np.asarray(found[name], dtype=np.float64)))

    def count(name: str) -> int:
        return int(np.asarray(found[name]))

    return TrackScores(
        hota=share("HOTA"),
        deta=share("DetA"),
        assa=share("AssA"),
        loca=share("LocA"),
        mota=share("MOTA"),
        motp=share("MOTP"),
        recall=share("CLR_Re"),
        precision=share("CLR_Pr"),
        idf1=share("IDF1"),
        id_recall=share("IDR"),
        id_precision=share("IDP"),
        id_switches=count("IDSW"),
        fragmentations=count("Frag"),
        false_positives=count("CLR_FP"),
        misses=count("CLR_FN"),
        mostly_tracked=count("MT"),
        mostly_lost=count("ML"),
        n_ids=count("num_tracker_ids"),
        n_true_ids=count("num_gt_ids"),
        n_boxes=count("num_tracker_dets"),
        n_true_boxes=count("num_gt_dets"),
        n_frames=count("num_timesteps"),
    )
