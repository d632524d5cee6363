"""What a BackgroundModel refuses, in which words, and that it is unchanged after."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.background import BackgroundModel
from gmmtrack.background.state import PixelMixtures
from gmmtrack.errors import ArgumentError

IMAGE = np.random.default_rng(0).integers(80, 120, (30, 41, 3), dtype=np.uint8)
FAR = "roi must have points within 1e+06 pixels, got "
LAYOUT = "out must be contiguous and writeable, got strides "
FRAME = "image must be (H, W) or (H, W, C) uint8, uint16, float32 or float64, got "
SAME = "image must be (30, 41, 3) uint8 as the frames before, got "
ROI = "roi must be (30, 41) bool or uint8, or a polygon of (x, y) points, got "

SHARED = np.zeros((30, 41), np.uint8)

BAD = [
    ({"image": None}, FRAME + "NoneType"),
    ({"image": [[1, 2]]}, FRAME + "list"),
    ({"image": IMAGE.astype(np.int32)}, FRAME + "(30, 41, 3) int32"),
    ({"image": IMAGE.astype(object)}, FRAME + "(30, 41, 3) object"),
    ({"image": IMAGE.astype(">u2")}, FRAME + "(30, 41, 3) >u2"),
    ({"image": IMAGE.astype(np.float64)}, SAME + "(30, 41, 3) float64; call reset() first"),
    ({"image": IMAGE.astype(np.uint16)}, SAME + "(30, 41, 3) uint16; call reset() first"),
    ({"image": IMAGE[:0]}, FRAME + "(0, 41, 3) uint8"),
    ({"image": IMAGE[:, :, :0]}, FRAME + "(30, 41, 0) uint8"),
    ({"image": IMAGE[0, 0]}, FRAME + "(3,) uint8"),
    ({"image": IMAGE[None]}, FRAME + "(1, 30, 41, 3) uint8"),
    ({"image": np.zeros((30, 41, 5), np.uint8)}, "image must have 1 to 4 channels, got 5"),
    (
        {"image": IMAGE[:20]},
        SAME + "(20, 41, 3) uint8; call reset() first",
    ),
    (
        {"image": IMAGE[:, :, 0]},
        SAME + "(30, 41, 1) uint8; call reset() first",
    ),
    ({"learning_rate": -0.1}, "learning_rate must be >= 0 and <= 1, got -0.1"),
    ({"learning_rate": 1.5}, "learning_rate must be >= 0 and <= 1, got 1.5"),
    ({"learning_rate": np.nan}, "learning_rate must be >= 0 and <= 1, got nan"),
    ({"learning_rate": "fast"}, "learning_rate must be >= 0 and <= 1, got 'fast'"),
    ({"learning_rate": True}, "learning_rate must be >= 0 and <= 1, got True"),
    ({"time": 0.5}, "time must be >= 1 s, that of the last frame, got 0.5"),
    ({"time": np.nan}, "time must be a number [s], got nan"),
    ({"time": np.inf}, "time must be a number [s], got inf"),
    ({"time": "noon"}, "time must be a number [s], got 'noon'"),
    ({"time": 10**309}, f"time must be a number [s], got {10**309}"),
    (
        {"update_mask": np.zeros((30, 40), bool)},
        "update_mask must be (30, 41) bool or uint8, got (30, 40) bool",
    ),
    (
        {"update_mask": np.zeros((30, 41))},
        "update_mask must be (30, 41) bool or uint8, got (30, 41) float64",
    ),
    ({"update_mask": 1}, "update_mask must be (30, 41) bool or uint8, got int"),
    ({"roi": np.zeros((29, 41), bool)}, ROI + "(29, 41) bool"),
    ({"roi": np.zeros((30, 41))}, ROI + "(30, 41) float64"),
    ({"roi": [(0, 0), (5, 5)]}, ROI + "(2, 2) int64"),
    ({"roi": [(0, 0), (5, 5), (1,)]}, ROI + "[(0, 0), (5, 5), (1,)]"),
    ({"roi": "left"}, ROI + "() <U4"),
    (
        {"roi": [(0, 0), (5, 5), (1, np.nan)]},
        FAR + "[[0.0, 0.0], [5.0, 5.0], [1.0, nan]]",
    ),
    (
        {"roi": [(0, 0), (5, 5), (1, 10**9)]},
        FAR + "[[0, 0], [5, 5], [1, 1000000000]]",
    ),
    ({"out": np.zeros((30, 40), np.uint8)}, "out must be (30, 41) uint8, got (30, 40) uint8"),
    ({"out": np.zeros((30, 41), bool)}, "out must be (30, 41) uint8, got (30, 41) bool"),
    ({"out": "here"}, "out must be (30, 41) uint8, got str"),
    (
        {"update_mask": SHARED, "out": SHARED},
        "out must not share memory with image, update_mask or roi",
    ),
    (
        {"out": np.zeros((30, 82), np.uint8)[:, ::2]},
        LAYOUT + "(82, 2), writeable",
    ),
    (
        {"out": np.frombuffer(bytes(30 * 41), np.uint8).reshape(30, 41)},
        LAYOUT + "(41, 1), read-only",
    ),
]


def learned():
    model = BackgroundModel(n_threads=1)
    for index in range(5):
        model.apply(np.roll(IMAGE, index, axis=1), time=index / 4)
    return model


def assert_unchanged(model):
    """Show the same frames to `model` and to one that was never given anything wrong."""
    other = learned()
    np.testing.assert_array_equal(model.background, other.background)
    for index in range(4):
        image = np.roll(IMAGE, 3 * index, axis=0)
        np.testing.assert_array_equal(model.apply(image, time=1 + index), other.apply(image, time=1 + index))


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_is_wrong_is_said_and_the_model_is_unchanged(number):
    arguments, message = BAD[number]
    model = learned()
    with pytest.raises(ArgumentError) as error:
        model.apply(**({"image": IMAGE} | arguments))
    assert str(error.value) == message
    assert_unchanged(model)


@pytest.mark.parametrize("n_threads", [0, -1, 1.5, True, "2"])
def test_the_number_of_threads_is_a_positive_whole_number(n_threads):
    with pytest.raises(ArgumentError) as error:
        BackgroundModel(n_threads=n_threads)
    assert str(error.value) == f"n_threads must be >= 1, got {n_threads!r}"


def test_an_unknown_setting_or_preset_is_refused():
    with pytest.raises(ArgumentError) as error:
        BackgroundModel("best")
    assert str(error.value) == "preset must be one of robust, tracking, mog2, got 'best'"
    with pytest.raises(ArgumentError, match=r"^unknown background setting 'gat'; there are history, n_components, "):
        BackgroundModel(gat=3)
    with pytest.raises(ArgumentError) as error:
        BackgroundModel(history=-3.0)
    assert str(error.value) == "history must be > 0 s, got -3.0"


def test_there_is_no_background_before_the_first_frame():
    with pytest.raises(ArgumentError) as error:
        _ = BackgroundModel().background
    assert str(error.value) == "background must be learned first; call apply or prime"


def test_priming_with_a_frame_of_another_size_is_refused():
    model = learned()
    with pytest.raises(ArgumentError) as error:
        model.prime([IMAGE[:20]])
    assert str(error.value) == SAME + "(20, 41, 3) uint8; call reset() first"
    assert_unchanged(model)


dtypes = st.sampled_from([np.bool_, np.uint8, np.int8, np.uint16, np.int64, np.float16, np.float32, np.float64, object])
arrays = st.builds(
    lambda shape, dtype, step: np.zeros(shape, dtype)[::step] if shape else np.zeros((), dtype),
    st.one_of(st.just([30, 41]), st.lists(st.sampled_from([0, 1, 2, 3, 5, 30, 41]), max_size=4)),
    dtypes,
    st.sampled_from([1, -1, 2]),
)
numbers = st.one_of(st.floats(), st.integers(-3, 3), st.none(), st.text(max_size=2), st.booleans())
points = st.lists(st.tuples(st.floats(), st.floats()), max_size=5)
anything = st.one_of(arrays, numbers, points)


@settings(max_examples=80, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "image": st.one_of(st.just(IMAGE), anything),
            "learning_rate": numbers,
            "time": numbers,
            "update_mask": anything,
            "roi": anything,
            "out": anything,
        },
    )
)
def test_any_arguments_are_taken_or_refused_without_a_trace(arguments):
    model = learned()
    try:
        mask = model.apply(**({"image": IMAGE} | arguments))
    except ArgumentError:
        assert_unchanged(model)
    else:
        assert mask.shape == (30, 41)
        assert mask.dtype == np.uint8


def test_two_models_in_two_threads_do_not_disturb_one_another(clip):
    clips = [clip(30, size=(60, 200), seed=seed) for seed in (1, 2)]
    expected = [run(BackgroundModel(n_threads=1), images) for images in clips]
    models = [BackgroundModel(n_threads=2) for _ in clips]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(run, models, clips))
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def run(model, images):
    return [model.apply(image) for image in images]


@pytest.mark.parametrize("use", [lambda model: model.apply(IMAGE), lambda model: model.prime([IMAGE])])
def test_a_model_is_locked_while_it_learns(monkeypatch, use):
    model, learn, locked = BackgroundModel(), PixelMixtures.update, []

    def watched(*arguments):
        locked.append(model._lock.locked())
        learn(*arguments)

    monkeypatch.setattr(PixelMixtures, "update", watched)
    use(model)
    assert locked == [True]


def test_one_model_may_be_used_from_two_threads(clip):
    """The order of the calls is open, but each is whole: equal frames leave what they leave one after the other."""
    image = clip(1, size=(60, 200))[0]
    shared, alone = BackgroundModel(n_threads=1), BackgroundModel(n_threads=1)
    start = threading.Barrier(2)

    def work(_):
        start.wait()
        return run(shared, [image] * 40)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    run(alone, [image] * 80)
    np.testing.assert_array_equal(shared.apply(image), alone.apply(image))
    assert shared.__getstate__()["snapshot"].n_frames == 81
    left, right = (model.__getstate__()["snapshot"].mixtures for model in (shared, alone))
    np.testing.assert_array_equal(left.weights, right.weights)
    np.testing.assert_array_equal(left.gaussians, right.gaussians)
