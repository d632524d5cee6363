"""What a whole clip tells of those who stand in it."""

import numpy as np
import pytest

from gmmtrack import BackgroundModel, BackgroundSettings
from gmmtrack.background.borders import kernels as borders
from gmmtrack.background.offline import kernels, survey

N_FRAMES = 40
BODY = slice(20, 32), slice(24, 44)


def clip(there, body=BODY, channels=3, contrast=60, seed=0):
    """Return frames of a textured ground, in which a dark body stands where `there` (N,) says so."""
    random = np.random.default_rng(seed)
    ground = 110 + np.kron(random.normal(0, 12, (16, 20, channels)), np.ones((4, 4, 1)))
    images = []
    for shown in there:
        image = ground.copy()
        if shown:
            image[body] = 110 - contrast
        images.append(np.clip(image + random.normal(0, 2, image.shape), 0, 255).astype(np.uint8))
    return ground, images


def standing(share, *, at_end=False):
    """Return (N,) whether someone is there, for this share of the clip, at its beginning or end."""
    there = np.arange(N_FRAMES) < round(share * N_FRAMES)
    return there[::-1] if at_end else there


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("channels", [1, 3])
def test_who_stands_for_most_of_a_clip_is_not_its_background(share, at_end, channels):
    there = standing(share, at_end=at_end)
    ground, images = clip(there, channels=channels)
    found = survey(images, BackgroundSettings())
    inside = found.occupied[:, 22:30, 26:42].mean(axis=(1, 2))
    assert (inside[there] > 0.95).all()
    assert (inside[~there] < 0.05).all()
    assert found.stands[22:30, 26:42].mean() > 0.95
    model = BackgroundModel()
    model.prime(images, found.occupied)
    assert np.abs(model.background.reshape(ground.shape)[BODY] - ground[BODY]).mean() < 6


def test_without_a_survey_who_stands_for_most_of_a_clip_is_its_background():
    ground, images = clip(standing(0.9))
    model = BackgroundModel()
    model.prime(images)
    assert np.abs(model.background[BODY] - ground[BODY]).mean() > 40


def test_who_moved_by_less_than_a_length_is_found_where_it_was_and_where_it_is():
    _, images = clip(standing(0.6))
    _, moved = clip(~standing(0.6), body=(slice(20, 32), slice(34, 54)))
    images = [a if index < 24 else b for index, (a, b) in enumerate(zip(images, moved, strict=True))]
    found = survey(images, BackgroundSettings())
    assert found.occupied[2, 22:30, 26:33].mean() > 0.9
    assert found.occupied[2, 22:30, 48:53].mean() < 0.1
    assert found.occupied[-2, 22:30, 46:52].mean() > 0.7
    assert found.occupied[-2, 22:30, 25:31].mean() < 0.1


def test_what_flickers_is_background():
    there = np.random.default_rng(1).random(N_FRAMES) < 0.5
    found = survey(clip(there)[1], BackgroundSettings())
    assert found.occupied is None or not found.occupied[:, 22:30, 26:42].any()


@pytest.mark.parametrize("there", [np.zeros(N_FRAMES, bool), np.ones(N_FRAMES, bool), np.ones(3, bool)])
def test_where_nothing_ever_changes_nobody_stands(there):
    found = survey(clip(there)[1], BackgroundSettings())
    assert found.occupied is None
    assert not found.stands.size
    assert found.scale == 0


def test_a_light_that_changes_everything_is_nobody():
    _, images = clip(np.zeros(N_FRAMES, bool))
    brighter = [image + np.uint8(50) if index > 30 else image for index, image in enumerate(images)]
    assert survey(brighter, BackgroundSettings()).occupied is None


def test_how_large_things_are_is_told_by_most_of_their_area():
    _, images = clip(standing(0.6))
    side = (12 * 20) ** 0.5
    assert survey(images, BackgroundSettings()).scale == pytest.approx(side, rel=0.1)
    for i in (35, 38):  # here and there, something small beside it
        images[i] = images[i].copy()
        images[i][50:54, 60:64] = 40
    assert survey(images, BackgroundSettings()).scale == pytest.approx(side, rel=0.1)


def beside_a_body(light):
    """Return frames of a ground over which a body travels that has a patch beside it with these shares of the light."""
    random = np.random.default_rng(5)
    ground = 110 + np.kron(random.normal(0, 6, (16, 20, 3)), np.ones((4, 4, 1)))
    images = []
    for x in range(N_FRAMES):
        image = ground.copy()
        image[20:32, x : x + 12] = 20, 60, 90
        image[32:40, x : x + 12] *= light[:, :, None]
        images.append(np.clip(image + random.normal(0, 1, image.shape), 0, 255).astype(np.uint8))
    return images


