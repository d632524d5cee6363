"""Scores of tracks (TrackEval's metrics) and of masks (the rules of CDnet 2014)."""

from gmmtrack.evaluation.mask_scores import MaskScores, score_masks
from gmmtrack.evaluation.table import scores_table
from gmmtrack.evaluation.track_scores import TrackScores, score_tracks

__all__ = ["MaskScores", "TrackScores", "score_masks", "score_tracks", "scores_table"]
