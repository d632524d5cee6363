"""The text formats, word for word."""

import csv
import json

import pytest

from gmmtrack.errors import OutputError
from gmmtrack.events.event import Event
from gmmtrack.outputs.csv_writer import CsvWriter
from gmmtrack.outputs.json_lines_writer import JsonLinesWriter
from gmmtrack.outputs.mot import MotWriter
from gmmtrack.tracking.tracks import TrackState

ROWS = (
    (1, TrackState.CONFIRMED, 1, 2, 11.5, 22.126),
    (0, TrackState.TENTATIVE, 5, 5, 6, 6),
    (2, TrackState.COASTING, -3, 0, 7, 8),
    (3, TrackState.STATIONARY, 0, 0, 4, 4),
    (4, TrackState.ENDED, 5, 5, 6, 6),
)
TEXT_WRITERS = [MotWriter, CsvWriter, JsonLinesWriter]


def test_mot_text_is_as_the_challenge_has_it(tmp_path, make_result):
    path = tmp_path / "tracks.txt"
    with MotWriter(path) as writer:
        writer.write(make_result(0))
        writer.write(make_result(4, *ROWS))
    assert path.read_text() == (
        "5,1,1.00,2.00,10.50,20.13,0.88,-1,-1,-1\n"
        "5,2,-3.00,0.00,10.00,8.00,0.88,-1,-1,-1\n"
        "5,3,0.00,0.00,4.00,4.00,0.88,-1,-1,-1\n"
    )


def test_csv_has_a_header_and_names_the_states(tmp_path, make_result):
    path = tmp_path / "tracks.csv"
    with CsvWriter(path) as writer:
        writer.write(make_result(4, *ROWS))
    assert path.read_text() == (
        "frame,time,id,state,x0,y0,x1,y1,vx,vy,score,class\n"
        "4,0.160000,1,confirmed,1.00,2.00,11.50,22.13,1.50,-2.00,0.875,-1\n"
        "4,0.160000,2,coasting,-3.00,0.00,7.00,8.00,1.50,-2.00,0.875,-1\n"
        "4,0.160000,3,stationary,0.00,0.00,4.00,4.00,1.50,-2.00,0.875,-1\n"
    )
    with path.open(newline="") as lines:
        assert [row["id"] for row in csv.DictReader(lines)] == ["1", "2", "3"]


def test_json_lines_hold_one_frame_each_with_its_events(tmp_path, make_result):
    path = tmp_path / "tracks.jsonl"
    with JsonLinesWriter(path) as writer:
        writer.write(make_result(0))
        writer.write(make_result(1, ROWS[0], events=(Event(kind="scene_changed", time=0.04),)))
    first, second = map(json.loads, path.read_text().splitlines())
    assert first == {"index": 0, "time": 0.0, "tracks": [], "events": []}
    assert second == {
        "index": 1,
        "time": 0.04,
        "tracks": [
            {
                "id": 1,
                "state": "confirmed",
                "xyxy": [1.0, 2.0, 11.5, 22.13],
                "velocity": [1.5, -2.0],
                "score": 0.875,
                "class": -1,
            }
        ],
        "events": [{"kind": "scene_changed", "time": 0.04, "track": None, "xyxy": None}],
    }


@pytest.mark.parametrize("kind", TEXT_WRITERS)
def test_a_frame_is_in_the_file_before_write_returns(kind, tmp_path, make_result):
    path = tmp_path / "out"
    with kind(path) as writer:
        writer.write(make_result(0, ROWS[0]))
        before = path.read_text()
    assert before.endswith("\n")
    assert path.read_text() == before


@pytest.mark.parametrize("kind", TEXT_WRITERS)
def test_without_a_frame_nothing_is_made_and_nothing_replaced(kind, tmp_path):
    kind(tmp_path / "new").close()
    (tmp_path / "old").write_text("precious")
    kind(tmp_path / "old").close()
    assert [item.name for item in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "precious"


@pytest.mark.parametrize("kind", TEXT_WRITERS)
def test_an_earlier_file_is_replaced_as_a_whole(kind, tmp_path, make_result):
    path = tmp_path / "out"
    path.write_text("x" * 10_000)
    with kind(path) as writer:
        writer.write(make_result(0, ROWS[0]))
    assert "x" * 20 not in path.read_text()


def test_a_full_disk_is_one_clear_line(make_result):
    with (
        pytest.raises(OutputError, match=r"^cannot write /dev/full: no space left on device$"),
        CsvWriter("/dev/full") as writer,
    ):
        writer.write(make_result(0))


def test_a_closed_writer_says_so(tmp_path, make_result):
    writer = MotWriter(tmp_path / "out")
    writer.close()
    writer.close()
    with pytest.raises(OutputError, match=r"out: it is closed$"):
        writer.write(make_result(0))
