"""Scores of tracks: cases worked out by hand, and agreement with the reference script."""

import builtins
import math
from dataclasses import asdict, fields

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError, MissingExtraError, SourceError
from gmmtrack.evaluation import TrackScores, score_tracks

pytest.importorskip("trackeval")

SHARES = ("hota", "deta", "assa", "loca", "mota", "motp", "recall", "precision", "idf1", "id_recall", "id_precision")


def walk(n_frames, track=1, x=10.0, step=2.0):
    """MOT rows (n_frames, 7) of one object of 20 x 40 pixels that walks to the right."""
    frames = np.arange(1, n_frames + 1)
    ones = np.ones(n_frames)
    return np.stack([frames, track * ones, x + step * frames, 50 * ones, 20 * ones, 40 * ones, ones], axis=1)


def test_perfect_tracks_score_one_everywhere():
    truth = np.concatenate([walk(10, 1), walk(10, 2, x=200)])
    scores = score_tracks(truth, truth)
    assert [getattr(scores, name) for name in SHARES] == [1.0] * len(SHARES)
    assert (scores.id_switches, scores.fragmentations, scores.false_positives, scores.misses) == (0, 0, 0, 0)
    assert (scores.n_ids, scores.n_true_ids, scores.n_boxes, scores.n_true_boxes, scores.n_frames) == (2, 2, 20, 20, 10)
    assert (scores.mostly_tracked, scores.mostly_lost) == (2, 0)


def test_one_id_switch_half_way_costs_half_the_association():
    truth, tracks = walk(10), walk(10)
    tracks[5:, 1] = 2
    scores = score_tracks(truth, tracks)
    assert scores.id_switches == 1
    assert scores.mota == pytest.approx(1 - 1 / 10)
    # each of the ten matches shares 5 of the 10 frames that its two ids hold together
    assert scores.assa == pytest.approx(0.5)
    assert scores.deta == 1.0
    assert scores.hota == pytest.approx(math.sqrt(0.5))
    # one of the two ids is the right one, for 5 frames of 10
    assert scores.idf1 == pytest.approx(0.5)


def test_a_box_of_two_thirds_overlap_matches_up_to_that_likeness():
    truth, tracks = walk(6), walk(6)
    tracks[:, 2] += 4  # of a width of 20: 16 shared, 24 covered
    scores = score_tracks(truth, tracks)
    assert scores.motp == pytest.approx(16 / 24)
    assert scores.hota == pytest.approx(13 / 19)  # the likenesses 0.05 to 0.65 of 0.05 to 0.95
    assert score_tracks(truth, tracks, iou=0.7).mota == -1.0


def test_a_box_without_an_object_and_an_object_without_a_box_cost_recall_and_precision():
    truth = np.concatenate([walk(4, 1), walk(4, 2, x=200)])
    tracks = np.concatenate([walk(4, 1), walk(4, 5, x=400)])
    scores = score_tracks(truth, tracks)
    assert (scores.recall, scores.precision, scores.mota, scores.idf1) == (0.5, 0.5, 0.0, 0.5)
    assert (scores.false_positives, scores.misses) == (4, 4)


def test_a_track_that_is_taken_up_again_is_one_fragmentation():
    tracks = np.delete(walk(10), [4], axis=0)
    other = walk(10, 2, x=300)  # keeps frame 5 from being empty
    truth = np.concatenate([walk(10), other])
    scores = score_tracks(truth, np.concatenate([tracks, other]))
    assert (scores.fragmentations, scores.id_switches) == (1, 0)


def test_no_tracks_miss_everything():
    scores = score_tracks(walk(5), np.zeros((0, 7)))
    assert (scores.hota, scores.mota, scores.recall, scores.idf1) == (0.0, 0.0, 0.0, 0.0)
    assert (scores.misses, scores.n_ids, scores.n_true_boxes) == (5, 0, 5)


def test_tracks_without_a_truth_are_all_false():
    scores = score_tracks([], walk(5))
    assert (scores.hota, scores.precision, scores.false_positives, scores.n_frames) == (0.0, 0.0, 5, 5)


def test_nothing_against_nothing_is_scored_as_nothing():
    scores = score_tracks([], [])
    assert (scores.hota, scores.n_boxes, scores.n_true_boxes) == (0.0, 0, 0)


def test_the_order_of_rows_does_not_matter():
    truth = np.concatenate([walk(10, 1), walk(10, 2, x=60)])
    tracks = truth + np.array([0, 0, 3, 0, 0, 0, 0])
    shuffled = np.random.default_rng(3).permutation(tracks)
    assert score_tracks(truth, shuffled) == score_tracks(truth, tracks)


