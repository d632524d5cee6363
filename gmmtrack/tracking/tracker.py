"""Tracker: detections -> tracks."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.archive import read_archive, write_archive
from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.detection.predictions import Predictions
from gmmtrack.errors import ArgumentError
from gmmtrack.settings import given_or_made
from gmmtrack.tracking import kernels, motion, storage
from gmmtrack.tracking.agility import CHI2_MEDIAN, Agility
from gmmtrack.tracking.association import Matches, associate, unclaimed
from gmmtrack.tracking.filters import PREDICTED, BatchedFilter, FilterPerTrack, Filters, Start
from gmmtrack.tracking.given import given_detections
from gmmtrack.tracking.identities import tell_apart
from gmmtrack.tracking.looks import learn_looks
from gmmtrack.tracking.measurements import Measurements, measure
from gmmtrack.tracking.parts import join_parts
from gmmtrack.tracking.population import LAST_WHOLE, Population
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.tracks import Tracks, TrackState
from gmmtrack.tracking.turning import InteractingModels

_FORMAT = 5
_FARTHEST = 1e15  # [s] from 0, so that the powers of intervals are numbers
_NOMINAL_INTERVAL = 0.04  # [s] between updates whose times are not told
_GIVEN = int(Origin.GIVEN)
_NOT_KNOWN = 0, 0
_STATES = int(TrackState.CONFIRMED), int(TrackState.COASTING), int(TrackState.STATIONARY)


class Tracker:
    """Follows objects from detection to detection, and gives each an id for as long as it can be followed.

    The detections may come from gmmtrack's own clustering or from any detector.

    Parameters
    ----------
    settings : TrackingSettings, optional
    motion : str or callable, optional
        How objects move: a word, as the setting of this name, or a callable that is given the state x (6,) and the
        covariance P (6, 6) of a new track and returns a filter that carries it: any object with filterpy's x, P, R,
        predict(dt) and update(z), where dt is in seconds; or predict(), if it takes a step of its own in each update,
        which is right for frames of one spacing. The states are centre, width, height, velocity, (cx, cy, w, h, vx, vy)
        [pixels, pixels/s], and may be followed by others; z is the first four. R is set before each update, on the
        `filters` where it has such, as an IMMEstimator; so is `agility` before each prediction where the filter has it:
        by how much more the objects of this scene accelerate than the settings say, as learned from them all.
    **changes
        Any field of `TrackingSettings`, instead of `settings`.

    Examples
    --------
    >>> tracker = Tracker(confirm_detections=2)
    >>> for step in range(3):
    ...     tracks = tracker.update([[10 + step, 20, 30 + step, 60]], time=step / 10)
    >>> tracks.ids.tolist(), tracks.detections.tolist()
    ([1], [0])
    """

    def __init__(
        self, settings: TrackingSettings | None = None, *, motion: str | Start | None = None, **changes: Any
    ) -> None:
        if isinstance(motion, str):
            changes["motion"] = motion
        elif motion is not None and not callable(motion):
            raise ArgumentError(f"motion must be a word or a callable, got {motion!r}")
        if not isinstance(settings, TrackingSettings | None):
            raise ArgumentError(f"settings must be TrackingSettings, got {settings!r}")
        self.settings = given_or_made(TrackingSettings, settings, changes, "tracking setting")
        self._filters = FilterPerTrack(motion) if callable(motion) else _own_filters(self.settings)
        self._population = Population.empty()
        self._agility = Agility()
        self._time: float | None = None
        self._interval = 0.0
        self._last_id = 0
        self._n_born = 0

    @property
    def population(self) -> Population:
        """Everything that is remembered of the live tracks, those without an id too; not to be changed."""
        return self._population

    def update(
        self,
        xyxy: Any = None,
        scores: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        masks: ArrayLike | None = None,
        time: float | None = None,
    ) -> Tracks:
        """Advance every track to `time`, let it take a detection, and return those that have an id.

        Parameters
        ----------
        xyxy : (N, 4) array_like, Detections, or any object with `xyxy`; optional beside masks
            Boxes x0, y0, x1, y1 [pixels]; of other objects, such as supervision's, `confidence`, `class_id` and `mask`
            are read too where they have them. None: the boxes around the masks.
        scores : (N,) array_like, optional
            Confidence [0-1], taken for the probability that there is an object; 1 unless told. With the settings as
            they are, something that is detected in every update is a track after 2 detections of score 1, 3 of 0.9, 4
            of 0.8, 6 of 0.7, 9 of 0.6, 21 of 0.5, and never if all are below 0.43; they only carry on tracks that are
            believed already. `birth_odds`, `repeat_odds` and `confirm_odds` decide.
        classes : (N,) array_like, optional
            Whole numbers; -1 unless told.
        masks : (N, H, W) array_like of bool, optional
            The pixels of each object.
        time : float, optional
            [s]; 0.04 s after the last update unless told.

        Raises
        ------
        ArgumentError
            Where neither boxes nor masks are given, for boxes that are not finite or inside out, columns of another
            length, scores beyond 0 to 1, classes that are no whole numbers, or a time before the last. Nothing has
            changed then.
        """
        found = given_detections(xyxy, scores, classes, masks)
        self._carry_on(time)
        measured = measure(found, self.settings)
        unseen = self._unseen()
        matches = associate(self._population, found, measured, unseen, self._interval, self.settings)
        self._correct(matches, found, measured, unseen)
        if measured.has_blobs:
            looks = self._interval, self.settings.shape_memory, self.settings.turn
            learn_looks(self._population, matches, found, measured, *looks)
            tell_apart(self._population, matches, found)
            self._keep(join_parts(self._population, self._interval))
        self._start(found, measured, unclaimed(found, matches, self.settings.duplicate))
        self._confirm()
        return self._report(found.frame_size or _NOT_KNOWN)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tracker to a .npz file; `load` goes on exactly where it was. OutputError where that fails.

        Of filters that a callable made, as `motion`, what filterpy's own hold is written: x, P, F and Q, and what an
        IMMEstimator knows of its modes. A filter that remembers more can be pickled.
        """
        write_archive(path, storage.parts_of(self._whole()), _FORMAT)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, motion: Start | None = None) -> Tracker:
        """Return the tracker that `save` wrote; SourceError or ArgumentError where the file is none.

        motion: the callable that it was made with, if it was
        """
        restore = lambda parts: cls.restored(storage.snapshot_of(parts), motion=motion)  # noqa: E731
        return read_archive(path, "a tracker", _FORMAT, restore)

    def snapshot(self) -> storage.Snapshot:
        """Return all that the tracker needs to go on exactly; its arrays are the tracker's own.

        ArgumentError where `motion` was a callable, without which it cannot.
        """
        if isinstance(self._filters, FilterPerTrack):
            raise ArgumentError("a pipeline with a motion of your own cannot be written to a file; pickle it")
        return self._whole()

    def _whole(self) -> storage.Snapshot:
        """Return a snapshot, whatever the motion is."""
        return storage.Snapshot(
            settings=self.settings,
            population=self._population,
            filters=self._filters.arrays(),
            agility=self._agility.factor,
            time=self._time,
            interval=self._interval,
            last_id=self._last_id,
            n_born=self._n_born,
        )

    @classmethod
    def restored(cls, snapshot: storage.Snapshot, *, motion: Start | None = None) -> Tracker:
        """Return the tracker that a snapshot is of; motion: the callable that made its filters, if one did."""
        if (PREDICTED in snapshot.filters) != (motion is not None):
            bound = "must not be given, as it was" if motion else "must be given, the callable that it was"
            raise ArgumentError(f"motion {bound} saved with{'out' if motion else ''}")
        tracker = cls(snapshot.settings, motion=motion)
        tracker._filters.restore(snapshot.population, snapshot.filters)
        tracker._population, tracker._agility.factor = snapshot.population, snapshot.agility
        tracker._time, tracker._interval = snapshot.time, snapshot.interval
        tracker._last_id, tracker._n_born = snapshot.last_id, snapshot.n_born
        return tracker

    def predict(self, time: float | None = None) -> Predictions:
        """Advance every track to `time` [s], and return where each is expected and what it looks like.

        `update` to the same time afterwards does not advance them again.
        """
        self._carry_on(time)
        population = self._population
        steady = (population.alone >= self.settings.steady) & (population.hits >= self.settings.confirm_detections)
        return population.predictions(steady, population.turn(self.settings.turn))

    def _carry_on(self, time: float | None) -> None:
        """Advance every track to `time` [s]."""
        population = self._population
        interval = self._advance(time)
        if interval > 0:
            self._filters.predict(population, interval, self._agility.factor)

    def _advance(self, time: float | None) -> float:
        """Move the clock to `time`, and return by how much [s]."""
        if time is None:
            time = 0.0 if self._time is None else self._time + _NOMINAL_INTERVAL
        seconds = _seconds(time)
        last = seconds if self._time is None else self._time
        if not (math.isfinite(seconds) and seconds >= last):
            bound = "" if self._time is None else f" and >= {last:g} s, that of the last update"
            raise ArgumentError(f"time must be finite{bound}, got {time!r}")
        if abs(seconds) > _FARTHEST:
            raise ArgumentError(f"time must be within {_FARTHEST:g} s of 0, got {time!r}")
        interval = seconds - last
        self._time = seconds
        if interval > 0:
            self._interval = interval
        return interval

    def _unseen(self) -> NDArray[np.float64]:
        """Return (N,) for how long each track was not detected [s]."""
        return np.asarray((self._time or 0.0) - self._population.seen)

    def _correct(
        self, matches: Matches, found: Detections, measured: Measurements, unseen: NDArray[np.float64]
    ) -> None:
        """Let tracks take their detections, and keep account of it."""
        population, tracks, rows = self._population, matches.tracks, matches.rows
        self._filters.change_speed(population, matches, measured, unseen)
        distances2 = self._filters.correct(population, tracks, measured, rows)
        seen = measured.z, found.scores, found.classes, found.origins, measured.gains
        numbers = self._time, self.settings.miss_odds, CHI2_MEDIAN, LAST_WHOLE
        self._agility.learn(kernels.remember(tracks, rows, distances2, seen, numbers, population.memory))

    def _start(self, found: Detections, measured: Measurements, rows: NDArray[np.int64]) -> None:
        """Begin a tentative track at each detection that nobody took."""
        if not len(rows):
            return
        sizes = np.sqrt(np.prod(np.maximum(measured.z[rows, motion.EXTENT], 1.0), axis=1))
        deviations = np.empty((len(rows), motion.N_STATES))
        deviations[:, : motion.N_MEASURED] = measured.errors[rows].repeat(2, axis=1)
        deviations[:, motion.VELOCITY] = self.settings.birth_speed
        born = Population.born(found, rows, (deviations * sizes[:, None]) ** 2, self._time or 0.0, self._n_born)
        born.odds = self.settings.birth_odds + measured.gains[rows]
        self._n_born += len(rows)
        self._filters.start(born)
        self._population.join(born)

    def _confirm(self) -> None:
        """Give an id to each track that surely is an object, and not a thing swaying in its place."""
        settings = self.settings
        limits = settings.confirm_detections, settings.confirm_odds, settings.confirm_travel, _GIVEN
        self._last_id = kernels.confirm(self._population.course, limits, self._last_id)

    def _report(self, frame_size: tuple[int, int]) -> Tracks:
        """Give up tracks unseen for too long, too uncertain or gone, and return those with an id whose place is known.

        Gone is who must have left the frame (H, W) at the speed last seen: who comes in there is somebody else.
        """
        population, settings = self._population, self.settings
        limits = (
            settings.coast,
            settings.tentative_coast,
            settings.coast_sigma,
            settings.report_sigma,
            settings.stationary_speed,
        )
        judged = population.x, population.P, population.ids, population.taken, self._unseen()
        alive, shown, states = kernels.judge(*judged, frame_size, limits, _STATES)
        xyxy, velocities, covariances = kernels.views(population.x, population.P, shown)
        tracks = Tracks(
            ids=population.ids[shown],
            xyxy=xyxy,
            states=states,
            velocities=velocities,
            covariances=covariances,
            scores=population.scores[shown],
            classes=population.classes[shown],
            detections=population.taken[shown],
        )
        self._keep(alive)
        return tracks

    def _keep(self, alive: NDArray[np.bool_]) -> None:
        """Drop every track that is not alive (N,)."""
        if np.count_nonzero(alive) < len(alive):
            self._population.keep(alive)
            self._filters.keep(alive)


def _seconds(time: Any) -> float:
    """Return a time as a number [s], whatever numbers it came as; an ArgumentError where it is none."""
    number = time.item() if isinstance(time, np.ndarray | np.generic) and np.ndim(time) == 0 else time
    try:
        if isinstance(number, int | float):
            return float(number)
    except OverflowError:
        return math.inf
    raise ArgumentError(f"time must be a number [s], got {time!r}")


def _own_filters(settings: TrackingSettings) -> Filters:
    """Return the filters that the settings name."""
    return InteractingModels(settings) if settings.motion == "imm" else BatchedFilter(settings)
