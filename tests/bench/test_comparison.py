"""Comparisons as tables."""

from dataclasses import dataclass

from rich.console import Console

from gmmtrack.bench import Comparison, Machine, comparison_table
from gmmtrack.bench.comparison import column


@dataclass(frozen=True)
class Row:
    method: str = column("method")
    n: int = column("frames")
    ms: float = column("ms a frame", 1)
    ratio: float | None = column("ratio")


MACHINE = Machine(cpu="Abacus", n_cores=2, system="Sand", versions=(("numpy", "2.0"),))


def printed(rows):
    console = Console(width=100)
    with console.capture() as capture:
        console.print(comparison_table(Comparison(title="Speed", rows=rows, note="in turns", machine=MACHINE)))
    return capture.get()


def test_a_table_shows_every_row_with_its_digits_and_the_machine():
    text = printed((Row("ours", 7, 1.25, 2.0), Row("theirs", 7, 2.5, None)))
    lines = [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if "│" in line]
    assert lines == [["ours", "7", "1.2", "2.00"], ["theirs", "7", "2.5", "-"]]
    for word in ("Speed", "method", "ms a frame", "in turns", "Abacus, 2 cores, Sand; numpy 2.0"):
        assert word in " ".join(text.split())
