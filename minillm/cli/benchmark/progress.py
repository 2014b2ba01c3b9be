"""A run as it is seen while it lasts: a bar with time and money left; without a terminal a line a series."""

from rich.console import Console

from ...benchmark.measurement import Measurement
from ...benchmark.outlook import Outlook
from ...benchmark.words import time_words
from ...tree.render.figures import money
from ..screen import note
from ..trials.bar import RunBar

__all__ = ["Bar", "outlook_words"]


class Bar(RunBar):
    """Told each measurement, it draws.

    Args:
        console: standard error.
    """

    def __init__(self, console: Console, outlook: Outlook) -> None:
        super().__init__(console, "warming up", outlook.total)
        self._outlook = outlook
        self._seen: tuple[str, str, str] | None = None

    def add(self, row: Measurement) -> None:
        """A request has ended."""
        self._outlook.add(row)
        title = " · ".join(row.series)
        if row.series != self._seen:
            self._seen = row.series
            if not self.console.is_terminal:
                note(self.console, f"measuring {title}")
        self.step(title, outlook_words(self._outlook))


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
