"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[
    str, typer.Argument(help="A video, a folder or glob of images, a camera's number, or a URL.", show_default=False)
]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE.toml", help="Settings; see `gmmtrack settings`.")
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One setting, e.g. tracking.gate=3.5; may be given many times."),
]
FrameRate = Annotated[
    float | None,
    typer.Option(metavar="HZ", help="Frames a second, instead of the source's own time stamps."),
]
N_Threads = Annotated[
    int | None, typer.Option("--threads", metavar="N", help="Threads to compute with; all if not given.")
]
