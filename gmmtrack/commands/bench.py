"""`gmmtrack bench`: side by side with what else is installed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from gmmtrack.errors import ArgumentError

if TYPE_CHECKING:
    from gmmtrack.bench import Comparison

_KINDS = ("background", "mixture", "tracking")
_SOAK = "soak"  # takes half an hour, so only when it is asked for


def bench(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[background|mixture|tracking|soak] [SOURCES]", help="What, and on which videos."),
    ] = None,
    n_threads: Annotated[
        list[int] | None, typer.Option("--threads", metavar="N", help="Number of threads; may be given many times.")
    ] = None,
) -> None:
    """Measure side by side with other libraries.

    OpenCV's background models, scikit-learn's mixture, a tracker assembled of today's parts.
    All three on the bundled clips unless told otherwise. Background models also on rendered scenes, by name:
    "static 1080p", "three modes", "everything moves".
    `soak` runs the whole loop for 200000 rendered frames, or as many as are given: time, memory and ids must stay flat.
    """
    from gmmtrack.bench import comparison_table
    from gmmtrack.commands.printing import print_table
    from gmmtrack.commands.progress import busy

    kinds, sources = _split(what or [])
    for kind in kinds:
        with busy(f"measuring {kind}"):
            comparison = _measures()[kind](sources, n_threads)
        print_table(comparison_table(comparison))


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Return what is measured, and on which sources."""
    if words[:1] == [_SOAK]:
        return words[:1], words[1:]
    if not words or words[0] not in _KINDS:
        return (["background", "tracking"] if words else list(_KINDS)), words
    if words[0] == "mixture" and len(words) > 1:
        raise ArgumentError(f"bench mixture must be given no sources, got {', '.join(words[1:])}")
    return words[:1], words[1:]


def _measures() -> dict[str, Callable[[list[str], list[int] | None], "Comparison"]]:
    from gmmtrack.bench import bench_background, bench_mixture, bench_pipeline

    return {
        _SOAK: lambda numbers, _: _soak(numbers),
        "background": lambda sources, threads: bench_background(sources, threads),
        "mixture": lambda *_: bench_mixture(),
        "tracking": lambda sources, threads: bench_pipeline(sources, threads),
    }


def _soak(numbers: list[str]) -> "Comparison":
    """Return the soak of as many frames as the one number says, or of its own."""
    from gmmtrack.bench import bench_soak

    if len(numbers) > 1 or not all(number.isdecimal() for number in numbers):
        raise ArgumentError(f"bench soak must be given one number of frames, got {' '.join(numbers)}")
    return bench_soak(*map(int, numbers))