def test_true_rows_marked_by_a_zero_are_left_out():
    ignored = walk(10, 9, x=300)
    ignored[:, 6] = 0
    scores = score_tracks(np.concatenate([walk(10), ignored]), walk(10))
    assert (scores.recall, scores.n_true_ids) == (1.0, 1)


def test_only_frames_from_first_to_last_are_scored():
    truth, tracks = walk(10), walk(10)
    tracks[:3, 2] += 500
    assert score_tracks(truth, tracks).recall == pytest.approx(0.7)
    scores = score_tracks(truth, tracks, first=4, last=9)
    assert (scores.recall, scores.n_frames, scores.n_true_boxes) == (1.0, 6, 6)


def test_reach_compares_centres():
    truth, tracks = walk(10), walk(10)
    tracks[:, 2] += 8
    tracks[:, 4:6] = 3, 3  # centres end 8.5 - 18.5 pixels off
    assert score_tracks(truth, tracks, reach=25).recall == 1.0
    assert score_tracks(truth, tracks, reach=5).recall == 0.0


def test_iou_has_no_part_where_centres_are_compared():
    truth, tracks = walk(10), walk(10)
    tracks[:, 2] += 8
    assert score_tracks(truth, tracks, reach=10, iou=0.9) == score_tracks(truth, tracks, reach=10)
    assert score_tracks(truth, tracks, reach=10, iou=0.9).recall == 1.0


def test_scores_are_silent(capfd):
    score_tracks(walk(3), walk(3), first=2)
    assert capfd.readouterr() == ("", "")


