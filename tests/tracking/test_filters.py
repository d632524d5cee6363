"""Filters of filterpy's interface in place of the built-in one, and the interacting multiple model that is shipped."""

import copy
import pickle
from dataclasses import fields

import numpy as np
import pytest
from filterpy.common import Q_continuous_white_noise
from filterpy.kalman import IMMEstimator, KalmanFilter, MerweScaledSigmaPoints, UnscentedKalmanFilter

from gmmtrack import ArgumentError, Tracker, Tracks, TrackState
from gmmtrack.tracking import kernels
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.turning import Mode, StraightOrTurning

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


def walkers(n=4, n_frames=80, seed=0, missed=0.2):
    """Yield boxes of walkers of other sizes, some missed, and times of any spacing."""
    random = np.random.default_rng(seed)
    centers, steps = random.uniform(0, 400, (n, 2)), random.normal(0, 40, (n, 2))
    width = random.uniform(15, 40, n)
    time = 0.0
    for _ in range(n_frames):
        time += random.choice([0.02, 0.04, 0.1])
        seen = random.random(n) >= missed
        at = (centers + time * steps + random.normal(0, 1, (n, 2)))[seen]
        half = np.stack([width, 2 * width], axis=1)[seen] / 2
        yield np.concatenate([at - half, at + half], axis=1), random.uniform(0.3, 1, len(at)), time


