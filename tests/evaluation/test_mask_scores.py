"""Scores of masks: cases worked out by hand, and agreement with the reference script."""

import shutil

import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.evaluation import score_masks

H, W = 20, 30


@pytest.fixture
def sequence(tmp_path):
    """A sequence of 6 images in CDnet's layout, frames 2 to 5 scored; the truth has every value that there is."""
    folder = tmp_path / "sequence"
    for name in ("input", "groundtruth"):
        (folder / name).mkdir(parents=True)
    truth = np.zeros((H, W), np.uint8)
    truth[2:8, 2:12] = 255  # 60 pixels
    truth[8, 2:12] = 50  # 10: shadow, background
    truth[1, 2:12] = 170  # 10: left out
    truth[:, 28:] = 85  # 40: left out
    for number in range(1, 7):
        cv2.imwrite(str(folder / f"input/in{number:06d}.jpg"), np.full((H, W, 3), number * 10, np.uint8))
        cv2.imwrite(str(folder / f"groundtruth/gt{number:06d}.png"), truth)
    cv2.imwrite(str(folder / "ROI.bmp"), np.full((H, W), 255, np.uint8))
    (folder / "temporalROI.txt").write_text("2 5\n")
    return folder


def box(image):
    """A mask that is right, but for two rows too many to the bottom and two too few at the top."""
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[4:10, 2:12] = 255
    mask[0:3, 20:] = 127  # shadow is background
    return mask


def test_counts_worked_out_by_hand(sequence):
    scores = score_masks(sequence, box)
    tp, fp, fn = 4 * 40, 4 * 20, 4 * 20  # a frame: rows 4-7 right, rows 8 and 9 false, rows 2 and 3 missed
    tn = 4 * (H * W - 60 - 10 - 40) - fp
    assert scores.precision == tp / (tp + fp)
    assert scores.recall == tp / (tp + fn)
    assert scores.f == pytest.approx(2 * tp / (2 * tp + fp + fn))
    assert scores.specificity == tn / (tn + fp)
    assert scores.fpr == fp / (tn + fp)
    assert scores.fnr == fn / (tp + fn)
    assert scores.pwc == 100 * (fp + fn) / (tp + fp + fn + tn)
    assert (scores.n_frames, scores.n_images) == (4, 6)
    assert scores.ms >= 0


def test_what_is_unknown_or_outside_does_not_count(sequence):
    def mask(image):
        found = box(image)
        found[1, 2:12] = 255
        found[:, 28:] = 255
        return found

    assert score_masks(sequence, mask).f == score_masks(sequence, box).f


def test_pixels_outside_the_region_do_not_count(sequence):
    region = np.full((H, W), 255, np.uint8)
    region[8:] = 0  # the false rows 8 and 9
    cv2.imwrite(str(sequence / "ROI.bmp"), region)
    assert score_masks(sequence, box).precision == 1.0
    region[:4] = 0  # the missed rows 2 and 3
    cv2.imwrite(str(sequence / "ROI.bmp"), region)
    assert score_masks(sequence, box).recall == 1.0


@pytest.mark.parametrize("spoil", ["absent", "another size"])
def test_without_a_region_of_its_size_every_pixel_counts(sequence, spoil):
    expected = score_masks(sequence, box).f
    if spoil == "absent":
        (sequence / "ROI.bmp").unlink()
    else:
        cv2.imwrite(str(sequence / "ROI.bmp"), np.zeros((H + 1, W), np.uint8))
    assert score_masks(sequence, box).f == expected


def test_every_image_is_shown_once_and_in_order(sequence):
    levels = []

    class Model:
        def apply(self, image):
            levels.append(int(image[0, 0, 0]))
            return box(image)

    score_masks(sequence, Model())
    assert levels == [10, 20, 30, 40, 50, 60]


def test_a_frame_without_a_true_mask_is_not_scored(sequence):
    (sequence / "groundtruth/gt000003.png").unlink()
    assert score_masks(sequence, box).n_frames == 3


@pytest.mark.parametrize(("name", "first"), [("bin{:06d}.png", 1), ("cam2_{}.png", 1), ("{:04d}.png", 0)])
def test_masks_already_written_score_as_the_model_that_wrote_them(sequence, tmp_path, name, first):
    written = tmp_path / "written"
    written.mkdir()
    for number in range(6):
        # the first and the last frame are not scored: numbers that are off by one bring one of them in
        mask = box(np.zeros((H, W, 3))) if 0 < number < 5 else np.full((H, W), 255, np.uint8)
        cv2.imwrite(str(written / name.format(number + first)), mask)
    scores, expected = score_masks(sequence, written), score_masks(sequence, box)
    assert (scores.f, scores.pwc, scores.n_frames, scores.ms) == (expected.f, expected.pwc, 4, None)


