"""What is said to the user: tables on stdout, complaints on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

_WIDE = 200  # [columns] of a file or pipe, which has no edge to wrap at


def print_table(table: Table) -> None:
    """Print a rich table; without colours and cuts where stdout is not a terminal."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def warn(text: str) -> None:
    """Say in one line on stderr what the user should know."""
    complain(f"warning: {text}")


def complain(text: str) -> None:
    """Say in one line on stderr what went wrong."""
    print(f"gmmtrack: {' '.join(text.split())}", file=sys.stderr, flush=True)
