"""The whole loop, on rendered scenes with known truth and on real clips."""

import pickle
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import count

import av
import cv2
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

import gmmtrack as gt
from gmmtrack.evaluation import score_tracks
from gmmtrack.evaluation.similarity import overlap
from gmmtrack.scenes import merges, mot_lines, scene

FORGETFUL = gt.BackgroundSettings(history=2.0, hold=1.0)  # what stands longer is learned, unless it is tracked
MATCH = 0.3  # intersection over union from which on a box is taken to show an object


def overlaps_of(a, b):
    """Return (N, M) intersection over union of boxes x0, y0, x1, y1."""
    return overlap(*(np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1) for boxes in (a, b)))


def frame_of(true):
    return gt.Frame(true.image, true.index, true.time)


def rows_of(results):
    """Return MOT rows of (index, Tracks)."""
    rows = [
        [index + 1, number, x0, y0, x1 - x0, y1 - y0]
        for index, tracks in results
        for number, (x0, y0, x1, y1) in zip(tracks.ids, tracks.xyxy, strict=True)
    ]
    return np.array(rows).reshape(-1, 6)


def hota(truth, tracks):
    lines = [[float(value) for value in line.split(",")] for true in truth for line in mot_lines(true)]
    return score_tracks(lines, rows_of(zip(range(len(truth)), tracks, strict=True))).hota


def ids_held(truth, tracks):
    """Return which ids each true object had, frame by frame where it was matched."""
    held = {}
    for true, found in zip(truth, tracks, strict=True):
        overlaps = overlaps_of(true.boxes, found.xyxy)
        for row, column in zip(*linear_sum_assignment(-overlaps), strict=True):
            if overlaps[row, column] > MATCH:
                held.setdefault(int(true.ids[row]), []).append(int(found.ids[column]))
    return held


