"""What the foreground of a frame is taken to be, given the tracks that are expected on it."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack import ArgumentError, Clusterer, DetectionSettings, Origin, Predictions, Tracker

SIZE = (160, 200)
SETTINGS = DetectionSettings(join=0.0)


def clusterer(**changes):
    return Clusterer(DetectionSettings(**{"join": 0.0, **changes}))


def rows_by_place(found):
    return np.argsort(found.means[:, 0])


def test_a_lone_blob_is_its_own_moments(drawn, turned):
    mask = drawn(SIZE, [[80.3, 61.7]], [turned(30, 12, 0.6)])
    found = clusterer().detect(mask)
    y, x = np.nonzero(mask)
    points = np.stack([x, y]) + 0.5
    np.testing.assert_allclose(found.means, [points.mean(axis=1)])
    np.testing.assert_allclose(found.covariances, [np.cov(points, bias=True) + np.eye(2) / 12])
    np.testing.assert_allclose(found.covariances[0], turned(30, 12, 0.6), rtol=0.02, atol=1)
    np.testing.assert_array_equal(found.xyxy, [[x.min(), y.min(), x.max() + 1, y.max() + 1]])
    assert found.counts == found.areas == len(x)
    assert (found.origins.tolist(), found.predictions.tolist()) == ([Origin.BLOB], [-1])
    assert (found.scores.tolist(), found.classes.tolist()) == ([1.0], [-1])


def test_a_lone_blob_under_one_track_is_still_its_own_moments(drawn, turned, expected):
    shape = turned(20, 12)
    mask = drawn(SIZE, [[80, 60]], [shape])
    alone = clusterer().detect(mask)
    found = clusterer().detect(mask, expected([[84, 57]], [turned(24, 10)]))
    np.testing.assert_array_equal(found.means, alone.means)
    np.testing.assert_array_equal(found.covariances, alone.covariances)
    assert (found.origins.tolist(), found.predictions.tolist()) == ([Origin.BLOB], [0])


def test_fragments_of_one_track_are_one_detection(drawn, turned, expected):
    shape = turned(12, 40)
    mask = drawn(SIZE, [[80, 70]], [shape])
    mask[60:66] = mask[90:93] = 0
    found = clusterer().detect(mask, expected([[81, 72]], [shape]))
    y, x = np.nonzero(mask)
    points = np.stack([x, y]) + 0.5
    assert (found.origins.tolist(), found.predictions.tolist()) == ([Origin.FRAGMENTS], [0])
    np.testing.assert_allclose(found.means, [points.mean(axis=1)])
    np.testing.assert_allclose(found.covariances, [np.cov(points, bias=True) + np.eye(2) / 12], rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(found.xyxy, [[x.min(), y.min(), x.max() + 1, y.max() + 1]])
    assert found.counts == len(x)


def test_without_a_track_fragments_are_blobs_of_their_own(drawn, turned):
    mask = drawn(SIZE, [[80, 70]], [turned(12, 40)])
    mask[60:66] = 0
    assert clusterer().detect(mask).origins.tolist() == [Origin.BLOB] * 2


def test_parts_that_stay_apart_for_long_are_two_objects(drawn, turned, expected):
    mask = drawn(SIZE, [[70, 70], [96, 70]], [turned(11, 30)] * 2)
    before = [[83, 70]], [turned(24, 30)]
    parted = [np.array([divided]) for divided in (0.0, 0.6)]
    counts = [len(clusterer(patience=0.5).detect(mask, expected(*before, divided=divided))) for divided in parted]
    assert counts == [1, 2]


def test_parts_that_are_wider_apart_than_their_track_are_two_objects(drawn, turned, expected):
    mask = drawn(SIZE, [[66, 70], [104, 70]], [turned(14, 20)] * 2)
    found = [clusterer(apart=apart).detect(mask, expected([[85, 70]], [turned(24, 30)])) for apart in (2.0, 1.3)]
    assert [one.origins.tolist() for one in found] == [[Origin.FRAGMENTS], [Origin.BLOB] * 2]
    assert found[1].predictions.tolist() == [-1, -1]


def test_who_leaves_a_group_is_an_object_also_where_much_smaller_than_the_rest(drawn, turned, expected):
    mask = drawn(SIZE, [[62, 70], [96, 70]], [turned(18, 42), turned(9, 24)])
    found = clusterer().detect(mask, expected([[75, 70]], [turned(26, 42)], divided=np.array([0.6])))
    assert found.origins.tolist() == [Origin.BLOB] * 2
    assert 0.15 < found.counts.min() / found.counts.sum() < 0.3


def lens(share, a):
    """Return how far apart two circles of radius a are that share `share` of their area."""
    distances = np.linspace(0, 2, 2001)
    shared = (2 * np.arccos(distances / 2) - distances / 2 * np.sqrt(4 - distances**2)) / np.pi
    return a * float(np.interp(-share, -shared, distances))


# two walkers, two equal discs, a small one and a large one, two fish side by side: half axes [pixels] and the angle
PAIRS = [((10, 28, 0.0), (10, 28, 0.0)), ((16, 16, 0.0), (16, 16, 0.0)), ((9, 22, 0.3), (13, 30, -0.2))]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_a_blob_of_two_tracks_is_split_where_they_are(drawn, turned, expected, pair, share, seed):
    random = np.random.default_rng(seed)
    shapes = np.array([turned(*one) for one in pair])
    narrow = min(pair[0][0], pair[1][0])
    apart = lens(share, (pair[0][0] + pair[1][0]) / 2)
    means = np.array([[100 - apart / 2, 80], [100 + apart / 2, 83]])
    mask = drawn(SIZE, means, shapes)
    start = means + random.normal(0, 0.15 * narrow, (2, 2))
    found = clusterer().detect(mask, expected(start, shapes))
    assert (found.origins.tolist(), found.predictions.tolist()) == ([Origin.SPLIT] * 2, [0, 1])
    assert np.abs(found.means - means).max() < 0.1 * narrow  # 0.4 where shapes are not held
    np.testing.assert_allclose(found.covariances, shapes)
    np.testing.assert_allclose((found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2, found.means)
    assert 0.85 * (mask > 0).sum() < found.counts.sum() <= (mask > 0).sum() + 1e-6


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("aside", [0.0, 12.0])
def test_two_objects_are_followed_while_they_pass_each_other(drawn, turned, expected, pair, aside):
    shapes = np.array([turned(*one) for one in pair])
    split, velocity = clusterer(), np.array([[1.5, 0.0], [-1.5, 0.2]])
    true = np.array([[50, 75], [150, 75 + aside]])
    last = true.astype(float)
    for _ in range(66):
        true, start = true + velocity, last + velocity
        found = split.detect(drawn(SIZE, true, shapes), expected(start, shapes))
        assert found.predictions.tolist() in ([0, 1], [1, 0], [0], [1])
        last = start
        last[found.predictions] = found.means
    narrow = min(pair[0][0], pair[1][0])
    assert np.abs(last - true).max() < 0.5 * narrow


def test_three_tracks_on_one_blob_are_three_detections(drawn, turned, expected):
    shapes = np.array([turned(12, 25)] * 3)
    means = np.array([[70.0, 70], [88, 78], [106, 70]])
    found = clusterer().detect(drawn(SIZE, means, shapes), expected(means + np.array([2, -1]), shapes))
    assert found.predictions.tolist() == [0, 1, 2]
    assert np.abs(found.means - means).max() < 3.5


def test_the_order_of_tracks_does_not_matter(drawn, turned, expected):
    shapes, means = np.array([turned(12, 25), turned(9, 20)]), np.array([[80.0, 70], [96, 75]])
    mask = drawn(SIZE, means, shapes)
    one = clusterer().detect(mask, expected(means, shapes))
    other = clusterer().detect(mask, expected(means[::-1], shapes[::-1]))
    np.testing.assert_allclose(one.means, other.means[::-1], atol=1e-9)
    assert other.predictions.tolist() == [0, 1]


@pytest.mark.parametrize(("support", "seen"), [(0.1, [0, 1]), (0.5, [0])])
def test_who_shows_too_little_of_itself_in_a_shared_blob_has_no_detection(drawn, turned, expected, support, seen):
    shapes, means = [turned(14, 30)] * 2, [[80, 70], [108, 70]]
    mask = drawn(SIZE, means, shapes)
    mask[:, 105:] = 0  # the most of the second is hidden
    found = clusterer(support=support, includes=0.05, covers=0.05).detect(mask, expected(means, shapes))
    assert found.predictions.tolist() == seen


def dressed(size, mask, means, colors):
    """Return an image in which each pixel of a mask has the colour of the nearer mean, and the palettes of these."""
    y, x = np.mgrid[: size[0], : size[1]]
    nearest = np.argmin([(x + 0.5 - mean[0]) ** 2 + (y + 0.5 - mean[1]) ** 2 for mean in means], axis=0)
    image = np.where(mask[:, :, None] == 255, np.array(colors, np.uint8)[nearest], np.uint8(90))
    palettes = np.zeros((len(colors), 125))
    palettes[np.arange(len(colors)), np.digitize(colors, [32, 64, 112, 176]) @ [25, 5, 1]] = 1.0
    return image, palettes


@pytest.mark.parametrize(("any_color", "follows"), [(0.3, True), (1.0, False)])
def test_in_a_shared_blob_tracks_follow_their_colours(drawn, turned, expected, any_color, follows):
    shapes, means = [turned(14, 20)] * 2, np.array([[80.0, 70], [102, 70]])
    mask = drawn(SIZE, means, shapes)
    image, palettes = dressed(SIZE, mask, means, [(200, 40, 40), (40, 40, 200)])
    crossed = means + np.array([[13, 0], [-13, 0]])  # both are expected past each other, where they have turned back
    predictions = expected(crossed, shapes, palettes=palettes)
    found = clusterer(any_color=any_color).detect(mask, predictions, image)
    order = np.argsort(found.predictions)
    assert (np.abs(found.means[order] - means).max() < 3) == follows


def test_colours_that_were_found_before_are_as_good_as_the_image(drawn, turned, expected):
    shapes, means = [turned(14, 20)] * 3, np.array([[80.0, 70], [102, 70], [160, 70]])
    mask = drawn(SIZE, means, shapes)
    image, palettes = dressed(SIZE, mask, means, [(200, 40, 40), (40, 40, 200), (40, 200, 40)])
    predictions, seeing = expected(means + 4, shapes, palettes=palettes), clusterer()
    one = seeing.detect(mask, predictions, image)
    other = clusterer().detect(mask, predictions, colors=seeing.colors.copy())
    assert one.palettes.any()
    for name in ("means", "palettes", "counts", "origins"):
        np.testing.assert_array_equal(getattr(other, name), getattr(one, name))


def test_colours_that_are_not_known_say_nothing(drawn, turned, expected):
    shapes, means = [turned(14, 20)] * 2, np.array([[80.0, 70], [102, 70]])
    mask = drawn(SIZE, means, shapes)
    image, _ = dressed(SIZE, mask, means, [(200, 40, 40), (40, 40, 200)])
    plain, colored = (clusterer().detect(mask, expected(means + 3, shapes), given) for given in (None, image))
    np.testing.assert_array_equal(plain.means, colored.means)


def test_a_track_that_explains_no_pixel_alone_is_not_seen(drawn, turned, expected):
    means, shapes = [[90, 70], [92, 72]], [turned(20, 30), turned(7, 9)]
    mask = drawn(SIZE, means[:1], shapes[:1])
    both = clusterer(evident=0.0).detect(mask, expected(means, shapes))
    assert sorted(both.predictions.tolist()) == [0, 1]
    assert clusterer().detect(mask, expected(means, shapes)).predictions.tolist() == [0]


def test_a_newcomer_in_a_shared_blob_is_a_detection_of_its_own(drawn, turned, expected):
    shapes = np.array([turned(11, 26)] * 3)
    means = np.array([[60.0, 70], [78, 70], [98, 70]])
    found = clusterer().detect(drawn(SIZE, means, shapes), expected(means[:2], shapes[:2]))
    order = rows_by_place(found)
    assert found.predictions[order].tolist() == [0, 1, -1]
    assert found.origins[order].tolist() == [Origin.SPLIT, Origin.SPLIT, Origin.BLOB]
    assert np.abs(found.means[order[2]] - means[2]).max() < 6


def test_blobs_apart_do_not_touch_each_other(drawn, turned, expected):
    shapes, means = np.array([turned(12, 25)] * 2), np.array([[40.0, 70], [55, 75]])
    alone = clusterer().detect(drawn(SIZE, means, shapes), expected(means, shapes))
    mask = drawn(SIZE, [*means, [150, 60]], [*shapes, turned(15, 15)])
    found = clusterer().detect(mask, expected(means, shapes))
    order = rows_by_place(found)
    np.testing.assert_allclose(found.means[order[:2]], alone.means, atol=1e-9)
    assert found.origins[order[2]] == Origin.BLOB


def test_a_large_blob_reduced_to_cells_is_split_as_well_as_pixel_by_pixel(drawn, turned, expected):
    shapes, means = np.array([turned(60, 130)] * 2), np.array([[300.0, 300], [380, 310]])
    mask = drawn((600, 700), means, shapes)
    start = expected(means + np.array([[4, -3], [-2, 5]]), shapes)
    coarse, fine = (clusterer(n_points=n).detect(mask, start) for n in (600, 100_000))
    assert np.abs(coarse.means - fine.means).max() < 1.5
    assert np.abs(coarse.means - means).max() < 12


@pytest.mark.parametrize("predicted", [False, True])
def test_an_empty_mask_holds_nobody(turned, expected, predicted):
    predictions = expected([[80, 70]], [turned(10, 20)]) if predicted else Predictions.none()
    for mask in (np.zeros(SIZE, np.uint8), np.full(SIZE, 127, np.uint8)):
        found = clusterer().detect(mask, predictions)
        shapes = [found.xyxy.shape, found.means.shape, found.covariances.shape, found.counts.shape]
        assert shapes == [(0, 4), (0, 2), (0, 2, 2), (0,)]


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_a_mask_may_be_of_any_size_and_all_foreground(size):
    found = clusterer().detect(np.full(size, 255, np.uint8))
    assert found.xyxy.tolist() == [[0, 0, size[1], size[0]]]


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((4, 5), bool), "mask must be (H, W) uint8, got (4, 5) bool"),
        (np.zeros((4, 5)), "mask must be (H, W) uint8, got (4, 5) float64"),
        (np.zeros((4, 5, 3), np.uint8), "mask must be (H, W) uint8, got (4, 5, 3) uint8"),
        (np.zeros(9, np.uint8), "mask must be (H, W) uint8, got (9,) uint8"),
    ],
)
def test_a_mask_of_another_kind_is_refused(mask, message):
    with pytest.raises(ArgumentError) as caught:
        Clusterer().detect(mask)
    assert str(caught.value) == message


PROGRAM = """
import numpy as np
from gmmtrack import ArgumentError, Clusterer
try:
    Clusterer().detect({mask})
