"""run: track a source into files, and say what was found."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import typer

from gmmtrack.commands.printing import complain, warn
from gmmtrack.commands.progress import progress
from gmmtrack.commands.tally import Tally, count
from gmmtrack.config import Configuration
from gmmtrack.frames import FrameSource
from gmmtrack.outputs.writers import NEED_IMAGES, Writers, open_writers
from gmmtrack.pipeline import track

Paths = Mapping[str, Path | None]


def run(
    source: FrameSource, paths: Paths, configuration: Configuration, *, show: bool = False, offline: bool | None = None
) -> None:
    """Track `source` into the files of `paths` (kinds of output, and where each goes), and print a summary.

    offline: look back over the whole clip first; None to do so where the source can be read twice and is not shown.

    An interrupt ends the run, not what was written: outputs are closed, one line says so, and the exit code is 130.
    """
    tally = Tally()
    offline = source.repeats and not show if offline is None else offline
    images = show or any(paths.get(kind) for kind in NEED_IMAGES)
    with open_writers(paths, source=source.name, drawing=configuration.drawing) as writers:
        try:
            _track(source, writers, configuration, tally, show=show, offline=offline, images=images)
        except KeyboardInterrupt:
            writers.close()
            kept = "; what was written is kept" if tally.n_frames and any(paths.values()) else ""
            complain(f"interrupted after {count(tally.n_frames, 'frame')}{kept}")
            raise typer.Exit(130) from None
    if source.problem or source.n_bad:
        warn(source.problem or f"{source.name}: {count(source.n_bad, 'frame')} did not decode")
    _summarise(source, paths, tally)


def _track(
    source: FrameSource,
    writers: Writers,
    configuration: Configuration,
    tally: Tally,
    *,
    show: bool,
    offline: bool,
    images: bool,
) -> None:
    with ExitStack() as stack:
        window = None
        if show:
            from gmmtrack.commands.window import Window

            window = stack.enter_context(Window(f"gmmtrack - {source.name}", configuration.drawing))
        n_readings = 2 if offline else 1
        advance = stack.enter_context(progress(source.name, source.n_frames and n_readings * source.n_frames))
        results = track(source, configuration.pipeline, offline=offline, images=images, advance=advance)
        stack.enter_context(closing(results))  # type: ignore[type-var]
        for result in results:
            writers.write(result)
            tally.add(result)
            advance()
            if window is not None and not window.show(result):
                return


def _summarise(source: FrameSource, paths: Paths, tally: Tally) -> None:
    print(f"{source.name}: {tally.length(source.frame_rate)}")
    print(f"  found  {tally.tracks()}")
    if tally.events():
        print(f"  told   {tally.events()}")
    print(f"  took   {tally.speed()}")
    for kind, path in paths.items():
        if path is not None and path.exists():
            print(f"  wrote  {kind:5}  {path}")
