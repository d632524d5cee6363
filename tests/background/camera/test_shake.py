"""A shaking camera is followed to a tenth of a pixel, and the mask lies on the frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.background import BackgroundModel
from gmmtrack.background.camera import kernels
from gmmtrack.background.camera.shake import Shake
from gmmtrack.lanes import LANES

SHIFTS = [(3.4, -2.2), (-0.5, 0.75), (0.0, 5.5), (-7.5, 0.0), (8.0, 9.0)]


def learned(street, n=40, **options):
    model = BackgroundModel(**options)
    for index in range(n):
        model.apply(street(index))
    return model


def followed(street, **options):
    """Return a Shake that holds on to the corners of the street."""
    still = street(0, noise=0, **options)
    still = still.reshape(*still.shape[:2], -1).astype(np.float32)
    shake = Shake(still.shape)
    shake.choose_corners(still.mean(axis=2))
    return shake


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_shake_is_found_to_a_tenth_of_a_pixel(street, shift, channels):
    shake = followed(street, channels=channels)
    for index in range(3):
        image = street(index, channels=channels, shift=shift).reshape(120, 160, -1)
        shake.follow(image, 1.0, 0.0)
        np.testing.assert_allclose(shake.shift, shift, atol=0.1)
    shake.follow(street(9, channels=channels).reshape(120, 160, -1), 1.0, 0.0)
    np.testing.assert_allclose(shake.shift, 0, atol=0.1)


def test_a_shake_is_found_in_a_frame_that_is_looked_at_reduced(street):
    shake = followed(street, size=(480, 640), sigma=6.0)
    shake.follow(street(1, size=(480, 640), sigma=6.0, shift=(-21.3, 30.6)), 1.0, 0.0)
    np.testing.assert_allclose(shake.shift, (-21.3, 30.6), atol=0.15)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000), dy=st.floats(-1.2, 1.2), dx=st.floats(-1.2, 1.2))
def test_refining_finds_what_trying_all_shifts_finds(street, camera_twin, seed, dy, dx):
    shake = followed(street, seed=3)
    image = street(seed, seed=3, shift=(dy, dx))
    ((y, x), cost), first = shake._refine(image, 1.0, 0.0, (0.0, 0.0))
    n = len(shake.places) // LANES * LANES
    places, values = shake.places[:n].astype(np.float64), shake.values[:n].astype(np.float64)
    best, least = camera_twin.best_shift(image.astype(np.float64), places, values, (dy, dx), 0.3, 0.1)
    assert cost == pytest.approx(camera_twin.cost_of(image.astype(np.float64), places, values, (y, x)), rel=1e-3)
    assert first == pytest.approx(camera_twin.cost_of(image.astype(np.float64), places, values, (0, 0)), rel=1e-3)
    # between pixels noise is averaged, and where nothing moved there is none such: up to 1.04 was seen
    assert cost < least * (1.06 if max(abs(dy), abs(dx)) < 0.05 else 1.03)
    np.testing.assert_allclose((y, x), best, atol=0.25)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), reach=st.integers(1, 9), step=st.integers(1, 3))
def test_scanning_equals_its_plain_twin(street, camera_twin, seed, reach, step):
    rng = np.random.default_rng(seed)
    grey = street(seed, size=(40, 50), shift=tuple(rng.uniform(-6, 6, 2))).mean(axis=2, dtype=np.float32)
    places = rng.uniform(0, (40, 50), (30, 2)).astype(np.float32)
    values = street(0, size=(40, 50)).mean(axis=2, dtype=np.float32)[tuple(places.astype(int).T)]
    seen = grey.astype(np.float64), places, values
    best = camera_twin.whole_shift_cost(*seen, camera_twin.best_whole_shift(*seen, reach, step))
    found = tuple(map(int, kernels.scan(grey, places, values, reach, step)))
    assert set(found) <= set(range(-reach, reach + 1, step))
    assert camera_twin.whole_shift_cost(*seen, found) == pytest.approx(best, rel=1e-5)  # of two as good, either


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_shake_leaves_no_foreground(street, shift):
    model, bare = learned(street), learned(street, exposure=False, shake=False)
    for index in range(5):
        mask = model.apply(street(50 + index, shift=shift))
        assert (mask == 255).mean() < 0.002
    if max(map(abs, shift)) > 2:
        assert (bare.apply(street(50, shift=shift)) == 255).mean() > 0.02


def test_a_still_camera_is_not_moved(street):
    model = learned(street, 120)
    assert not model._camera.shake.moved
    np.testing.assert_allclose(model._camera.shake.shift, 0, atol=0.1)


def test_the_background_stays_sharp_under_a_shaking_camera(street):
    model, rng = learned(street), np.random.default_rng(0)
    for index in range(150):
        model.apply(street(100 + index, shift=tuple(rng.uniform(-5, 5, 2))))
    error = np.abs(model.background.astype(float) - street(0, noise=0))[8:-8, 8:-8]
    assert error.mean() < 2


@pytest.mark.parametrize("shift", [(6.0, -8.0), (-5.0, 9.0)])
def test_the_mask_lies_on_the_frame_and_not_on_the_background(street, shift):
    model = learned(street)
    mask = model.apply(street(50, shift=shift, box=(40, 60, 70, 90))) == 255
    assert mask[41:69, 61:89].mean() > 0.97
    mask[38:72, 58:92] = False
    assert mask.mean() < 0.002


def test_what_the_background_does_not_know_is_not_foreground(street):
    model = learned(street)
    mask = model.apply(street(50, shift=(8.0, -9.0), box=(0, 0, 120, 160)))
    assert not mask[:8].any()
    assert not mask[:, -8:].any()


def test_region_and_update_mask_go_with_the_frame(street):
    shift, box = (6.0, -8.0), (40, 60, 70, 90)
    held = np.zeros((120, 160), bool)
    held[38:72, 58:92] = True  # as the frame shows the object
    model, before = learned(street), learned(street).background.astype(int)
    for index in range(100):
        mask = model.apply(street(50 + index, shift=shift, box=box), update_mask=held)
    assert (mask[41:69, 61:89] == 255).mean() > 0.97
    assert np.abs(model.background.astype(int) - before)[12:-12, 12:-12].max() < 25
    mask = model.apply(street(200, shift=shift, box=box), roi=~held, learning_rate=0)
    assert (mask == 255).mean() < 0.002
    mask = model.apply(street(201, shift=shift, box=box), roi=held, learning_rate=0)
    assert not mask[~held].any()
    assert (mask[41:69, 61:89] == 255).mean() > 0.97


def test_a_frame_without_corners_or_too_small_for_them_is_left_alone():
    for image in (np.full((60, 80, 3), 90, np.uint8), np.random.default_rng(0).integers(0, 255, (20, 80), np.uint8)):
        model = BackgroundModel()
        for _ in range(5):
            model.apply(image)
        assert model._camera.shake is None or model._camera.shake.shift == (0.0, 0.0)


def test_no_shift_is_made_up_for_a_scene_that_is_dark_at_once(street):
    model = learned(street, exposure=False)
    for index in range(5):
        model.apply(street(50 + index, light=0.2), learning_rate=0)
        assert max(map(abs, model._camera.shake.shift)) < 1


def test_a_camera_that_has_lost_its_corners_can_be_saved(street, tmp_path):
    model = learned(street, 5)
    for _ in range(3):
        model.apply(np.full((120, 160, 3), 90, np.uint8), learning_rate=1, time=10.0)
    model.apply(np.full((120, 160, 3), 90, np.uint8))
    assert not len(model._camera.shake.places)
    model.save(tmp_path / "street.npz")
    assert BackgroundModel.load(tmp_path / "street.npz")._camera.shake.shift == (0.0, 0.0)
