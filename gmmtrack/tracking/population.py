"""Population: everything a tracker remembers of its live tracks, as arrays with one row a track."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import N_COLORS, Detections, Origin
from gmmtrack.detection.predictions import Predictions
from gmmtrack.tracking import kernels, motion

Array = NDArray[np.float64]

_OTHERS = 3.0  # [s] of what a track was itself seen to do weigh as much as what the others do
LAST_WHOLE = int(Origin.BLOB)  # origins up to this one show whole objects


@dataclass(slots=True, kw_only=True)
class Population:
    """Everything a tracker remembers of its live tracks, one row a track.

    x (N, 6), P (N, 6, 6): see `motion` · serials: numbers from birth on · ids: 0 until confirmed
    hits: how often detected · odds: log-odds that it exists · scores, classes: the last
    seen: when last detected [s] · taken: the row of the detection taken in this frame, or -1 · made: its `Origin`
    alone: how long seen whole and in a blob of its own, in all [s] · divided: how long seen in parts, unbroken [s]
    shapes (N, 2, 2) [pixels²], offsets (N, 2) from box centre to centroid [pixels], areas [pixels]: of its own pixels
    extents, places (N, 2): of its box when these were seen, and where that was, remembered as they are [pixels]; of
    boxes given, of the last one
    ways (N, 3): by how much longer than wide it was, times cos and sin of twice its angle, and without, summed up over
    the time it was `alone` [s]
    palettes (N, N_COLORS), silhouettes (N, N_BINS, N_BINS): its colours and its outline · likenesses (N,): how alike
    this was from frame to frame [0-1] · mixed: was in a shared blob, and has not been told apart by its looks since
    usual_areas, area_variances: the mean log of its areas while it was not mixed, and their variance
    fresh_areas: the logs of its areas since then, summed up
    fresh (N, N_COLORS), n_fresh: the colours seen since then, summed up, and in how many frames
    apart: how long seen whole, and beside nobody that it may be a part of, in all [s]
    birthplaces (N, 2): where it was when first seen [pixels]
    moved: was ever its own size away from its birthplace
    beside: the serial of a larger track that it may be a part of, or 0 · beside_at (N, 2): where it is from that one,
    beside_from (N, 2): where that one was at first [pixels]
    """

    x: Array
    P: Array
    serials: NDArray[np.int64]
    ids: NDArray[np.int64]
    hits: NDArray[np.int64]
    odds: Array
    scores: Array
    classes: NDArray[np.int64]
    seen: Array
    taken: NDArray[np.int64]
    made: NDArray[np.int8]
    alone: Array
    divided: Array
    shapes: Array
    offsets: Array
    areas: Array
    extents: Array
    places: Array
    ways: Array
    palettes: Array
    silhouettes: NDArray[np.float32]
    likenesses: Array
    mixed: NDArray[np.bool_]
    usual_areas: Array
    area_variances: Array
    fresh_areas: Array
    fresh: Array
    n_fresh: NDArray[np.int64]
    apart: Array
    birthplaces: Array
    moved: NDArray[np.bool_]
    beside: NDArray[np.int64]
    beside_at: Array
    beside_from: Array

    @staticmethod
    def born(
        found: Detections, rows: NDArray[np.int64], variances: Array, time: float, n_before: int = 0
    ) -> Population:
        """Return new tracks of the chosen detections, with variances (N, 6) of their states, at `time` [s].

        n_before: how many were born before them
        """
        n = len(rows)
        z = kernels.measurements(found.xyxy[rows])
        return Population(
            x=np.concatenate([z, np.zeros((n, 2))], axis=1),
            P=variances[:, :, None] * np.eye(motion.N_STATES),
            serials=n_before + 1 + np.arange(n),
            ids=np.zeros(n, np.int64),
            hits=np.ones(n, np.int64),
            odds=np.zeros(n),
            scores=found.scores[rows],
            classes=found.classes[rows],
            seen=np.full(n, time),
            taken=rows,
            made=found.origins[rows],
            alone=np.zeros(n),
            divided=np.zeros(n),
            shapes=found.covariances[rows],
            offsets=found.means[rows] - z[:, motion.CENTER],
            areas=found.areas[rows],
            extents=z[:, motion.EXTENT],
            places=z[:, motion.CENTER],
            ways=np.zeros((n, 3)),
            palettes=found.palettes[rows],
            silhouettes=found.silhouettes[rows],
            likenesses=np.zeros(n),
            mixed=np.zeros(n, np.bool_),
            usual_areas=log_areas(found.areas[rows]),
            area_variances=np.zeros(n),
            fresh_areas=np.zeros(n),
            fresh=np.zeros((n, N_COLORS)),
            n_fresh=np.zeros(n, np.int64),
            apart=np.zeros(n),
            birthplaces=z[:, motion.CENTER],
            moved=np.zeros(n, np.bool_),
            beside=np.zeros(n, np.int64),
            beside_at=np.zeros((n, 2)),
            beside_from=np.zeros((n, 2)),
        )

    @staticmethod
    def empty() -> Population:
        """Return a population of nobody."""
        return Population.born(Detections.none(), np.zeros(0, np.int64), np.zeros((0, motion.N_STATES)), 0.0)

    def __len__(self) -> int:
        return len(self.x)

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Drop every track that is not chosen."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name)[chosen])

    def join(self, others: Population) -> None:
        """Add the tracks of another population after those here."""
        for field in fields(self):
            joined = np.concatenate([getattr(self, field.name), getattr(others, field.name)])
            setattr(self, field.name, joined)

    @property
    def xyxy(self) -> Array:
        """(N, 4) each track's box [pixels]."""
        return np.asarray(kernels.boxes(self.x))

    @property
    def sizes(self) -> Array:
        """(N,) the root of each track's box area [pixels]."""
        return np.asarray(np.sqrt(np.prod(np.maximum(self.x[:, motion.EXTENT], 1.0), axis=1)))

    def turn(self, least: float) -> NDArray[np.bool_]:
        """Return (N,) which do not always lie the same way: animals seen from above turn, people in the street do not.

        least: by how much their elongation [0-1] is less in the mean over the directions in which they lay (the sample
        circular variance of Mardia and Jupp 2000, each angle weighed by it). Who has not been seen for long is likely
        to do as the others that have moved.
        """
        strayed = self.ways[:, 2] - np.hypot(self.ways[:, 0], self.ways[:, 1])
        others = strayed[self.moved].sum() / max(float(self.alone[self.moved].sum()), _OTHERS)
        return np.asarray(strayed + others * _OTHERS > least * (self.alone + _OTHERS))

    @property
    def memory(self) -> tuple[NDArray[Any], ...]:
        """What `kernels.remember` keeps account of."""
        lasting = self.scores, self.classes, self.odds, self.places, self.extents
        return self.taken, self.made, self.hits, self.seen, *lasting

    @property
    def whereabouts(self) -> tuple[NDArray[Any], ...]:
        """What `surprises.still_near` looks at: where each is expected, and where it was."""
        return self.x, self.ids, self.taken, self.places, self.extents

    @property
    def course(self) -> tuple[NDArray[Any], ...]:
        """What `kernels.confirm` looks at: how each came to be where it is."""
        return self.x, self.ids, self.hits, self.odds, self.made, self.birthplaces, self.moved

    def predictions(self, steady: NDArray[np.bool_], turn: NDArray[np.bool_]) -> Predictions:
        """Return where the tracks are expected, and what they look like."""
        return Predictions(
            ids=self.ids,
            xyxy=self.xyxy,
            means=self.x[:, motion.CENTER] + self.offsets,
            shapes=self.shapes,
            areas=self.areas,
            extents=self.extents,
            palettes=self.palettes,
            silhouettes=self.silhouettes,
            likenesses=self.likenesses,
            places=self.places,
            steady=steady,
            moved=self.moved,
            turn=turn,
            alone=(self.taken >= 0) & whole(self.made),
            divided=self.divided,
        )


def whole(origins: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which detections show a whole object, so that its extent and shape may be measured."""
    return np.asarray(origins <= LAST_WHOLE)


def log_areas(areas: Array) -> Array:
    """Return the logs of areas (N,) [pixels], of which none counts as less than one pixel."""
    return np.asarray(np.log(np.maximum(areas, 1.0)))
