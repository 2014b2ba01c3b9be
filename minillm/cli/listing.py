"""Rows as a table for people or as JSON for programs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..json import dumps
from ..tree.render.printable import STEERING
from .terminal_text import one_line

__all__ = ["print_json", "print_table"]


def print_table(
    console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", numbers: int = 0
) -> None:
    """Print the rows under their columns.

    Args:
        numbers: so many of the last columns are set to the right.
    """
    table = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for position, name in enumerate(columns):
        right = position >= len(columns) - numbers
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold", header_style="dim")
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console.print(table)


def print_json(console: Console, value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON value; nothing else goes to standard output with it.

    What steers a terminal is written as ``\\u202e``-like escapes: JSON itself demands that of the first 32 only.
    """
    console.file.write(STEERING.sub(_escaped, dumps(value, indent=True).decode()) + "\n")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
