"""What travels is an object, what comes and goes where it is is not."""

import numpy as np

from gmmtrack import BackgroundModel
from gmmtrack.background.masks.kernels import FOREGROUND
from gmmtrack.background.masks.regions import Regions
from gmmtrack.background.masks.runs import Runs

SIZE = (90, 120)
RATE = 25.0  # [Hz]


def square(left, top=20, side=10):
    """Return a mask with one square."""
    mask = np.zeros(SIZE, np.uint8)
    mask[top : top + side, left : left + side] = 255
    return mask


def pieces(mask):
    return Runs.of(mask, FOREGROUND, corners=True)


def follow(lefts):
    """Return the regions after squares at these places."""
    regions = Regions(SIZE)
    for left in lefts:
        regions.follow(pieces(square(left)), 1 / RATE)
    return regions


def test_a_region_is_trusted_once_it_has_left_its_place():
    assert not follow(range(10, 18)).trusted.any()
    assert follow(range(10, 22)).trusted[1]


def test_what_sways_where_it_is_is_never_trusted():
    assert not follow([10 + (i % 8) for i in range(200)]).trusted.any()


def test_trust_outlasts_a_stop():
    assert follow([*range(10, 30), *[29] * 500]).trusted[1]


def test_pieces_of_a_trusted_region_are_trusted():
    regions = follow(range(10, 30))
    regions.follow(pieces(square(29) & ~square(32, side=3).astype(bool) * np.uint8(255)), 1 / RATE)
    split = square(29)
    split[:, 33:35] = 0
    regions.follow(pieces(split), 1 / RATE)
    assert regions.trusted[1:].tolist() == [True, True]


def leaves(index, random):
    """Return leaves carried about by gusts, and a body that walks below them from frame 250 on."""
    texture = np.random.default_rng(0).uniform(30, 200, (16, 20, 3)).repeat(8, 0).repeat(8, 1)
    down, across = np.rint(random.normal(0, 3, 2)).astype(int) + 12
    image = texture[down : down + SIZE[0], across : across + SIZE[1]] + random.normal(0, 2, (*SIZE, 3))
    if index >= 250:
        left = 2 * (index - 250)
        image[20:44, left : left + 14] = (20, 30, 230)
    return np.clip(image, 0, 255).astype(np.uint8)


def found(**changes):
    """Return the shares of the body and of the leaves that are foreground while the body walks."""
    random, model = np.random.default_rng(3), BackgroundModel(exposure=False, shake=False, **changes)
    body, rest = [], []
    for index in range(300):
        mask = model.apply(leaves(index, random), time=index / RATE) == 255
        if index >= 275:
            left = 2 * (index - 250)
            body.append(mask[22:42, left + 2 : left + 12].mean())
            mask[18:46, left - 2 : left + 16] = False
            rest.append(mask.mean())
    return np.mean(body), np.mean(rest)


def test_leaves_are_dropped_and_a_body_that_walks_among_them_is_kept():
    body, rest = found()
    _, rest_without = found(unrest=False)
    assert body > 0.8
    assert rest < 0.3 * rest_without


def ground_after_a_stop(*, has_body):
    """Return the level of the background where a shade has lain for 40 s, beside a body that stopped or alone."""
    random, model = np.random.default_rng(5), BackgroundModel(exposure=False, shake=False)
    for index in range(300):
        image = np.full((*SIZE, 3), (100.0, 120.0, 140.0))  # without colour a shade may be an object
        left = min(3 * max(index - 75, 0), 75)
        if index > 75:
            image[30:60, left + 10 : left + 40] *= 0.7
            if has_body:
                image[20:50, left : left + 12] = (20, 30, 230)
        image += random.normal(0, 2, image.shape)
        model.apply(np.clip(image, 0, 255).astype(np.uint8), time=index / 5)
    return model.background[40:55, 93:108].mean()


def test_the_shadow_of_what_stops_is_not_learned_as_soon_as_a_shade_of_its_own():
    assert abs(ground_after_a_stop(has_body=True) - 120) < 4
    assert ground_after_a_stop(has_body=False) < 100
