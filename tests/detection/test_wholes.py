"""Parts of one body become one, where it is known how large bodies are."""

from dataclasses import replace

import numpy as np
import pytest

from gmmtrack.detection import Origin
from gmmtrack.detection.hypothesis import Hypothesis
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.size_model import SizeModel
from gmmtrack.detection.wholes import put_together


@pytest.fixture(scope="module")
def sizes():
    """Return what is known where all bodies are 30 x 90 pixels."""
    model, random = SizeModel(), np.random.default_rng(0)
    low = random.uniform(0, 400, (100, 2))
    for first in range(0, 100, 10):
        boxes = low[first : first + 10]
        model.learn(np.concatenate([boxes, boxes + np.array([30, 90])], axis=1), np.arange(10))
    assert model.known
    return model


def tracks(*extents):
    """Return predictions of tracks with these extents [pixels]."""
    none = Predictions.none()
    return replace(none, extents=np.array(extents, float).reshape(-1, 2))


SMALL = tracks((20, 20), (28, 40), (28, 40), (28, 40))


def part(x0, y0, x1, y1, track=-1, origin=Origin.BLOB, palette=True):
    pixels = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), axis=-1).reshape(-1, 2) + 0.5
    n = float(len(pixels))
    colors = n * np.eye(125)[y0 % 125] if palette else None
    box, covariance = np.array([x0, y0, x1, y1], float), np.cov(pixels.T, bias=True)
    return Hypothesis(
        xyxy=box, mean=pixels.mean(axis=0), covariance=covariance, count=n, area=n, origin=origin, prediction=track,
        palette=colors,
    )  # fmt: skip


def test_head_and_legs_of_one_body_are_one(sizes):
    head, legs, other = part(105, 100, 125, 120, track=3), part(102, 150, 130, 190, track=1), part(200, 100, 230, 190)
    first, whole = put_together([head, other, legs], SMALL, sizes)
    assert first is other
    assert whole.xyxy.tolist() == [102, 100, 130, 190]
    assert (whole.count, whole.prediction, whole.origin) == (20 * 20 + 28 * 40, 1, Origin.BLOB)
    assert whole.palette.sum() == whole.count
    y, x = np.mgrid[:200, :200]
    pixels = ((x >= 105) & (x < 125) & (y >= 100) & (y < 120)) | ((x >= 102) & (x < 130) & (y >= 150) & (y < 190))
    points = np.stack([x[pixels], y[pixels]]) + 0.5
    np.testing.assert_allclose(whole.mean, points.mean(axis=1))
    np.testing.assert_allclose(whole.covariance, np.cov(points, bias=True))


@pytest.mark.parametrize(("extents", "n"), [([(30, 90), (28, 40)], 1), ([(30, 90), (30, 88)], 2)])
def test_what_is_seen_of_two_who_are_known_is_not_one(sizes, extents, n):
    parts = [part(105, 100, 125, 120, track=0), part(102, 150, 130, 190, track=1)]
    assert len(put_together(parts, tracks(*extents), sizes)) == n


def test_three_parts_of_one_body_are_one(sizes):
    parts = [part(100, 100, 130, 125), part(100, 132, 130, 157), part(100, 165, 130, 190)]
    assert [whole.xyxy.tolist() for whole in put_together(parts, SMALL, sizes)] == [[100, 100, 130, 190]]


@pytest.mark.parametrize(
    "other",
    [
        part(140, 150, 170, 190),  # beside it
        part(100, 200, 130, 260),  # farther below than a body is high
        part(100, 125, 130, 215),  # somebody whole, with something above the head
        part(102, 150, 130, 190, origin=Origin.SPLIT),  # EM has said whose it is
    ],
)
def test_what_makes_no_body_stays_apart(sizes, other):
    head = part(105, 100, 125, 120)
    assert put_together([head, other], SMALL, sizes) == [head, other]


def test_of_two_bodies_each_gets_its_own_legs(sizes):
    heads = [part(105, 100, 125, 120, track=1), part(165, 110, 185, 130, track=2)]
    legs = [part(162, 160, 190, 200), part(102, 150, 130, 190)]
    wholes = put_together([*heads, *legs], SMALL, sizes)
    assert sorted((whole.xyxy.tolist(), whole.prediction) for whole in wholes) == [
        ([102, 100, 130, 190], 1),
        ([162, 110, 190, 200], 2),
    ]


def test_colours_are_not_known_of_a_whole_of_whose_parts_they_are_not(sizes):
    (whole,) = put_together([part(105, 100, 125, 120, palette=False), part(102, 150, 130, 190)], SMALL, sizes)
    assert whole.palette is None


def test_nothing_is_nothing(sizes):
    assert put_together([], SMALL, sizes) == []
