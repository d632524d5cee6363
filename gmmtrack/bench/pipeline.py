"""The whole loop, from file to tracks, against what one would assemble from today's parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gmmtrack.bench.assembly import check_readable, pick_tracker, run_assembly
from gmmtrack.bench.clips import Clip, clip_name, clips
from gmmtrack.bench.comparison import Comparison, column
from gmmtrack.bench.machine import this_machine
from gmmtrack.bench.timing import interleave, limited_threads, medians, thread_counts
from gmmtrack.errors import ArgumentError
from gmmtrack.frames.open import open_source

_DECODING = "decoding alone"


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """One way to track one clip: median frames a second, and how many times as fast as the assembly it is.

    warm_up: [s] how much longer the very first run took, which compiles and loads
    """

    clip: str = column("clip")
    n_threads: int = column("threads")
    method: str = column("method")
    n_frames: int = column("frames")
    frames_per_second: float = column("frames/s", 1)
    ratio: float = column("this / assembly")
    warm_up: float = column("warm-up [s]", 1)


def bench_pipeline(
    source: Clip | Sequence[Clip] | None = None, threads: Sequence[int] | None = None, *, n_runs: int = 3
) -> Comparison:
    """Return how fast `gmmtrack.track` is, reading included, against MOG2, clean-up and an off-the-shelf SORT.

    Decoding alone, gmmtrack's, is measured with them: the rate that no program can exceed.

    Parameters
    ----------
    source
        A video or folder of images, or several; by default the bundled clips.
    threads
        Numbers of threads to measure with; by default one, and all. Decoders keep threads of their own.
    n_runs
        >= 1, whole runs of each side, in turns, after one that warms up and is told apart.

    Raises
    ------
    ArgumentError, SourceError
        An argument out of its bounds; a clip that cannot be read.
    """
    if n_runs < 1:
        raise ArgumentError(f"n_runs must be >= 1, got {n_runs!r}")
    counts = thread_counts(threads)
    rows: list[PipelineRow] = []
    for clip in clips(source):
        check_readable(clip)
        for count in counts:
            rows += _compare(clip, count, n_runs)
    note = "whole runs in turns, each side reading the file itself; the median of those after the first"
    return Comparison(title="From file to tracks", rows=tuple(rows), note=note, machine=this_machine())


def _compare(clip: Path, n_threads: int, n_runs: int) -> list[PipelineRow]:
    name, new_tracker = pick_tracker()
    assembly = f"MOG2 + clean-up + {name}"
    frames: dict[str, int] = {}
    sides = {
        _DECODING: _counting(_DECODING, frames, lambda: _decode(clip)),
        assembly: _counting(assembly, frames, lambda: run_assembly(clip, new_tracker())),
        "gmmtrack": _counting("gmmtrack", frames, lambda: _run_own(clip)),
    }
    with limited_threads(n_threads):
        times = interleave(sides, range(n_runs + 1))
    seconds = medians(times, n_warm=1)
    rates = {side: frames[side] / seconds[side] for side in sides}
    return [
        PipelineRow(
            clip_name(clip),
            n_threads,
            side,
            frames[side],
            rates[side],
            rates[side] / rates[assembly],
            max(times[side][0] - seconds[side], 0.0),
        )
        for side in sides
    ]


def _counting(side: str, frames: dict[str, int], run: Callable[[], int]) -> Callable[[int], None]:
    """Return a run that notes under `side` how many frames it saw."""

    def noted(_: int) -> None:
        frames[side] = run()

    return noted


def _decode(clip: Path) -> int:
    with open_source(clip) as frames:
        return sum(frame.image.shape[2] == 3 for frame in frames)  # which is made when it is asked for


def _run_own(clip: Path) -> int:
    from gmmtrack.pipeline import track

    return sum(1 for _ in track(clip))
