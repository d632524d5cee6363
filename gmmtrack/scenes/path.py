"""Path: where an object is when: waypoints with times, joined smoothly; pauses are waypoints at the same place."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes.view import Above, View

_TABLE_RATE = 100.0  # [Hz] of the table that positions are read from
_TURN_TIME = 0.25  # [s] over which a heading turns


@dataclass(frozen=True, slots=True)
class Path:
    """Where an object is when; it exists from the first waypoint's time to the last's.

    waypoints: (time [s], x, y [pixels]) in order of time: the feet, or the centre of what is seen from above
    repeat: [s] after which the path begins anew, each pass being another object; None for once only
    The way between waypoints is monotone in x and y (PCHIP: Fritsch & Butland 1984), so a pause is perfectly still.
    """

    waypoints: tuple[tuple[float, float, float], ...]
    repeat: float | None = None

    def __post_init__(self) -> None:
        times = [waypoint[0] for waypoint in self.waypoints]
        if len(times) < 2 or any(b <= a for a, b in pairwise(times)):
            raise ArgumentError(f"waypoints must be at least 2 with rising times, got times {times}")
        if self.repeat is not None and self.repeat < times[-1] - times[0]:
            raise ArgumentError(f"repeat must be >= {times[-1] - times[0]:g} s, the path's length, got {self.repeat:g}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one pass along a path has come to.

    x, y: [pixels] · travelled: [nominal pixels] since the start · speed: [nominal pixels/s] · heading: [rad], 0 right
    number: how many passes came before
    """

    x: float
    y: float
    travelled: float
    speed: float
    heading: float
    number: int


class Trajectory:
    """A path worked out in a table, to be looked up at any time; distances are measured as `view` scales them."""

    def __init__(self, path: Path, view: View) -> None:
        points = np.asarray(path.waypoints, np.float64)
        n_rows = int((points[-1, 0] - points[0, 0]) * _TABLE_RATE) + 2
        self._times = np.linspace(points[0, 0], points[-1, 0], n_rows)
        position = PchipInterpolator(points[:, 0], points[:, 1:])(self._times)
        steps = np.diff(position, axis=0)
        scales = np.array([view.scale(y) for y in position[:-1, 1]])
        lengths = np.hypot(*steps.T) / scales
        self._travelled = np.concatenate([[0.0], np.cumsum(lengths)])
        self._position = position
        self._heading = _headings(steps)
        self._repeat = path.repeat

    def at(self, time: float) -> Place | None:
        """Return where the object is at `time` [s], or None where it does not exist."""
        start, end = self._times[0], self._times[-1]
        number = 0
        if self._repeat is not None and time > start:
            number = int((time - start) // self._repeat)
            time -= number * self._repeat
        if not start <= time <= end:
            return None
        spacing = self._times[1] - start
        row = min(int((time - start) / spacing), len(self._times) - 2)
        share = (time - start) / spacing - row
        x, y = self._position[row] * (1 - share) + self._position[row + 1] * share
        before, after = self._travelled[row : row + 2]
        return Place(
            x=float(x),
            y=float(y),
            travelled=float(before + share * (after - before)),
            speed=float((after - before) / spacing),
            heading=float(self._heading[row]),
            number=number,
        )


def walk(
    points: Sequence[tuple[float, float]],
    *,
    speed: float,
    start: float = 0.0,
    view: View | None = None,
    pauses: Sequence[tuple[int, float]] = (),
    repeat: float | None = None,
) -> Path:
    """Return the path through `points` (x, y) [pixels] at `speed` [nominal pixels/s] from time `start` [s].

    pauses: (index of the point, duration [s]) · view: what scales the speed; None for a camera that looks down
    """
    if not speed > 0:
        raise ArgumentError(f"speed must be > 0 pixels/s, got {speed!r}")
    view = view or Above()
    still = dict(pauses)
    time, waypoints = start, []
    for number, (x, y) in enumerate(points):
        if number:
            x0, y0 = points[number - 1]
            time += max(np.hypot(x - x0, y - y0) / view.scale((y + y0) / 2) / speed, 1e-3)
        waypoints.append((float(time), float(x), float(y)))
        if number in still:
            time += still[number]
            waypoints.append((float(time), float(x), float(y)))
    return Path(tuple(waypoints), repeat)


def stand(x: float, y: float, start: float, end: float) -> Path:
    """Return the path of what stands at `x`, `y` [pixels] from `start` to `end` [s]."""
    return Path(((start, x, y), (end, x, y)))


def wander(
    rng: np.random.Generator, box: tuple[float, float, float, float], *, speed: float, start: float, duration: float
) -> Path:
    """Return a random winding path inside `box` (x0, y0, x1, y1) [pixels] at about `speed` [pixels/s]."""
    x0, y0, x1, y1 = box
    stride = 0.22 * min(x1 - x0, y1 - y0)
    x, y, heading = rng.uniform(x0, x1), rng.uniform(y0, y1), rng.uniform(-np.pi, np.pi)
    time, waypoints = start, [(float(start), float(x), float(y))]
    while time < start + duration:
        home = np.arctan2((y0 + y1) / 2 - y, (x0 + x1) / 2 - x)
        edge = min(x - x0, x1 - x, y - y0, y1 - y) < stride
        heading = home + rng.normal(0, 0.4) if edge else heading + rng.normal(0, 0.6)
        step = stride * rng.uniform(0.6, 1.4)
        x = float(np.clip(x + step * np.cos(heading), x0, x1))
        y = float(np.clip(y + step * np.sin(heading), y0, y1))
        time += step / (speed * rng.uniform(0.6, 1.5))
        waypoints.append((float(time), x, y))
    return Path(tuple(waypoints))


def _headings(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heading [rad] of every row of the table, kept while standing and turned smoothly."""
    moving = np.hypot(*steps.T) > 1e-4
    if not moving.any():
        return np.zeros(len(steps) + 1)
    rows = np.where(moving, np.arange(len(steps)), 0)
    last = np.maximum.accumulate(rows)
    last = np.where(last == 0, int(np.argmax(moving)), last)
    heading = np.unwrap(np.arctan2(steps[last, 1], steps[last, 0]))
    width = max(int(_TURN_TIME * _TABLE_RATE), 1)
    padded = np.pad(heading, (width, width), mode="edge")
    smooth = np.convolve(padded, np.full(width, 1 / width), mode="same")[width:-width]
    return np.append(smooth, smooth[-1])
