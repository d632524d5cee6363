"""Whatever a model is given: it is taken, or refused in words that name the argument, and leaves no trace."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.background import BackgroundModel
from gmmtrack.errors import ArgumentError

SIZE = (30, 41)
NAMES = ("image", "learning_rate", "time", "update_mask", "roi", "out")


def frame(index, dtype=np.uint8, n_channels=3):
    rng = np.random.default_rng(index)
    ramp = np.linspace(60, 180, SIZE[1])[None, :, None] * np.linspace(0.7, 1.3, SIZE[0])[:, None, None]
    return (np.repeat(ramp, n_channels, axis=2) + rng.normal(0, 2, (*SIZE, n_channels))).astype(dtype)


def learned(dtype=np.uint8, n=4):
    model = BackgroundModel(n_threads=1)
    for index in range(n):
        model.apply(frame(index, dtype), time=index / 4)
    return model


def assert_goes_on_alike(model, other, dtype=np.uint8):
    np.testing.assert_array_equal(model.background, other.background)
    for index in range(3):
        image = frame(20 + index, dtype)
        np.testing.assert_array_equal(model.apply(image, time=1 + index), other.apply(image, time=1 + index))


shapes = st.one_of(
    st.sampled_from([(*SIZE, 3), SIZE, (*SIZE, 1), (*SIZE, 5), (31, 41, 3), (30, 40), (0, 41, 3), (30, 0), (3, *SIZE)]),
    st.lists(st.integers(0, 4), max_size=5).map(tuple),
)
dtypes = st.sampled_from(["?", "u1", "i1", "u2", ">u2", "i4", "u8", "f2", "f4", "f8", ">f4", "c8", "O", "S3", "M8[s]"])
views = st.sampled_from(
    [lambda a: a, lambda a: a[::-1], lambda a: a[..., ::-1], np.asfortranarray, lambda a: np.repeat(a, 2, 0)[::2]]
)
specials = st.sampled_from([np.nan, np.inf, -np.inf, 1e300, -1e16, 3.0])


@st.composite
def arrays(draw):
    array = np.zeros(draw(shapes), draw(dtypes))
    if array.dtype.kind == "f" and array.size:
        with np.errstate(over="ignore"):
            array.flat[0] = draw(specials)
    if array.ndim:
        array = draw(views)(array)
    array.flags.writeable = draw(st.booleans())
    return array


numbers = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from(
        [10**400, -(10**400), True, None, 1j, np.float32(0.5), np.float64(np.nan), np.int8(-1), np.bool_(1)]
    ),
)
others = st.one_of(
    numbers,
    st.text(max_size=3),
    st.lists(st.tuples(st.floats(), st.floats()), max_size=5),
    st.lists(st.one_of(st.integers(), st.none(), st.tuples(st.integers())), max_size=4),
    st.sampled_from([object(), {}, {"a": 1}, b"ab", [[1, 2], [3]], np.ma.zeros(SIZE, "u1")]),
)
anything = st.one_of(arrays(), others)


def refusal(use, *arguments, **named):
    """Return in which words a call is refused, or None if it is not."""
    try:
        use(*arguments, **named)
    except ArgumentError as error:
        return str(error)
    return None


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(NAMES), value=anything, dtype=st.sampled_from([np.uint8, np.float32]))
def test_one_argument_of_any_kind_is_taken_or_named_and_leaves_no_trace(name, value, dtype):
    model, out = learned(dtype), np.full(SIZE, 9, np.uint8)
    told = refusal(model.apply, **({"image": frame(9, dtype), "out": out} | {name: value}))
    if told is not None:
        assert told.startswith(f"{name} must ")
        assert (out == 9).all()
        assert_goes_on_alike(model, learned(dtype), dtype)
    elif name != "out":
        assert set(np.unique(out)) <= {0, 127, 255}


@settings(max_examples=60, deadline=None)
@given(value=anything)
def test_what_is_explained_or_primed_with_leaves_no_trace_if_it_is_refused(value):
    model = learned()
    told = refusal(model.explain, value)
    if told is not None:
        assert told.startswith("image must ")
        assert refusal(model.prime, [value]) == told
        assert_goes_on_alike(model, learned())


@settings(max_examples=60, deadline=None)
@given(value=anything)
def test_a_first_frame_that_is_refused_leaves_a_model_that_has_seen_nothing(value):
    model, fresh = BackgroundModel(n_threads=1), BackgroundModel(n_threads=1)
    told = refusal(model.apply, value)
    if told is not None:
        assert told.startswith("image must ")
        for index in range(3):
            np.testing.assert_array_equal(model.apply(frame(index)), fresh.apply(frame(index)))


@pytest.mark.parametrize("view", [lambda a: a[::-1], lambda a: a[:, ::-1], lambda a: a[..., ::-1]])
def test_negative_strides_are_taken_as_their_copies(view):
    for dtype in (np.uint8, np.uint16, np.float64):
        model, other = learned(dtype), learned(dtype)
        image = view(frame(9, dtype))
        np.testing.assert_array_equal(model.apply(image), other.apply(image.copy()))
        held = np.zeros(SIZE, bool)[::-1, ::-1]
        model.apply(frame(10, dtype), update_mask=held, roi=~held)


@pytest.mark.parametrize("value", [5, None, np.zeros(())])
def test_priming_with_what_is_no_iterable_is_refused(value):
    with pytest.raises(ArgumentError) as error:
        BackgroundModel().prime(value)
    assert str(error.value) == f"images must be an iterable of frames, got {type(value).__name__}"


def test_a_mask_may_not_be_written_over_what_is_read():
    model, image = BackgroundModel(), frame(0, n_channels=1)[:, :, 0]
    for options in ({"out": image}, {"out": image, "roi": image > 0, "update_mask": image}):
        with pytest.raises(ArgumentError) as error:
            model.apply(image, **options)
        assert str(error.value) == "out must not share memory with image, update_mask or roi"


def shaky(street, seed):
    rng = np.random.default_rng(seed)
    return [street(seed * 100 + i, shift=tuple(rng.uniform(-3, 3, 2))) for i in range(30)]


def test_two_models_in_two_threads_see_what_they_see_one_after_the_other(street):
    clips = [shaky(street, seed) for seed in (1, 2)]

    def run(images):
        model = BackgroundModel(n_threads=2)
        return [model.apply(image) for image in images] + [model.background[..., 0]]

    expected = [run(images) for images in clips]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(run, clips))
    np.testing.assert_array_equal(found, expected)


def test_one_model_used_in_all_ways_from_four_threads_stays_whole(street, tmp_path):
    model, images = BackgroundModel(n_threads=2), shaky(street, 3)
    model.apply(images[0])

    def ask(number):
        for image in images:
            if number < 2:
                assert model.apply(image).shape == (120, 160)
            elif number == 2:
                assert np.isfinite(model.explain(image).confidence).all()
                assert model.background.shape == (120, 160, 3)
            else:
                model.save(tmp_path / "street.npz")
                weights = BackgroundModel.load(tmp_path / "street.npz").components.weights
                np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-4)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    assert model.__getstate__()["snapshot"].n_frames == 61
    assert (model.apply(images[-1]) == 255).mean() < 0.01
