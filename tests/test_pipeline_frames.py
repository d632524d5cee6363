"""Which frames a pipeline takes, and what those that it refuses leave behind."""

import copy
import pickle

import cv2
import numpy as np
import pytest

import gmmtrack as gt

SIZE = (48, 64)


def image(index, *, size=SIZE, side=12):
    """Return a noisy ground that a dark square crosses."""
    random = np.random.default_rng(index)
    ground = np.random.default_rng(99).uniform(90, 160, (*size, 3))
    left = 3 * index % (size[1] - 4)
    ground[20 : 20 + side, left : left + side] = 20
    return np.clip(ground + random.normal(0, 2, ground.shape), 0, 255).astype(np.uint8)


def frame(index, **form):
    return gt.Frame(image(index, **form), index, index / 25)


FRAMES = [frame(index) for index in range(40)]
LARGE = [frame(index, size=(96, 128)) for index in range(10)]


def same_results(one, other):
    np.testing.assert_array_equal(one.mask, other.mask)
    for name in gt.Tracks.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one.tracks, name), getattr(other.tracks, name), err_msg=name)


def message_of(call, *args):
    with pytest.raises(gt.ArgumentError) as caught:
        call(*args)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def new(**settings):
    return gt.Pipeline(gt.PipelineSettings(**settings))


def primed(**settings):
    pipeline = new(**settings)
    pipeline.prime(FRAMES[::2])
    return pipeline


def begun(**settings):
    pipeline = new(**settings)
    for one in FRAMES[:10]:
        pipeline.process(one)
    return pipeline


@pytest.mark.parametrize("start", [primed, begun])
@pytest.mark.parametrize("resolution", [2.5, 0.001])
def test_a_frame_of_another_size_is_refused_and_changes_nothing(start, resolution):
    pipeline = start(resolution=resolution)
    expected = copy.deepcopy(pipeline)
    half, double = (frame(30, size=size) for size in ((24, 32), (96, 128)))  # one is as the other is looked at
    for other in (half, double):
        reason = f"image must be (48, 64, 3) as the frames before, got {other.image.shape}"
        assert message_of(pipeline.process, other) == reason
        assert message_of(pipeline.prime, [FRAMES[0], other]) == reason
        assert message_of(pipeline.reduced, other) == reason
    for one in FRAMES[10:14]:
        same_results(pipeline.process(one), expected.process(one))


@pytest.mark.parametrize("survey", [False, True])
def test_frames_of_different_sizes_do_not_prime(survey):
    pipeline = new(survey=survey)
    assert "as the frames before, got (96, 128, 3)" in message_of(pipeline.prime, [*FRAMES[:3], *LARGE])


def test_after_a_failed_survey_frames_may_be_of_any_size():
    pipeline = new()
    message_of(pipeline.prime, [*FRAMES[:3], *LARGE])
    pipeline.prime(LARGE)
    assert pipeline.process(LARGE[0]).mask.shape == (96, 128)


def test_a_frame_of_an_earlier_time_changes_nothing():
    pipeline, expected = begun(), begun()
    assert message_of(pipeline.process, FRAMES[3]).startswith("time must be finite and >= 0.36 s")
    same_results(pipeline.process(FRAMES[10]), expected.process(FRAMES[10]))


def test_nothing_but_frames_is_taken():
    pipeline, remedy = new(), "make one of an image by Frame(image, index, time)"
    for other, kind in ((image(0), "ndarray"), (None, "NoneType"), (0, "int")):
        assert message_of(pipeline.process, other) == f"frame must be a Frame, got {kind}; {remedy}"
        assert message_of(pipeline.prime, [other]) == f"frame must be a Frame, got {kind}; {remedy}"
    assert message_of(pipeline.prime, image(0)) == f"frame must be a Frame, got ndarray; {remedy}"
    assert message_of(pipeline.prime, None) == "frames must be an iterable of Frame, got NoneType"


def test_settings_of_another_kind_are_refused():
    assert message_of(gt.Pipeline, 3) == "settings must be PipelineSettings, got int"
    assert message_of(gt.track, FRAMES, 3) == "settings must be PipelineSettings, got int"


GREY = [cv2.cvtColor(one.image, cv2.COLOR_BGR2GRAY) for one in FRAMES]
FORMS = {
    "grey": (lambda index: GREY[index], lambda index: cv2.cvtColor(GREY[index], cv2.COLOR_GRAY2BGR)),
    "one channel": (lambda index: GREY[index][:, :, None], lambda index: cv2.cvtColor(GREY[index], cv2.COLOR_GRAY2BGR)),
    "four channels": (lambda index: np.dstack([image(index), GREY[index]]), image),
    "mirrored": (lambda index: image(index)[:, ::-1], lambda index: np.ascontiguousarray(image(index)[:, ::-1])),
}


@pytest.mark.parametrize("form", FORMS)
def test_frames_of_any_form_are_tracked_as_their_bgr(form):
    runs = []
    for images in FORMS[form]:
        frames, pipeline = [gt.Frame(images(index), index, index / 25) for index in range(40)], new()
        pipeline.prime(frames[::2])
        runs.append([pipeline.process(one) for one in frames])
    for one, other in zip(*runs, strict=True):
        same_results(one, other)
        np.testing.assert_array_equal(one.draw(mask="beside"), other.draw(mask="beside"))
    assert any(len(result.tracks) for result in runs[0])


def test_who_is_primed_on_the_way_goes_on_as_closely():
    frames = [frame(index, size=(96, 128), side=60) for index in range(40)]
    for n_before, size in ((0, (48, 64)), (3, (96, 128))):
        pipeline = new(ample=0.004)
        for one in frames[:n_before]:
            pipeline.process(one)
        pipeline.prime(frames)
        assert pipeline.process(frames[3]).reduced_mask.shape == size


@pytest.mark.parametrize("again", [copy.deepcopy, lambda pipeline: pickle.loads(pickle.dumps(pipeline))])
def test_a_copy_of_a_new_pipeline_takes_any_size(again):
    assert again(new()).process(LARGE[0]).mask.shape == (96, 128)


def test_no_frames_prime_nothing():
    pipeline = new()
    pipeline.prime([])
    same_results(pipeline.process(FRAMES[0]), new().process(FRAMES[0]))


@pytest.mark.parametrize("offline", [False, True])
def test_a_folder_whose_images_change_size_is_told_in_one_line(tmp_path, offline):
    for index in range(20):
        one = image(index, size=SIZE if index < 13 else (96, 128))
        assert cv2.imwrite(str(tmp_path / f"{index:02}.png"), one)
    taken, results = [], gt.track(tmp_path, offline=offline, prime=0)
    with pytest.raises(gt.SourceError) as caught:
        taken.extend(result.frame.index for result in results)
    assert str(caught.value) == f"{tmp_path / '13.png'} must be 64x48 pixels as the images before it, got 128x96"
    assert taken == ([] if offline else list(range(13)))


def test_what_was_reduced_otherwise_is_refused_and_changes_nothing():
    pipeline, twin = begun(), begun()
    small = gt.Frame(FRAMES[10].image[::2, ::2], 10, FRAMES[10].time)
    assert "(48, 64, 3)" in message_of(pipeline.process, FRAMES[10], small)
    same_results(pipeline.process(FRAMES[10]), twin.process(FRAMES[10]))