def turning(rate=1.5, speed=120.0, dt=0.04, duration=12.0, noise=2.0, seed=0):
    """Return times (F,), true centres (F, 2) of an object that goes straight on and turns in turn, and measured."""
    times = np.arange(0, duration, dt)
    rates = np.array([0.0, rate, 0.0, -rate])[(times // 1.5).astype(int) % 4]
    heading = np.cumsum(rates * dt)
    centers = 300 + np.cumsum(speed * dt * np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)
    return times, centers, centers + np.random.default_rng(seed).normal(0, noise, centers.shape)


def errors(tracker, box_at, times, centers, measured):
    """Return root mean squared errors [pixels] of predicted and of corrected centres after the first second."""
    expected, told = [], []
    for time, center, seen in zip(times, centers, measured, strict=True):
        ahead = tracker.predict(time).means
        tracks = tracker.update(box_at(seen, 40, 40), time=time)
        if time > 1:
            expected.append(np.linalg.norm(ahead[0] - center))
            told.append(np.linalg.norm(tracks.centers[0] - center))
            assert tracks.ids.tolist() == [1]
    return np.sqrt(np.mean(np.square(expected))), np.sqrt(np.mean(np.square(told)))


def equal(one, two, **tolerance):
    for field in fields(Tracks):
        a, b = getattr(one, field.name), getattr(two, field.name)
        np.testing.assert_allclose(a, b, err_msg=field.name, **tolerance)


@pytest.mark.parametrize("model", [ConstantVelocity, Column])
def test_filterpys_constant_velocity_gives_the_tracks_of_the_built_in_one(model):
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


def test_the_imm_follows_turns_closer_than_constant_velocity(box_at):
    runs = [turning(seed=seed) for seed in range(3)]
    straight, imm = (
        np.mean([errors(Tracker(motion=word), box_at, *run) for run in runs], axis=0)
        for word in ("constant_velocity", "imm")
    )
    assert imm[0] < 0.85 * straight[0]  # expected
    assert imm[1] < 0.9 * straight[1]  # told


@pytest.mark.parametrize("dt", [0.02, 0.05, 0.1])
def test_the_imm_foretells_turns_better_at_any_spacing(box_at, dt):
    straight, imm = (errors(Tracker(motion=word), box_at, *turning(dt=dt))[0] for word in ("constant_velocity", "imm"))
    assert imm < 0.9 * straight


def test_the_imm_costs_little_where_nothing_turns(box_at):
    straight, imm = (
        errors(Tracker(motion=word), box_at, *turning(rate=0.0, speed=60.0))[1] for word in ("constant_velocity", "imm")
    )
    assert imm < 1.1 * straight


def test_the_imm_knows_when_an_object_turns():
    x, P = np.array([0, 0, 40, 40, 120, 0.0]), np.diag([4, 4, 4, 4, 100, 100.0])
    shares = []
    for rate in (0.0, 2.0):
        imm = StraightOrTurning(SETTINGS, x, P)
        position, heading = np.zeros(2), 0.0
        for _ in range(40):
            heading += rate * 0.04
            position = position + 0.04 * 120 * np.array([np.cos(heading), np.sin(heading)])
            imm.predict(0.04)
            for mode in imm.filters:
                mode.R = np.eye(4)
            imm.update(np.array([*position, 40, 40]))
        shares.append(imm.mu[1])
    assert shares[0] < 0.5 < 0.8 < shares[1]


@pytest.mark.parametrize("rate", [-2.0, -1e-7, 0.0, 1e-7, 0.4])
def test_the_covariance_of_a_turn_follows_its_derivative(rate):
    def after(x):
        mode = Mode(x[:6], np.eye(6), SETTINGS, turns=True)
        mode.x = x.copy()
        mode.predict(0.3)
        return mode

    x = np.array([10, 20, 30, 40, 50, -60, rate])
    F = np.stack([(after(x + d).x - after(x - d).x) / 2e-4 for d in 1e-4 * np.eye(7)], axis=1)
    np.testing.assert_allclose(after(x).F, F, atol=1e-5)


@pytest.mark.parametrize("turns", [False, True])
def test_a_turn_of_no_rate_is_constant_velocity(turns):
    x, P = np.array([10, 20, 30, 40, 50, -60.0]), np.diag([1, 2, 3, 4, 5, 6.0])
    mode = Mode(x, P, SETTINGS, turns=turns)
    mode.P[6, 6] = 0
    mode.predict(0.3)
    x, P = x[None].copy(), P[None].copy()
    kernels.predict(x, P, 0.3, SETTINGS.acceleration, SETTINGS.extent_drift)
    np.testing.assert_allclose(mode.x[:6], x[0])
    np.testing.assert_allclose(mode.P[:6, :6], P[0])


def test_the_fast_likelihood_is_filterpys():
    mode = Mode(np.array([10, 20, 30, 40, 50, -60.0]), np.diag([1, 2, 3, 4, 5, 6.0]), SETTINGS, turns=True)
    mode.predict(0.3)
    mode.R = np.eye(4)
    mode.update(np.array([20, 5, 30, 41.0]))
    assert mode.likelihood == pytest.approx(KalmanFilter.likelihood.fget(mode))


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
def test_a_tracker_of_a_model_goes_on_bit_for_bit(way, model):
    goes_on(Tracker(motion=model), WAYS[way])


@pytest.mark.parametrize("between", [False, True])
def test_a_saved_imm_goes_on_bit_for_bit(tmp_path, between):
    def saved(tracker):
        if between:
            tracker.predict(tracker.snapshot().time + 0.01)
        tracker.save(tmp_path / "tracker.npz")
        return Tracker.load(tmp_path / "tracker.npz")

    goes_on(Tracker(motion="imm"), saved)


def goes_on(tracker, way):
    frames, n = list(walkers()), 0
    for boxes, scores, time in frames[:30]:
        tracker.update(boxes, scores, time=time)
    other = way(tracker)
    for boxes, scores, time in frames[30:]:
        one, two = (each.update(boxes, scores, time=time) for each in (tracker, other))
        equal(one, two, rtol=0, atol=0)
        n += len(one)
    assert n > 100


def test_a_tracker_with_a_model_of_the_callers_cannot_be_saved(tmp_path):
    with pytest.raises(ArgumentError) as caught:
        Tracker(motion=ConstantVelocity).save(tmp_path / "tracker.npz")
    assert str(caught.value) == "a tracker with a motion of your own cannot be written to a file; pickle it"
    assert not list(tmp_path.iterdir())


def test_a_file_with_other_filters_is_refused(box_at, tmp_path):
    path, tracker = tmp_path / "tracker.npz", Tracker(motion="imm")
    tracker.update(box_at([50, 50]))
    tracker.save(path)
    with np.load(path) as file:
        parts = {key: file[key] for key in file.files}
    np.savez(path, **parts | {"filters.memories": np.zeros((1, 3))})
    with pytest.raises(ArgumentError) as caught:
        Tracker.load(path)
    reason = "memories must be (1, 114), got (1, 3)"
    assert str(caught.value) == f"{path} must be a tracker that save() wrote: {reason}"


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


def test_a_filter_that_does_not_know_its_interval_is_refused():
    def plain(x, P):
        kalman = KalmanFilter(6, 4)
        kalman.x, kalman.P = x, P
        return kalman

    wanted = (
        "predict of a filter of motion must take dt [s] first, that of KalmanFilter does not; "
        "subclass it, and set F and Q for dt there"
    )
    assert refusal(motion=plain) == wanted
    pair = lambda x, P: IMMEstimator([plain(x, P), plain(x, P)], [0.5, 0.5], np.eye(2))  # noqa: E731
    assert refusal(motion=pair) == wanted


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
