"""Folders and globs of images."""

import cv2
import numpy as np
import pytest

from gmmtrack.errors import SourceError
from gmmtrack.frames.images import ImageFiles, image_folder, image_glob, read_image


def level(value, shape=(6, 8, 3), dtype=np.uint8):
    return np.full(shape, value, dtype)


def fill(folder, names):
    for value, name in enumerate(names):
        assert cv2.imwrite(str(folder / name), level(value))


def test_images_come_in_natural_order(tmp_path):
    fill(tmp_path, ["in10.png", "in2.png", "in1.png"])
    with image_folder(tmp_path) as images:
        frames = list(images)
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [2, 1, 0]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 0.08])
    assert (images.n_frames, images.size, images.frame_rate) == (3, (8, 6), 25.0)


def test_a_given_rate_sets_the_times(tmp_path):
    fill(tmp_path, ["0.png", "1.png"])
    assert [frame.time for frame in image_folder(tmp_path, frame_rate=2)] == [0.0, 0.5]


def test_a_glob_takes_what_it_matches_at_any_depth(tmp_path):
    (tmp_path / "a").mkdir()
    fill(tmp_path, ["a/0.png", "1.png", "2.bmp"])
    frames = list(image_glob(f"{tmp_path}/**/*.png"))
    assert sorted(int(frame.image[0, 0, 0]) for frame in frames) == [0, 1]


def test_grey_images_become_bgr(tmp_path):
    cv2.imwrite(str(tmp_path / "grey.png"), level(9, (6, 8)))
    image = read_image(tmp_path / "grey.png")
    assert image is not None
    assert np.array_equal(image, level(9))


def test_sixteen_bits_are_scaled_by_a_fixed_factor(tmp_path):
    values = np.array([[0, 257, 33000, 65535]], np.uint16)
    cv2.imwrite(str(tmp_path / "deep.png"), values)
    image = read_image(tmp_path / "deep.png")
    assert image is not None
    assert image[0, :, 0].tolist() == [0, 1, 128, 255]


def test_what_does_not_decode_is_skipped_and_counted(tmp_path, capfd):
    fill(tmp_path, [f"{i}.png" for i in range(4)])
    (tmp_path / "1.png").write_text("no image")
    (tmp_path / "2.png").write_bytes(b"")
    with image_folder(tmp_path) as images:
        frames = list(images)
    assert [frame.index for frame in frames] == [0, 3]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.12])
    assert images.n_bad == 2
    assert images.problem == f"{tmp_path}: 2 of 4 images did not decode: 1.png, 2.png"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".webp", ".jp2", ".pgm"])
def test_a_truncated_image_says_nothing_on_the_terminal(tmp_path, suffix, capfd):
    noise = np.random.default_rng(0).integers(0, 255, (48, 64), dtype=np.uint8)
    path = tmp_path / f"half{suffix}"
    cv2.imwrite(str(path), noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    read_image(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_truncated_png_of_colours_says_nothing_on_the_terminal(tmp_path, share, capfd):
    noise, path = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8), tmp_path / "0.png"
    cv2.imwrite(str(path), noise)
    whole = path.read_bytes()
    path.write_bytes(whole + b"what comes after its end")
    np.testing.assert_array_equal(read_image(path), noise)
    path.write_bytes(whole[: int(share * len(whole))])
    assert read_image(path) is None
    assert capfd.readouterr() == ("", "")


def test_an_image_of_another_size_is_an_error(tmp_path):
    fill(tmp_path, ["0.png"])
    cv2.imwrite(str(tmp_path / "1.png"), level(1, (5, 9, 3)))
    with pytest.raises(SourceError) as error:
        list(image_folder(tmp_path))
    assert str(error.value) == f"{tmp_path}/1.png must be 8x6 pixels as the images before it, got 9x5"


def test_nothing_to_read_is_an_error(tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(SourceError) as error:
        image_folder(tmp_path)
    assert str(error.value) == f"no images in {tmp_path}"
    with pytest.raises(SourceError) as error:
        image_glob(f"{tmp_path}/*.png")
    assert str(error.value) == f"no images match {tmp_path}/*.png"
    (tmp_path / "0.png").write_text("no image")
    with pytest.raises(SourceError) as error:
        image_folder(tmp_path)
    assert str(error.value) == f"{tmp_path} has no image that decodes"


def test_a_sample_reads_only_its_images_and_leaves_the_iteration_alone(tmp_path):
    fill(tmp_path, [f"{i}.png" for i in range(9)])
    images = ImageFiles([tmp_path / f"{i}.png" for i in range(9)], "nine")
    next(images)
    assert [frame.index for frame in images.sample(3)] == [1, 4, 7]
    assert [frame.index for frame in images] == list(range(1, 9))


def test_highway_is_read_whole(data):
    with image_folder(data / "cdnet_highway" / "input") as images:
        assert (images.n_frames, images.size) == (1700, (320, 240))
        assert [frame.index for frame in images.sample(2)] == [425, 1275]
