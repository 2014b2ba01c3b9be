"""An answer on the screen while it is being written."""

from typing import TypeVar

from rich.console import Console

from ..chat import ChatStream
from ..types import ReasoningDelta, RefusalDelta, TextDelta
from .terminal_text import shown

__all__ = ["show_stream"]

T = TypeVar("T")


async def show_stream(console: Console, stream: ChatStream[T], waiting: str = "waiting for the model") -> None:
    """Open ``stream``, print it to its end and close it; until the first word a spinner says what is waited for.

    Reasoning is shown dimmed. Afterwards ``stream.node`` is the reply. When this is cancelled while the
    answer comes, what was printed is ended with a newline and a stream of ``on_cancel="keep"`` keeps it.

    Raises:
        MiniLLMError: what opening and reading a stream raise.
    """
    spinner = console.status(f"[dim]{waiting} …[/]", spinner="dots")
    spinner.start()
    style: str | None = None
    try:
        async with stream:
            async for event in stream.events():
                if not isinstance(event, TextDelta | ReasoningDelta | RefusalDelta) or not event.delta:
                    continue
                spinner.stop()
                now = "dim italic" if isinstance(event, ReasoningDelta) else ""
                if style is not None and now != style:
                    console.print("\n")
                style = now
                console.out(shown(event.delta), style=now or None, end="", highlight=False)
    finally:
        spinner.stop()
        if style is not None:
            console.print()
