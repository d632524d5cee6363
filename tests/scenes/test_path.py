"""Paths go where and when they say, stand still in pauses, and never overshoot."""

import numpy as np
import pytest

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes import Above, Path, Perspective, walk, wander
from gmmtrack.scenes.path import Trajectory


def test_a_path_meets_its_waypoints_and_exists_only_between_them():
    trajectory = Trajectory(Path(((1.0, 10, 20), (2.0, 30, 25), (4.0, 30, 60))), Above())
    for time, x, y in ((1.0, 10, 20), (2.0, 30, 25), (4.0, 30, 60)):
        place = trajectory.at(time)
        assert (place.x, place.y) == pytest.approx((x, y), abs=0.05)
    assert trajectory.at(0.99) is None
    assert trajectory.at(4.01) is None


def test_a_pause_is_perfectly_still():
    trajectory = Trajectory(walk([(0, 0), (50, 10), (90, 0)], speed=50, pauses=[(1, 3.0)]), Above())
    places = [trajectory.at(time) for time in np.linspace(1.1, 3.9, 20)]
    assert {(place.x, place.y, place.travelled, place.speed) for place in places} == {
        (50.0, 10.0, places[0].travelled, 0.0)
    }


def test_a_path_does_not_overshoot_where_it_turns_back():
    trajectory = Trajectory(walk([(0, 5), (60, 5), (0, 5)], speed=30), Above())
    xs = [trajectory.at(time).x for time in np.linspace(0, 3.99, 200)]
    assert max(xs) <= 60
    assert max(xs) > 59.5


def test_speed_is_measured_as_the_view_scales_it():
    view = Perspective(horizon=0, reference=100)
    far, near = (walk([(0, y), (100, y)], speed=50, view=view).waypoints[-1][0] for y in (50, 100))
    assert (near, far) == pytest.approx((2.0, 4.0))


def test_a_wandering_path_stays_in_its_box():
    path = wander(np.random.default_rng(0), (10, 20, 90, 80), speed=40, start=0.0, duration=20.0)
    trajectory = Trajectory(path, Above())
    places = [trajectory.at(time) for time in np.linspace(0, 20, 300)]
    assert all(10 <= place.x <= 90 and 20 <= place.y <= 80 for place in places)
    assert np.ptp([place.x for place in places]) > 40


def test_impossible_paths_are_refused():
    with pytest.raises(ArgumentError, match=r"waypoints must be at least 2 with rising times, got times \[0, 0\]"):
        Path(((0, 0, 0), (0, 1, 1)))
    with pytest.raises(ArgumentError, match=r"repeat must be >= 2 s, the path's length, got 1"):
        Path(((0, 0, 0), (2, 1, 1)), repeat=1)
    with pytest.raises(ArgumentError, match=r"speed must be > 0 pixels/s, got 0"):
        walk([(0, 0), (1, 1)], speed=0)
