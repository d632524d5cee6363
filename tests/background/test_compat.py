"""gmmtrack.compat against OpenCV's own BackgroundSubtractorMOG2."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gmmtrack as gt
from gmmtrack.errors import ArgumentError

CHANGES = {
    "History": 40,
    "NMixtures": 3,
    "BackgroundRatio": 0.7,
    "VarThreshold": 30.3,
    "VarThresholdGen": 14.7,
    "VarInit": 31.3,
    "VarMin": 9.1,
    "VarMax": 50.7,
    "ComplexityReductionThreshold": 0.01,
    "DetectShadows": False,
    "ShadowValue": 64,
    "ShadowThreshold": 0.6,
}


def both(**arguments):
    return gt.compat.createBackgroundSubtractorMOG2(**arguments), cv2.createBackgroundSubtractorMOG2(**arguments)


def agreement(ours, theirs, images, **options):
    """Return the share of equal labels over a clip."""
    return np.mean([np.mean(ours.apply(image, **options) == theirs.apply(image, **options)) for image in images])


def test_every_method_of_opencv_is_there():
    ours, theirs = both()
    wanted = {name for name in dir(theirs) if not name.startswith("_")}
    assert wanted - set(dir(ours)) == set()


@pytest.mark.parametrize("arguments", [{}, {"history": 0, "varThreshold": -1}, {"history": 20, "varThreshold": 16.3}])
def test_the_getters_give_what_opencv_gives(arguments):
    ours, theirs = both(**arguments)
    for name in (name for name in dir(theirs) if name.startswith("get") and name != "getBackgroundImage"):
        found, expected = getattr(ours, name)(), getattr(theirs, name)()
        assert (name, found, type(found)) == (name, expected, type(expected))


def test_the_constructor_takes_its_arguments_by_position():
    ours, theirs = (
        gt.compat.createBackgroundSubtractorMOG2(9, 25, False),
        cv2.createBackgroundSubtractorMOG2(9, 25, False),
    )
    for name in ("getHistory", "getVarThreshold", "getDetectShadows"):
        assert getattr(ours, name)() == getattr(theirs, name)()


@pytest.mark.parametrize("name", CHANGES)
def test_the_setters_keep_what_opencv_keeps(name):
    ours, theirs = both()
    assert getattr(ours, f"set{name}")(CHANGES[name]) is None
    getattr(theirs, f"set{name}")(CHANGES[name])
    assert getattr(ours, f"get{name}")() == getattr(theirs, f"get{name}")()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_it_decides_as_opencv(clip, channels, dtype):
    images = [image.astype(dtype) for image in clip(90, channels=channels)]
    assert agreement(*both(), images) >= 0.998


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int32, np.float64])
def test_it_decides_as_opencv_at_other_depths(clip, dtype):
    assert agreement(*both(), [image.astype(dtype) for image in clip(30)]) >= 0.998


@pytest.mark.parametrize("name", ["vtest", "cdnet_highway"])
def test_it_decides_as_opencv_on_real_clips(real_clips, name):
    assert agreement(*both(), real_clips(name, 60)) >= 0.998


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "NMixtures"])
def test_it_decides_as_opencv_after_a_change_mid_way(clip, name):
    ours, theirs = both()
    images = clip(110)
    assert agreement(ours, theirs, images[:50]) >= 0.998
    for subtractor in (ours, theirs):
        getattr(subtractor, f"set{name}")(CHANGES[name])
    assert agreement(ours, theirs, images[50:]) >= 0.998


def test_it_decides_as_opencv_after_all_changes_at_once(clip):
    ours, theirs = both()
    for subtractor in (ours, theirs):
        for name, value in CHANGES.items():
            getattr(subtractor, f"set{name}")(value)
    assert agreement(ours, theirs, clip(90)) >= 0.998


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.9])
def test_the_shadow_threshold_holds_without_colour(clip, channels, threshold):
    ours, theirs = both()
    for subtractor in (ours, theirs):
        subtractor.setShadowThreshold(threshold)
    images = [np.repeat(image[:, :, None], channels, axis=2) for image in clip(60, channels=1)]
    assert agreement(ours, theirs, images) >= 0.998
    model = gt.BackgroundModel("mog2", darkest_shadow=threshold)
    subtractor = cv2.createBackgroundSubtractorMOG2()
    subtractor.setShadowThreshold(threshold)
    assert agreement(model, subtractor, images) >= 0.998


@pytest.mark.parametrize("rate", [-1, 0.002, 0.05, 0.4, 1, 3])
def test_it_learns_at_the_rate_that_opencv_learns_at(clip, rate):
    assert agreement(*both(), clip(60), learningRate=rate) >= 0.998


def test_frozen_frames_count_as_opencv_counts_them(clip):
    ours, theirs = both()
    images = clip(90)
    agreement(ours, theirs, images[:10])
    agreement(ours, theirs, images[10:40], learningRate=0)
    assert agreement(ours, theirs, images[40:]) >= 0.998


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    parameters=st.fixed_dictionaries(
        {},
        optional={
            "History": st.integers(20, 300),
            "NMixtures": st.integers(1, 7),
            "BackgroundRatio": st.floats(0.3, 1),
            "VarThreshold": st.floats(4, 60),
            "VarThresholdGen": st.floats(2, 40),
            "VarInit": st.floats(1, 90),
            "VarMin": st.floats(1, 90),
            "VarMax": st.floats(1, 90),
            "ComplexityReductionThreshold": st.floats(0, 0.1),
            "ShadowThreshold": st.floats(0.2, 0.9),
        },
    ),
)
def test_it_decides_as_opencv_whatever_the_parameters(clip, seed, parameters):
    ours, theirs = both()
    for subtractor in (ours, theirs):
        for name, value in parameters.items():
            getattr(subtractor, f"set{name}")(value)
    assert agreement(ours, theirs, clip(40, size=(30, 40), seed=seed)) >= 0.995


# the arguments of apply


def calls(image, out, known):
    """Yield the forms in which apply may be called, those first that older releases of OpenCV have too."""
    yield lambda subtractor: subtractor.apply(image)
    yield lambda subtractor: subtractor.apply(image, None)
    yield lambda subtractor: subtractor.apply(image, None, 0.1)
    yield lambda subtractor: subtractor.apply(image, out)
    yield lambda subtractor: subtractor.apply(image, out, 0.1)
    yield lambda subtractor: subtractor.apply(image=image, fgmask=out, learningRate=0.1)
    yield lambda subtractor: subtractor.apply(image, learningRate=-1)
    if "knownForegroundMask" in cv2.createBackgroundSubtractorMOG2().apply.__doc__:
        yield lambda subtractor: subtractor.apply(image, knownForegroundMask=known)
        yield lambda subtractor: subtractor.apply(image, known, out)
        yield lambda subtractor: subtractor.apply(image, known, out, 0.1)
        yield lambda subtractor: subtractor.apply(image, known, None, 0.1)
        yield lambda subtractor: subtractor.apply(image, knownForegroundMask=known, fgmask=out, learningRate=0.1)


def test_apply_takes_its_arguments_in_every_form_of_opencv(clip):
    images = clip(40)
    known = np.zeros((48, 70), np.uint8)
    known[5:20, 30:60] = 3
    out = np.empty((48, 70), np.uint8)
    for call in calls(images[-1], out, known):
        ours, theirs = both()
        agreement(ours, theirs, images[:-1])
        found, expected = call(ours), call(theirs).copy()
        assert np.mean(call(ours) == call(theirs)) >= 0.998  # what was learned
        assert found.dtype == expected.dtype
    assert (call(ours)[5:20, 30:60] == 255).all()


def test_a_mask_that_fits_is_written_and_returned(clip):
    image = clip(1)[0]
    ours, _ = both()
    out = np.zeros((48, 70), np.uint8)
    assert ours.apply(image, out) is out
    assert out.any()
    for other in (np.zeros((3, 3), np.uint8), np.zeros((48, 70), np.float32), np.zeros((48, 140), np.uint8)[:, ::2]):
        found = ours.apply(image, other)
        assert found is not other
        assert found.shape == (48, 70)
        assert not other.any()


def test_known_foreground_is_not_learned(clip):
    images = clip(20)
    ours, _ = both()
    for image in images:
        ours.apply(image)
    before = ours.getBackgroundImage()
    known = np.zeros((48, 70), np.uint8)
    known[:, 40:] = 255
    for _ in range(5):
        ours.apply(np.full_like(images[0], 250), knownForegroundMask=known, learningRate=0.5)
    np.testing.assert_array_equal(ours.getBackgroundImage()[:, 40:], before[:, 40:])
    assert (ours.getBackgroundImage()[:, :40] > 240).all()


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((1, 2, 3, 4), {}), ((), {"rate": 1}), ((None,), {"fgmask": None}), ((None, None, 0.1, 1), {})],
)
def test_arguments_that_apply_does_not_have_are_refused(clip, args, kwargs):
    with pytest.raises(
        TypeError, match=r"^apply\(\) takes image, \[knownForegroundMask,\] fgmask and learningRate, got"
    ):
        both()[0].apply(clip(1)[0], *args, **kwargs)


# the background


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_background_is_that_of_opencv(clip, channels, dtype):
    ours, theirs = both()
    agreement(ours, theirs, [image.astype(dtype) for image in clip(60, channels=channels)])
    found, expected = ours.getBackgroundImage(), theirs.getBackgroundImage()
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert np.percentile(np.abs(found - expected.astype(np.float64)), 99.5) <= 1
    out = np.zeros_like(expected)
    assert ours.getBackgroundImage(out) is out
    np.testing.assert_array_equal(out, found)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
def test_the_background_has_the_dtype_and_channels_of_the_frames(channels, dtype):
    image = np.full((8, 9, channels), 77, dtype)
    ours, _ = both()
    for _ in range(5):
        ours.apply(image if channels > 1 else image[:, :, 0])
    background = ours.getBackgroundImage()
    assert background.dtype == dtype
    np.testing.assert_allclose(background, 77, rtol=1e-6)
    assert background.shape == ((8, 9, channels) if channels > 1 else (8, 9))


def test_there_is_no_background_before_the_first_frame():
    ours, theirs = both()
    assert ours.getBackgroundImage() is None
    assert theirs.getBackgroundImage() is None


# what is broken in OpenCV's, and right here


def test_a_rate_of_0_learns_nothing_from_the_first_frame_on(clip):
    images = clip(20)
    ours, theirs = both()
    for image in images[:3]:
        assert (ours.apply(255 - image, learningRate=0) == 255).all()
        assert ours.empty()
    assert agreement(ours, theirs, images) >= 0.998


def test_clear_forgets_and_empty_tells(clip):
    images = clip(20)
    ours, theirs = both()
    assert ours.empty()
    ours.apply(clip(1, size=(20, 30))[0])
    assert not ours.empty()
    ours.clear()
    assert ours.empty()
    assert agreement(ours, theirs, images) >= 0.998


def test_the_number_of_components_may_change_at_any_time(clip):
    images = clip(60)
    ours, _ = both()
    for n_components, part in ((5, images[:20]), (2, images[20:40]), (9, images[40:])):
        ours.setNMixtures(n_components)
        masks = [ours.apply(image) for image in part]
    left = 59 % (70 - 12)
    assert (masks[-1][8:18, left : left + 10] == 255).mean() > 0.9
    assert (masks[-1][30:, 36:] == 255).mean() < 0.01


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (
            np.zeros((40, 70, 3), np.uint8),
            "image must be (48, 70, 3) uint8 as the frames before, got (40, 70, 3) uint8; call clear() first",
        ),
        (
            np.zeros((48, 70, 3), np.float32),
            "image must be (48, 70, 3) uint8 as the frames before, got (48, 70, 3) float32; call clear() first",
        ),
        (
            np.zeros((48, 70), np.uint8),
            "image must be (48, 70, 3) uint8 as the frames before, got (48, 70, 1) uint8; call clear() first",
        ),
        (np.zeros((0, 70, 3), np.uint8), "image must be (H, W) or (H, W, C) of numbers, got (0, 70, 3) uint8"),
        (None, "image must be (H, W) or (H, W, C) of numbers, got NoneType"),
        (np.zeros((48, 70, 3), complex), "image must be (H, W) or (H, W, C) of numbers, got (48, 70, 3) complex128"),
        (np.full((48, 70, 3), np.nan, np.float32), "image must be finite, got NaN or infinity"),
        (np.zeros((48, 70, 5), np.uint8), "image must have 1 to 4 channels, got 5"),
    ],
    ids=["size", "dtype", "channels", "empty", "none", "complex", "nan", "many channels"],
)
def test_a_frame_that_does_not_fit_is_refused_and_nothing_is_lost(clip, image, message):
    images = clip(30)
    ours, theirs = both()
    agreement(ours, theirs, images[:20])
    with pytest.raises(ArgumentError) as error:
        ours.apply(image)
    assert str(error.value) == message
    assert agreement(ours, theirs, images[20:]) >= 0.998


def test_a_mask_or_rate_that_makes_no_sense_is_refused(clip):
    image = clip(1)[0]
    ours, _ = both()
    with pytest.raises(ArgumentError) as error:
        ours.apply(image, knownForegroundMask=np.zeros((3, 3), np.uint8))
    assert str(error.value) == "knownForegroundMask must be (48, 70) bool or uint8, got (3, 3) uint8"
    for rate in (float("nan"), "fast", True):
        with pytest.raises(ArgumentError) as error:
            ours.apply(image, learningRate=rate)
        assert str(error.value) == f"learningRate must be a number, got {rate!r}"
    assert ours.empty()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("History", 0, "history must be a whole number >= 1 and <= 2147483647, got 0"),
        ("History", 3.5, "history must be a whole number >= 1 and <= 2147483647, got 3.5"),
        ("NMixtures", 256, "nmixtures must be a whole number >= 1 and <= 255, got 256"),
        ("ShadowValue", 300, "shadowValue must be a whole number >= 0 and <= 255, got 300"),
        ("VarThreshold", -1, "varThreshold must be >= 0, got -1"),
        ("VarInit", float("inf"), "varInit must be a number, got inf"),
        ("BackgroundRatio", 1.5, "backgroundRatio must be >= 0 and <= 1, got 1.5"),
        ("BackgroundRatio", "much", "backgroundRatio must be a number, got 'much'"),
        ("DetectShadows", "yes", "detectShadows must be true or false, got 'yes'"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(name, value, message):
    ours, _ = both()
    before = getattr(ours, f"get{name}")()
    with pytest.raises(ArgumentError) as error:
        getattr(ours, f"set{name}")(value)
    assert str(error.value) == message
    assert getattr(ours, f"get{name}")() == before


# a program written for OpenCV


def tutorial(cv, images):
    """OpenCV's tutorial on background subtraction: read, apply, number the frames, show."""
    subtractor = cv.createBackgroundSubtractorMOG2()
    shown = []
    for number, image in enumerate(images, 1):
        frame = image.copy()
        mask = subtractor.apply(frame)
        cv2.rectangle(frame, (10, 2), (60, 20), (255, 255, 255), -1)
        cv2.putText(frame, str(number), (15, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0))
        shown.append(cv2.merge([mask, mask, mask]))
    return shown


