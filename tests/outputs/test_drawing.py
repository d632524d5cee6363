"""What is drawn, looked at pixel by pixel."""

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.outputs.drawing import DrawingSettings, draw
from gmmtrack.outputs.palette import color_of
from gmmtrack.outputs.trails import Trails
from gmmtrack.tracking.tracks import TrackState

BOX = (20, 30, 60, 90)
PLAIN = {"caption": False, "labels": False}
SIZE = (120, 160)


def n_pixels_of(image, track):
    """Return how many pixels are close to the colour of a track."""
    return int((np.abs(image.astype(int) - color_of(track)).max(axis=2) < 30).sum())


@pytest.fixture
def confirmed(make_result):
    return make_result(0, (1, TrackState.CONFIRMED, *BOX), size=SIZE)


def test_the_frame_itself_is_not_touched(confirmed):
    before = confirmed.frame.image.copy()
    for mask in ("none", "tint", "beside"):
        draw(confirmed, mask=mask)
    np.testing.assert_array_equal(confirmed.frame.image, before)
    assert not np.shares_memory(draw(confirmed, **PLAIN), confirmed.frame.image)


def test_a_box_runs_along_its_first_and_last_pixels(confirmed):
    image = draw(confirmed, **PLAIN)
    for y, x in [(30, 40), (89, 40), (60, 20), (60, 59)]:
        np.testing.assert_allclose(image[y, x].astype(int), color_of(1), atol=30)
    np.testing.assert_array_equal(image[60, 40], confirmed.frame.image[60, 40])


def test_an_ellipse_touches_the_sides_and_spares_the_corners(confirmed):
    image = draw(confirmed, shape="ellipse", **PLAIN)
    np.testing.assert_allclose(image[60, 20].astype(int), color_of(1), atol=40)
    np.testing.assert_array_equal(image[31, 21], confirmed.frame.image[31, 21])


def test_a_coasting_track_is_dashed(make_result, confirmed):
    coasting = make_result(0, (1, TrackState.COASTING, *BOX), size=SIZE)
    dashed, solid = (n_pixels_of(draw(result, **PLAIN), 1) for result in (coasting, confirmed))
    assert 0.2 * solid < dashed < 0.7 * solid


@pytest.mark.parametrize("state", [TrackState.TENTATIVE, TrackState.ENDED])
def test_what_is_not_believed_or_gone_is_not_drawn(state, make_result):
    result = make_result(0, (1, state, *BOX), size=SIZE)
    np.testing.assert_array_equal(draw(result, trails=Trails(), **PLAIN), result.frame.image)


def test_labels_and_caption_can_be_left_out(confirmed):
    plain = draw(confirmed, **PLAIN)
    labelled = draw(confirmed, caption=False)
    captioned = draw(confirmed, labels=False)
    assert (labelled != plain)[:30].any()
    assert (captioned != plain)[100:].any()
    assert not (captioned != plain)[:100].any()


@pytest.mark.parametrize(
    "box", [(-50, -50, -10, -10), (150, 100, 400, 300), (0, 0, 160, 120), (5, 5, 5, 5), (-1e12, 0, 1e12, 50)]
)
@pytest.mark.parametrize("shape", ["box", "ellipse"])
@pytest.mark.parametrize("state", [TrackState.CONFIRMED, TrackState.COASTING])
@pytest.mark.parametrize("size", [(1, 1), (5, 200), (120, 160)])
def test_any_box_on_any_frame_can_be_drawn(box, shape, state, size, make_result):
    result = make_result(0, (123456789, state, *box), size=size)
    assert draw(result, shape=shape, mask="beside").shape == (size[0], 2 * size[1], 3)


def test_the_mask_is_shown_beside_or_as_a_tint(make_result):
    result = make_result(0, size=SIZE)
    beside = draw(result, mask="beside", **PLAIN)
    np.testing.assert_array_equal(beside[:, :160], result.frame.image)
    np.testing.assert_array_equal(beside[:, 160:, 0], result.mask)
    tinted = (draw(result, mask="tint", **PLAIN) != result.frame.image).any(axis=2)
    np.testing.assert_array_equal(tinted, result.mask > 0)


def test_lines_and_letters_grow_with_the_frame(make_result):
    def share(scale):
        box = np.array(BOX) * scale
        result = make_result(0, (1, TrackState.CONFIRMED, *box), size=(120 * scale, 160 * scale))
        image = draw(result)
        return (image != result.frame.image).any(axis=2).mean()

    assert share(12) == pytest.approx(share(6), rel=0.35)


def test_trails_follow_the_centres(make_result):
    trails = Trails(seconds=10)
    for index in range(40):
        x = 10 + 2 * index
        result = make_result(index, (1, TrackState.CONFIRMED, x, 40, x + 20, 60), size=SIZE)
        image = draw(result, trails=trails, **PLAIN)
    for x in (30, 50, 70):
        np.testing.assert_allclose(image[50, x].astype(int), color_of(1), atol=60)
    assert n_pixels_of(image, 1) > n_pixels_of(draw(result, **PLAIN), 1) + 40


def test_a_result_draws_itself(confirmed):
    np.testing.assert_array_equal(confirmed.draw(mask="tint"), draw(confirmed, settings=DrawingSettings(mask="tint")))


@pytest.mark.parametrize("given", [{}, {"settings": DrawingSettings()}])
def test_an_unknown_option_is_told_with_all_there_are(confirmed, given):
    with pytest.raises(ArgumentError) as caught:
        confirmed.draw(nope=1, **given)
    assert str(caught.value) == "unknown drawing option 'nope'; there are shape, mask, labels, caption, trails"


def test_settings_of_another_kind_are_refused(confirmed):
    with pytest.raises(ArgumentError) as caught:
        confirmed.draw(settings=3)
    assert str(caught.value) == "settings must be DrawingSettings, got int"


def test_an_option_out_of_bounds_is_named(confirmed):
    with pytest.raises(ArgumentError) as caught:
        confirmed.draw(mask="red")
    assert str(caught.value) == "mask must be one of none, tint, beside, got 'red'"


def test_ids_that_are_near_have_colours_that_are_far_apart():
    colors = np.array([color_of(track) for track in range(1, 15)], float)
    apart = np.abs(colors[:, None] - colors[None]).sum(axis=2)
    near = np.abs(np.subtract.outer(range(14), range(14)))
    assert apart[(near > 0) & (near < 6)].min() > 60
    assert len(np.unique(colors, axis=0)) == 14
    assert color_of(3) == color_of(3 + 14)