def test_what_is_darkened_evenly_beside_a_body_is_a_shadow():
    found = survey(beside_a_body(np.full((8, 12), 0.7)), BackgroundSettings())
    assert found.n_even > 0.5 * found.n_shaded > 0
    assert found.casts_shadows(0.08)


def test_what_fades_into_the_ground_beside_a_body_is_no_shadow():
    found = survey(beside_a_body(np.tile(np.linspace(0.5, 1.0, 8)[:, None], 12)), BackgroundSettings())
    assert found.n_even < 0.08 * found.n_shaded
    assert not found.casts_shadows(0.08)


def test_where_nothing_is_seen_there_may_be_shadows():
    assert survey(clip(np.zeros(N_FRAMES, bool))[1], BackgroundSettings()).casts_shadows(0.08)


def test_large_frames_are_surveyed_at_a_smaller_size():
    images = [np.full((1080, 1920, 3), 90, np.uint8) for _ in range(10)]
    for image in images[:7]:
        image[300:400, 500:700] = 30
    found = survey(images, BackgroundSettings())
    assert found.occupied.shape[0] == 10
    assert 400_000 < found.occupied[0].size <= 520_000
    assert found.scale == pytest.approx((100 * 200) ** 0.5, rel=0.05)
    model = BackgroundModel()
    model.prime(images, found.occupied)
    assert (model.background[320:380, 520:680] == 90).all()


@pytest.mark.parametrize(("image", "background", "verdict"), [(30, 90, 1.0), (90, 30, -1.0)])
def test_an_edge_in_the_frame_tells_an_object_and_one_in_the_background_a_ghost(image, background, verdict):
    pictures = []
    for level in (image, background):
        picture = np.full((40, 50, 1), 90, np.float32)
        picture[10:30, 15:35] = level
        pictures.append(picture)
    labels = np.zeros((40, 50), np.int32)
    labels[10:30, 15:35] = 1
    boxes, verdicts = np.array([[0, 0, 50, 40], [15, 10, 35, 30]]), np.full((40, 50), borders.UNKNOWN)
    borders.judge_borders(*pictures, labels, boxes, np.array([0, 3]), 0.0, np.zeros((64, 4)), verdicts)
    assert (verdicts[labels == 1] == borders.UNKNOWN + verdict * borders.STEPS).all()
    assert (verdicts[labels == 0] == borders.UNKNOWN).all()


@pytest.mark.parametrize("seed", range(3))
def test_what_differs_is_what_is_farther_than_the_limit(seed):
    random = np.random.default_rng(seed)
    image, background = random.uniform(0, 20, (2, 7, 9, 3)).astype(np.float32)
    limits = random.uniform(50, 400, (7, 9)).astype(np.float32)
    mask = np.empty((7, 9), np.uint8)
    kernels.find_different((0,) * 3, image, background, limits, mask)
    np.testing.assert_array_equal(mask == 255, ((image - background) ** 2).sum(axis=2) > limits)


@pytest.mark.parametrize("seed", range(3))
def test_what_frames_say_is_summed_up(seed):
    random = np.random.default_rng(seed)
    verdicts = random.integers(100, 150, (12, 5, 6)).astype(np.uint8)
    differs = (random.integers(0, 2, verdicts.shape) * 255).astype(np.uint8)
    clearest = np.empty((5, 6), np.uint8)
    which, votes, n_different, n_changes = np.empty((4, 5, 6), np.int32)
    for rows in ((0, 2), (2, 5)):
        kernels.tally(verdicts, differs, *rows, clearest, which, votes, n_different, n_changes)
    np.testing.assert_array_equal(clearest, np.minimum(verdicts.min(axis=0), borders.UNKNOWN))
    unknown = clearest == borders.UNKNOWN
    np.testing.assert_array_equal(which[~unknown], verdicts.argmin(axis=0)[~unknown])
    np.testing.assert_array_equal(votes, (verdicts.astype(int) - 128).sum(axis=0))
    np.testing.assert_array_equal(n_different, (differs > 0).sum(axis=0))
    np.testing.assert_array_equal(n_changes, (differs[1:] != differs[:-1]).sum(axis=0))


@pytest.mark.parametrize(("dtype", "count"), [(np.uint8, 1), (np.uint16, 100), (np.float32, 1 / 255)])
def test_light_that_drifts_over_a_clip_makes_nothing_differ(dtype, count):
    _, steady = clip(standing(0.5))
    drifting = [image * (1 + 0.05 * np.sin(index / 6)) for index, image in enumerate(steady)]
    expected, found, without = (
        survey([(count * image.astype(float)).astype(dtype) for image in images], BackgroundSettings(exposure=exposure))
        for images, exposure in ((steady, True), (drifting, True), (drifting, False))
    )
    assert found.areas.sum() == pytest.approx(expected.areas.sum(), rel=0.1)
    assert found.n_shaded <= expected.n_shaded + 20
    assert without.n_shaded > 100
