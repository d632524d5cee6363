"""`gmmtrack fetch`: public clips into the user's cache."""

from typing import Annotated

import typer


def fetch(
    name: Annotated[str | None, typer.Argument(help="Which clip; all known ones are listed if not given.")] = None,
) -> None:
    """Download a public clip into the user's cache.

    It is checked by its checksum; where it lies is printed."""
    from gmmtrack import fetch as fetching
    from gmmtrack.commands.progress import busy

    if name is None:
        for known, clip in fetching.known_clips().items():
            print(f"{known}  {clip.about}")
        return
    with busy(f"fetching {name}"):
        path = fetching.fetch(name)
    print(path)
