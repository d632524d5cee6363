"""Opening outputs: what cannot be written is known before any work is done."""

import os

import pytest

from gmmtrack.errors import ArgumentError, OutputError
from gmmtrack.outputs.writers import KINDS, Writers, open_writer, open_writers

NAMES = {"video": "out.mp4", "mot": "out.txt", "csv": "out.csv", "jsonl": "out.jsonl", "masks": "masks.mp4"}


def test_all_kinds_are_written_side_by_side(tmp_path, make_result):
    with open_writers({kind: tmp_path / name for kind, name in NAMES.items()}) as writers:
        for index in range(3):
            writers.write(make_result(index))
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES.values())
    assert set(NAMES) == set(KINDS)


def test_kinds_that_are_not_asked_for_are_not_written(tmp_path, make_result):
    with open_writers({"mot": tmp_path / "out.txt", "csv": None}) as writers:
        writers.write(make_result(0))
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_does_not_exist_is_named_at_once(kind, tmp_path):
    path = tmp_path / "no" / NAMES[kind]
    with pytest.raises(OutputError) as caught:
        open_writer(kind, path)
    assert str(caught.value) == f"cannot write {path}: the folder {tmp_path / 'no'} does not exist"


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_in_place_of_the_file_is_refused(kind, tmp_path):
    path = tmp_path / NAMES[kind]
    path.mkdir()
    with pytest.raises(OutputError) as caught:
        open_writer(kind, path)
    assert str(caught.value) == f"cannot write {path}: it is a folder"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_without_permission_is_refused(kind, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError) as caught:
        open_writer(kind, tmp_path / NAMES[kind])
    assert str(caught.value) == f"cannot write {tmp_path / NAMES[kind]}: permission denied"


def test_a_name_that_the_system_refuses_is_one_line(tmp_path):
    with pytest.raises(OutputError, match=r": file name too long$"):
        open_writer("mot", tmp_path / ("x" * 300))


def test_the_source_is_not_overwritten(tmp_path):
    path = tmp_path / "street.mp4"
    path.write_text("precious")
    with pytest.raises(OutputError) as caught:
        open_writers({"video": tmp_path / "." / "street.mp4"}, source=path)
    assert str(caught.value) == f"cannot write {path} as video: it is the source"


def test_two_outputs_cannot_go_to_one_file(tmp_path):
    with pytest.raises(OutputError) as caught:
        open_writers({"mot": tmp_path / "out.txt", "csv": tmp_path / "out.txt"})
    assert str(caught.value) == f"cannot write {tmp_path / 'out.txt'} as csv: mot goes there too"


def test_an_unknown_kind_is_named(tmp_path):
    with pytest.raises(ArgumentError) as caught:
        open_writer("xml", tmp_path / "out.xml")
    assert str(caught.value) == "kind must be one of video, mot, csv, jsonl, masks, got 'xml'"


def test_all_are_closed_whichever_fails(make_result):
    class Failing:
        closed = False

        def write(self, result):
            pass

        def close(self):
            self.closed = True
            raise OutputError("full")

    outputs = Failing(), Failing()
    with pytest.raises(OutputError, match=r"^full$"), Writers(outputs) as writers:
        writers.write(make_result(0))
    assert all(output.closed for output in outputs)
