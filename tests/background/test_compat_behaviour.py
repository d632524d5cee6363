"""What a background subtractor with OpenCV's names must do, whoever made it."""

import numpy as np
import pytest

import gmmtrack as gt

RANGES = {  # of the ground, and a level outside
    np.uint8: (60, 90, 200),
    np.int8: (-40, -10, 100),
    np.uint16: (60, 90, 200),
    np.int16: (-90, -60, 60),
    np.int32: (60, 90, 200),
    np.float32: (60, 90, 200),
    np.float64: (60, 90, 200),
}


@pytest.mark.parametrize("dtype", RANGES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("shadows", [False, True])
def test_what_is_within_the_range_of_the_ground_is_background_and_what_is_not_is_foreground(dtype, channels, shadows):
    low, high, outside = RANGES[dtype]
    rng, ours = np.random.default_rng(channels), gt.compat.createBackgroundSubtractorMOG2(detectShadows=shadows)

    def ground():
        return rng.uniform(low + 10, high - 10, (24, 30, channels)).astype(dtype)

    for _ in range(60):
        ours.apply(ground(), learningRate=0.05)
    image = ground()
    image[6:18, 8:20] = outside
    mask = ours.apply(image, learningRate=0)
    assert (mask[6:18, 8:20] == 255).all()
    mask[6:18, 8:20] = 0
    assert (mask == 255).mean() < 0.01


def test_a_higher_threshold_finds_less_and_a_longer_history_forgets_later(clip):
    images = clip(60)
    found = []
    for threshold in (4.0, 16.0, 64.0):
        ours = gt.compat.createBackgroundSubtractorMOG2(varThreshold=threshold)
        found.append(sum((ours.apply(image) > 0).sum() for image in images))
    assert found[0] > found[1] > found[2]
    left = []
    for history in (10, 40, 400):
        ours = gt.compat.createBackgroundSubtractorMOG2(history=history, detectShadows=False)
        for image in (*images, *[np.full_like(images[0], 250)] * 10):
            mask = ours.apply(image)
        left.append((mask == 255).mean())
    assert left[0] < 0.1 < 0.7 < left[2]


def test_a_shadow_is_labelled_with_the_value_that_was_set_or_is_foreground(clip):
    images = clip(40)
    labels = {}
    for shadows, value in ((True, 127), (True, 64), (False, 127)):
        ours = gt.compat.createBackgroundSubtractorMOG2(detectShadows=shadows)
        ours.setShadowValue(value)
        labels[shadows, value] = np.stack([ours.apply(image) for image in images])
    assert set(np.unique(labels[True, 64])) == {0, 64, 255}
    np.testing.assert_array_equal(labels[True, 64] == 64, labels[True, 127] == 127)
    np.testing.assert_array_equal(labels[False, 127] == 255, labels[True, 127] > 0)
