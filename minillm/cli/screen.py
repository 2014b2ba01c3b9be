"""Where everything is printed, and how a mistake is told."""

import sys
from io import TextIOWrapper

from rich.console import Console
from rich.markup import escape

from ..errors import ConfigurationError, MiniLLMError, TreeError
from .terminal_text import printable

__all__ = ["complain", "error_screen", "note", "screen", "words_of"]


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to ``app.run``; rich would end the program with another exit code."""
        raise  # noqa: PLE0704  rich calls this while it handles the BrokenPipeError


def screen() -> Console:
    """Standard output. rich honours NO_COLOR, FORCE_COLOR, TERM and COLUMNS by itself."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot write a character gets a question mark instead of a crash.
        sys.stdout.reconfigure(errors="replace")
    return _Screen(highlight=False, emoji=False)


def error_screen() -> Console:
    """Standard error."""
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")
    return Console(stderr=True, highlight=False, emoji=False)


def complain(problem: str | Exception, console: Console | None = None) -> None:
    """One mistake or failure, in one message, without a traceback."""
    console = console or error_screen()
    text = problem if isinstance(problem, str) else words_of(problem)
    console.print(f"[bold red]minillm:[/] {escape(printable(text))}", soft_wrap=not console.is_terminal)


def words_of(error: Exception) -> str:
    """An error as people read it: the message, and before a host's words the kind of failure."""
    if isinstance(error, OSError) and error.strerror and not isinstance(error, MiniLLMError):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, ConfigurationError | TreeError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def note(console: Console, text: str) -> None:
    """Something said aside; ``text`` is shown as it is, without markup."""
    console.print(escape(printable(text)), style="dim", soft_wrap=not console.is_terminal)
