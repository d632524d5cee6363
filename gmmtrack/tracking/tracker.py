"""Tracker: detections -> tracks."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.archive import read_archive, write_archive
from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.detection.predictions import Predictions
from gmmtrack.errors import ArgumentError
from gmmtrack.settings import given_or_made
from gmmtrack.tracking import motion, storage
from gmmtrack.tracking.agility import Agility
from gmmtrack.tracking.association import Matches, associate
from gmmtrack.tracking.colors import tell_apart
from gmmtrack.tracking.given import given_detections
from gmmtrack.tracking.population import Population, measurements, whole
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.tracks import Tracks, TrackState

_FORMAT = 1
_NOMINAL_INTERVAL = 0.04  # [s] between updates whose times are not told
_UNMEASURED = 1e4  # [sizes] error of an extent that a detection says nothing about
_SHARED = 1.5  # how much larger the error of a centre is that EM found in a shared blob
_REPORTED = np.array([0, 1, 4, 5])  # states whose covariance is reported: centre and velocity


class Tracker:
    """Follows objects from detection to detection, and gives each an id for as long as it can be followed.

    The detections may come from gmmtrack's own clustering or from any detector.

    Parameters
    ----------
    settings : TrackingSettings, optional
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

    def __init__(self, settings: TrackingSettings | None = None, **changes: Any) -> None:
        self.settings = given_or_made(TrackingSettings, settings, changes, "tracking setting")
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
        detections: Any,
        scores: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        masks: ArrayLike | None = None,
        time: float | None = None,
    ) -> Tracks:
        """Advance every track to `time`, let it take a detection, and return those that have an id.

        Parameters
        ----------
        detections : (N, 4) array_like, Detections, or any object with `xyxy`
            Boxes x0, y0, x1, y1 [pixels]; of other objects, `confidence` and `class_id` are read too.
        scores : (N,) array_like, optional
            Confidence [0-1]; 1 unless told.
        classes : (N,) array_like, optional
            Whole numbers; -1 unless told.
        masks : (N, H, W) array_like of bool, optional
            The pixels of each object.
        time : float, optional
            [s]; 0.04 s after the last update unless told.

        Raises
        ------
        ArgumentError
            For boxes that are not finite or inside out, columns of another length, or a time before the last.
        """
        found = given_detections(detections, scores, classes, masks)
        self.predict(time)
        matches = associate(self._population, found, self._errors(self._population.sizes), self.settings)
        self._correct(matches, found)
        self._remember(matches, found)
        tell_apart(self._population, matches, found)
        self._start(found, np.setdiff1d(np.arange(len(found)), matches.rows))
        self._confirm()
        self._end()
        return self._tracks()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tracker to a .npz file; `load` goes on exactly where it was. OutputError where that fails."""
        write_archive(path, storage.parts_of(self.snapshot()), _FORMAT)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Tracker:
        """Return the tracker that `save` wrote; SourceError or ArgumentError where the file is none."""
        return cls.restored(read_archive(path, "a tracker", _FORMAT, storage.snapshot_of))

    def snapshot(self) -> storage.Snapshot:
        """Return all that the tracker needs to go on exactly; its arrays are the tracker's own."""
        return storage.Snapshot(
            settings=self.settings,
            population=self._population,
            agility=self._agility.factor,
            time=self._time,
            interval=self._interval,
            last_id=self._last_id,
            n_born=self._n_born,
        )

    @classmethod
    def restored(cls, snapshot: storage.Snapshot) -> Tracker:
        """Return the tracker that a snapshot is of."""
        tracker = cls(snapshot.settings)
        tracker._population, tracker._agility.factor = snapshot.population, snapshot.agility
        tracker._time, tracker._interval = snapshot.time, snapshot.interval
        tracker._last_id, tracker._n_born = snapshot.last_id, snapshot.n_born
        return tracker

    def predict(self, time: float | None = None) -> Predictions:
        """Advance every track to `time` [s], and return where each is expected and what it looks like.

        `update` to the same time afterwards does not advance them again.
        """
        population, settings = self._population, self.settings
        interval = self._advance(time)
        if interval > 0:
            population.last_centers = population.x[:, motion.CENTER].copy()
            sizes = population.sizes
            acceleration, drift = settings.acceleration * self._agility.factor * sizes, settings.extent_drift * sizes
            population.x, population.P = motion.predict(population.x, population.P, interval, acceleration, drift)
        steady = (population.alone >= settings.steady) & (population.hits >= settings.confirm_detections)
        return population.predictions(steady)

    def _advance(self, time: float | None) -> float:
        """Move the clock to `time`, and return by how much [s]."""
        if time is None:
            time = 0.0 if self._time is None else self._time + _NOMINAL_INTERVAL
        last = time if self._time is None else self._time
        if not (np.isfinite(time) and time >= last):
            bound = "" if self._time is None else f" and >= {last:g} s, that of the last update"
            raise ArgumentError(f"time must be finite{bound}, got {time!r}")
        interval = time - last
        self._time = float(time)
        if interval > 0:
            self._interval = interval
        return interval

    def _errors(self, sizes: NDArray[np.float64], origins: NDArray[np.int8] | None = None) -> NDArray[np.float64]:
        """Return (N, 4) variances of what is measured of objects; only of whole ones the extent is."""
        made = np.full(len(sizes), Origin.BLOB, np.int8) if origins is None else origins
        is_whole = whole(made)
        errors = np.empty((len(sizes), motion.N_MEASURED))
        errors[:, motion.CENTER] = (self.settings.position_sigma * np.where(is_whole, 1.0, _SHARED) * sizes)[:, None]
        errors[:, motion.EXTENT] = (np.where(is_whole, self.settings.extent_sigma, _UNMEASURED) * sizes)[:, None]
        return errors**2

    def _correct(self, matches: Matches, found: Detections) -> None:
        """Let tracks take their detections."""
        population, tracks, rows = self._population, matches.tracks, matches.rows
        R = self._errors(population.sizes[tracks], found.origins[rows])
        z = measurements(found.xyxy[rows])
        known = (population.hits[tracks] >= 2) & whole(found.origins[rows])
        if known.any():
            S = population.P[tracks[known], :2, :2] + R[known, :2, None] * np.eye(2)
            self._agility.learn(z[known, :2] - population.x[tracks[known], :2], S)
        population.x[tracks], population.P[tracks] = motion.correct(population.x[tracks], population.P[tracks], z, R)
        population.moved |= population.travelled > 1.0

    def _remember(self, matches: Matches, found: Detections) -> None:
        """Keep account of what was taken, and renew what tracks look like where they were seen whole."""
        population, tracks, rows = self._population, matches.tracks, matches.rows
        population.taken[:] = -1
        population.taken[tracks] = rows
        population.made[tracks] = found.origins[rows]
        population.hits[tracks] += 1
        population.seen[tracks] = self._time
        population.scores[tracks] = found.scores[rows]
        known = found.classes[rows] >= 0
        population.classes[tracks[known]] = found.classes[rows[known]]
        in_parts = found.origins[rows] == Origin.FRAGMENTS
        population.divided[tracks] = np.where(in_parts, population.divided[tracks] + self._interval, 0.0)
        split = found.origins[rows] == Origin.SPLIT
        self._hold_looks(tracks[split], found, rows[split])
        is_whole = whole(found.origins[rows])
        population.alone[tracks[is_whole]] += self._interval
        self._renew_looks(tracks[is_whole], found, rows[is_whole])

    def _hold_looks(self, tracks: NDArray[np.int64], found: Detections, rows: NDArray[np.int64]) -> None:
        """Take over what tracks in a shared blob look like: as before, but for the scale of where they are now."""
        population = self._population
        population.x[tracks, motion.EXTENT] = measurements(found.xyxy[rows])[:, motion.EXTENT]
        population.shapes[tracks], population.areas[tracks] = found.covariances[rows], found.areas[rows]

    def _renew_looks(self, tracks: NDArray[np.int64], found: Detections, rows: NDArray[np.int64]) -> None:
        """Blend what tracks look like with what was seen: a running mean at first, then a fading memory."""
        population = self._population
        keep = np.minimum(self.settings.shape_memory, 1 - 1 / population.hits[tracks])
        offsets = found.means[rows] - measurements(found.xyxy[rows])[:, motion.CENTER]
        for remembered, seen in (
            (population.shapes, found.covariances[rows]),
            (population.offsets, offsets),
            (population.areas, found.areas[rows]),
            (
                population.palettes,
                np.where(population.mixed[tracks, None], population.palettes[tracks], found.palettes[rows]),
            ),
        ):
            share = keep.reshape(-1, *(1,) * (seen.ndim - 1))
            remembered[tracks] = share * remembered[tracks] + (1 - share) * seen

    def _start(self, found: Detections, rows: NDArray[np.int64]) -> None:
        """Begin a tentative track at each detection that nobody took."""
        sizes = np.sqrt(np.prod(np.maximum(measurements(found.xyxy[rows])[:, motion.EXTENT], 1.0), axis=1))
        variances = np.empty((len(rows), motion.N_STATES))
        variances[:, : motion.N_MEASURED] = self._errors(sizes)
        variances[:, motion.VELOCITY] = ((self.settings.birth_speed * sizes) ** 2)[:, None]
        self._population.join(Population.born(found, rows, variances, self._time or 0.0, self._n_born))
        self._n_born += len(rows)

    def _confirm(self) -> None:
        """Give an id to each track that was detected often enough, and that is not a thing swaying in its place."""
        population = self._population
        # a detector from outside answers for what it gives, also for what never moves
        moves = (population.travelled >= self.settings.confirm_travel) | (population.made == Origin.GIVEN)
        ready = (population.ids == 0) & (population.hits >= self.settings.confirm_detections) & moves
        n = int(ready.sum())
        population.ids[ready] = self._last_id + 1 + np.arange(n)
        self._last_id += n

    def _end(self) -> None:
        """Give up tracks unseen for too long, or whose place has become too uncertain."""
        population, settings = self._population, self.settings
        unseen = np.asarray(self._time) - population.seen
        patience = np.where(population.ids > 0, settings.coast, settings.tentative_coast)
        lost = (unseen > 0) & (population.spreads > settings.coast_sigma * population.sizes)
        population.keep((unseen <= patience) & ~lost)

    def _tracks(self) -> Tracks:
        """Return the tracks that have an id, and whose place is known."""
        population, settings = self._population, self.settings
        speeds = np.linalg.norm(population.x[:, motion.VELOCITY], axis=1)
        still = speeds < settings.stationary_speed * population.sizes
        states = np.where(still, TrackState.STATIONARY, TrackState.CONFIRMED)
        states = np.where(population.taken < 0, TrackState.COASTING, states)
        certain = (population.taken >= 0) | (population.spreads <= settings.report_sigma * population.sizes)
        shown = np.flatnonzero((population.ids > 0) & certain)
        shown = shown[np.argsort(population.ids[shown])]
        return Tracks(
            ids=population.ids[shown],
            xyxy=population.xyxy[shown],
            states=states[shown].astype(np.int8),
            velocities=population.x[shown][:, motion.VELOCITY],
            covariances=population.P[shown][:, _REPORTED[:, None], _REPORTED],
            scores=population.scores[shown],
            classes=population.classes[shown],
            detections=population.taken[shown],
        )
