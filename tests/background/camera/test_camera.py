"""Camera: a turned camera begins anew, and all of it survives a file half-way."""

import copy
import pickle

import numpy as np
import pytest

from gmmtrack import Frame
from gmmtrack.background import BackgroundModel
from gmmtrack.background.camera import View
from gmmtrack.background.state import NONE_HELD
from gmmtrack.errors import ArgumentError
from gmmtrack.pipeline import Pipeline


def apply_all(model, frames):
    return [model.apply(frame) for frame in frames]


def street_and_another(street, n=40, **options):
    """Return n frames of one street, then n of another."""
    return [street(i, **options) for i in range(n)], [street(n + i, seed=7, **options) for i in range(n)]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sigma", [1.5, 4.0])
def test_a_turned_camera_is_a_change_of_scene_once(street, channels, sigma):
    model = BackgroundModel()
    before, after = street_and_another(street, channels=channels, sigma=sigma)
    changes = []
    for image in (*before, *after):
        mask = model.apply(image)
        changes.append(model.scene_changed)
    assert [index for index, changed in enumerate(changes) if changed] == [40]
    assert not mask.any()


def test_the_mask_of_a_changed_scene_is_empty_and_it_is_known_within_a_second(street):
    model = BackgroundModel()
    before, after = street_and_another(street)
    apply_all(model, before)
    assert not model.apply(after[0]).any()
    masks = apply_all(model, after[1:25])
    assert max((mask == 255).mean() for mask in masks) < 0.005
    still = street(0, seed=7, noise=0).astype(float)
    assert np.abs(model.background - still).mean() < 1.5
    mask = model.apply(street(99, seed=7, box=(40, 60, 70, 90))) == 255
    assert mask[41:69, 61:89].mean() > 0.97
    assert mask.mean() < 0.06


def test_a_camera_that_turns_for_a_while_is_settled_a_second_later(street):
    model = BackgroundModel()
    apply_all(model, [street(index) for index in range(40)])
    apply_all(model, [street(40 + step, shift=(0.0, 4.0 * step)) for step in range(1, 10)])
    masks = apply_all(model, [street(60 + index, shift=(0.0, 36.0)) for index in range(30)])
    assert (masks[-1] == 255).mean() < 0.01


def test_a_scene_changes_though_it_had_little_contrast(street):
    model = BackgroundModel()
    for index in range(40):
        model.apply(street(index, light=0.3, offset=77.0))
    changed = []
    for index in range(10):
        model.apply(street(40 + index, seed=7, light=1.6, offset=-66.0))
        changed.append(model.scene_changed)
    assert changed[0]
    assert sum(changed) == 1


def test_neither_light_nor_shake_nor_a_large_object_is_a_change_of_scene(street):
    model = BackgroundModel()
    apply_all(model, [street(index) for index in range(40)])
    for options in ({"light": 0.6}, {"shift": (6.0, -7.0)}, {"box": (0, 0, 120, 80)}, {"light": 1.1, "shift": (3, 3)}):
        other = copy.copy(model)
        other.apply(street(50, **options), learning_rate=0)
        assert not other.scene_changed


def test_a_rate_of_ones_own_choice_stays_though_the_scene_changes(street):
    model = BackgroundModel()
    before, after = street_and_another(street)
    apply_all(model, before)
    background = model.background
    mask = model.apply(after[0], learning_rate=0)
    assert model.scene_changed
    assert (mask == 255).mean() > 0.5
    np.testing.assert_array_equal(model.background, background)


def test_a_rate_of_1_forgets_the_light_and_the_shake_too(street):
    model = BackgroundModel()
    apply_all(model, [street(index) for index in range(40)])
    image = street(50, light=0.8, shift=(5.0, 5.0))
    model.apply(image)
    model.apply(image, learning_rate=1)
    np.testing.assert_array_equal(model.background, image)


def test_the_pipeline_tells_of_a_changed_scene(street):
    pipeline = Pipeline()
    before, after = street_and_another(street, 30)
    results = [pipeline.process(Frame(image, i, i / 25)) for i, image in enumerate((*before, *after))]
    told = [(event.kind, event.time, event.track) for result in results for event in result.events]
    assert told == [("scene_changed", 30 / 25, None)]
    assert not results[30].mask.any()


def shaking_and_dimming(street):
    rng = np.random.default_rng(5)
    for index in range(80):
        shift, light = tuple(rng.uniform(-4, 4, 2) * (index > 10)), 1 - 0.4 * index / 80
        yield street(index, shift=shift, light=light, box=(30, index, 60, index + 30) if index > 20 else None)
    for index in range(10):
        yield street(100 + index, seed=7)


def saved(model, folder):
    model.save(folder / "street.npz")
    return BackgroundModel.load(folder / "street.npz")


WAYS = {"save": saved, "pickle": lambda m, _: pickle.loads(pickle.dumps(m)), "copy": lambda m, _: copy.copy(m)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at", [1, 45, 81])
def test_a_model_goes_on_bit_for_bit_in_a_shaking_and_dimming_clip(street, tmp_path, way, at):
    images = list(shaking_and_dimming(street))
    model = BackgroundModel()
    apply_all(model, images[:at])
    other = WAYS[way](model, tmp_path)
    assert other.scene_changed == model.scene_changed == (at == 81)
    for image in images[at:]:
        np.testing.assert_array_equal(other.apply(image), model.apply(image))
        assert other.scene_changed == model.scene_changed
    np.testing.assert_array_equal(other.background, model.background)


BROKEN = [
    ("camera_exposure_gains", np.ones(2, np.float32)),
    ("camera_exposure_gains", None),
    ("camera_shake_values", np.zeros(3, np.float32)),
    ("camera_shake_shift", np.array([np.nan, 0.0])),
    ("camera_shake_shift", np.array(0.0)),
    ("camera_shake_age", None),
]


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_a_file_of_a_broken_camera_is_refused(street, tmp_path, name, value):
    model, path = BackgroundModel(), tmp_path / "street.npz"
    apply_all(model, [street(index) for index in range(3)])
    model.save(path)
    with np.load(path) as file:
        parts = {key: file[key] for key in file.files}
    parts[name] = value
    np.savez(path, **{key: part for key, part in parts.items() if part is not None})
    with pytest.raises(ArgumentError, match="must be a background model that save"):
        BackgroundModel.load(path)


def test_a_view_and_its_return_are_inverse(street):
    view, image = View(shift=(3.0, -5.0)), street(0)
    steadied = view.steadied(image)
    np.testing.assert_array_equal(steadied[:-3, 5:], image[3:, :-5])
    np.testing.assert_array_equal(view.returned(steadied[..., 0])[3:, :-5], image[3:, :-5, 0])
    unseen, held = view.unseen((120, 160)), np.zeros((120, 160), np.uint8)
    held[50, 60] = 1
    withheld = view.withheld(held.reshape(-1), held.shape)
    np.testing.assert_array_equal(withheld, (unseen | view.aligned(held)).reshape(-1))
    np.testing.assert_array_equal(view.withheld(NONE_HELD, held.shape), unseen.reshape(-1))
    assert View().withheld(NONE_HELD, held.shape) is NONE_HELD
    assert unseen[-3:].all()
    assert unseen[:, :5].all()
    assert not unseen[:-3, 5:].any()
