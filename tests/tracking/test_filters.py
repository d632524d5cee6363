"""Filters of filterpy's interface in place of the built-in one."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from filterpy.common import Q_continuous_white_noise
from filterpy.kalman import IMMEstimator, KalmanFilter, MerweScaledSigmaPoints, UnscentedKalmanFilter

import gmmtrack
from gmmtrack import ArgumentError, Tracker, TrackState
from gmmtrack.tracking.settings import TrackingSettings

SETTINGS = TrackingSettings()


def matrices(dt, size, agility=1.0):
    """Return F and Q of constant velocity, as filterpy integrates its noise."""
    F, Q = np.eye(6), np.zeros((6, 6))
    F[[0, 1], [4, 5]] = dt
    for rows in ([0, 4], [1, 5]):
        Q[np.ix_(rows, rows)] = Q_continuous_white_noise(2, dt, (SETTINGS.acceleration * agility * size) ** 2)
    Q[2, 2] = Q[3, 3] = (SETTINGS.extent_drift * size) ** 2 * dt
    return F, Q


class ConstantVelocity(KalmanFilter):
    """The built-in model, by filterpy."""

    agility = 1.0
    column = False

    def __init__(self, x, P):
        super().__init__(dim_x=6, dim_z=4)
        self.x, self.P, self.H = x[:, None] if self.column else x, P, np.eye(4, 6)

    def predict(self, dt):
        size = float(np.sqrt(np.prod(np.maximum(self.x[2:4], 1.0))))
        self.F, self.Q = matrices(dt, size, self.agility)
        super().predict()


class Column(ConstantVelocity):
    column = True


def unscented(x, P):
    ukf = UnscentedKalmanFilter(
        6,
        4,
        dt=0.04,
        hx=lambda x: x[:4],
        fx=lambda x, dt: matrices(dt, 1.0)[0] @ x,
        points=MerweScaledSigmaPoints(6, alpha=0.1, beta=2.0, kappa=-3.0),
    )
    ukf.x, ukf.P, ukf.Q = x, P, matrices(0.04, np.sqrt(x[2] * x[3]))[1]
    return ukf


def interacting(x, P):
    calm, wild = ConstantVelocity(x.copy(), P.copy()), ConstantVelocity(x.copy(), P.copy())
    wild.agility = 5.0
    return IMMEstimator([calm, wild], [0.5, 0.5], np.array([[0.95, 0.05], [0.05, 0.95]]))


MODELS = {
    "KalmanFilter": ConstantVelocity,
    "KalmanFilter with a column": Column,
    "UnscentedKalmanFilter": unscented,
    "IMMEstimator": interacting,
    "imm": "imm",
}


@pytest.mark.parametrize("model", [ConstantVelocity, Column])
def test_filterpys_constant_velocity_gives_the_tracks_of_the_built_in_one(walkers, equal, model):
    own, other, n = Tracker(), Tracker(motion=model), 0
    for boxes, scores, time in walkers():
        one, two = (tracker.update(boxes, scores, time=time) for tracker in (own, other))
        equal(one, two, rtol=1e-6, atol=1e-6)
        n += len(one)
    assert n > 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("dt", [0.02, 0.2])
def test_a_model_follows_an_object(box_at, model, dt):
    tracker, random = Tracker(motion=MODELS[model]), np.random.default_rng(1)
    for time in np.arange(0, 6, dt):
        center = np.array([50, 300]) + time * np.array([30, -10])
        tracks = tracker.update(box_at(center + random.normal(0, 0.5, 2)), time=time)
    assert tracks.ids.tolist() == [1]
    np.testing.assert_allclose(tracks.centers[0], center, atol=2)
    np.testing.assert_allclose(tracks.velocities[0], [30, -10], atol=8)
    np.testing.assert_allclose(tracks.xyxy[0, 2:] - tracks.xyxy[0, :2], [20, 40], atol=2)


@pytest.mark.parametrize("model", MODELS)
def test_an_unseen_track_of_a_model_grows_uncertain_and_ends(box_at, model):
    tracker = Tracker(motion=MODELS[model], report_sigma=100, coast_sigma=100, coast=0.5)
    for step in range(20):
        tracker.update(box_at([50 + step, 50]), time=step / 25)
    left = [tracker.update([], time=(20 + step) / 25) for step in range(15)]
    assert [len(tracks) for tracks in left] == [1] * 12 + [0] * 3
    assert all(tracks.states[0] == TrackState.COASTING for tracks in left[:12])
    assert (np.diff([tracks.covariances[0, 0, 0] for tracks in left[:12]]) > 0).all()
    np.testing.assert_allclose(left[11].centers[0], [50 + 31, 50], atol=3)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_takes_detections_of_the_same_time_twice(box_at, model):
    tracker = Tracker(motion=MODELS[model])
    for step in range(20):
        tracks = tracker.update(box_at([50 + step // 2, 50]), time=step // 2 / 25)
    np.testing.assert_allclose(tracks.centers, [[59, 50]], atol=0.5)
    np.testing.assert_allclose(tracks.velocities, [[25, 0]], atol=5)


def test_the_gate_is_as_wide_as_the_model_is_uncertain(box_at):
    """What is 60 pixels off is taken by a model that expects as much, and by no other."""

    class Vague(ConstantVelocity):
        def predict(self, dt):
            super().predict(dt)
            self.P[:2, :2] += 60.0**2 * np.eye(2)

    taken = []
    for model in (ConstantVelocity, Vague):
        tracker = Tracker(motion=model, doubt_weight=0)
        for step in range(10):
            tracker.update(box_at([50, 50]), time=step / 25)
        tracks = tracker.update(box_at([110, 50]), time=0.4)
        taken.append(tracks.detections[tracks.ids == 1].tolist() == [0])
    assert taken == [False, True]


@pytest.mark.parametrize("model", ["constant_velocity", ConstantVelocity, interacting, "imm"])
def test_an_extent_set_in_a_shared_blob_is_the_models_too(box_at, model):
    tracker = Tracker(motion=model)
    for step in range(10):
        tracker.update(box_at([50, 50]), time=step / 25)
    tracker.population.x[0, 2:4] = 10, 30
    np.testing.assert_allclose(np.diff(tracker.predict(0.4).xyxy.reshape(2, 2), axis=0), [[10, 30]], atol=1e-6)


WAYS = {"pickle": lambda tracker: pickle.loads(pickle.dumps(tracker)), "copy": copy.deepcopy}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("model", [ConstantVelocity, interacting, "imm"])
def test_a_tracker_of_a_model_goes_on_bit_for_bit(goes_on, way, model):
    goes_on(Tracker(motion=model), WAYS[way])


def by_the_frame(x, P):
    """Return filterpy's own filter, whose steps are 0.04 s each."""
    kalman = KalmanFilter(dim_x=6, dim_z=4)
    kalman.x, kalman.P, kalman.H = x, P, np.eye(4, 6)
    kalman.F, kalman.Q = matrices(0.04, float(np.sqrt(x[2] * x[3])))
    return kalman


