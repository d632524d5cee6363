"""Masks as images and as a video."""

import av
import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError, OutputError
from gmmtrack.outputs.masks import MaskWriter


def test_images_are_exact_and_count_from_one(tmp_path, make_result):
    with MaskWriter(tmp_path / "masks") as writer:
        for index in (0, 1, 9):
            writer.write(make_result(index))
    names = sorted(path.name for path in (tmp_path / "masks").iterdir())
    assert names == ["mask000001.png", "mask000002.png", "mask000010.png"]
    mask = cv2.imread(str(tmp_path / "masks" / "mask000010.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, make_result(9).mask)


def test_a_video_keeps_the_levels_apart(tmp_path, make_result):
    with MaskWriter(tmp_path / "masks.mp4") as writer:
        for index in range(5):
            writer.write(make_result(index))
    with av.open(str(tmp_path / "masks.mp4")) as container:
        masks = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(masks) == 5
    np.testing.assert_allclose(masks[4].astype(int), make_result(4).mask, atol=6)


@pytest.mark.parametrize("name", ["x.avi", "x.WEBM", "x.gif"])
def test_a_video_of_an_unknown_kind_is_no_folder(tmp_path, name):
    with pytest.raises(ArgumentError) as caught:
        MaskWriter(tmp_path / name)
    assert str(caught.value) == f"video must end in .mp4, .m4v, .mov, .mkv, got {str(tmp_path / name)!r}"
    assert list(tmp_path.iterdir()) == []


def test_without_a_frame_no_folder_is_made(tmp_path):
    MaskWriter(tmp_path / "masks").close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_refused(tmp_path):
    (tmp_path / "masks").touch()
    with pytest.raises(OutputError) as caught:
        MaskWriter(tmp_path / "masks")
    assert str(caught.value) == f"cannot write into {tmp_path / 'masks'}: it is not a folder"


def test_a_folder_above_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(OutputError) as caught:
        MaskWriter(tmp_path / "no" / "masks")
    assert str(caught.value) == f"cannot write {tmp_path / 'no' / 'masks'}: the folder {tmp_path / 'no'} does not exist"
