"""Comparison: what was measured side by side, and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from gmmtrack.bench.machine import Machine

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was measured side by side.

    title: what · rows: one or more, a method and case each, all of one dataclass · note: how · machine: on what
    """

    title: str
    rows: tuple[Any, ...]
    note: str
    machine: Machine


def column(title: str, digits: int = 2) -> Any:
    """Declare a field of a row: its heading, and how many digits of it are shown after the point."""
    return field(metadata={"title": title, "digits": digits})


def comparison_table(comparison: Comparison) -> Table:
    """Return a rich table of a comparison; its caption says how and on what it was measured."""
    from rich.table import Table

    table = Table(title=comparison.title, caption=f"{comparison.note}\n{comparison.machine}", caption_justify="left")
    shown = fields(comparison.rows[0])
    for item in shown:
        table.add_column(item.metadata["title"], justify="left" if item.type == "str" else "right")
    for row in comparison.rows:
        table.add_row(*(_text(getattr(row, item.name), item.metadata["digits"]) for item in shown))
    return table


def _text(value: str | float | None, digits: int) -> str:
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)
