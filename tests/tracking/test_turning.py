"""The interacting multiple model of straight motion and turns, against filterpy's and against constant velocity."""

import math

import numpy as np
import pytest
from filterpy.kalman import IMMEstimator, KalmanFilter

from gmmtrack import ArgumentError, Tracker, TrackingSettings
from gmmtrack.config import configure
from gmmtrack.tracking import kernels
from gmmtrack.tracking.turning import MODE_TIME, N_STATES, RATE, RATE_SIGMA, noise, straight, turns

SETTINGS = TrackingSettings()


class Mode(KalmanFilter):
    def __init__(self, x, P, turning):
        super().__init__(dim_x=N_STATES, dim_z=4)
        self.x, self.P = np.append(x, 0.0), np.diag(np.full(N_STATES, RATE_SIGMA**2))
        self.P[:RATE, :RATE] = P
        self.H, self.turning, self.agility = np.eye(4, N_STATES), turning, 1.0

    def predict(self, dt):
        size = np.sqrt(np.prod(np.maximum(self.x[2:4], 1.0), keepdims=True))
        self.Q = noise(dt, SETTINGS.acceleration * self.agility * size, SETTINGS.extent_drift * size)[0]
        step, F = (matrix[0] for matrix in turns(self.x[None], dt)) if self.turning else (straight(dt), straight(dt))
        self.x, self.P = step @ self.x, F @ self.P @ F.T + self.Q


class Twin(IMMEstimator):
    """filterpy's estimator of the same modes, which change in true time."""

    def __init__(self, x, P):
        self.agility = 1.0
        super().__init__([Mode(x, P, turning) for turning in (False, True)], np.full(2, 0.5), np.eye(2))

    def predict(self, dt):
        change = (1 - math.exp(-2 * dt / MODE_TIME)) / 2
        self.M = np.array([[1 - change, change], [change, 1 - change]])
        self._compute_mixing_probabilities()
        self.mu = self.cbar
        for mode in self.filters:
            mode.agility = self.agility
        super().predict(dt)


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


def test_it_gives_the_tracks_of_filterpys(walkers, equal):
    own, other, n = Tracker(motion="imm"), Tracker(motion=Twin), 0
    for boxes, scores, time in walkers():
        one, two = (tracker.update(boxes, scores, time=time) for tracker in (own, other))
        equal(one, two, rtol=1e-6, atol=1e-6)
        n += len(one)
    assert n > 200


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


def test_it_knows_when_an_object_turns(box_at):
    shares = []
    for rate in (0.0, 2.0):
        tracker, position = Tracker(motion="imm"), np.array([300.0, 300.0])
        for step in range(40):
            heading = rate * step * 0.04
            position = position + 0.04 * 120 * np.array([np.cos(heading), np.sin(heading)])
            tracker.update(box_at(position, 40, 40), time=step * 0.04)
        shares.append(tracker.snapshot().filters["mu"][0, 1])
    assert shares[0] < 0.5 < 0.7 < shares[1]


@pytest.mark.parametrize("rate", [-2.0, -1e-7, 0.0, 1e-7, 0.4])
def test_the_jacobian_of_a_turn_is_its_derivative(rate):
    def after(x):
        return turns(x[None], 0.3)[0][0] @ x

    x = np.array([10, 20, 30, 40, 50, -60, rate])
    slopes = [(after(x + d) - after(x - d)) / 2e-4 for d in 1e-4 * np.eye(7)]
    np.testing.assert_allclose(turns(x[None], 0.3)[1][0], np.stack(slopes, axis=1), atol=1e-5)


def test_two_turns_make_one_but_for_the_rate_that_fades():
    x = np.array([10, 20, 30, 40, 50, -60, 1.2])
    half = turns(x[None], 0.2)[0][0] @ x
    half[RATE] = x[RATE]
    np.testing.assert_allclose((turns(half[None], 0.2)[0][0] @ half)[:RATE], (turns(x[None], 0.4)[0][0] @ x)[:RATE])


def test_straight_motion_is_constant_velocity():
    random, n = np.random.default_rng(0), 3
    x, P = random.uniform(1, 50, (n, 6)), np.tile(np.diag([1, 2, 3, 4, 5, 6.0]), (n, 1, 1))
    sizes, F = np.sqrt(x[:, 2] * x[:, 3]), straight(0.3)[:6, :6]
    expected = F @ P @ F.T + noise(0.3, SETTINGS.acceleration * sizes, SETTINGS.extent_drift * sizes)[:, :6, :6]
    moved = x @ F.T
    kernels.predict(x, P, 0.3, SETTINGS.acceleration, SETTINGS.extent_drift)
    np.testing.assert_allclose(x, moved)
    np.testing.assert_allclose(P, expected)


@pytest.mark.parametrize("between", [False, True])
def test_a_saved_imm_goes_on_bit_for_bit(goes_on, tmp_path, between):
    def saved(tracker):
        if between:
            tracker.predict(tracker.snapshot().time + 0.01)
        tracker.save(tmp_path / "tracker.npz")
        return Tracker.load(tmp_path / "tracker.npz")

    goes_on(Tracker(motion="imm"), saved)


def test_a_file_with_other_filters_is_refused(box_at, tmp_path):
    path, tracker = tmp_path / "tracker.npz", Tracker(motion="imm")
    tracker.update(box_at([50, 50]))
    tracker.save(path)
    with np.load(path) as file:
        parts = {key: file[key] for key in file.files}
    np.savez(path, **parts | {"filters.x": np.zeros((1, 3))})
    with pytest.raises(ArgumentError) as caught:
        Tracker.load(path)
    reason = "x of the modes must be (1, 2, 7), got (1, 3)"
    assert str(caught.value) == f"{path} must be a tracker that save() wrote: {reason}"


def test_the_command_line_may_ask_for_it():
    assert configure(changes=["tracking.motion=imm"]).pipeline.tracking.motion == "imm"
