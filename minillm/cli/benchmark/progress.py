"""A run as it is seen while it lasts: a bar with time and money left; without a terminal a line a series."""

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from ...benchmark.measurement import Measurement
from ...benchmark.outlook import Outlook
from ...benchmark.words import time_words
from ...tree.render.figures import money
from ..screen import note
from ..terminal_text import one_line

__all__ = ["Bar", "outlook_words"]

_WIDTH = 40


class Bar:
    """Told each measurement, it draws.

    Args:
        console: standard error.
    """

    def __init__(self, console: Console, outlook: Outlook) -> None:
        self._console = console
        self._outlook = outlook
        self._seen: tuple[str, str, str] | None = None
        self._task: TaskID | None = None
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            refresh_per_second=2,  # drawing takes milliseconds, in which answers come and are not seen
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
        self._task = self._progress.add_task("warming up", total=self._outlook.total, left="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._progress.stop()

    def add(self, row: Measurement) -> None:
        """A request has ended."""
        self._outlook.add(row)
        if row.series != self._seen:
            self._seen = row.series
            if not self._console.is_terminal:
                note(self._console, f"measuring {' · '.join(row.series)}")
        assert self._task is not None
        title = escape(one_line(" · ".join(row.series), _WIDTH))
        self._progress.update(self._task, advance=1, description=title, left=outlook_words(self._outlook))


def outlook_words(outlook: Outlook) -> str:
    """``12.0 s left · $0.002 of about $0.01 · 1 failed``."""
    words = []
    seconds = outlook.seconds_left
    if seconds is not None and outlook.done < outlook.total:
        words.append(f"{time_words(float(round(seconds)) if seconds >= 10 else seconds)} left")
    left = outlook.usd_left
    if left is not None:
        about = f" of about {money(outlook.spent + left)}" if left else ""
        words.append(f"{'' if outlook.spent_is_known else 'at least '}{money(outlook.spent)}{about}")
    if outlook.failed:
        words.append(f"{outlook.failed} failed")
    return " · ".join(words)
