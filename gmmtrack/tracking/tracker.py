"""Tracker: detections -> tracks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.detection.predictions import Predictions
from gmmtrack.errors import ArgumentError
from gmmtrack.tracking import motion
from gmmtrack.tracking.association import assign, box_overlaps, squared_distances
from gmmtrack.tracking.given import given_detections
from gmmtrack.tracking.population import Population
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.tracks import Tracks, TrackState

_NOMINAL_INTERVAL = 0.04  # [s] between updates whose times are not told
_CHI2_MEDIAN = 1.386  # of the squared Mahalanobis distance in the plane
_AGILITY_STEP = 0.02
_UNMEASURED = 1e4  # [sizes] error of an extent that a detection says nothing about


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
        if settings is not None and changes:
            raise ArgumentError(f"settings must not be given together with {', '.join(changes)}")
        known = TrackingSettings.__dataclass_fields__
        for name in changes:
            if name not in known:
                raise ArgumentError(f"unknown tracking setting {name!r}; there are {', '.join(known)}")
        self.settings = settings or TrackingSettings(**changes)
        self._population = Population.empty()
        self._time: float | None = None
        self._last_id = 0
        self._agility = 1.0  # how much more the objects of this scene accelerate than the settings say

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
        """
        found = given_detections(detections, scores, classes, masks)
        self.predict(time)
        tracks, rows = self._associate(found)
        self._correct(tracks, found, rows)
        self._remember(tracks, found, rows)
        self._start(found, np.setdiff1d(np.arange(len(found)), rows))
        population = self._population
        population.moved |= np.linalg.norm(population.x[:, :2] - population.origins, axis=1) > population.sizes
        self._confirm()
        self._end()
        return self._tracks()

    def predict(self, time: float | None = None) -> Predictions:
        """Advance every track to `time` [s], and return where each is expected and what it looks like.

        `update` to the same time afterwards does not advance them again.
        """
        interval = self._advance(time)
        population = self._population
        if interval > 0 and len(population):
            sizes = population.sizes
            population.x, population.P = motion.predict(
                population.x,
                population.P,
                interval,
                self.settings.acceleration * self._agility * sizes,
                self.settings.extent_drift * sizes,
            )
        return Predictions(
            xyxy=population.xyxy,
            means=population.x[:, motion.CENTER] + population.offsets,
            uncertainties=population.P[:, motion.CENTER, motion.CENTER],
            shapes=population.shapes,
            counts=population.counts,
            steady=population.hits >= self.settings.confirm_detections,
            moved=population.moved,
        )

    def _advance(self, time: float | None) -> float:
        """Move the clock to `time`, and return by how much [s]."""
        if time is None:
            time = 0.0 if self._time is None else self._time + _NOMINAL_INTERVAL
        if self._time is not None and not time >= self._time:
            raise ArgumentError(f"time must be >= {self._time:g} s, that of the last update, got {time!r}")
        interval = 0.0 if self._time is None else time - self._time
        self._time = float(time)
        return interval

    def _associate(self, found: Detections) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of the tracks and detections that belong together."""
        population = self._population
        # EM has told already whose a split hypothesis is
        rows = np.flatnonzero(found.origins == Origin.SPLIT)
        tracks = found.predictions[rows]
        free_tracks = np.setdiff1d(np.arange(len(population)), tracks)
        free_rows = np.setdiff1d(np.arange(len(found)), rows)
        if not len(free_tracks) or not len(free_rows):
            return tracks, rows
        costs, allowed = self._costs(free_tracks, found, free_rows)
        likely, reachable = allowed
        believed = (population.ids[free_tracks] > 0)[:, None]
        # those with an id choose first; what is left may take what is near, however unlikely
        for eligible in (likely & believed, likely, reachable & believed, reachable):
            open_ = (
                eligible & np.isin(free_tracks, tracks, invert=True)[:, None] & np.isin(free_rows, rows, invert=True)
            )
            first, taken = assign(costs, open_)
            tracks, rows = np.concatenate([tracks, free_tracks[first]]), np.concatenate([rows, free_rows[taken]])
        return tracks, rows

    def _costs(
        self, tracks: NDArray[np.int64], found: Detections, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        """Return (N, M) costs of letting tracks take detections, which of these are likely, and which within reach."""
        population, settings = self._population, self.settings
        measured = _measurements(found.xyxy[rows])
        R = self._errors(population.sizes[tracks], np.zeros(len(tracks), np.bool_))
        innovations = measured[None] - population.x[tracks][:, None, : motion.N_MEASURED]
        S = population.P[tracks][:, : motion.N_MEASURED, : motion.N_MEASURED] + R[:, :, None] * np.eye(
            motion.N_MEASURED
        )
        distances2 = squared_distances(innovations[:, :, :2], S[:, :2, :2])
        extents2 = squared_distances(innovations[:, :, 2:], S[:, 2:, 2:])
        overlaps = box_overlaps(population.xyxy[tracks], found.xyxy[rows])
        costs = distances2 + settings.extent_weight * extents2 - settings.overlap_weight * overlaps
        steps = np.linalg.norm(innovations[:, :, :2], axis=2) / population.sizes[tracks][:, None]
        return costs, (distances2 < settings.gate**2, steps < settings.reach)

    def _errors(self, sizes: NDArray[np.float64], shared: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return (N, 4) variances of measurements; where a blob was shared, the extent was not measured."""
        errors = np.empty((len(sizes), motion.N_MEASURED))
        errors[:, motion.CENTER] = (self.settings.position_sigma * np.where(shared, 1.5, 1.0) * sizes)[:, None]
        errors[:, motion.EXTENT] = (np.where(shared, _UNMEASURED, self.settings.extent_sigma) * sizes)[:, None]
        return errors**2

    def _correct(self, tracks: NDArray[np.int64], found: Detections, rows: NDArray[np.int64]) -> None:
        """Let tracks take their detections."""
        population = self._population
        population.taken[:] = -1
        if not len(tracks):
            return
        R = self._errors(population.sizes[tracks], found.origins[rows] == Origin.SPLIT)
        z = _measurements(found.xyxy[rows])
        self._learn_agility(tracks, z, R, found.origins[rows] != Origin.SPLIT)
        population.x[tracks], population.P[tracks] = motion.correct(population.x[tracks], population.P[tracks], z, R)
        population.taken[tracks] = rows
        population.hits[tracks] += 1
        population.seen[tracks] = self._time
        population.scores[tracks] = found.scores[rows]
        known = found.classes[rows] >= 0
        population.classes[tracks[known]] = found.classes[rows[known]]

    def _learn_agility(
        self, tracks: NDArray[np.int64], z: NDArray[np.float64], R: NDArray[np.float64], alone: NDArray[np.bool_]
    ) -> None:
        """Move the scene's agility to where half of the innovations fall within the median of what is expected."""
        old = alone & (self._population.hits[tracks] >= 2)
        tracks, z, R = tracks[old], z[old], R[old]
        if not len(tracks):
            return
        S = self._population.P[tracks][:, :2, :2] + R[:, :2, None] * np.eye(2)
        innovations = z[:, :2] - self._population.x[tracks, :2]
        distances2 = np.einsum("ni,nij,nj->n", innovations, np.linalg.inv(S), innovations)
        surprises = np.where(distances2 > _CHI2_MEDIAN, 1.0, -1.0).sum()
        lowest, highest = 0.3, 100.0
        self._agility = float(np.clip(self._agility * np.exp(_AGILITY_STEP * surprises), lowest, highest))

    def _remember(self, tracks: NDArray[np.int64], found: Detections, rows: NDArray[np.int64]) -> None:
        """Renew what tracks look like, where they were seen alone."""
        alone = found.origins[rows] != Origin.SPLIT
        tracks, rows = tracks[alone], rows[alone]
        population = self._population
        keep = np.minimum(self.settings.shape_memory, 1 - 1 / population.hits[tracks])
        offsets = found.means[rows] - _measurements(found.xyxy[rows])[:, :2]
        for remembered, seen in (
            (population.shapes, found.covariances[rows]),
            (population.offsets, offsets),
            (population.counts, found.counts[rows]),
        ):
            share = keep.reshape(-1, *(1,) * (seen.ndim - 1))
            remembered[tracks] = share * remembered[tracks] + (1 - share) * seen

    def _start(self, found: Detections, rows: NDArray[np.int64]) -> None:
        """Begin a tentative track at each detection that nobody took."""
        n = len(rows)
        z = _measurements(found.xyxy[rows])
        sizes = np.sqrt(np.prod(np.maximum(z[:, 2:], 1.0), axis=1))
        variances = np.empty((n, motion.N_STATES))
        variances[:, : motion.N_MEASURED] = self._errors(sizes, np.zeros(n, np.bool_))
        variances[:, motion.VELOCITY] = ((self.settings.birth_speed * sizes) ** 2)[:, None]
        self._population.join(
            Population(
                x=np.concatenate([z, np.zeros((n, 2))], axis=1),
                P=variances[:, :, None] * np.eye(motion.N_STATES),
                ids=np.zeros(n, np.int64),
                hits=np.ones(n, np.int64),
                seen=np.full(n, self._time, np.float64),
                born=np.full(n, self._time, np.float64),
                scores=found.scores[rows],
                classes=found.classes[rows],
                shapes=found.covariances[rows],
                offsets=found.means[rows] - z[:, :2],
                counts=found.counts[rows],
                origins=z[:, :2],
                moved=np.zeros(n, np.bool_),
                taken=rows,
            )
        )

    def _confirm(self) -> None:
        """Give an id to each track that was detected often enough."""
        population = self._population
        travelled = np.linalg.norm(population.x[:, :2] - population.origins, axis=1) / population.sizes
        believed = (population.hits >= self.settings.confirm_detections) & (travelled >= self.settings.confirm_travel)
        ready = np.flatnonzero((population.ids == 0) & believed)
        population.ids[ready] = self._last_id + 1 + np.arange(len(ready))
        self._last_id += len(ready)

    def _end(self) -> None:
        """Give up tracks unseen for too long, or whose place has become too uncertain."""
        population, settings = self._population, self.settings
        unseen = np.asarray(self._time) - population.seen
        patience = np.where(population.ids > 0, settings.coast, settings.tentative_coast)
        spread = np.sqrt(population.P[:, [0, 1], [0, 1]].max(axis=1, initial=0))
        lost = (unseen > 0) & (spread > settings.coast_sigma * population.sizes)
        population.keep((unseen <= patience) & ~lost)

    def _tracks(self) -> Tracks:
        """Return the tracks that have an id."""
        population = self._population
        speeds = np.linalg.norm(population.x[:, motion.VELOCITY], axis=1)
        still = speeds < self.settings.stationary_speed * population.sizes
        states = np.where(still, TrackState.STATIONARY, TrackState.CONFIRMED)
        states = np.where(population.taken < 0, TrackState.COASTING, states)
        spread = np.sqrt(population.P[:, [0, 1], [0, 1]].max(axis=1, initial=0))
        certain = (population.taken >= 0) | (spread <= self.settings.report_sigma * population.sizes)
        known = np.flatnonzero((population.ids > 0) & certain)
        known = known[np.argsort(population.ids[known])]
        parts = np.array([0, 1, 4, 5])
        return Tracks(
            ids=population.ids[known],
            xyxy=population.xyxy[known],
            states=states[known].astype(np.int8),
            velocities=population.x[known][:, motion.VELOCITY],
            covariances=population.P[known][:, parts[:, None], parts],
            scores=population.scores[known],
            classes=population.classes[known],
            detections=population.taken[known],
        )


def _measurements(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, 4) centre and extent of boxes."""
    return np.concatenate([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]], axis=1)
