"""What a clusterer may be called with, and what it refuses."""

from dataclasses import fields

import cv2
import numpy as np
import pytest

import gmmtrack as gt

SIZE = (60, 80)
MASK = np.zeros(SIZE, np.uint8)
MASK[10:40, 20:50] = 255
IMAGE = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
GREY = IMAGE[:, :, 0]  # with levels above the number of colours


def same(one, other):
    for field in fields(one):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), err_msg=field.name)


@pytest.mark.parametrize(
    ("image", "bgr"),
    [
        (GREY, cv2.cvtColor(GREY, cv2.COLOR_GRAY2BGR)),
        (GREY[:, :, None], cv2.cvtColor(GREY, cv2.COLOR_GRAY2BGR)),
        (np.dstack([IMAGE, GREY]), IMAGE),
        (IMAGE[:, ::-1], np.ascontiguousarray(IMAGE[:, ::-1])),
    ],
    ids=["grey", "one channel", "four channels", "mirrored"],
)
def test_an_image_of_any_form_is_as_good_as_its_bgr(image, bgr):
    found, expected = (gt.Clusterer().detect(MASK, image=given) for given in (image, bgr))
    assert expected.palettes.sum() > 0
    same(found, expected)


@pytest.mark.parametrize("image", [IMAGE, GREY])
def test_colours_found_before_stand_for_the_image(image):
    seeing = gt.Clusterer()
    expected = seeing.detect(MASK, image=image)
    same(gt.Clusterer().detect(MASK, colors=seeing.colors.copy()), expected)


def test_boxes_that_hold_all_foreground_change_nothing():
    boxes = np.array([[20, 10, 50, 40]])
    same(gt.Clusterer().detect(MASK, boxes=boxes), gt.Clusterer().detect(MASK))
    same(gt.Clusterer().detect(MASK, boxes=boxes.astype(np.int32)), gt.Clusterer().detect(MASK))
    assert len(gt.Clusterer().detect(MASK, boxes=boxes[:0])) == 0


NO_MASK = "as the mask is (60, 80)"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"image": IMAGE[:30]}, f"image must be (60, 80, 3) uint8 {NO_MASK}, got (30, 80, 3) uint8"),
        ({"image": GREY[:, :40]}, f"image must be (60, 80, 3) uint8 {NO_MASK}, got (60, 40) uint8"),
        (
            {"image": IMAGE / 255},
            "image must be (H, W, 3) uint8, got (60, 80, 3) float64; scale to 0-255 and cast with .astype(np.uint8)",
        ),
        ({"image": IMAGE[:, :, :2]}, "image must be (H, W, 3) uint8, got (60, 80, 2) uint8"),
        ({"image": 3}, "image must be (H, W, 3) uint8, got 3"),
        ({"colors": GREY}, "colors must be < 125, got 255"),
        ({"colors": MASK[:30] // 3}, "colors must be (60, 80) uint8 as the mask, got (30, 80) uint8"),
        ({"colors": IMAGE}, "colors must be (60, 80) uint8 as the mask, got (60, 80, 3) uint8"),
        ({"colors": [3]}, "colors must be (60, 80) uint8 as the mask, got list"),
        ({"image": IMAGE, "colors": MASK // 3}, "colors must not be given beside an image"),
        ({"boxes": np.zeros((1, 4))}, "boxes must be (N, 4) int64, got (1, 4) float64"),
        ({"boxes": np.zeros(4, int)}, "boxes must be (N, 4) int64, got (4,) int64"),
        ({"boxes": [[0, 0, 9, 9]]}, "boxes must be (N, 4) int64, got list"),
        *(
            ({"boxes": np.array([box])}, "boxes must have 0 <= x0 < x1 <= 80 and 0 <= y0 < y1 <= 60")
            for box in ([-1, 0, 9, 9], [0, 0, 81, 9], [0, 0, 9, 61], [9, 9, 9, 12], [90, 9, 95, 12], [9, 12, 12, 9])
        ),
        ({"predictions": gt.Tracker().update([])}, "predictions must be Predictions, got Tracks"),
    ],
)
def test_anything_else_is_refused_in_one_line(given, message):
    with pytest.raises(gt.ArgumentError) as caught:
        gt.Clusterer().detect(MASK, **given)
    assert str(caught.value) == message


def test_settings_of_another_kind_are_refused():
    with pytest.raises(gt.ArgumentError) as caught:
        gt.Clusterer(3)
    assert str(caught.value) == "settings must be DetectionSettings, got int"
