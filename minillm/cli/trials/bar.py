"""A run as it is seen while it lasts: a bar, where there is a terminal."""

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TaskID, TextColumn

from ..terminal_text import one_line

__all__ = ["RunBar"]

_WIDTH = 40


class RunBar:
    """Told each step, it draws.

    Args:
        console: standard error.
        title: until the first step.
        total: how many steps there will be.
        columns: after the count of steps, before what is told of each.
        per_second: how often it is drawn. That takes milliseconds, in which answers come and are not seen.
    """

    def __init__(
        self, console: Console, title: str, total: int, *columns: ProgressColumn, per_second: float = 2
    ) -> None:
        self.console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            *columns,
            TextColumn("{task.fields[told]}"),
            console=console,
            transient=True,
            refresh_per_second=per_second,
            disable=not console.is_terminal,
        )
        self._task: TaskID = self._progress.add_task(title, total=total, told="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.console.is_terminal:  # rich before 14 ends with an empty line where it drew nothing
            self._progress.stop()

    def step(self, title: str, told: str) -> None:
        """One more is done."""
        self._progress.update(self._task, advance=1, description=escape(one_line(title, _WIDTH)), told=told)
