"""What a model tells of a frame and of itself beyond the mask; it learns nothing by it."""

import numpy as np
import pytest

from gmmtrack.background import BackgroundModel
from gmmtrack.errors import ArgumentError

BARE = {"majority": False, "speck": 0.0, "hole": 0.0}
DTYPES = [np.uint8, np.uint16, np.float32, np.float64]


def learned(street, n=40, dtype=np.uint8, **options):
    model = BackgroundModel(**options)
    for index in range(n):
        model.apply(street(index).astype(dtype))
    return model


VIEWS = {
    "as it was": {},
    "darker": {"light": 0.8},
    "shaken": {"shift": (5.0, -3.0)},
    "with an object": {"box": (30, 40, 60, 70)},
    "another scene": {"seed": 7},
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 30])
def test_explaining_learns_nothing(street, view, dtype, n):
    model, other = (learned(street, n, dtype) for _ in range(2))
    for index in range(3):
        model.explain(street(90 + index, **VIEWS[view]).astype(dtype))
    np.testing.assert_array_equal(model.background, other.background)
    for index in range(8):
        image = street(60 + index, box=(30, 40, 60, 70) if index > 3 else None, shift=(index, 0.0)).astype(dtype)
        np.testing.assert_array_equal(model.apply(image), other.apply(image))
        assert model.scene_changed == other.scene_changed
    for name in ("weights", "means", "variances"):
        np.testing.assert_array_equal(getattr(model.components, name), getattr(other.components, name))


@pytest.mark.parametrize("view", [name for name in VIEWS if name != "another scene"])
@pytest.mark.parametrize("preset", ["robust", "mog2"])
def test_it_agrees_with_apply(street, view, preset):
    model = learned(street, preset=preset, **BARE)
    image = street(77, **VIEWS[view])
    told = model.explain(image)
    mask = model.apply(image, learning_rate=0)
    np.testing.assert_array_equal(told.foreground, mask == 255)
    np.testing.assert_array_equal(told.shadow, mask == 127)
    assert told.foreground.any() or view != "with an object"


def test_its_distances_and_confidences_are_those_of_its_labels(street):
    model = learned(street)
    told = model.explain(street(77, box=(30, 40, 60, 70), light=0.9))
    beyond = told.foreground | told.shadow
    gate = model.settings.gate
    assert told.distance[beyond].min() >= gate * 0.999
    assert told.distance[~beyond].max() <= gate * 1.001
    assert not (told.foreground & told.shadow).any()
    expected = told.distance**2 / (told.distance**2 + gate**2)
    np.testing.assert_allclose(
        told.confidence[np.isfinite(told.distance)], expected[np.isfinite(told.distance)], rtol=1e-4
    )
    assert told.foreground[32:58, 42:68].mean() > 0.97
    assert np.median(told.distance[~beyond]) < 2.5


def test_the_components_are_the_mixture_of_each_pixel(street):
    model = learned(street)
    for _ in range(30):
        model.apply(street(50, box=(30, 40, 60, 70)))
    parts = model.components
    assert parts.weights.shape == (120, 160, 5) == parts.variances.shape
    assert parts.means.shape == (120, 160, 5, 3)
    np.testing.assert_allclose(parts.weights.sum(axis=2), 1, atol=1e-4)
    assert (np.diff(parts.weights, axis=2) <= 1e-6).all()
    np.testing.assert_array_equal(np.clip(np.rint(parts.means[:, :, 0]), 0, 255), model.background)
    assert (parts.weights[35:55, 45:65, 1] > 0.2).mean() > 0.95
    before = model.background
    parts.means[:] = 0
    np.testing.assert_array_equal(model.background, before)


def test_the_components_are_in_counts_of_the_frames(street):
    model, other = (
        BackgroundModel(exposure=False, shake=False),
        BackgroundModel(exposure=False, shake=False, level=100.0),
    )
    for index in range(20):
        model.apply(street(index))
        other.apply(street(index).astype(np.uint16) * 100)
    np.testing.assert_allclose(other.components.means[:, :, 0], model.components.means[:, :, 0] * 100, rtol=1e-3)
    np.testing.assert_allclose(other.components.variances[..., 0], model.components.variances[..., 0] * 1e4, rtol=1e-2)


@pytest.mark.parametrize(
    "ask", [lambda model: model.explain(np.zeros((30, 40), np.uint8)), lambda model: model.components]
)
def test_there_is_nothing_to_tell_before_the_first_frame(ask):
    with pytest.raises(ArgumentError) as error:
        ask(BackgroundModel())
    assert str(error.value) == "background must be learned first; call apply or prime"


def test_a_frame_of_another_kind_is_refused(street):
    model = learned(street, 3)
    with pytest.raises(ArgumentError) as error:
        model.explain(street(0, size=(60, 80)))
    assert str(error.value) == (
        "image must be (120, 160, 3) uint8 as the frames before, got (60, 80, 3) uint8; call reset() first"
    )
