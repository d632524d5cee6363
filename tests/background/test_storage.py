"""A model saved, pickled or copied half-way goes on bit for bit."""

import copy
import json
import pickle

import numpy as np
import pytest

from gmmtrack.background import BackgroundModel
from gmmtrack.errors import ArgumentError, OutputError, SourceError


def saved(model, folder):
    model.save(folder / "street.npz")
    return BackgroundModel.load(folder / "street.npz")


WAYS = {
    "save": saved,
    "pickle": lambda model, _: pickle.loads(pickle.dumps(model)),
    "copy": lambda model, _: copy.copy(model),
    "deepcopy": lambda model, _: copy.deepcopy(model),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_model_goes_on_bit_for_bit(clip, tmp_path, way, channels):
    images = clip(60, channels=channels)
    model = BackgroundModel(history=7.0, shadows=False)
    for index, image in enumerate(images[:30]):
        model.apply(image, time=1.0 + index / 3)
    other = WAYS[way](model, tmp_path)
    assert other.settings == model.settings
    expected = [model.apply(image, time=11.0 + index) for index, image in enumerate(images[30:])]
    found = [other.apply(image, time=11.0 + index) for index, image in enumerate(images[30:])]
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(other.background, model.background)
    with pytest.raises(ArgumentError, match="that of the last frame"):
        other.apply(images[0], time=0.0)


@pytest.fixture(scope="module")
def disturbed(street):
    """Frames of a street where someone walks by: at first calm, then the camera shakes and the light drifts."""
    images = []
    for index in range(220):
        shift = (1.5 * np.sin(index / 5), 2.0 * np.cos(index / 7)) if index > 180 else (0.0, 0.0)
        left, light = 3 * index % 140, 1 + max(index - 180, 0) / 400
        images.append(street(index, shift=shift, light=light, box=(60, left, 90, left + 14), noise=4.0))
    return images


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("preset", ["robust", "tracking", "mog2"])
@pytest.mark.parametrize("seen", [0, 125, 195])
def test_in_the_middle_of_a_lull_a_model_goes_on_bit_for_bit(disturbed, tmp_path, way, preset, seen):
    model = BackgroundModel(preset)
    model.prime(disturbed[::3])
    for index, image in enumerate(disturbed[:seen]):
        model.apply(image, time=index / 25)
    other = WAYS[way](model, tmp_path)
    for index, image in enumerate(disturbed[seen:], seen):
        np.testing.assert_array_equal(other.apply(image, time=index / 25), model.apply(image, time=index / 25))
    for name in ("weights", "means", "variances"):
        np.testing.assert_array_equal(getattr(other.components, name), getattr(model.components, name))


@pytest.mark.parametrize("way", WAYS)
def test_a_model_that_has_seen_nothing_goes_on_too(clip, tmp_path, way):
    images = clip(10)
    other = WAYS[way](BackgroundModel("mog2"), tmp_path)
    expected = BackgroundModel("mog2")
    for image in images:
        np.testing.assert_array_equal(other.apply(image), expected.apply(image))


def test_a_copy_does_not_share_what_it_learns(clip):
    images, model = clip(30), BackgroundModel()
    for image in images:
        model.apply(image)
    before, other = model.background, copy.copy(model)
    other.apply(255 - images[0], learning_rate=1)
    np.testing.assert_array_equal(model.background, before)


def test_a_failed_save_leaves_the_old_file(tmp_path, clip, monkeypatch):
    path = tmp_path / "street.npz"
    model = BackgroundModel()
    model.apply(clip(1)[0])
    model.save(path)
    before = path.read_bytes()

    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OutputError) as error:
        model.save(path)
    assert str(error.value) == f"cannot write {path}: No space left on device"
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["street.npz"]


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path):
    path = tmp_path / "none" / "street.npz"
    with pytest.raises(OutputError) as error:
        BackgroundModel().save(path)
    assert str(error.value) == f"cannot write {path}: No such file or directory"


def test_a_file_that_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(SourceError) as error:
        BackgroundModel.load(tmp_path / "none.npz")
    assert str(error.value) == f"cannot read {tmp_path / 'none.npz'}: No such file or directory"


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut off", b"\x93NUMPY"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "street.npz"
    path.write_bytes(content)
    with pytest.raises(ArgumentError) as error:
        BackgroundModel.load(path)
    assert str(error.value) == f"{path} must be a background model that save() wrote"


def parts_of(tmp_path, clip):
    model = BackgroundModel()
    model.apply(clip(1)[0])
    model.save(tmp_path / "street.npz")
    with np.load(tmp_path / "street.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("format", np.array(99), "{path} must be of format 8, got 99"),
        (
            "weights",
            np.zeros(64, np.float32),
            "weights must be (3360,) float32, got (64,) float32 for frames (48, 70, 3)",
        ),
        ("depths", np.full(420, 200, np.uint8), "depths must be <= 5, got 200"),
        (
            "lows",
            np.zeros(64, np.uint8),
            "lows must be (10080,) uint8, got (64,) uint8 for frames (48, 70, 3)",
        ),
        ("settings", np.array(json.dumps({"history": -1})), "history must be > 0 s, got -1.0"),
    ],
    ids=["format", "weights", "depths", "lows", "settings"],
)
def test_a_file_that_does_not_fit_itself_is_refused(tmp_path, clip, name, value, reason):
    path = tmp_path / "broken.npz"
    np.savez(path, **(parts_of(tmp_path, clip) | {name: value}))
    with pytest.raises(ArgumentError) as error:
        BackgroundModel.load(path)
    assert str(error.value) == f"{path} must be a background model that save() wrote: {reason.format(path=path)}"
