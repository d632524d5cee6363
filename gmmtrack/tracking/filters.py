"""Filters: what carries the tracks from detection to detection, all at once or each by an object of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gmmtrack.archive import Parts, part_of, within
from gmmtrack.errors import ArgumentError
from gmmtrack.tracking import kernels, motion
from gmmtrack.tracking.association import Matches
from gmmtrack.tracking.measurements import STILL, Measurements
from gmmtrack.tracking.population import Population
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.surprises import kernels as surprises

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
PREDICTED = "predicted"  # what only files of filters of a caller's own have
# what changes in filterpy's filters from update to update, or is likely to have been set by the state at birth
_CARRIED = "x", "P", "F", "Q", "mu", "cbar", "omega", "sigmas_f"
_TURNS = 3.3, STILL  # see `surprises.follow_turns`

Start = Callable[[Array, Array], Any]  # x (6,), P (6, 6) -> a filter as filterpy's


class Filters(Protocol):
    """What carries the x and P of a population from detection to detection."""

    def predict(self, population: Population, interval: float, agility: float) -> None:
        """Advance every track by `interval` [s]; agility: how much more than usual they accelerate here."""

    def change_speed(self, population: Population, matches: Matches, measured: Measurements, unseen: Array) -> None:
        """Take it that tracks found too far from where they were expected changed their speed when last seen.

        Before they take what they match · unseen (N,): how long ago that was [s]
        """

    def correct(self, population: Population, tracks: Rows, measured: Measurements, rows: Rows) -> Array:
        """Let tracks take rows, both (K,), and return (K,) squared distances of their centres before [sigma²]."""

    def start(self, born: Population) -> None:
        """Take on new tracks, which come after those already there."""

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Drop every track that is not chosen (N,)."""

    def arrays(self) -> Parts:
        """Return what is known beside the population, as named arrays."""

    def restore(self, population: Population, arrays: Parts) -> None:
        """Go on with a population and what `arrays` returned."""


class BatchedFilter:
    """Constant velocity, as `motion` has it: one Kalman filter over all tracks at once."""

    def __init__(self, settings: TrackingSettings) -> None:
        self._acceleration, self._drift = settings.acceleration, settings.extent_drift

    def predict(self, population: Population, interval: float, agility: float) -> None:
        kernels.predict(population.x, population.P, interval, self._acceleration * agility, self._drift)

    def change_speed(self, population: Population, matches: Matches, measured: Measurements, unseen: Array) -> None:
        x, P, tracks, rows = population.x, population.P, matches.tracks, matches.rows
        if measured.has_blobs:
            surprises.change_speed(x, P, tracks, measured.z, measured.moves, rows, unseen)
        elif len(tracks):
            taken = measured.z, measured.errors, rows, matches.n_likely
            surprises.follow_turns(x, P, tracks, *taken, population.places, unseen, _TURNS)

    def correct(self, population: Population, tracks: Rows, measured: Measurements, rows: Rows) -> Array:
        taken = measured.z, measured.errors, rows
        return np.asarray(kernels.correct(population.x, population.P, tracks, *taken))

    # the population holds all that there is to know

    def start(self, born: Population) -> None:
        pass

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        pass

    def arrays(self) -> Parts:
        return {}

    def restore(self, population: Population, arrays: Parts) -> None:
        pass


