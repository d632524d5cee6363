"""What is written can be read again, and says the same."""

import av
import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError, OutputError
from gmmtrack.scenes import scene, write_clip
from gmmtrack.scenes.__main__ import main
from gmmtrack.scenes.bundled import RECIPES, bundled_clips, bundled_folder, sha256
from gmmtrack.scenes.renderer import Renderer
from gmmtrack.scenes.writing import mot_lines


def decode(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_a_clip_and_its_truth_survive_the_round_trip(tmp_path):
    declared = scene("ghost", size=(160, 90), duration=1.2)  # in which someone is there from the first frame
    video, truth = write_clip(declared, tmp_path / "clip", crf=12)
    frames = list(declared.frames())
    images = decode(video)
    assert len(images) == len(frames) == 30
    for image, frame in zip(images, frames, strict=True):
        assert np.abs(image.astype(int) - frame.image).mean() < 6
    with av.open(str(video)) as container:
        assert container.streams.video[0].average_rate == 25
        assert container.streams.video[0].codec_context.name == "h264"
    lines = truth.read_text().splitlines()
    assert lines == [line for frame in frames for line in mot_lines(frame)]
    assert lines[0].startswith("1,1,")
    assert lines[-1].startswith("30,")
    for line in lines:
        number, _, left, top, width, height, one, label, seen = line.split(",")
        assert 1 <= int(number) <= 30
        assert 0 <= int(left) < int(left) + int(width) <= 160
        assert 0 <= int(top) < int(top) + int(height) <= 90
        assert (one, label) == ("1", "1")
        assert 0 <= float(seen) <= 1


def test_masks_are_laid_out_as_cdnet_has_them(tmp_path):
    declared = scene("crossing", size=(160, 90), duration=0.2)
    write_clip(declared, tmp_path / "clip", masks=tmp_path / "cdnet")
    folder = tmp_path / "cdnet"
    assert (folder / "temporalROI.txt").read_text().split() == ["1", "5"]
    assert (cv2.imread(str(folder / "ROI.bmp"), cv2.IMREAD_GRAYSCALE) == 255).all()
    for frame in declared.frames():
        mask = cv2.imread(str(folder / "groundtruth" / f"gt{frame.index + 1:06d}.png"), cv2.IMREAD_GRAYSCALE)
        assert np.array_equal(mask, frame.mask)
        assert cv2.imread(str(folder / "input" / f"in{frame.index + 1:06d}.jpg")).shape == (90, 160, 3)


def test_a_thermal_clip_can_be_written(tmp_path):
    video, _ = write_clip(scene("thermal", size=(160, 90), duration=0.2), tmp_path / "thermal")
    assert decode(video)[0].shape == (90, 160, 3)


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="duration must be given to write a scene, got None"):
        write_clip(scene("endless"), tmp_path / "clip")
    with pytest.raises(ArgumentError, match=r"size must be even to be written as H\.264, got 161 x 90"):
        write_clip(scene("crossing", size=(161, 90)), tmp_path / "clip")
    with pytest.raises(ArgumentError, match="crf must be 0 to 51, got 60"):
        write_clip(scene("crossing"), tmp_path / "clip", crf=60)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_clip(scene("crossing"), tmp_path / "file" / "clip")


def test_the_bundled_clips_match_their_checksums_and_their_size_limit():
    folder = bundled_folder()
    listed = dict(reversed(line.split()) for line in (folder / "README.md").read_text().splitlines() if "  " in line)
    files = [folder / f"{recipe.name}{suffix}" for recipe in RECIPES for suffix in (".mp4", ".txt")]
    assert {file.name: sha256(file) for file in files} == listed
    sizes = [path.stat().st_size for path in bundled_clips().values()]
    assert max(sizes) < 2_000_000
    assert sum(sizes) < 6_000_000


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_bundled_clip_is_what_its_recipe_renders(recipe):
    declared, path = recipe.scene(), bundled_clips()[recipe.name]
    renderer = Renderer(declared)
    lines = path.with_suffix(".txt").read_text().splitlines()
    images = decode(path)
    assert len(images) == declared.n_frames
    for index in (0, declared.n_frames // 2):
        frame = renderer.frame(index)
        assert [line for line in lines if line.startswith(f"{index + 1},")] == mot_lines(frame)
        assert np.abs(images[index].astype(int) - frame.image).mean() < 8


def test_the_command_says_how_it_is_used(capsys):
    assert main([]) == 2
    assert capsys.readouterr().err == "usage: python -m gmmtrack.scenes FOLDER\n"
