"""The command line: parse, call, print. Whatever a user can put right is one line on stderr and exit code 2."""

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from gmmtrack.commands import bench, demo, evaluate, fetch, masks, settings, track
from gmmtrack.commands.printing import complain
from gmmtrack.errors import GmmtrackError

Command = Callable[..., None]

_INTERRUPTED = 130  # the exit code that shells give to a process ended by Ctrl-C


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments` (those of the process if None) name, and exit."""
    try:
        code = build_app()(args=arguments, prog_name="gmmtrack", standalone_mode=False)
    except GmmtrackError as error:
        complain(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        complain("interrupted")
        sys.exit(_INTERRUPTED)
    except Exception as error:
        # what was typed wrongly: Typer has its own class for it in one version, and Click's in another
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        complain(f"{message()} (--help says what there is)")
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def build_app() -> typer.Typer:
    """Return the application with all its commands."""
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        callback=_start,
        invoke_without_command=True,
    )
    commands: tuple[Command, ...] = (demo.demo, track.track, masks.masks, bench.bench, fetch.fetch, settings.settings)
    for command in commands:
        app.command()(_interruptible(command))
    scores = typer.Typer(help="Score tracks or masks against a truth.", rich_markup_mode=None)
    scores.command()(_interruptible(evaluate.tracks))
    scores.command()(_interruptible(evaluate.masks))
    app.add_typer(scores, name="eval", no_args_is_help=True)
    return app


def _start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version, and nothing else.")] = False,
) -> None:
    """Track everything that moves in front of a camera that stands still."""
    if version:
        from importlib.metadata import version as version_of

        print(f"gmmtrack {version_of('gmmtrack')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _interruptible(command: Command) -> Command:
    """Return `command`, ending in one line and exit code 130 where the user interrupts it."""

    @functools.wraps(command)
    def run(*args: object, **options: object) -> None:
        try:
            command(*args, **options)
        except KeyboardInterrupt:
            complain("interrupted")
            raise typer.Exit(_INTERRUPTED) from None

    return run