def test_ids_that_no_scored_frame_holds_raise_no_warning():
    truth = np.concatenate([walk(3), walk(10, 2, x=300)[8:]])
    assert score_tracks(truth, truth, last=3).hota == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"iou": 0.0}, "iou must be > 0 and <= 1, got 0.0"),
        ({"reach": -2.0}, "reach must be > 0 pixels, got -2.0"),
        ({"first": 0}, "first must be >= 1, got 0"),
        ({"first": 5, "last": 4}, "last must be >= first = 5, got 4"),
    ],
)
def test_options_out_of_bounds_are_refused(options, message):
    with pytest.raises(ArgumentError) as caught:
        score_tracks(walk(3), walk(3), **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros((3, 4)), "tracks must be (N, >= 6) rows of frame, id, x, y, width, height, got (3, 4)"),
        ([[1, 1, 0, 0, 5, 5], [2, 1, 0, np.nan, 5, 5]], "tracks, row 2 must be finite, got 2, 1, 0, nan, 5, 5"),
        ([[1.5, 1, 0, 0, 5, 5]], "tracks, row 1 must have a whole frame and id, got 1.5, 1, 0, 0, 5, 5"),
        ([[1, 1, 0, 0, -5, 5]], "tracks, row 1 must have a width and height >= 0 pixels, got 1, 1, 0, 0, -5, 5"),
        (
            [[1, 7, 0, 0, 5, 5], [1, 7, 9, 9, 5, 5]],
            "tracks must have an id at most once in a frame, got id 7 again in frame 1",
        ),
        ([["x"] * 6], "tracks must be MOT rows of numbers or a path, got list"),
    ],
)
def test_malformed_rows_are_refused(rows, message):
    with pytest.raises(ArgumentError) as caught:
        score_tracks(walk(3), rows)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["truth.csv", "truth.txt"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(SourceError) as caught:
        score_tracks(tmp_path / name, walk(3), reach=3.0)
    assert str(caught.value) == f"cannot read {tmp_path / name}: no such file or directory"


def test_a_malformed_file_is_named_with_its_line(tmp_path):
    path = tmp_path / "tracks.txt"
    path.write_text("1,1,10,10,5,5,1,-1,-1,-1\n\n2,1,ten,10,5,5,1,-1,-1,-1\n")
    with pytest.raises(ArgumentError, match=r"tracks\.txt.*line 3"):
        score_tracks(walk(3), path)


CSV_HEAD = "frame0,id,cx,cy,area\n"


def test_centres_count_frames_from_nought(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text(CSV_HEAD + "0,4,22,70,9\n1,4,24,70,9\n")
    scores = score_tracks(path, walk(2), reach=3.0)  # walk's centres are 22 and 24, 70
    assert (scores.hota, scores.n_frames) == (1.0, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("frame,id,cx,cy\n", "{path}, line 1 must name the columns frame0, id, cx, cy, got no frame0"),
        ("", "{path}, line 1 must name the columns frame0, id, cx, cy, got no frame0, id, cx, cy"),
        (CSV_HEAD + "0,1,5,5,1\n1,1,x,5,1\n", "{path}, line 3 must hold numbers for frame0, id, cx, cy, got 1,1,x,5"),
        (CSV_HEAD + "0,1\n", "{path}, line 2 must hold numbers for frame0, id, cx, cy, got 0,1,None,None"),
    ],
)
def test_a_malformed_file_of_centres_is_named_with_its_line(tmp_path, text, message):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(ArgumentError) as caught:
        score_tracks(path, walk(2), reach=3.0)
    assert str(caught.value) == message.format(path=path)


def test_centres_without_reach_are_refused(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text(CSV_HEAD + "0,4,22,70,9\n")
    with pytest.raises(ArgumentError) as caught:
        score_tracks(path, walk(2))
    assert str(caught.value) == "reach must be given [pixels] where a file holds centres without boxes, got None"


def test_without_trackeval_the_remedy_is_named(monkeypatch):
    load = builtins.__import__

    def refuse(name, *args, **options):
        if name.startswith("trackeval"):
            raise ImportError(name)
        return load(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError) as caught:
        score_tracks(walk(2), walk(2))
    assert str(caught.value) == 'scores of tracks need TrackEval; pip install "gmmtrack[eval]"'


# agreement with the reference script

# the reference script leaves its files open
leaky = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

NAMES = {
    "HOTA": "hota",
    "DetA": "deta",
    "AssA": "assa",
    "MOTA": "mota",
    "MOTP": "motp",
    "Rcll": "recall",
    "Prcn": "precision",
    "IDSW": "id_switches",
    "Frag": "fragmentations",
    "IDF1": "idf1",
    "ids": "n_ids",
    "gt_ids": "n_true_ids",
}


def agree(scores, reference):
    ours = asdict(scores)
    assert {name: ours[field] for name, field in NAMES.items()} == reference


def crowd(seed, n_objects=6, n_frames=40):
    """A truth (N, 7) of walkers, and tracks of it with noise, gaps, false boxes and exchanged ids."""
    rng = np.random.default_rng(seed)
    truth = np.concatenate(
        [walk(n_frames, k, x=rng.uniform(0, 200), step=rng.uniform(-4, 4)) for k in range(n_objects)]
    )
    tracks = truth[rng.random(len(truth)) > 0.15].copy()
    tracks[:, 2:6] += rng.normal(0, 2, (len(tracks), 4))
    later = tracks[:, 0] > n_frames // 2
    tracks[later, 1] = (tracks[later, 1] + 1) % n_objects  # every id moves on to the next object
    false = walk(n_frames, 77, x=400)
    truth[rng.random(len(truth)) < 0.05, 6] = 0
    return truth, rng.permutation(np.concatenate([tracks, false]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("options", [{}, {"iou": 0.3}, {"reach": 6.0}, {"first": 5, "last": 31}])
def test_made_up_tracks_score_as_the_reference_says(mot_score, seed, options):
    truth, tracks = crowd(seed)
    renamed = {"clear_thr" if name == "iou" else name: value for name, value in options.items()}
    expected = mot_score.evaluate(truth[truth[:, 6] != 0].tolist(), tracks.tolist(), **renamed)
    agree(score_tracks(truth, tracks, **options), expected)


@leaky
@pytest.mark.parametrize("name", ["vtest/gt.txt", "mot15/TUD-Stadtmitte/gt/gt.txt", "mot15/ETH-Sunnyday/gt/gt.txt"])
def test_a_public_truth_scores_as_the_reference_says(mot_score, data, tmp_path, name):
    path = data / name
    rng = np.random.default_rng(5)
    rows = np.array(mot_score.load(path))
    rows = rows[(rng.random(len(rows)) > 0.1) & (rows[:, 1] % 2 == 1)]
    rows[:, 1] += rows[:, 0] > 60  # every id changes once, to an even one that no other object has
    rows[:, 2] += rng.normal(0, 4, len(rows))
    tracks = tmp_path / "tracks.txt"
    np.savetxt(tracks, rows, fmt="%.3f", delimiter=",")
    expected = mot_score.evaluate(mot_score.load(path, lambda r: r[6] != 0), mot_score.load(tracks))
    agree(score_tracks(path, str(tracks)), expected)


@leaky
def test_centres_from_a_file_score_as_the_reference_says(mot_score, data, tmp_path):
    path = data / "zebrafish" / "tracks.csv"
    truth = mot_score.load_csv(path)
    rng = np.random.default_rng(5)
    rows = np.array(truth)
    rows = rows[rows[:, 1] != 2]
    rows[:, 1] += 1000 * (rows[:, 0] > 90)
    rows[:, 2] += rng.normal(0, 5, len(rows))
    tracks = tmp_path / "tracks.txt"
    np.savetxt(tracks, rows, fmt="%.3f", delimiter=",")
    expected = mot_score.evaluate(truth, mot_score.load(tracks), reach=10.0)
    agree(score_tracks(path, tracks, reach=10.0), expected)


def test_every_score_has_a_place_in_the_docstring():
    assert [field.name for field in fields(TrackScores) if field.name not in TrackScores.__doc__] == []