def test_the_tutorial_runs_with_one_line_changed(clip):
    images = clip(60)
    pairs = zip(tutorial(gt.compat, images), tutorial(cv2, images), strict=True)
    assert np.mean([np.mean(ours == theirs) for ours, theirs in pairs]) >= 0.998


def tutorial_of_backgrounds(cv, images, rate):
    """The same with the background shown beside the mask, the rate chosen, and the mask's buffer used again."""
    subtractor = cv.createBackgroundSubtractorMOG2(history=60, varThreshold=25)
    mask, shown = None, []
    for image in images:
        mask = subtractor.apply(image, mask, rate)
        ground = subtractor.getBackgroundImage()
        seen = cv2.bitwise_and(image, image, mask=(mask == 255).astype(np.uint8))
        shown.append(np.hstack([ground, cv2.cvtColor(mask, cv2.COLOR_GRAY2BGR), seen]))
    return shown


@pytest.mark.parametrize("rate", [-1, 0.01, 0.3])
def test_a_tutorial_that_shows_the_background_runs_with_one_line_changed(clip, rate):
    images = clip(60)
    pairs = zip(
        tutorial_of_backgrounds(gt.compat, images, rate), tutorial_of_backgrounds(cv2, images, rate), strict=True
    )
    assert np.mean([np.mean(np.abs(ours.astype(int) - theirs) <= 1) for ours, theirs in pairs]) >= 0.998
