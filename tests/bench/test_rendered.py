"""Rendered clips to measure on."""

from itertools import islice

import numpy as np
import pytest

from gmmtrack import BackgroundModel
from gmmtrack.bench.rendered import RENDERED, rendered_images


def foreground(name, n_frames=120):
    """Return the share of foreground in the last third of the frames."""
    model = BackgroundModel("mog2", shadows=False)
    masks = [model.apply(image) for image in islice(rendered_images(name, (40, 56)), n_frames)]
    return np.mean(masks[-n_frames // 3 :]) / 255


def test_nothing_moves_in_the_static_scene():
    assert foreground("static 1080p") < 0.001


def test_each_pixel_of_three_modes_has_three_components():
    model = BackgroundModel("mog2")
    for image in islice(rendered_images("three modes", (40, 56)), 120):
        model.apply(image)
    assert 2.9 < np.mean(model._mixtures.depths) < 3.5


def test_everything_is_foreground_where_everything_moves():
    assert foreground("everything moves") > 0.8


@pytest.mark.parametrize("name", RENDERED)
def test_a_scene_is_the_same_every_time(name):
    first, again = (list(islice(rendered_images(name, (8, 9)), 3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
