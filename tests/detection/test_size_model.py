"""How large things are at each place, learned from what is seen; and when that cannot be known."""

import numpy as np
import pytest

from gmmtrack.detection.size_model import SizeModel


def boxes(random, n, size_at, spread=0.05, shape=2.5):
    """Return (n, 4) boxes of bodies `shape` times as high as wide, whose size follows their place."""
    centers = np.stack([random.uniform(50, 750, n), random.uniform(100, 550, n)], axis=1)
    sizes = size_at(centers) * np.exp(random.normal(0, spread, n))
    half = np.stack([sizes / shape**0.5, sizes * shape**0.5], axis=1) / 2
    return np.concatenate([centers - half, centers + half], axis=1)


def perspective(points):
    return 12 + 0.09 * points[:, 1] - 0.01 * points[:, 0]


def taught(random, size_at, n_frames=60, n_tracks=6, pairs=0.0, **kind):
    model = SizeModel()
    for _ in range(n_frames):
        seen = boxes(random, n_tracks, size_at, **kind)
        wide = random.random(n_tracks) < pairs  # two people seen as one: twice as wide
        reach = (seen[wide, 2] - seen[wide, 0]) / 2
        seen[wide, 0] -= reach
        seen[wide, 2] += reach
        model.learn(seen, np.arange(1, n_tracks + 1))
    return model


PLACES = np.array([[x, y] for x in (100.0, 400, 700) for y in (150.0, 300, 500)])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("pairs", [0.0, 1 / 3])
def test_perspective_is_recovered_even_if_a_third_are_pairs(seed, pairs):
    model = taught(np.random.default_rng(seed), perspective, pairs=pairs)
    assert model.known
    np.testing.assert_allclose(model.expected(PLACES), perspective(PLACES), rtol=0.08)


def test_bodies_of_one_size_are_that_size_everywhere():
    model = taught(np.random.default_rng(1), lambda points: np.full(len(points), 40.0))
    np.testing.assert_allclose(model.expected(PLACES), 40, rtol=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_where_size_does_not_follow_place_it_is_not_known(seed):
    random = np.random.default_rng(seed)
    model = taught(random, lambda points: random.uniform(15, 80, len(points)))
    assert not model.known
    assert np.isnan(model.expected(PLACES)).all()


def test_it_forgets_what_it_knew_when_sizes_no_longer_follow_place():
    random = np.random.default_rng(3)
    model = taught(random, perspective)
    assert model.known
    for _ in range(400):
        model.learn(boxes(random, 6, lambda points: random.uniform(15, 80, len(points))), np.arange(6))
    assert not model.known


def test_nothing_is_known_at_first_nor_from_few_samples_nor_from_few_tracks():
    random = np.random.default_rng(4)
    assert not SizeModel().known
    assert not taught(random, perspective, n_frames=5).known
    assert not taught(random, perspective, n_frames=200, n_tracks=2).known


def test_it_does_not_extrapolate_far_beyond_what_was_seen():
    model = taught(np.random.default_rng(5), perspective)
    far = model.expected(np.array([[0.0, -5000.0], [0.0, 50000.0]]))
    smallest, largest = perspective(np.array([[750.0, 100.0]]))[0], perspective(np.array([[50.0, 550.0]]))[0]
    assert 0.5 * smallest < far[0] < far[1] < 2 * largest


def test_boxes_without_area_and_no_boxes_are_passed_over():
    model = taught(np.random.default_rng(6), perspective)
    before = model.expected(PLACES)
    for _ in range(100):
        model.learn(np.array([[5.0, 5.0, 5.0, 9.0]]), np.array([1]))
        model.learn(np.zeros((0, 4)), np.zeros(0, int))
    np.testing.assert_array_equal(model.expected(PLACES), before)
    assert model.expected(np.zeros((0, 2))).shape == (0,)
