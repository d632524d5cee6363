"""`gmmtrack demo`: the bundled clip, tracked and compared with its truth."""

from pathlib import Path
from typing import Annotated

import typer

_CLIP = "street"


def demo(
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write.")] = Path("output"),
) -> None:
    """Track a bundled clip, and compare with its truth.

    Writes the annotated video and the tracks into a folder."""
    from gmmtrack.commands.run import run
    from gmmtrack.commands.track import default_paths
    from gmmtrack.config import Configuration
    from gmmtrack.frames import open_source
    from gmmtrack.scenes import bundled_clips

    clip = bundled_clips()[_CLIP]
    paths = default_paths(output, _CLIP)
    with open_source(clip) as frames:
        run(frames, paths, Configuration())
    _compare(clip.with_suffix(".txt"), paths["mot"])


def _compare(truth: Path, tracks: Path | None) -> None:
    from gmmtrack.errors import MissingExtraError
    from gmmtrack.evaluation import score_tracks

    assert tracks is not None
    try:
        scores = score_tracks(truth, tracks)
    except MissingExtraError as error:
        print(f"  truth  not compared: {error}")
        return
    shares = f"HOTA {scores.hota:.3f}, MOTA {scores.mota:.3f}, IDF1 {scores.idf1:.3f}"
    print(f"  truth  {scores.n_true_ids} objects; {shares}, {scores.id_switches} id switches")
