"""Large images are reduced by whole factors, and masks brought back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.frames import Frame
from gmmtrack.frames.reduction import Reduction


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 900))
def test_each_pixel_is_the_mean_of_those_that_it_stands_for(height, width, most):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    reduction = Reduction.of((height, width), most)
    k = reduction.factor
    small = reduction.reduced(Frame(image, 3, 0.5))
    assert (small.index, small.time) == (3, 0.5)
    assert small.image.shape == (height // k, width // k, 3)
    blocks = image[: height // k * k, : width // k * k].reshape(height // k, k, width // k, k, 3)
    np.testing.assert_allclose(small.image, blocks.mean(axis=(1, 3)), atol=0.51)
    mask = small.image[:, :, 0]
    large = reduction.enlarged(mask)
    assert large.shape == (height, width)
    np.testing.assert_array_equal(large[: height // k * k : k, : width // k * k : k], mask)


@pytest.mark.parametrize(
    ("size", "factor"), [((720, 1280), 1), ((1080, 1920), 2), ((2160, 3840), 3), ((1, 9_000_000), 1)]
)
def test_no_more_is_reduced_than_needed(size, factor):
    assert Reduction.of(size, 1e6).factor == factor


@pytest.mark.parametrize(
    ("factor", "at_most", "expected"), [(1, 2.0, 2), (1, 1.9, 1), (2, 2.0, 4), (1, 0.0, 1), (3, 9.0, 3)]
)
def test_what_is_ample_is_reduced_further_by_a_whole_factor_if_it_may_be(factor, at_most, expected):
    size = {1: (1080, 1920), 2: (2160, 3840), 3: (2160, 3840)}[factor]
    assert Reduction(size, factor).coarser(1e6, at_most).factor == expected
