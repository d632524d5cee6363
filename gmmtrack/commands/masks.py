"""`gmmtrack masks`: a source to masks, by the background model alone."""

from pathlib import Path
from typing import Annotated

import typer

from gmmtrack.commands.options import Changes, Config, FrameRate, N_Threads, Source


def masks(
    source: Source,
    output: Annotated[
        Path, typer.Option(metavar="FOLDER|OUT.mp4", help="PNG images into a folder, or a video.", show_default=False)
    ],
    config: Config = None,
    changes: Changes = None,
    frame_rate: FrameRate = None,
    n_threads: N_Threads = None,
) -> None:
    """Write what moves in SOURCE as masks.

    0 is background, 127 shadow, 255 foreground.
    The background model works alone here; `gmmtrack track --masks` writes those that tracking makes use of.
    """
    from gmmtrack.background import BackgroundModel
    from gmmtrack.commands.printing import warn
    from gmmtrack.commands.progress import progress
    from gmmtrack.commands.tally import Tally
    from gmmtrack.commands.threads import use_threads
    from gmmtrack.config import configure
    from gmmtrack.frames import open_source, read_ahead
    from gmmtrack.outputs.result import Result
    from gmmtrack.outputs.writers import open_writers
    from gmmtrack.tracking import Tracker

    use_threads(n_threads)
    settings = configure(config, changes or (), preset="robust").pipeline
    nobody = Tracker().update([])
    with (
        open_source(source, frame_rate=frame_rate) as frames,
        open_writers({"masks": output}, source=frames.name) as writers,
        progress(frames.name, frames.n_frames) as advance,
    ):
        tally = Tally()
        model = BackgroundModel.of(settings.background)
        if settings.prime:
            model.prime(frames.sample(settings.prime))
        for frame, image in read_ahead((frame, frame.image) for frame in frames):
            result = Result(frame=frame, reduced_mask=model.apply(image, time=frame.time), tracks=nobody)
            writers.write(result)
            tally.add(result)
            advance()
    if frames.problem:
        warn(frames.problem)
    print(f"{frames.name}: {tally.length(frames.frame_rate)}")
    print(f"  took   {tally.speed()}")
    print(f"  wrote  masks  {output}")
