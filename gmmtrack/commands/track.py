"""`gmmtrack track`: a source to annotated video, tracks and masks."""

import re
from pathlib import Path
from typing import Annotated

import typer

from gmmtrack.commands.options import Changes, Config, FrameRate, N_Threads, Source

Output = Path | None
_FOLDER = Path("output")


def track(
    source: Source,
    video: Annotated[Output, typer.Option(metavar="OUT.mp4", help="Write the annotated video.")] = None,
    mot: Annotated[Output, typer.Option(metavar="OUT.txt", help="Write tracks as MOTChallenge text.")] = None,
    csv: Annotated[Output, typer.Option(metavar="FILE", help="Write tracks as comma-separated values.")] = None,
    jsonl: Annotated[Output, typer.Option(metavar="FILE", help="Write tracks as JSON lines, one a frame.")] = None,
    masks: Annotated[Output, typer.Option(metavar="FOLDER|OUT.mp4", help="Write the masks.")] = None,
    offline: Annotated[
        bool | None,
        typer.Option(
            "--offline/--online",
            help="Look back over the whole clip, or tell what is known frame by frame. Files are looked back on "
            "unless they are shown.",
            show_default=False,
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Show it in a window; q or Esc ends.")] = False,
    config: Config = None,
    changes: Changes = None,
    frame_rate: FrameRate = None,
    n_threads: N_Threads = None,
) -> None:
    """Track everything that moves in SOURCE.

    Without an output and without --show, the annotated video and the tracks go into ./output.
    """
    from gmmtrack.commands.run import run
    from gmmtrack.commands.threads import use_threads
    from gmmtrack.config import configure
    from gmmtrack.frames import open_source

    use_threads(n_threads)
    configuration = configure(config, changes or ())
    paths = {"video": video, "mot": mot, "csv": csv, "jsonl": jsonl, "masks": masks}
    with open_source(source, frame_rate=frame_rate) as frames:
        if not show and not any(paths.values()):
            paths = default_paths(_FOLDER, frames.name)
        run(frames, paths, configuration, show=show, offline=offline)


def default_paths(folder: Path, name: str) -> dict[str, Path | None]:
    """Return where the annotated video and the tracks of a source go, in `folder`, which is made."""
    from gmmtrack.outputs.destination import cannot_write

    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    stem = re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.") or "tracks"
    return {"video": folder / f"{stem}.mp4", "mot": folder / f"{stem}.txt"}
