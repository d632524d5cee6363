"""Association alone, on real detections: the public ones of MOTChallenge 2015's training half."""

from configparser import ConfigParser

import numpy as np

from gmmtrack import Tracker
from gmmtrack.evaluation import score_tracks


def follow(folder):
    """Return rows of frame, id, x, y, width, height of the tracks of one sequence's detections."""
    found, truth = (np.loadtxt(folder / name, delimiter=",") for name in ("det/det.txt", "gt/gt.txt"))
    facts = ConfigParser()
    facts.read(folder / "seqinfo.ini")
    rate, tracker, rows = facts.getfloat("Sequence", "frameRate"), Tracker(), []
    for frame in range(1, int(truth[:, 0].max()) + 1):
        here = found[found[:, 0] == frame]
        boxes = np.concatenate([here[:, 2:4], here[:, 2:4] + here[:, 4:6]], axis=1)
        tracks = tracker.update(boxes, scores=here[:, 6], time=frame / rate)
        extents = tracks.xyxy[:, 2:] - tracks.xyxy[:, :2]
        rows.append(np.column_stack([np.full(len(tracks), frame), tracks.ids, tracks.xyxy[:, :2], extents]))
    return np.concatenate(rows)


def test_public_detections_keep_their_identities(data):
    sequences = sorted(path.parent for path in (data / "mot15").glob("*/seqinfo.ini"))
    scores = [score_tracks(folder / "gt" / "gt.txt", follow(folder)) for folder in sequences]
    assert len(scores) == 11
    assert np.mean([score.hota for score in scores]) > 0.438
    assert np.mean([score.idf1 for score in scores]) > 0.608
