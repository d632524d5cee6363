"""What one would assemble from today's parts."""

import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from gmmtrack.bench import assembly
from gmmtrack.bench.assembly import check_readable, find_boxes, pick_tracker, run_assembly
from gmmtrack.errors import SourceError


def test_a_blob_becomes_its_box_and_shadows_and_specks_do_not():
    mask = np.zeros((100, 100), np.uint8)
    mask[20:40, 30:50] = 255
    mask[20:40, 50:60] = 127
    mask[70:76, 70:76] = 255  # 36 pixels
    np.testing.assert_array_equal(find_boxes(mask), [[30, 20, 50, 40]])


def test_a_blob_with_a_narrow_gap_is_one_box():
    mask = np.zeros((100, 100), np.uint8)
    mask[20:60, 30:50] = 255
    mask[38:42] = 0
    np.testing.assert_array_equal(find_boxes(mask), [[30, 20, 50, 60]])


def test_an_empty_mask_has_no_boxes():
    assert find_boxes(np.zeros((10, 10), np.uint8)).shape == (0, 4)


def test_every_image_of_a_folder_reaches_the_tracker_in_natural_order(folder):
    boxes = []
    assert run_assembly(folder, boxes.append) == len(boxes) == 15
    left = [b[0, 0] for b in boxes if len(b)]
    assert len(left) > 5
    assert left == sorted(left)  # the square moves to the right


def test_every_frame_of_a_video_is_read(tmp_path):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for k in range(9):
        writer.write(np.full((48, 64, 3), 20 * k, np.uint8))
    writer.release()
    check_readable(path)
    assert run_assembly(path, lambda _: None) == 9


def test_a_file_that_opencv_cannot_read_is_refused_before_it_is_timed(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(SourceError) as caught:
        check_readable(path)
    assert str(caught.value) == f"cannot compare on {path}: OpenCV's reader, which the other side uses, fails on it"


def test_a_video_that_makes_opencv_abort_is_refused_without_a_crash(data):
    with pytest.raises(SourceError, match="OpenCV's reader"):
        check_readable(data / "bad" / "demo.avi")


def test_without_other_trackers_the_plain_one_is_picked(monkeypatch):
    monkeypatch.setattr(assembly, "_installed", lambda _: False)
    name, new = pick_tracker()
    ids, _ = new()(np.array([[10.0, 10, 30, 50]]))
    assert (name, ids.tolist()) == ("plain SORT", [1])


def test_roboflows_sort_is_picked_where_it_is_installed(monkeypatch):
    class Tracker:
        def update(self, detections):
            return detections

    monkeypatch.setattr(assembly, "_installed", {"trackers", "supervision"}.__contains__)
    monkeypatch.setitem(sys.modules, "trackers", SimpleNamespace(SORTTracker=Tracker))
    monkeypatch.setitem(sys.modules, "supervision", SimpleNamespace(Detections=SimpleNamespace))
    name, new = pick_tracker()
    given = new()(np.zeros((3, 4)))
    assert name == "SORT (trackers)"
    assert (given.xyxy.dtype, given.confidence.tolist(), given.class_id.tolist()) == (np.float32, [1] * 3, [0] * 3)


def test_norfair_is_picked_where_it_alone_is_installed(monkeypatch):
    class Tracker:
        def __init__(self, distance_function, distance_threshold):
            assert (distance_function, distance_threshold) == ("iou", 0.7)

        def update(self, detections):
            return [detection.points.tolist() for detection in detections]

    norfair = SimpleNamespace(Tracker=Tracker, Detection=SimpleNamespace)
    monkeypatch.setattr(assembly, "_installed", {"norfair"}.__contains__)
    monkeypatch.setitem(sys.modules, "norfair", norfair)
    name, new = pick_tracker()
    assert (name, new()(np.array([[1.0, 2, 3, 4]]))) == ("norfair", [[[1, 2], [3, 4]]])
