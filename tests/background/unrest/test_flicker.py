"""What sways is background, what stops is not."""

import numpy as np
import pytest

from gmmtrack import BackgroundModel, Frame

WALL, OTHER = 90, 160
RATE = 10.0  # [Hz]


def clip(shows_other, seed=0, rate=RATE):
    """Return frames of a wall, in which a patch shows another colour where `shows_other`; rate: [Hz]."""
    random = np.random.default_rng(seed)
    frames = []
    for index, shown in enumerate(shows_other):
        image = random.normal(WALL, 2, (32, 48))
        image[8:24, 16:32] += (OTHER - WALL) * shown
        frames.append(Frame(np.clip(image, 0, 255).astype(np.uint8), index, index / rate))
    return frames


def share_of_foreground(shows_other, **changes):
    """Return how much of the patch is foreground while it shows the other colour, after priming on the whole clip."""
    frames = clip(shows_other)
    model = BackgroundModel(**changes)
    model.prime(frames[::3])
    masks = [model.apply(frame.image, time=frame.time) for frame in frames]
    return np.mean([mask[10:22, 18:30] == 255 for mask, shown in zip(masks, shows_other, strict=True) if shown])


SWAYS = np.random.default_rng(1).random(200) < 0.35
STOPS = np.arange(200) >= 130  # for 7 s of 20 s, without a break


def test_a_leaf_that_comes_and_goes_is_background():
    assert share_of_foreground(SWAYS) < 0.05


def test_a_body_that_stops_for_as_long_is_not():
    assert share_of_foreground(STOPS) > 0.95


def test_without_a_calm_share_both_are_background():
    assert share_of_foreground(SWAYS, calm_share=0.9) < 0.05
    assert share_of_foreground(STOPS, calm_share=0.9) < 0.05


@pytest.mark.parametrize("n_visits", [1, 2])
def test_what_passes_once_or_twice_does_not_sway(n_visits):
    visits = np.zeros(200, np.bool_)
    for visit in range(n_visits):
        visits[60 + 90 * visit : 66 + 90 * visit] = True
    frames = clip(visits)
    model = BackgroundModel()
    for frame in frames:
        model.apply(frame.image, time=frame.time)
    assert (model.apply(frames[61].image, time=frames[-1].time + 0.1)[10:22, 18:30] == 255).all()


def test_who_passes_there_and_back_in_a_short_clip_that_was_learned_before_does_not_sway():
    visits = np.zeros(100, np.bool_)
    visits[30:38] = visits[62:70] = True
    frames = clip(visits, rate=25.0)
    model = BackgroundModel()
    model.prime(frames[k * 100 // 60] for k in range(60))
    shares = [np.mean(model.apply(f.image, time=f.time)[10:22, 18:30] == 255) for f in frames]
    assert min(shares[30:38] + shares[62:70]) > 0.95