def both_by_the_frame(x, P):
    change = np.array([[0.95, 0.05], [0.05, 0.95]])
    return IMMEstimator([by_the_frame(x.copy(), P.copy()), by_the_frame(x.copy(), 2 * P)], [0.5, 0.5], change)


@pytest.mark.parametrize("model", [by_the_frame, both_by_the_frame])
def test_a_model_that_knows_no_time_takes_a_step_in_each_update(box_at, model):
    tracker = Tracker(motion=model)
    for step in range(50):
        tracks = tracker.update(box_at([50 + step, 50]), time=step / 25)
    np.testing.assert_allclose(tracks.velocities, [[25, 0]], atol=1)
    np.testing.assert_allclose(tracker.predict(2.0).xyxy, box_at([100, 50]), atol=0.5)
    assert tracker.update(box_at([100, 50]), time=2.0).ids.tolist() == [1]
    assert tracker.update(box_at([100, 50]), time=2.0).ids.tolist() == [1]  # no step where no time has passed


OWN = {name: model for name, model in MODELS.items() if callable(model)}
OWN |= {"no time": by_the_frame, "two of no time": both_by_the_frame}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("between", [False, True])
def test_a_tracker_of_a_callers_model_goes_on_from_a_file_bit_for_bit(tmp_path, goes_on, name, between):
    def saved(tracker):
        if between:
            tracker.predict()
        tracker.save(tmp_path / "tracker.npz")
        return Tracker.load(tmp_path / "tracker.npz", motion=OWN[name])

    goes_on(Tracker(motion=OWN[name]), saved)


