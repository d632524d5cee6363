"""Reading MOTChallenge text."""

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.outputs.mot import MotWriter, read_mot
from gmmtrack.tracking.tracks import TrackState


def test_what_is_written_is_read_back(tmp_path, make_result):
    path = tmp_path / "tracks.txt"
    with MotWriter(path) as writer:
        writer.write(make_result(0, (7, TrackState.CONFIRMED, 1, 2, 11, 22)))
        writer.write(make_result(1, (7, TrackState.COASTING, 2, 3, 12.25, 23)))
    np.testing.assert_array_equal(
        read_mot(path), [[1, 7, 1, 2, 10, 20, 0.88, -1, -1, -1], [2, 7, 2, 3, 10.25, 20, 0.88, -1, -1, -1]]
    )


@pytest.mark.parametrize("text", ["1,2,3,4,5,6\n", "1 2 3 4 5 6", "\n1, 2, 3, 4, 5, 6\r\n\n", "\ufeff1\t2 3 4 5 6\n"])
def test_commas_and_spaces_and_blank_lines_do_not_matter(text, tmp_path):
    path = tmp_path / "gt.txt"
    path.write_bytes(text.encode())
    np.testing.assert_array_equal(read_mot(path), [[1, 2, 3, 4, 5, 6, 1, -1, -1, -1]])


def test_an_empty_file_has_no_rows(tmp_path):
    path = tmp_path / "gt.txt"
    path.touch()
    assert read_mot(path).shape == (0, 10)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("1,2,3,4,5", "a row must have >= 6 columns, got 5"),
        ("1,2,3,4,5,6,7", "every row must have as many columns as the first (6), got 7"),
        ("1,2,3,4,five,6", "a column must be a finite number, got 'five'"),
        ("1,2,3,nan,5,6", "a column must be a finite number, got 'nan'"),
        ("0,2,3,4,5,6", "frame must be a whole number >= 1, got 0"),
        ("1.5,2,3,4,5,6", "frame must be a whole number >= 1, got 1.5"),
        ("1,2.5,3,4,5,6", "id must be a whole number, got 2.5"),
        ("1,2,3,4,-5,6", "width and height must be >= 0 pixels, got -5 and 6"),
    ],
)
def test_a_malformed_line_is_named(line, complaint, tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text(f"1,2,3,4,5,6\n\n{line}\n")
    with pytest.raises(ArgumentError) as caught:
        read_mot(path)
    assert str(caught.value) == f"{path}, line 3: {complaint}"


def test_a_missing_file_is_one_clear_line(tmp_path):
    path = tmp_path / "gt.txt"
    with pytest.raises(SourceError) as caught:
        read_mot(path)
    assert str(caught.value) == f"cannot read {path}: no such file or directory"


def test_the_challenge_s_own_files_are_read(data):
    truth = read_mot(data / "vtest" / "gt.txt")
    assert truth.shape == (4650, 10)
    assert len(np.unique(truth[:, 1])) == 19
    assert (read_mot(data / "vtest" / "det.txt")[:, 1] == -1).all()