except ArgumentError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        ("np.zeros((0, 0), np.uint8)", "(0, 0) uint8"),
        ("np.zeros((0, 5), np.uint8)", "(0, 5) uint8"),
        ("[[0, 255]]", ""),
    ],
)
def test_a_mask_without_pixels_or_that_is_no_array_is_refused(mask, shown):
    # in a process of its own, which it may take down
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(mask=mask)], capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert run.stdout.startswith("mask must be (H, W) uint8")
    assert shown in run.stdout


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_mask_and_no_tracks_break_it(expected, turned, seed):
    random = np.random.default_rng(seed)
    mask = np.zeros(SIZE, np.uint8)
    for _ in range(random.integers(0, 12)):
        (x0, x1), (y0, y1) = np.sort(random.integers(-20, 220, (2, 2)))
        mask[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = random.choice([0, 127, 255])
    n = random.integers(0, 7)
    shapes = [turned(*random.uniform(0.3, 60, 2), random.uniform(0, 6)) for _ in range(n)]
    start = expected(random.uniform(-60, 260, (n, 2)), shapes, steady=random.random(n) < 0.8)
    found = Clusterer().detect(mask, start)
    for column in (found.xyxy, found.means, found.covariances, found.counts, found.areas):
        assert np.isfinite(column).all()
    assert (np.linalg.eigvalsh(found.covariances) > 0).all()
    assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
    assert (found.counts > 0).all()
    taken = found.predictions[found.predictions >= 0]
    assert len(set(taken.tolist())) == len(taken)
    assert start.steady[taken].all()


def test_sizes_learned_from_the_tracks_keep_out_what_is_far_too_small(drawn, turned, expected):
    watcher, random = clusterer(smallest_ratio=0.5), np.random.default_rng(0)
    mask = drawn(SIZE, [[100, 80]], [turned(5, 5)])
    assert len(watcher.detect(mask)) == 1
    for _ in range(60):
        means = np.stack([random.uniform(40, 160, 5), random.uniform(40, 120, 5)], axis=1)
        watcher.detect(np.zeros(SIZE, np.uint8), expected(means, [turned(14, 25)] * 5))
    assert len(watcher.detect(mask)) == 0
    assert len(watcher.detect(drawn(SIZE, [[100, 80]], [turned(14, 25)]))) == 1
    claimed = watcher.detect(mask, expected([[100, 80]], [turned(5, 5)]))
    assert claimed.predictions.tolist() == [0]


def sized(size_at):
    """Return a clusterer that has learned how large things are at each place of a frame of `SIZE`."""
    knowing = clusterer()
    places = [(x, y) for x in range(20, 200, 20) for y in range(20, 160, 20)]
    boxes = [(x - size_at(y) / 2, y - size_at(y) / 2, x + size_at(y) / 2, y + size_at(y) / 2) for x, y in places]
    knowing.sizes.learn(np.array(boxes), np.arange(len(boxes)) % 7)
    assert knowing.sizes.known
    return knowing


@pytest.mark.parametrize("seen_at", [40.0, 80.0, 120.0])
def test_in_a_shared_blob_a_track_has_the_size_it_was_seen_with_at_the_scale_of_its_place(
    drawn, turned, expected, seen_at
):
    scale = (20 + 80 / 4) / (20 + seen_at / 4)
    means, shapes = np.array([[70.0, 80], [92.0, 80]]), [turned(12, 20), turned(12, 20)]
    places = np.stack([means[:, 0], np.full(2, seen_at)], axis=1)
    before = expected(means, np.array(shapes) / scale**2, places=places)
    found = sized(lambda y: 20 + y / 4).detect(drawn(SIZE, means, shapes), before)
    assert found.origins.tolist() == [Origin.SPLIT] * 2
    np.testing.assert_allclose(found.covariances, shapes, rtol=0.01)
    np.testing.assert_allclose(found.areas, before.areas * scale**2, rtol=0.01)
    np.testing.assert_allclose(found.xyxy[:, 2:] - found.xyxy[:, :2], before.extents * scale, rtol=0.01)
    np.testing.assert_allclose(found.means, means, atol=1.5)


def test_who_shares_a_blob_for_long_keeps_its_size_where_size_follows_place():
    knowing, tracker = sized(lambda y: 10 + y / 5), Tracker()
    heights = []
    for step in range(200):
        mask, x = np.zeros(SIZE, np.uint8), min(step, 50)
        for left in (20 + x, 140 - x):  # a head on broad shoulders: its centroid is below the middle of its box
            mask[60:80, left + 6 : left + 14] = mask[80:110, left : left + 20] = 255
        tracks = tracker.update(knowing.detect(mask, tracker.predict(step / 10)), time=step / 10)
        heights.append(tracks.xyxy[:, 3] - tracks.xyxy[:, 1])
    assert (tracker.population.made == Origin.SPLIT).all()
    np.testing.assert_allclose(heights[-1], [50, 50], atol=2)


def test_the_misfit_of_a_shared_blob_is_small_where_ellipses_explain_it_and_larger_for_who_is_hidden(
    drawn, turned, expected
):
    shapes = [turned(24, 14), turned(16, 14)]
    places = {"apart": [[70, 70], [108, 70]], "hidden": [[70, 70], [84, 70]]}
    found = {name: clusterer().detect(drawn(SIZE, at, shapes), expected(at, shapes)) for name, at in places.items()}
    assert (found["apart"].origins == Origin.SPLIT).all()
    assert (found["apart"].misfits < 0.1).all()
    assert found["hidden"].misfits[1] > found["hidden"].misfits[0]
    holed = drawn(SIZE, places["apart"], shapes)
    holed[70:] = 0
    assert (clusterer().detect(holed, expected(places["apart"], shapes)).misfits > 0.3).all()
    assert np.isinf(clusterer().detect(drawn(SIZE, [[70, 70]], shapes[:1])).misfits).all()
