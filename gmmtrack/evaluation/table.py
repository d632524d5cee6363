"""Scores as a table, one row a method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from gmmtrack.evaluation.mask_scores import MaskScores
from gmmtrack.evaluation.track_scores import TrackScores

if TYPE_CHECKING:
    from rich.table import Table

_TRACK_COLUMNS = {
    "HOTA": "hota",
    "DetA": "deta",
    "AssA": "assa",
    "MOTA": "mota",
    "MOTP": "motp",
    "IDF1": "idf1",
    "recall": "recall",
    "precision": "precision",
    "id switches": "id_switches",
    "fragmentations": "fragmentations",
    "ids": "n_ids",
    "true ids": "n_true_ids",
}
_MASK_COLUMNS = {
    "F": "f",
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
    "FPR": "fpr",
    "FNR": "fnr",
    "PWC [%]": "pwc",
    "frames": "n_frames",
    "ms a frame": "ms",
}


def scores_table(scores: Mapping[str, TrackScores] | Mapping[str, MaskScores]) -> Table:
    """Return a rich table of scores, all of tracks or all of masks, by the name of what was scored."""
    from rich.table import Table

    of_tracks = all(isinstance(score, TrackScores) for score in scores.values())
    columns = _TRACK_COLUMNS if of_tracks else _MASK_COLUMNS
    table = Table("", *columns)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, score in scores.items():
        values = asdict(score)
        table.add_row(name, *(_text(values[field]) for field in columns.values()))
    return table


def _text(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
