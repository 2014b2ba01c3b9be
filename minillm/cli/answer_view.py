"""An answer on the screen while it is being written."""

from typing import Any

from rich.console import Console

from ..chat import ChatStream
from ..types import ReasoningDelta, RefusalDelta, TextDelta
from .terminal_text import printable
from .word_wrap import WordWrap

__all__ = ["show_stream"]


async def show_stream(console: Console, stream: ChatStream[Any], waiting: str = "waiting for the model") -> None:
    """Open ``stream``, print it to its end and close it; until the first word a spinner says what is waited for.

    Reasoning is shown dimmed. Afterwards ``stream.node`` is the reply. When this is cancelled while the
    answer comes, what was printed is ended with a newline and a stream of ``on_cancel="keep"`` keeps it.

    Raises:
        MiniLLMError: what opening and reading a stream raise.
    """
    spinner = console.status(f"[dim]{waiting} …[/]", spinner="dots")
    spinner.start()
    words = _Words(console)
    try:
        async with stream:
            async for event in stream.events():
                if isinstance(event, TextDelta | ReasoningDelta | RefusalDelta) and event.delta:
                    spinner.stop()
                    words.show(event.delta, "dim italic" if isinstance(event, ReasoningDelta) else "")
    finally:
        spinner.stop()
        words.finish()


class _Words:
    """Text on the screen, wrapped where the screen has an edge; another style is another paragraph."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._wrap = WordWrap(console.width) if console.is_terminal else None
        self._style: str | None = None

    def show(self, text: str, style: str) -> None:
        if self._style not in (None, style):
            self._finish_words()
            self._console.print("\n")
        self._style = style
        text = printable(text)
        self._put(text if self._wrap is None else self._wrap.feed(text))

    def finish(self) -> None:
        if self._style is not None:
            self._finish_words()
            self._console.print()

    def _finish_words(self) -> None:
        if self._wrap is not None:
            self._put(self._wrap.finish())
            self._wrap = WordWrap(self._console.width)

    def _put(self, text: str) -> None:
        if text:
            self._console.out(text, style=self._style or None, end="", highlight=False)
