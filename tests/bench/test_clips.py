"""Clips to measure on."""

import pytest

from gmmtrack.bench import clips as module
from gmmtrack.bench.clips import clip_name, clips, load_images
from gmmtrack.errors import ArgumentError


def test_one_path_and_a_list_of_paths_are_both_taken(folder):
    assert clips(folder) == clips([str(folder)]) == [folder]


def test_without_a_source_the_bundled_clips_are_taken(monkeypatch, folder):
    monkeypatch.setattr(module, "bundled_clips", lambda: [folder])
    assert clips(None) == [folder]


def test_bundled_clips_are_found_beside_or_inside_the_package(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "gmmtrack" / "bench" / "clips.py"))
    assert module.bundled_clips() == []
    for parent in (tmp_path, tmp_path / "gmmtrack"):
        (parent / "videos").mkdir(parents=True)
        (parent / "videos" / "a.mp4").touch()
        assert module.bundled_clips() == [parent / "videos" / "a.mp4"]


def test_nothing_to_measure_on_is_refused(monkeypatch):
    monkeypatch.setattr(module, "bundled_clips", list)
    with pytest.raises(ArgumentError) as caught:
        clips(None)
    expected = "sources must name a video or a folder of images, got none, and no clips are bundled"
    assert str(caught.value) == expected


def test_a_clip_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ArgumentError) as caught:
        clips([tmp_path / "no.mp4"])
    expected = f"sources must be videos or folders of images, got {tmp_path / 'no.mp4'}, which is not there"
    assert str(caught.value) == expected


def test_images_are_loaded_up_to_a_number_and_a_size(monkeypatch, folder):
    assert len(load_images(folder, 4)) == 4
    assert len(load_images(folder, 400)) == 15
    monkeypatch.setattr(module, "_MOST_BYTES", 3 * 48 * 128 * 3)
    assert len(load_images(folder, 400)) == 3


def test_scenes_are_rendered_when_named(monkeypatch):
    monkeypatch.setitem(module.RENDERED, "three modes", (module.RENDERED["three modes"][0], (6, 8)))
    images = load_images(clips("three modes")[0], 5)
    assert [image.shape for image in images] == [(6, 8, 3)] * 5


def test_a_single_frame_is_too_few(folder):
    with pytest.raises(ArgumentError) as caught:
        load_images(folder, 1)
    assert str(caught.value) == f"sources must hold >= 2 frames, got 1 in {folder}"


def test_a_folder_is_named_with_its_parent_and_a_file_alone(folder):
    assert clip_name(folder) == "clip/input"
    assert clip_name(folder / "0.png") == "0.png"
