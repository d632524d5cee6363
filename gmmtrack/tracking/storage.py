"""Trackers as named arrays: their settings, clock, counters and live tracks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

import numpy as np

from gmmtrack.archive import Parts, part_of, within
from gmmtrack.errors import ArgumentError
from gmmtrack.tracking.population import Population
from gmmtrack.tracking.settings import TrackingSettings

_TRACKS, _FILTERS = "tracks", "filters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a tracker needs to go on exactly.

    filters: what they know beside the population
    agility: the factor of `Agility` · time, interval: of the last update, and since the one before [s]
    last_id: the highest that was given · n_born: tracks so far, those without an id too
    """

    settings: TrackingSettings
    population: Population
    filters: Parts
    agility: float
    time: float | None
    interval: float
    last_id: int
    n_born: int


def parts_of(snapshot: Snapshot) -> Parts:
    """Return a snapshot as named arrays."""
    population = snapshot.population
    parts = {
        "settings": np.array(json.dumps(asdict(snapshot.settings))),
        "agility": np.array(snapshot.agility),
        "time": np.array(np.nan if snapshot.time is None else snapshot.time),
        "interval": np.array(snapshot.interval),
        "last_id": np.array(snapshot.last_id),
        "n_born": np.array(snapshot.n_born),
    }
    parts |= within(_TRACKS, {field.name: getattr(population, field.name) for field in fields(population)})
    return parts | within(_FILTERS, snapshot.filters)


def snapshot_of(parts: Parts) -> Snapshot:
    """Return the snapshot that named arrays hold; an ArgumentError where they do not fit one another."""
    tracks, empty = part_of(_TRACKS, parts), Population.empty()
    columns = {}
    for field in fields(Population):
        column, wanted = tracks[field.name], getattr(empty, field.name)
        shape = (len(tracks["x"]), *wanted.shape[1:])
        if column.shape != shape or column.dtype != wanted.dtype:
            raise ArgumentError(f"{field.name} must be {shape} {wanted.dtype}, got {column.shape} {column.dtype}")
        columns[field.name] = column
    return Snapshot(
        settings=TrackingSettings(**json.loads(str(parts["settings"]))),
        population=Population(**columns),
        filters=part_of(_FILTERS, parts),
        agility=float(parts["agility"]),
        time=None if np.isnan(parts["time"]) else float(parts["time"]),
        interval=float(parts["interval"]),
        last_id=int(parts["last_id"]),
        n_born=int(parts["n_born"]),
    )
