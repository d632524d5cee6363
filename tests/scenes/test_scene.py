"""The truth of rendered scenes is exact, stable and the same on every run."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes import (
    Actor,
    Animal,
    Background,
    Camera,
    Clouds,
    Drift,
    Foliage,
    Insect,
    Night,
    Person,
    Perspective,
    Rain,
    Region,
    Ripples,
    Scene,
    Shake,
    Snow,
    Sun,
    Vehicle,
    pillar,
    scene,
    stand,
    walk,
)
from gmmtrack.scenes.renderer import Renderer

CLEAN = Camera(lens=False, read_noise=0.0, shot_noise=0.0)
SIZE = (160, 120)


def cast() -> tuple[Actor, ...]:
    """One object of each shape, the first two of which cross."""
    return (
        Actor(shape=Person(height=50), path=walk([(20, 100), (140, 100)], speed=40)),
        Actor(shape=Person(height=44), path=walk([(140, 96), (20, 96)], speed=40)),
        Actor(shape=Vehicle(size=60), path=walk([(-40, 60), (200, 60)], speed=80)),
        Actor(shape=Vehicle(size=30, view="end"), path=walk([(40, 40), (40, 110)], speed=30)),
        Actor(shape=Vehicle(size=30, view="above"), path=walk([(10, 10), (100, 60)], speed=30)),
        Actor(shape=Animal(length=30), path=walk([(80, 20), (30, 90), (120, 100)], speed=40)),
        Actor(shape=Animal(length=24, kind="mouse"), path=stand(110, 30, 0.0, 3.0)),
        Actor(shape=Insect(length=8), path=walk([(10, 110), (150, 10)], speed=60)),
    )


def clean(**changes: object) -> Scene:
    """A scene that nothing disturbs, over ground that is brighter than any object but not the same everywhere."""
    declared = Scene(size=SIZE, duration=3.0, background=Background((Region("snowfield", shade=1.15),)), objects=cast())
    return replace(declared, camera=CLEAN, **changes)


def test_the_mask_is_what_differs_from_the_same_scene_without_objects():
    full, empty = Renderer(clean()), Renderer(clean(objects=()))
    for index in range(0, 75, 7):
        frame, ground = full.frame(index), empty.frame(index)
        differs = (frame.image != ground.image).any(axis=2)
        assert np.array_equal(frame.mask == 255, differs)
        assert (frame.mask == 255).sum() > 300


def test_shadows_darken_what_the_mask_calls_shadow_and_no_other_ground():
    full, empty = Renderer(clean(sun=Sun(fall=(0.8, -0.3)))), Renderer(clean(objects=()))
    frame, ground = full.frame(30), empty.frame(30)
    loss = 1 - frame.image.mean(2) / ground.image.mean(2)
    shadow, background = frame.mask == 50, frame.mask == 0
    assert shadow.sum() > 100
    assert loss[shadow].min() > 0.07
    assert loss[background].max() < 0.12


def test_boxes_are_tight_around_what_is_seen():
    for frame in list(clean().frames())[::9]:
        for number, box, whole in zip(frame.ids, frame.visible_boxes, frame.boxes, strict=True):
            rows, columns = np.nonzero(frame.object_mask(number))
            if not rows.size:
                assert not box.any()
                continue
            assert box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert (whole[:2] <= box[:2]).all()
            assert (whole[2:] >= box[2:]).all()


def test_owners_are_the_foreground_and_only_objects_in_the_list_own_pixels():
    for frame in list(scene("occlusion", size=SIZE, duration=6.0, frame_rate=5.0).frames()):
        assert np.array_equal(frame.owners > 0, frame.mask == 255)
        assert set(np.unique(frame.owners)) - {0} == set(frame.ids[frame.visible].tolist())


def test_a_lone_object_is_wholly_visible_and_its_two_boxes_agree():
    frame = next(clean(objects=cast()[:1]).frames())
    assert frame.visibility.tolist() == [1.0]
    assert np.array_equal(frame.boxes, frame.visible_boxes)


def test_an_object_behind_a_pillar_stays_in_the_truth_with_its_whole_box():
    behind = Actor(shape=Person(height=40), path=stand(80, 80, 0.0, 3.0))
    wall = pillar(0.5, 0.5, 0.1, 0.9)
    hidden = next(clean(objects=(behind,), occluders=(wall,)).frames())
    bare = next(clean(objects=(behind,)).frames())
    assert hidden.visibility.tolist() == [0.0]
    assert not hidden.visible.any()
    assert not hidden.mask.any()
    assert np.array_equal(hidden.boxes, bare.boxes)


def test_an_object_in_front_of_a_pillar_is_not_hidden():
    before = Actor(shape=Person(height=40), path=stand(80, 115, 0.0, 3.0))
    frame = next(clean(objects=(before,), occluders=(pillar(0.5, 0.5, 0.1, 0.9),)).frames())
    assert frame.visibility.tolist() == [1.0]


def test_the_nearer_of_two_objects_hides_the_other():
    near = Actor(shape=Person(height=40), path=stand(80, 100, 0.0, 3.0))
    far = Actor(shape=Person(height=40), path=stand(82, 96, 0.0, 3.0))
    for order in ((near, far), (far, near)):
        frame = next(clean(objects=order).frames())
        assert frame.visibility[order.index(near)] == 1.0
        assert frame.visibility[order.index(far)] < 0.7


def test_ids_are_stable_and_rise():
    frames = list(clean().frames())
    assert all((np.diff(frame.ids) > 0).all() for frame in frames)
    assert {int(frame.labels[0]) for frame in frames if frame.ids[0] == 1} == {1}
    steps = [
        abs(b.boxes[b.ids == 3].mean() - a.boxes[a.ids == 3].mean())
        for a, b in pairwise(frames)
        if 3 in a.ids and 3 in b.ids
    ]
    assert max(steps) < 5  # 80 pixels/s at 25 Hz, along x alone


def test_a_repeated_path_brings_a_new_object_each_time():
    again = Actor(shape=Insect(length=8), path=walk([(10, 60), (150, 60)], speed=140, repeat=1.5))
    other = Actor(shape=Insect(length=8), path=stand(80, 20, 0.0, 5.0))
    frames = clean(objects=(again, other), duration=5.0).frames()
    assert sorted({int(number) for frame in frames for number in frame.ids}) == [1, 2, 3, 5, 7]


def everything(seed: int = 3) -> Scene:
    """A scene with every disturbance at once."""
    return Scene(
        size=SIZE,
        duration=2.0,
        background=Background((Region("grass"),)),
        view=Perspective(horizon=-20, reference=100),
        sun=Sun(),
        objects=cast(),
        occluders=(pillar(0.6, 0.1, 0.1, 0.9),),
        disturbances=(
            Foliage(box=(0, 0, 0.5, 0.5)), Ripples(box=(0.5, 0, 1, 0.5)), Rain(), Snow(), Drift(), Clouds(),
            Night(ambient=0.5), Shake(amplitude=2),
        ),
        camera=Camera(jpeg=80),
        seed=seed,
    )  # fmt: skip


def test_a_scene_is_the_same_on_every_run_and_another_for_another_seed():
    one, two = (list(everything().frames()) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        assert np.array_equal(a.image, b.image)
        assert np.array_equal(a.mask, b.mask)
        assert np.array_equal(a.boxes, b.boxes)
    other = next(everything(seed=4).frames())
    assert not np.array_equal(one[0].image, other.image)


def test_a_frame_does_not_depend_on_which_were_rendered_before():
    frames = list(everything().frames())
    assert np.array_equal(next(everything().frames(start=30)).image, frames[30].image)
    shorter = list(replace(everything(), duration=1.0).frames())
    assert len(shorter) == 25
    assert all(np.array_equal(a.image, b.image) for a, b in zip(shorter, frames, strict=False))


def test_another_object_changes_no_pixel_but_its_own():
    declared = replace(everything(), sun=None, camera=Camera(lens=False), disturbances=(Foliage(box=(0, 0, 0.5, 0.5)),))
    fewer = next(replace(declared, objects=declared.objects[:-1]).frames())
    more = next(declared.frames())
    own = more.object_mask(len(declared.objects))
    assert np.array_equal(more.image[~own], fewer.image[~own])


def test_truth_moves_with_a_shaking_camera():
    still = clean(objects=(Actor(shape=Person(height=40), path=stand(80, 100, 0.0, 3.0)),))
    boxes = np.array([frame.boxes[0] for frame in replace(still, disturbances=(Shake(amplitude=4),)).frames()])
    assert np.ptp(boxes[:, 0]) > 4
    shaken, calm = replace(still, disturbances=(Shake(amplitude=4),)), next(still.frames())
    for frame in list(shaken.frames())[::10]:
        assert frame.object_mask(1).sum() == calm.object_mask(1).sum()
        assert frame.image[frame.object_mask(1)].mean() < frame.image[~frame.object_mask(1)].mean() - 40


def test_size_follows_position_in_perspective_and_does_not_from_above():
    rows = (60.0, 110.0)
    actors = tuple(Actor(shape=Person(height=40), path=stand(40 + y, y, 0.0, 1.0)) for y in rows)
    flat = next(clean(objects=actors).frames()).boxes
    deep = next(clean(objects=actors, view=Perspective(horizon=10, reference=110)).frames()).boxes
    tall = [box[:, 3] - box[:, 1] for box in (flat, deep)]
    assert abs(tall[0][0] - tall[0][1]) <= 1
    assert tall[1][0] / tall[1][1] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": (4, 120)}, "size must be at least 8 x 8 pixels, got 4 x 120"),
        ({"frame_rate": 0.0}, "frame_rate must be > 0 and <= 1000 Hz, got 0.0"),
        ({"duration": -1.0}, "duration must be > 0 s, got -1.0"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
    ],
)
def test_a_scene_out_of_bounds_is_refused(changes, message):
    with pytest.raises(ArgumentError) as caught:
        Scene(**changes)
    assert str(caught.value) == message
