"""Recording: what was seen of every track, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.detections import Detections
from gmmtrack.tracking import motion
from gmmtrack.tracking.population import Population, whole

_STEPS = 255  # roots of shares of colour are kept in 8 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """What was seen of tracks, one row a detection that a track took, in the order of serials and then of frames.

    serials, frames: (N,) int64, which track and in which frame · times: (N,) of these [s]
    ids: (N,) int64, the id that the track had by then, 0 for none · z: (N, 4) centre and extent [pixels]
    origins, scores, classes, detections: (N,) as of `Detections`, and its row · areas: (N,) pixels seen
    shades: (N, N_COLORS) uint8, roots of the shares of its colours in 255ths; zeros where not known
    """

    serials: NDArray[np.int64]
    frames: NDArray[np.int64]
    times: NDArray[np.float64]
    ids: NDArray[np.int64]
    z: NDArray[np.float64]
    origins: NDArray[np.int8]
    scores: NDArray[np.float64]
    classes: NDArray[np.int64]
    detections: NDArray[np.int64]
    areas: NDArray[np.float64]
    shades: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.serials)

    def at(self, rows: NDArray[np.int64] | slice) -> Sightings:
        """Return some of the rows."""
        return Sightings(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @property
    def whole(self) -> NDArray[np.bool_]:
        """(N,) whether the whole object was seen, so that its extent may be measured."""
        return whole(self.origins)

    @property
    def size(self) -> float:
        """The usual root of the box area [pixels]."""
        return float(np.median(np.sqrt(np.prod(np.maximum(self.z[:, motion.EXTENT], 1.0), axis=1))))

    def palette(self) -> NDArray[np.float64]:
        """Return (N_COLORS,) the mean share of each colour, zeros where none was seen."""
        shares = (self.shades[self.shades.any(axis=1)] / _STEPS) ** 2
        return np.asarray(shares.sum(axis=0) / max(shares.sum(), 1e-9))


class Recording:
    """What was seen of every track of a clip, frame by frame, for looking back when it is over.

    It holds about 250 bytes an object and frame, and no image.

    frame_size: (H, W) of the frames [pixels], None where it is not known
    """

    def __init__(self) -> None:
        self.frame_size: tuple[int, int] | None = None
        self._times: list[float] = []
        self._seen: list[Sightings] = []
        self.add(0.0, Population.empty(), Detections.none())  # of nothing, so that there is always something to join
        self._times.clear()

    def __len__(self) -> int:
        return len(self._times)

    def add(self, time: float, population: Population, found: Detections) -> None:
        """Take what a tracker's tracks were given in one frame, just updated at `time` [s]."""
        tracks = np.flatnonzero(population.taken >= 0)
        rows = population.taken[tracks]
        self._seen.append(
            Sightings(
                serials=population.serials[tracks],
                frames=np.full(len(rows), len(self._times)),
                times=np.full(len(rows), time),
                ids=population.ids[tracks],
                z=_center_and_extent(found.xyxy[rows]),
                origins=found.origins[rows],
                scores=found.scores[rows],
                classes=found.classes[rows],
                detections=rows,
                areas=found.counts[rows],
                shades=np.rint(np.sqrt(found.palettes[rows]) * _STEPS).astype(np.uint8),
            )
        )
        self._times.append(time)
        self.frame_size = found.frame_size or self.frame_size

    @property
    def times(self) -> NDArray[np.float64]:
        """(F,) the times of the frames [s]."""
        return np.array(self._times, np.float64)

    def sightings(self) -> Sightings:
        """Return all that was seen."""
        names = [field.name for field in fields(Sightings)]
        seen = Sightings(**{name: np.concatenate([getattr(part, name) for part in self._seen]) for name in names})
        return seen.at(np.lexsort((seen.frames, seen.serials)))

    def turned(self) -> Sightings:
        """Return all that was seen by a tracker that ran backward, at negated times; serials are < 0."""
        seen = self.sightings()
        frames = len(self) - 1 - seen.frames
        seen = replace(seen, serials=-seen.serials, frames=frames, times=-seen.times)
        return seen.at(np.lexsort((seen.frames, seen.serials)))


def _center_and_extent(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]], axis=1)


def corners(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return boxes (N, 4) x0, y0, x1, y1 of centres and extents (N, 4)."""
    half = z[:, motion.EXTENT] / 2
    return np.concatenate([z[:, motion.CENTER] - half, z[:, motion.CENTER] + half], axis=1)


def by_frame(frames: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each frame, of sightings that were in `frames` (N,)."""
    order = np.argsort(frames, kind="stable")
    for run in runs(frames[order]):
        yield order[run]


def runs(keys: NDArray[np.int64]) -> list[slice]:
    """Return the runs of equal values of `keys` (N,), in their order."""
    edges = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(keys)]
    return [slice(start, stop) for start, stop in pairwise(edges) if stop > start]
