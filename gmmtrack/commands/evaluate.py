"""`gmmtrack eval`: scores of tracks and of masks against a truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gmmtrack.commands.options import Changes, Config, N_Threads

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gmmtrack.evaluation import MaskScores


def tracks(
    truth: Annotated[Path, typer.Argument(metavar="GT", help="MOT text, or CSV of centres: frame0, id, cx, cy.")],
    found: Annotated[Path, typer.Argument(metavar="TRACKS", help="The same, of the tracks.")],
    iou: Annotated[float, typer.Option(help="Boxes match from this intersection over union.")] = 0.5,
    reach: Annotated[
        float | None, typer.Option(metavar="PIXELS", help="Compare centres, which match up to this distance apart.")
    ] = None,
) -> None:
    """Score tracks: HOTA, CLEAR and identity metrics, by TrackEval."""
    from gmmtrack.commands.printing import print_table
    from gmmtrack.evaluation import score_tracks, scores_table

    print_table(scores_table({found.name: score_tracks(truth, found, iou=iou, reach=reach)}))


def masks(
    folder: Annotated[Path, typer.Argument(help="A sequence laid out as CDnet 2014 has it.", show_default=False)],
    written: Annotated[
        Path | None, typer.Option("--masks", metavar="FOLDER", help="Score these, not those of the background model.")
    ] = None,
    config: Config = None,
    changes: Changes = None,
    n_threads: N_Threads = None,
) -> None:
    """Score masks on a folder, by the rules of CDnet 2014."""
    from gmmtrack.commands.printing import print_table
    from gmmtrack.commands.threads import use_threads
    from gmmtrack.evaluation import score_masks, scores_table

    use_threads(n_threads)
    scores = _score_model(folder, config, changes or []) if written is None else score_masks(folder, written)
    print_table(scores_table({folder.resolve().name: scores}))


def _score_model(folder: Path, config: Path | None, changes: list[str]) -> "MaskScores":
    from gmmtrack.background import BackgroundModel
    from gmmtrack.commands.progress import progress
    from gmmtrack.config import configure
    from gmmtrack.evaluation import score_masks
    from gmmtrack.evaluation.cdnet import open_cdnet

    model = BackgroundModel.of(configure(config, changes, preset="robust").pipeline.background)
    n_images = len(open_cdnet(folder).images)
    with progress(folder.name, n_images) as advance:

        def apply(image: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
            advance()
            return model.apply(image)

        return score_masks(folder, apply)
