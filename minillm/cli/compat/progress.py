"""A run as it is seen while it lasts: a bar; without a terminal a line a finding that is no pass."""

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ...compat import Row, Verdict
from ..screen import note
from ..terminal_text import one_line

__all__ = ["Bar"]


class Bar:
    """Told each finding, it draws.

    Args:
        console: standard error.
        total: how many there will be.
    """

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._counts: dict[Verdict, int] = {}
        self._task: TaskID | None = None
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[found]}"),
            console=console,
            transient=True,
            refresh_per_second=4,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task("asking", total=self._total, found="")
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def add(self, row: Row) -> None:
        """One more."""
        self._counts[row.verdict] = self._counts.get(row.verdict, 0) + 1
        if not self._console.is_terminal:
            note(self._console, one_line(f"{row.target} · {row.probe}: {row.verdict}, {row.reason}", 160))
        found = " · ".join(f"{count} {verdict}" for verdict in Verdict if (count := self._counts.get(verdict)))
        assert self._task is not None
        title = escape(one_line(f"{row.target} · {row.probe}", 40))
        self._progress.update(self._task, advance=1, description=title, found=found)
