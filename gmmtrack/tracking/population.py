"""Population: everything a tracker remembers of its live tracks, as arrays with one row a track."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True, kw_only=True)
class Population:
    """Everything a tracker remembers of its live tracks, one row a track.

    x (N, 6), P (N, 6, 6): see `motion` · ids: 0 until confirmed · hits: how often detected
    seen: when last detected [s] · born: when first detected [s] · scores: of the last detection
    shapes (N, 2, 2) [pixels²], offsets (N, 2) from box centre to centroid [pixels], counts [pixels]: of its own pixels
    origins (N, 2): the centre at birth [pixels] · moved: was ever its own size away from there · taken: the row of the detection taken in this frame, or -1
    """

    x: NDArray[np.float64]
    P: NDArray[np.float64]
    ids: NDArray[np.int64]
    hits: NDArray[np.int64]
    seen: NDArray[np.float64]
    born: NDArray[np.float64]
    scores: NDArray[np.float64]
    classes: NDArray[np.int64]
    shapes: NDArray[np.float64]
    offsets: NDArray[np.float64]
    counts: NDArray[np.float64]
    origins: NDArray[np.float64]
    moved: NDArray[np.bool_]
    taken: NDArray[np.int64]

    @staticmethod
    def empty() -> Population:
        """Return a population of nobody."""
        return Population(
            x=np.zeros((0, 6)),
            P=np.zeros((0, 6, 6)),
            ids=np.zeros(0, np.int64),
            hits=np.zeros(0, np.int64),
            seen=np.zeros(0),
            born=np.zeros(0),
            scores=np.zeros(0),
            classes=np.zeros(0, np.int64),
            shapes=np.zeros((0, 2, 2)),
            offsets=np.zeros((0, 2)),
            counts=np.zeros(0),
            origins=np.zeros((0, 2)),
            moved=np.zeros(0, np.bool_),
            taken=np.zeros(0, np.int64),
        )

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
    def sizes(self) -> NDArray[np.float64]:
        """(N,) the root of each track's box area [pixels]."""
        return np.sqrt(np.prod(np.maximum(self.x[:, 2:4], 1.0), axis=1))

    @property
    def xyxy(self) -> NDArray[np.float64]:
        """(N, 4) boxes [pixels]."""
        half = np.maximum(self.x[:, 2:4], 1.0) / 2
        return np.concatenate([self.x[:, :2] - half, self.x[:, :2] + half], axis=1)
