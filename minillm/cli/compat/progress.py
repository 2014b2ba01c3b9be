"""A run as it is seen while it lasts: a bar; without a terminal a line a finding."""

from rich.console import Console
from rich.progress import TimeElapsedColumn

from ...compat import Row, Verdict
from ..screen import note
from ..terminal_text import one_line
from ..trials.bar import RunBar

__all__ = ["Bar"]


class Bar(RunBar):
    """Told each finding, it draws.

    Args:
        console: standard error.
        total: how many there will be.
    """

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console, "asking", total, TimeElapsedColumn(), per_second=4)
        self._counts: dict[Verdict, int] = {}

    def add(self, row: Row) -> None:
        """One more."""
        self._counts[row.verdict] = self._counts.get(row.verdict, 0) + 1
        if not self.console.is_terminal:
            note(self.console, one_line(f"{row.target} · {row.probe}: {row.verdict}, {row.reason}", 160))
        told = " · ".join(f"{count} {verdict}" for verdict in Verdict if (count := self._counts.get(verdict)))
        self.step(f"{row.target} · {row.probe}", told)