def test_a_missing_mask_is_named(sequence, tmp_path):
    cv2.imwrite(str(tmp_path / "bin000002.png"), box(np.zeros((H, W, 3))))
    with pytest.raises(ArgumentError) as caught:
        score_masks(sequence, tmp_path)
    assert str(caught.value) == f"masks must hold every scored frame, got none for frame 3 in {tmp_path}"


def test_two_masks_of_one_frame_are_refused(sequence, tmp_path):
    for name in ("a2.png", "b2.png"):
        cv2.imwrite(str(tmp_path / name), box(np.zeros((H, W, 3))))
    with pytest.raises(ArgumentError, match="masks must have one file a frame, got "):
        score_masks(sequence, tmp_path)


def test_a_mask_that_is_no_image_is_named(sequence, tmp_path):
    (tmp_path / "bin000002.png").write_bytes(b"no image")
    with pytest.raises(ArgumentError) as caught:
        score_masks(sequence, tmp_path)
    assert str(caught.value) == f"{tmp_path / 'bin000002.png'} must be an image, got unreadable data"


def test_a_mask_of_another_size_is_refused(sequence):
    with pytest.raises(ArgumentError) as caught:
        score_masks(sequence, lambda _: np.zeros((3, 4), np.uint8))
    assert str(caught.value) == "masks must be (20, 30) as the truth, got (3, 4) in frame 2"


def test_what_is_neither_a_function_nor_a_folder_is_refused(sequence):
    with pytest.raises(ArgumentError) as caught:
        score_masks(sequence, 3)
    assert str(caught.value) == "masks must be a function, a model with apply or a folder, got int"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2", "{path}, line 1 must hold the first and last scored frame, got '2'"),
        ("one two", "{path}, line 1 must hold the first and last scored frame, got 'one two'"),
        ("5 2", "{path}, line 1 must hold 1 <= first <= last, got 5 2"),
    ],
)
def test_a_malformed_range_is_named_with_its_file_and_line(sequence, text, message):
    path = sequence / "temporalROI.txt"
    path.write_text(text)
    with pytest.raises(ArgumentError) as caught:
        score_masks(sequence, box)
    assert str(caught.value) == message.format(path=path)


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("input", "folder must hold a CDnet sequence, got no JPEG images in {folder}/input"),
        ("groundtruth", "folder must hold a CDnet sequence, got no folder {folder}/groundtruth"),
        ("temporalROI.txt", "folder must hold a CDnet sequence, got no file {folder}/temporalROI.txt"),
    ],
)
def test_what_is_missing_of_the_layout_is_named(sequence, gone, message):
    path = sequence / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ArgumentError) as caught:
        score_masks(sequence, box)
    assert str(caught.value) == message.format(folder=sequence)


def test_a_folder_without_a_scored_true_mask_is_refused(sequence):
    (sequence / "temporalROI.txt").write_text("50 60")
    with pytest.raises(ArgumentError, match="folder must hold a true mask of a scored frame, got none in"):
        score_masks(sequence, box)


# the reference script leaves its files open
leaky = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


def agree(scores, reference):
    ours = (scores.precision, scores.recall, scores.f, scores.n_images)
    assert ours == tuple(reference[name] for name in ("P", "R", "F", "n"))


@leaky
def test_made_up_masks_score_as_the_reference_says(cdnet, sequence):
    agree(score_masks(sequence, box), cdnet.score(box, str(sequence)))


@leaky
@pytest.mark.parametrize("name", ["cdnet_highway", "cdnet_traffic"])
def test_a_real_sequence_scores_as_the_reference_says(cdnet, data, tmp_path, name):
    part = tmp_path / name  # the first 60 scored frames
    part.mkdir()
    for entry in ("groundtruth", "ROI.bmp"):
        (part / entry).symlink_to(data / name / entry)
    first = int((data / name / "temporalROI.txt").read_text().split()[0])
    (part / "temporalROI.txt").write_text("21 80")
    (part / "input").mkdir()
    (part / "groundtruth").unlink()
    (part / "groundtruth").mkdir()
    for number in range(1, 81):
        k = first + number - 21
        (part / f"input/in{number:06d}.jpg").symlink_to(data / name / f"input/in{k:06d}.jpg")
        (part / f"groundtruth/gt{number:06d}.png").symlink_to(data / name / f"groundtruth/gt{k:06d}.png")
    expected = cdnet.score(cv2.createBackgroundSubtractorMOG2().apply, str(part))
    assert expected["F"] > 0.1
    agree(score_masks(part, cv2.createBackgroundSubtractorMOG2()), expected)
