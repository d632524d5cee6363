"""Every named scene renders, shows objects, and is what its name says."""

import cv2
import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes import SCENES, Background, Camera, Region, merges, scene
from gmmtrack.scenes.renderer import Renderer

SMALL = (160, 90)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_named_scene_shows_objects_in_every_size(name):
    declared = scene(name, size=SMALL)
    renderer = Renderer(declared)
    middle = int(4.0 * declared.frame_rate)
    frames = [renderer.frame(index) for index in (0, middle, middle + 1)]
    assert all(frame.image.shape[:2] == (90, 160) for frame in frames)
    assert (frames[1].mask == 255).sum() > 20
    assert (frames[1].image != frames[2].image).any()


def test_the_thermal_scene_has_16_bits_and_warm_bodies():
    frame = Renderer(scene("thermal", size=SMALL)).frame(75)
    assert frame.image.dtype == np.uint16
    assert frame.image.ndim == 2
    assert frame.image[frame.mask == 255].mean() > frame.image[frame.mask == 0].mean() + 300


def test_someone_stands_there_from_the_first_frame_in_ghost_and_leaves():
    renderer = Renderer(scene("ghost", size=SMALL))
    first, still, gone = (renderer.frame(index) for index in (0, 90, 299))
    assert np.array_equal(first.boxes[0], still.boxes[0])
    assert 1 not in gone.ids


def test_someone_stands_for_a_minute_in_stopped_minute():
    renderer = Renderer(scene("stopped_minute", size=SMALL))
    boxes = {tuple(frame.boxes[frame.ids == 1][0]) for frame in map(renderer.frame, range(150, 1600, 100))}
    assert len(boxes) == 1


def test_the_endless_scene_never_ends():
    assert scene("endless").n_frames is None
    late = next(scene("endless", size=SMALL).frames(start=1_000_000))
    assert late.ids.min() > 5
    assert (late.mask == 255).any()


def test_the_lights_go_on_suddenly():
    renderer = Renderer(scene("lights_on", size=SMALL))
    before, after = (renderer.frame(index).image.mean() for index in (99, 103))
    assert after > 2 * before


def test_foliage_defeats_opencvs_subtractor_but_not_the_eye():
    declared = scene("foliage", duration=6.0)
    subtractor = cv2.createBackgroundSubtractorMOG2()
    true = found = both = 0
    for frame in declared.frames():
        foreground, truth = subtractor.apply(frame.image) == 255, frame.mask == 255
        if frame.index >= 50:
            true, found, both = true + truth.sum(), found + foreground.sum(), both + (foreground & truth).sum()
    assert 2 * both / (true + found) < 0.4
    assert both / true > 0.6


@pytest.mark.parametrize("kind", ["pass", "turn_back", "together"])
@pytest.mark.parametrize("n_objects", [2, 3])
def test_objects_that_merge_are_alone_before_and_one_blob_meanwhile(kind, n_objects):
    declared = merges(kind, 1, n_objects=n_objects)
    renderer = Renderer(declared)
    alone = renderer.frame(30)
    assert len(alone.ids) == n_objects
    assert _n_blobs(alone.owners) == n_objects
    met = [_n_blobs(renderer.frame(index).owners) < n_objects for index in range(70, 120, 2)]
    assert 3 <= sum(met) <= 24


def test_merging_objects_end_where_their_kind_says():
    for kind, sign in (("pass", -1), ("turn_back", 1)):
        renderer = Renderer(merges(kind, 5))
        first, last = (renderer.frame(index) for index in (5, 155))
        away = [(frame.boxes[0] - frame.boxes[1])[:2] for frame in (first, last)]
        assert np.sign(away[0] @ away[1]) == sign


def test_merges_differ_by_seed():
    boxes = {tuple(next(merges("pass", seed).frames()).boxes.ravel()) for seed in range(8)}
    assert len(boxes) == 8


def test_what_does_not_exist_is_refused_by_name():
    with pytest.raises(ArgumentError, match=r"name must be one of crossing, .*, got 'nowhere'"):
        scene("nowhere")
    with pytest.raises(ArgumentError, match="changes must be fields of Scene, got colour"):
        scene("crossing", colour="red")
    with pytest.raises(ArgumentError, match="kind must be one of pass, turn_back, together, got 'miss'"):
        merges("miss", 0)
    with pytest.raises(ArgumentError, match="n_objects must be 2 or 3, got 4"):
        merges("pass", 0, n_objects=4)
    with pytest.raises(ArgumentError, match=r"material must be one of .*, got 'cheese'"):
        Background((Region("cheese"),))
    with pytest.raises(ArgumentError, match="jpeg must be 1 to 100, got 0"):
        Camera(jpeg=0)


def _n_blobs(owners: np.ndarray) -> int:
    return int(cv2.connectedComponents((owners > 0).astype(np.uint8))[0]) - 1