def all_kept(truth, tracks, n_objects):
    """Return whether each object has at the end the id that it had at first, and no two have one."""
    held = ids_held(truth, tracks)
    ends = [(ids[: max(len(ids) // 3, 1)], ids[-max(len(ids) // 3, 1) :]) for ids in held.values()]
    first, last = ([Counter(ids).most_common(1)[0][0] for ids in end] for end in zip(*ends, strict=True))
    return first == last and len(set(first)) == n_objects == len(held)


def track_rendered(truth, **settings):
    return [result.tracks for result in gt.track([true.image for true in truth], **settings)]


def track_masks(truth):
    """Run all but the background model, on the true masks."""
    clusterer, tracker, tracks = gt.Clusterer(), gt.Tracker(), []
    for true in truth:
        mask = np.where(true.mask == 255, 255, 0).astype(np.uint8)
        detections = clusterer.detect(mask, tracker.predict(true.time))
        tracks.append(tracker.update(detections, time=true.time))
    return tracks


def track_watched(declared, truth, **groups):
    """Run the loop as a camera does that has seen the place without objects before."""
    pipeline = gt.Pipeline(gt.PipelineSettings(**groups))
    pipeline.prime(map(frame_of, replace(declared, objects=(), duration=1.0).frames()))
    return [pipeline.process(frame_of(true)).tracks for true in truth]


@pytest.fixture(scope="module")
def crossing():
    return list(scene("crossing", size=(320, 180), seed=1, duration=8.0).frames())


@pytest.fixture(scope="module")
def short(crossing):
    """40 frames from the middle of the clip, where people are in view."""
    return [true.image for true in crossing[60:100]]


def same_tracks(one, other):
    for a, b in zip(one, other, strict=True):
        for name in gt.Tracks.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@pytest.mark.parametrize("kind", ["pass", "turn_back"])
def test_of_six_pairs_whose_masks_merge_five_keep_their_ids(kind):
    kept, scores = 0, []
    for seed in range(6):
        truth = list(merges(kind, seed, size=(160, 120)).frames())
        tracks = track_masks(truth)
        kept += all_kept(truth, tracks, 2)
        scores.append(hota(truth, tracks))
    assert kept >= 5
    assert np.mean(scores) > 0.7


@pytest.mark.parametrize(("kind", "floor"), [("pass", 3), ("turn_back", 3)])
def test_of_four_filmed_pairs_that_merge_most_keep_their_ids(kind, floor):
    kept, scores = 0, []
    for seed in range(4):
        declared = merges(kind, seed, size=(160, 120))
        truth = list(declared.frames())
        tracks = track_watched(declared, truth)
        kept += all_kept(truth, tracks, 2)
        scores.append(hota(truth, tracks))
    assert kept >= floor
    assert np.mean(scores) > 0.45


@pytest.mark.parametrize("seed", range(3))
def test_people_who_cross_keep_their_ids(seed):
    truth = list(scene("crossing", size=(320, 180), seed=seed).frames())
    tracks = track_rendered(truth)
    assert all_kept(truth, tracks, 3)
    assert hota(truth, tracks) > 0.65


@pytest.fixture(scope="module")
def stopping():
    """Someone walks in, stands still for 8 s and goes on: the scene and its frames."""
    declared = scene("stop_and_go", size=(256, 144), seed=1, duration=14.0)
    return declared, list(declared.frames())


@pytest.fixture(scope="module")
def standing(stopping):
    """The frames in which the first one stands still: for 8 s at 45 % of the width."""
    seen = [(f, true.boxes[true.ids == 1]) for f, true in enumerate(stopping[1])]
    frames = [f for f, boxes in seen if len(boxes) and abs(boxes[0, [0, 2]].mean() - 0.45 * 256) < 2.5]
    assert 195 < len(frames) < 230
    return frames


def test_who_stands_still_is_tracked_and_not_absorbed(stopping, standing):
    truth, tracks, states = stopping[1], track_watched(*stopping, background=FORGETFUL), []
    assert len(set(ids_held(truth, tracks)[1])) == 1
    assert hota(truth, tracks) > 0.6
    for f in standing[40:-20]:
        overlaps = overlaps_of(truth[f].boxes[:1], tracks[f].xyxy)[0]
        assert overlaps.max() > 0.5
        states.append(int(tracks[f].states[overlaps.argmax()]))
    assert np.mean(np.equal(states, gt.TrackState.STATIONARY)) > 0.8


def test_a_background_model_alone_absorbs_who_stands_still(stopping, standing):
    declared, truth = stopping
    alone = gt.BackgroundModel.of(FORGETFUL)
    alone.prime([true.image for true in replace(declared, objects=(), duration=1.0).frames()])
    masks = [alone.apply(true.image, time=true.time) for true in truth[: standing[-1] + 1]]
    shares = [((masks[f] == 255) & (truth[f].owners == 1)).sum() / (truth[f].owners == 1).sum() for f in standing]
    assert shares[0] > 0.6
    assert shares[-20] < 0.2


@pytest.fixture(scope="module")
def grazing():
    """Frames of animals that stand for most of the clip, some from its beginning, some until its end."""
    return list(scene("grazing", size=(320, 240), seed=1).frames())


def test_animals_that_stand_for_most_of_a_clip_are_tracked(grazing):
    plain, surveyed = (hota(grazing, track_rendered(grazing, offline=True, survey=on)) for on in (False, True))
    assert surveyed > max(0.55, plain + 0.1)


def test_hindsight_betters_the_tracks_of_people_who_cross(crossing):
    online, offline = (track_rendered(crossing, offline=offline) for offline in (False, True))
    assert hota(crossing, offline) > hota(crossing, online) + 0.01
    assert all_kept(crossing, offline, 3)


@pytest.mark.parametrize("offline", [False, True])
def test_large_frames_are_reduced_but_what_is_found_in_them_is_not(crossing, offline):
    images = [true.image for true in crossing]
    whole, reduced = (list(gt.track(images, offline=offline, resolution=most)) for most in (1.0, 0.02))
    for result, image in zip(reduced, images, strict=True):
        np.testing.assert_array_equal(result.frame.image, image)
        assert result.mask.shape == image.shape[:2]
    assert hota(crossing, [result.tracks for result in reduced]) > 0.45  # people are 13 by 27 pixels then
    speeds = [np.abs(np.concatenate([r.tracks.velocities for r in results])).mean() for results in (whole, reduced)]
    assert speeds[1] == pytest.approx(speeds[0], rel=0.5)


def walks(side, *, size=(180, 320), n=40):
    """Return frames of a dark square of a side [pixels] that crosses a textured ground."""
    random = np.random.default_rng(3)
    ground = np.kron(random.normal(120, 10, (size[0] // 4, size[1] // 4, 3)), np.ones((4, 4, 1)))
    images = []
    for place in np.linspace(0, size[1] - side, n).astype(int):
        image = ground + random.normal(0, 2, ground.shape)
        image[60 : 60 + side, place : place + side] = 40
        images.append(np.clip(image, 0, 255).astype(np.uint8))
    return images


@pytest.mark.parametrize(("side", "reduced"), [(64, True), (14, False)])
def test_files_are_reduced_further_where_nothing_small_is_seen(side, reduced, tmp_path):
    frames = [gt.Frame(image, index, index / 25) for index, image in enumerate(walks(side))]
    pipeline = gt.Pipeline(gt.PipelineSettings(ample=0.02))
    pipeline.prime(frames)
    assert (pipeline.reduced(frames[0]).image.shape == (90, 160, 3)) == reduced
    boxes = [pipeline.process(frame).tracks.xyxy for frame in frames]
    extents = np.concatenate(boxes)[:, 2:] - np.concatenate(boxes)[:, :2]
    assert np.median(extents) == pytest.approx(side, abs=3)
    resumed = saved(pipeline, tmp_path)
    assert resumed.reduced(frames[0]).image.shape == pipeline.reduced(frames[0]).image.shape


@pytest.mark.parametrize(("n_specks", "found"), [(0, True), (6, False)])
def test_small_objects_are_tracked_where_there_is_no_litter(n_specks, found, tmp_path):
    images, random = walks(6), np.random.default_rng(0)
    for image in images:
        for y, x in random.uniform((0, 4), (50, 310), (n_specks, 2)).astype(int):
            image[y : y + 6, x : x + 6] = 40
    frames = [gt.Frame(image, index, index / 25) for index, image in enumerate(images)]
    pipeline = gt.Pipeline(gt.PipelineSettings(detection=gt.DetectionSettings(smallest=6e-4)))
    pipeline.prime(frames)
    for one in (pipeline, saved(pipeline, tmp_path)):
        assert one.clusterer.clean == found
        assert any(len(one.process(frame).tracks) for frame in frames) == found


@pytest.mark.parametrize(("light", "shadows"), [(np.full(10, 0.65), True), (np.linspace(0.5, 0.95, 10), False)])
def test_what_is_darkened_belongs_to_bodies_unless_there_are_shadows(light, shadows, tmp_path):
    images, plain = walks(24), walks(24)[0]
    for image, place in zip(images, np.linspace(0, 320 - 24, len(images)).astype(int), strict=True):
        beside = plain if place > 160 else images[-1]  # where the ground is bare
        image[84:94, place : place + 24] = beside[84:94, place : place + 24] * light[:, None, None]
    frames = [gt.Frame(image, index, index / 25) for index, image in enumerate(images)]
    pipeline = gt.Pipeline()
    pipeline.prime(frames)
    for one in (pipeline, saved(pipeline, tmp_path)):
        assert one.background.settings.shadows == shadows
        boxes = np.concatenate([one.process(frame).tracks.xyxy for frame in frames])
        assert np.median(boxes[:, 3] - boxes[:, 1]) == pytest.approx(24 if shadows else 31, abs=3)


def test_without_images_the_tracks_are_the_same(short):
    shown, blind = (list(gt.track(short, offline=True, images=images)) for images in (True, False))
    for one, other in zip(shown, blind, strict=True):
        np.testing.assert_array_equal(other.tracks.xyxy, one.tracks.xyxy)
        np.testing.assert_array_equal(other.tracks.ids, one.tracks.ids)
        assert (other.frame.index, other.frame.time) == (one.frame.index, one.frame.time)
        assert other.frame.image.shape == one.frame.image.shape
        assert not other.frame.image.any()
        assert not other.mask.any()


def test_hindsight_changes_tracks_and_nothing_else(short):
    counted = []
    online, offline = list(gt.track(short)), list(gt.track(short, offline=True, advance=lambda: counted.append(1)))
    assert len(counted) == len(online) == len(offline)
    for one, other in zip(online, offline, strict=True):
        assert (one.frame.index, one.frame.time, one.events) == (other.frame.index, other.frame.time, other.events)
        np.testing.assert_array_equal(one.frame.image, other.frame.image)
        np.testing.assert_array_equal(one.mask, other.mask)
    assert sum(len(result.tracks) for result in offline) > sum(len(result.tracks) for result in online)


def test_frames_that_come_only_once_cannot_be_looked_back_on(short):
    with pytest.raises(gt.ArgumentError) as caught:
        next(gt.track(iter(short), offline=True))
    reason = "source must be one that can be read twice, got frames, whose frames come only once"
    assert str(caught.value) == reason


def test_results_come_frame_by_frame(short):
    taken = []

    def camera():
        for index in count():
            taken.append(index)
            yield short[index % len(short)]

    results = gt.track(camera())
    assert taken == []
    for index in range(5):
        assert next(results).frame.index == index
    assert len(taken) < 30
    results.close()


def test_a_result_holds_the_frame_its_mask_and_its_tracks(short):
    results = list(gt.track(short))
    assert [result.frame.index for result in results] == list(range(len(short)))
    np.testing.assert_allclose([result.frame.time for result in results], np.arange(len(short)) / 25)
    for image, result in zip(short, results, strict=True):
        np.testing.assert_array_equal(result.frame.image, image)
        assert (result.mask.shape, result.mask.dtype) == (image.shape[:2], np.uint8)
        assert set(np.unique(result.mask).tolist()) <= {0, 127, 255}
        assert result.draw().shape == image.shape
    assert any(len(result.tracks) for result in results)


def test_arrays_a_folder_and_a_video_give_the_same_tracks(short, tmp_path):
    for index, image in enumerate(short):
        assert cv2.imwrite(str(tmp_path / f"{index}.png"), image)
    with av.open(str(tmp_path / "clip.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25)  # without loss
        stream.width, stream.height, stream.pix_fmt = short[0].shape[1], short[0].shape[0], "bgr0"
        stream.codec_context.time_base = Fraction(1, 25)
        for index, image in enumerate(short):
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts = index
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    sources = short, np.stack(short), str(tmp_path), tmp_path / "clip.mkv"
    for offline in (False, True):
        first, *others = ([result.tracks for result in gt.track(source, offline=offline)] for source in sources)
        assert sum(map(len, first)) > 0
        for other in others:
            same_tracks(first, other)


def test_a_run_is_the_same_again_and_for_any_number_of_threads(short, monkeypatch):
    runs = []
    for n_threads in ("1", "2", "3", "2"):
        monkeypatch.setenv("GMMTRACK_THREADS", n_threads)
        runs.append(list(gt.track(short)))
    for run in runs[1:]:
        same_tracks([result.tracks for result in runs[0]], [result.tracks for result in run])
        for one, other in zip(runs[0], run, strict=True):
            np.testing.assert_array_equal(one.mask, other.mask)


def saved(pipeline, folder):
    pipeline.save(folder / "run.npz")
    return gt.Pipeline.load(folder / "run.npz")


WAYS = {"save": saved, "pickle": lambda pipeline, _: pickle.loads(pickle.dumps(pipeline))}


@pytest.mark.parametrize("way", WAYS)
def test_a_run_saved_half_way_goes_on_exactly(short, tmp_path, way):
    frames = [gt.Frame(image, index, index / 25) for index, image in enumerate(short)]
    whole = gt.Pipeline(gt.PipelineSettings(hold=0.3, detection=gt.DetectionSettings(join=0.01)))
    whole.prime(frames)
    for frame in frames[:20]:
        whole.process(frame)
    resumed = WAYS[way](whole, tmp_path)
    assert resumed.settings == whole.settings
    for frame in frames[20:]:
        one, other = whole.process(frame), resumed.process(frame)
        same_tracks([one.tracks], [other.tracks])
        np.testing.assert_array_equal(one.mask, other.mask)


def test_a_run_saved_in_the_middle_of_a_lull_goes_on_exactly(crossing, tmp_path):
    frames = [frame_of(true) for true in crossing]
    whole = gt.Pipeline()
    whole.prime(frames[::3])
    for frame in frames[:121]:
        whole.process(frame)
    resumed = saved(whole, tmp_path)
    for frame in frames[121:]:
        one, other = whole.process(frame), resumed.process(frame)
        same_tracks([one.tracks], [other.tracks])
        np.testing.assert_array_equal(one.mask, other.mask)
        assert one.events == other.events
    expected, found = (pipeline.background.components for pipeline in (whole, resumed))
    np.testing.assert_array_equal(found.means, expected.means)


def test_a_saved_run_knows_how_large_objects_are(tmp_path):
    pipeline = gt.Pipeline()
    boxes = np.array([[x, y, x + 4 + y / 9, y + 8 + y / 9] for x in range(0, 90, 9) for y in range(0, 90, 9)], float)
    pipeline.clusterer.sizes.learn(boxes, np.arange(len(boxes)) % 7)
    resumed = saved(pipeline, tmp_path)
    assert resumed.clusterer.sizes.known
    for sizes in (pipeline.clusterer.sizes, resumed.clusterer.sizes):
        sizes.learn(boxes[:30] * 1.1, np.arange(30))
    places = np.array([[10.0, 10.0], [50.0, 80.0]])
    expected = [p.clusterer.sizes.expected(places) for p in (pipeline, resumed)]
    np.testing.assert_array_equal(*expected)


@pytest.mark.parametrize("content", [b"", b"hello"])
def test_a_file_that_is_no_run_is_refused(tmp_path, content):
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(gt.ArgumentError) as error:
        gt.Pipeline.load(path)
    assert str(error.value) == f"{path} must be a pipeline that save() wrote"


def test_grey_images_are_tracked_as_well(short):
    grey = [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in short]
    assert any(len(result.tracks) for result in gt.track(grey))


def test_a_still_scene_holds_nobody():
    images = [true.image for true in scene("crossing", size=(160, 90), objects=(), duration=4.0).frames()]
    assert sum(len(result.tracks) for result in gt.track(images)) == 0


def test_no_frames_are_no_results():
    assert list(gt.track([])) == []


def test_settings_reach_every_stage(short):
    none = gt.track(short, tracking=gt.TrackingSettings(confirm_detections=1000))
    assert sum(len(result.tracks) for result in none) == 0
    none = gt.track(short, detection=gt.DetectionSettings(smallest=1.0))
    assert sum(len(result.tracks) for result in none) == 0
    strict = [result.mask for result in gt.track(short, background=gt.BackgroundSettings(gate=12.0))]
    plain = [result.mask for result in gt.track(short)]
    assert np.sum(strict) < np.sum(plain)


def complaint(*args, **kwargs):
    with pytest.raises(gt.ArgumentError) as caught:
        gt.track(*args, **kwargs)
    return str(caught.value)


def test_an_unknown_setting_is_told_at_once_with_all_there_are():
    names = "background, detection, tracking, events, prime, resolution, ample, survey, even, hold"
    assert complaint([], gate=3) == f"unknown setting 'gate'; there are {names}"


def test_a_setting_out_of_bounds_is_told_at_once():
    assert complaint([], prime=-1) == "prime must be >= 0, got -1"
    assert complaint([], resolution=0.0) == "resolution must be > 0 megapixels, got 0.0"
    assert complaint([], hold=-0.5) == "hold must be >= 0 sizes, got -0.5"


def test_settings_and_groups_are_not_given_together():
    assert complaint([], gt.PipelineSettings(), prime=3) == "settings must not be given together with prime"


def test_a_file_that_is_not_there_is_a_source_error(tmp_path):
    with pytest.raises(gt.SourceError) as caught:
        next(gt.track(tmp_path / "none.mp4"))
    assert str(caught.value) == f"no such file or folder: {tmp_path / 'none.mp4'}"


def test_frames_out_of_order_are_refused(short):
    pipeline = gt.Pipeline()
    pipeline.process(gt.Frame(short[0], 1, 1.0))
    with pytest.raises(gt.ArgumentError) as caught:
        pipeline.process(gt.Frame(short[1], 0, 0.5))
    assert str(caught.value) == "time must be finite and >= 1 s, that of the last update, got 0.5"


def test_a_frame_of_another_size_is_refused_and_the_run_can_go_on(short):
    pipeline = gt.Pipeline()
    pipeline.process(gt.Frame(short[0], 0, 0.0))
    with pytest.raises(gt.ArgumentError):
        pipeline.process(gt.Frame(short[1][:-2], 1, 0.04))
    assert pipeline.process(gt.Frame(short[1], 1, 0.04)).mask.shape == short[1].shape[:2]


@pytest.fixture(scope="module")
def vtest(data):
    results = ((result.frame.index, result.tracks) for result in gt.track(data / "vtest" / "vtest.avi"))
    return score_tracks(data / "vtest" / "gt.txt", rows_of(results))


def test_pedestrians_are_tracked_without_any_option(vtest):
    assert vtest.hota >= 0.54
    assert vtest.mota >= 0.65
    assert vtest.idf1 >= 0.74


def test_zebrafish_are_tracked_without_any_option(data):
    results = ((result.frame.index, result.tracks) for result in gt.track(data / "zebrafish"))
    assert score_tracks(data / "zebrafish" / "tracks.csv", rows_of(results), reach=10).hota >= 0.55


def test_the_background_learns_by_the_times_of_the_frames(monkeypatch):
    times = [0.0, 0.04, 2.5, 2.6]
    pipeline, told = gt.Pipeline(), []
    apply = pipeline.background.apply
    monkeypatch.setattr(
        pipeline.background, "apply", lambda image, **given: (told.append(given["time"]), apply(image, **given))[1]
    )
    for index, time in enumerate(times):
        pipeline.process(gt.Frame(np.zeros((24, 32, 3), np.uint8), index, time))
    assert told == times