def test_a_file_says_whether_a_motion_must_be_given(tmp_path, box_at):
    path = tmp_path / "tracker.npz"
    for own, given, said in (
        (ConstantVelocity, None, "motion must be given, the callable that it was saved with"),
        (None, ConstantVelocity, "motion must not be given, as it was saved without"),
        (interacting, ConstantVelocity, "motion must make the filters that were saved, got others"),
        (ConstantVelocity, Column, "motion must make the filters that were saved, got others"),
    ):
        tracker = Tracker(motion=own)
        tracker.update(box_at([50, 50]))
        tracker.save(path)
        with pytest.raises(ArgumentError) as caught:
            Tracker.load(path, motion=given)
        assert str(caught.value) == f"{path} must be a tracker that save() wrote: {said}"


def test_a_pipeline_with_a_model_of_the_callers_cannot_be_saved(tmp_path):
    pipeline = gmmtrack.Pipeline()
    pipeline.tracker = Tracker(motion=ConstantVelocity)
    with pytest.raises(ArgumentError) as caught:
        pipeline.save(tmp_path / "pipeline.npz")
    assert str(caught.value) == "a pipeline with a motion of your own cannot be written to a file; pickle it"
    assert not list(tmp_path.iterdir())


def refusal(**arguments):
    with pytest.raises(ArgumentError) as caught:
        Tracker(**arguments)
    return str(caught.value)


def test_a_motion_that_is_none_is_refused():
    assert refusal(motion="turns") == "motion must be one of constant_velocity, imm, got 'turns'"
    assert refusal(motion=3) == "motion must be a word or a callable, got 3"


def test_a_word_is_a_setting_and_a_callable_goes_beside_settings():
    assert Tracker(motion="imm").settings.motion == "imm"
    assert Tracker(TrackingSettings(gate=3.0), motion=ConstantVelocity).settings.gate == 3.0
    said = refusal(settings=TrackingSettings(), motion="imm")
    assert said == "settings must not be given together with motion"


def test_filters_of_which_only_some_know_their_interval_are_refused():
    pair = lambda x, P: IMMEstimator([by_the_frame(x, P), ConstantVelocity(x, P)], [0.5, 0.5], np.eye(2))  # noqa: E731
    said = "predict of all filters of motion must take dt [s] first, or of none; IMMEstimator has of both"
    assert refusal(motion=pair) == said


@pytest.mark.parametrize("motion", [KalmanFilter, UnscentedKalmanFilter, lambda x: x, np.linalg.inv])
def test_a_callable_that_makes_no_filter_of_a_state_is_told(motion):
    said = refusal(motion=motion)
    assert said.startswith("motion must make a filter of the state x (6,) and covariance P (6, 6) of a new track, it ")
    assert "Error: " in said
    assert "\n" not in said


def test_a_filter_of_other_states_is_refused():
    plane = UnscentedKalmanFilter(4, 2, 1, None, None, MerweScaledSigmaPoints(4, 1, 2, 0))
    for made, said in (
        (plane, "motion must make filters of x (n,) and P (n, n), n >= 6, got 4 and (4, 4)"),
        (3, "motion must make filters with x, P, predict and update, got int without x"),
    ):
        assert refusal(motion=lambda *_, made=made: made) == said


def test_a_filter_that_fails_is_told(box_at):
    class Failing(ConstantVelocity):
        def predict(self, dt):
            super().predict(dt)
            self.x = self.x * np.nan

    tracker = Tracker(motion=Failing)
    tracker.update(box_at([50, 50]), time=0.0)
    with pytest.raises(ArgumentError, match=r"^a filter of motion must stay finite, got x = \[nan, "):
        tracker.update([], time=0.1)


def test_the_example_of_the_docs_follows_an_object(box_at):
    text = (Path(__file__).resolve().parents[2] / "docs" / "tracking.md").read_text(encoding="utf-8")
    names = {"KalmanFilter": KalmanFilter, "np": np, "gt": gmmtrack}
    exec(text.split("## Other motion models")[1].split("```python")[1].split("```")[0], names)
    for step in range(25):
        tracks = names["tracker"].update(box_at([50 + step, 50]), time=step / 25)
    np.testing.assert_allclose(tracks.velocities, [[25, 0]], atol=1)
