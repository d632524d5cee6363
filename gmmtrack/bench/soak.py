"""A soak: the whole loop on an endless rendered scene, to see that nothing grows and nothing slows down."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from gmmtrack.bench.comparison import Comparison, column
from gmmtrack.bench.machine import this_machine
from gmmtrack.errors import ArgumentError
from gmmtrack.frames.frame import Frame
from gmmtrack.pipeline import Pipeline

_SIZE = (160, 90)  # [pixels]
_N_PARTS = 10


@dataclass(frozen=True, slots=True)
class SoakRow:
    """One stretch of the soak: where it ended, the time of a frame in it, and the most memory ever held until then.

    milliseconds: of all processors together, which what else runs on the machine does not change much
    n_returned: ids that came back after they were gone, or two at once; there should be none
    """

    n_frames: int = column("frames so far")
    milliseconds: float = column("CPU ms a frame")
    memory: float = column("peak memory [MB]", 1)
    n_ids: int = column("ids so far")
    n_returned: int = column("ids given twice")


def bench_soak(n_frames: int = 200_000) -> Comparison:
    """Return how long frames take and how much memory is held, stretch by stretch of an endless rendered scene.

    Parameters
    ----------
    n_frames
        >= 10, of 160x90 pixels; rendering them is not timed.
    """
    if n_frames < _N_PARTS:
        raise ArgumentError(f"n_frames must be >= {_N_PARTS}, got {n_frames!r}")
    note = f"frames of {_SIZE[0]}x{_SIZE[1]} pixels of the scene `endless`, rendering not timed"
    return Comparison(title="Soak", rows=tuple(_stretches(n_frames)), note=note, machine=this_machine())


def _stretches(n_frames: int) -> Iterator[SoakRow]:
    from gmmtrack.scenes import scene
    from gmmtrack.scenes.writing import displayable

    pipeline, seconds, last, n_returned, length = Pipeline(), 0.0, 0, 0, n_frames // _N_PARTS
    alive: set[int] = set()
    for true in scene("endless", size=_SIZE, duration=None).frames():
        frame = Frame(displayable(true.image), true.index, true.time)
        begun = time.process_time()
        ids = pipeline.process(frame).tracks.ids.tolist()
        seconds += time.process_time() - begun
        n_returned += len(ids) - len(set(ids)) + sum(number <= last and number not in alive for number in ids)
        # who was not reported for a moment may come back as long as the tracker follows him
        alive, last = set(pipeline.tracker.population.ids.tolist()), max([last, *ids])
        if (true.index + 1) % length == 0:
            yield SoakRow(true.index + 1, 1e3 * seconds / length, _peak_memory(), last, n_returned)
            seconds = 0.0
        if true.index + 1 == length * _N_PARTS:
            return


def _peak_memory() -> float:
    """Return the most memory that the process ever held [MB], NaN where the system does not tell."""
    try:
        import resource
    except ImportError:  # on Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