class FilterPerTrack:
    """An object of filterpy's interface for each track; x and P of the population are copies of its own.

    start(x, P) makes one, see `Tracker`. ArgumentError where it makes something else.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self.filters: list[Any] = []
        self.predicted: list[bool] = []  # since it last took a detection
        self._takes_dt = _checked(start)

    def predict(self, population: Population, interval: float, agility: float) -> None:
        for t, kalman in enumerate(self.filters):
            _set_extent(kalman, population.x[t, motion.EXTENT])
            if hasattr(kalman, "agility"):
                kalman.agility = agility
            kalman.predict(interval) if self._takes_dt else kalman.predict()
            population.x[t], population.P[t] = _state(kalman)
        self.predicted = [True] * len(self.filters)

    def change_speed(self, population: Population, matches: Matches, measured: Measurements, unseen: Array) -> None:
        if measured.has_blobs:
            return  # how it takes surprises is for each filter to say
        n = motion.N_STATES
        for t, grown in zip(*loosen_unlikely(population, matches, measured, unseen), strict=True):
            for part in _all_parts(self.filters[t]):
                part.P[:n, :n] += grown

    def correct(self, population: Population, tracks: Rows, measured: Measurements, rows: Rows) -> Array:
        distances2 = np.empty(len(tracks))
        for i, (t, d) in enumerate(zip(tracks.tolist(), rows.tolist(), strict=True)):
            kalman, x, P = self.filters[t], population.x[t], population.P[t]
            R = np.diag(measured.errors[d].repeat(2) ** 2 * population.sizes[t] ** 2)
            innovation = (measured.z[d] - x[: motion.N_MEASURED])[motion.CENTER]
            S = (P[: motion.N_MEASURED, : motion.N_MEASURED] + R)[motion.CENTER, motion.CENTER]
            distances2[i] = innovation @ np.linalg.solve(S, innovation)
            if self._takes_dt and not self.predicted[t]:
                kalman.predict(0.0)  # an unscented filter takes no detection without
            for part in _parts(kalman):
                part.R = R
            kalman.update(measured.z[d])
            self.predicted[t] = False
            x[:], P[:] = _state(kalman)
        return distances2

    def start(self, born: Population) -> None:
        for t in range(len(born)):
            self.filters.append(self._start(born.x[t].copy(), born.P[t].copy()))
            born.x[t], born.P[t] = _state(self.filters[-1])
        self.predicted += [False] * len(born)

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        self.filters = [kalman for kalman, is_kept in zip(self.filters, chosen, strict=True) if is_kept]
        self.predicted = [done for done, is_kept in zip(self.predicted, chosen, strict=True) if is_kept]

    def arrays(self) -> Parts:
        held: Parts = {PREDICTED: np.array(self.predicted, np.bool_)}
        for t, kalman in enumerate(self.filters):
            held |= within(str(t), _carried(kalman))
        return held

    def restore(self, population: Population, arrays: Parts) -> None:
        n = len(population)
        self.filters = [self._start(population.x[t].copy(), population.P[t].copy()) for t in range(n)]
        self.predicted = arrays[PREDICTED].tolist()
        for t, kalman in enumerate(self.filters):
            saved, made = part_of(str(t), arrays), _carried(kalman)
            if {name: array.shape for name, array in saved.items()} != {name: it.shape for name, it in made.items()}:
                raise ArgumentError("motion must make the filters that were saved, got others")
            for k, part in enumerate(_all_parts(kalman)):
                for name, array in part_of(str(k), saved).items():
                    setattr(part, name, array)


def loosen_unlikely(
    population: Population, matches: Matches, measured: Measurements, unseen: Array
) -> tuple[Rows, Array]:
    """Let tracks that take boxes where they were not expected be as uncertain as that, and no others.

    Returns which (K,), and by how much their P grew (K, 6, 6).
    """
    tracks, rows = matches.tracks[matches.n_likely :], matches.rows[matches.n_likely :]
    before = population.P[tracks]
    if len(tracks):
        taken = measured.z, measured.errors, rows, 0
        surprises.follow_turns(population.x, population.P, tracks, *taken, population.places, unseen, _TURNS)
    return tracks, population.P[tracks] - before


def _parts(kalman: Any) -> list[Any]:
    """Return the filters that take the measurements: those of an IMM, or the one there is."""
    return list(getattr(kalman, "filters", (kalman,)))


def _all_parts(kalman: Any) -> list[Any]:
    """Return a filter, and those that it is made of."""
    return list({id(part): part for part in (kalman, *_parts(kalman))}.values())


def _carried(kalman: Any) -> Parts:
    """Return what a filter holds that another that is made by the same callable would not, and those it is made of."""
    held: Parts = {}
    for k, part in enumerate(_all_parts(kalman)):
        named = {name: getattr(part, name, None) for name in _CARRIED}
        held |= within(str(k), {name: array for name, array in named.items() if isinstance(array, np.ndarray)})
    return held


def _state(kalman: Any) -> tuple[Array, Array]:
    """Return the x (6,) and P (6, 6) of a filter; an ArgumentError where they are not finite."""
    n = motion.N_STATES
    x, P = np.ravel(kalman.x)[:n], kalman.P[:n, :n]
    if not (np.isfinite(x).all() and np.isfinite(P).all()):
        raise ArgumentError(f"a filter of motion must stay finite, got x = {x.tolist()}")
    return x, P


def _set_extent(kalman: Any, extent: Array) -> None:
    """Move the extent that a filter holds to where it was set from outside, in a shared blob."""
    moved = extent - np.ravel(kalman.x)[motion.EXTENT]
    if moved.any():
        for part in _all_parts(kalman):
            part.x[motion.EXTENT] += moved.reshape(part.x[motion.EXTENT].shape)


def _checked(start: Start) -> bool:
    """Return whether the filters that are made know how long it is since the last update.

    ArgumentError where what is made cannot carry a track.
    """
    try:
        kalman = start(np.array([0.0, 0, 1, 1, 0, 0]), np.eye(motion.N_STATES))
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ArgumentError(
            f"motion must make a filter of the state x (6,) and covariance P (6, 6) of a new track, it raised {reason}"
        ) from error
    kind = type(kalman).__name__
    for name in ("x", "P", "predict", "update"):
        if not hasattr(kalman, name):
            raise ArgumentError(f"motion must make filters with x, P, predict and update, got {kind} without {name}")
    shape, n = np.shape(kalman.P), np.size(kalman.x)
    if n < motion.N_STATES or shape != (n, n):
        raise ArgumentError(f"motion must make filters of x (n,) and P (n, n), n >= 6, got {n} and {shape}")
    told = [next(iter(inspect.signature(part.predict).parameters), None) == "dt" for part in _parts(kalman)]
    if any(told) and not all(told):
        raise ArgumentError(f"predict of all filters of motion must take dt [s] first, or of none; {kind} has of both")
    return all(told)
