"""What carries a connection's messages: a child process, or HTTP."""

from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Link"]


class Link(Protocol):
    """A way to a server, and what is known of its end."""

    #: The most it takes to close it politely, in seconds.
    grace: float
    #: By the server's doing, not by ours.
    ended: bool
    #: Called when it ends so.
    on_end: Callable[[], None]

    @property
    def pid(self) -> int | None:
        """The child process while it runs."""
        ...

    @property
    def stderr(self) -> str:
        """What it wrote there last."""
        ...

    async def epitaph(self) -> str:
        """How it ended, for error texts: ``has ended with exit status 3``."""
        ...

    def connect(self) -> Any:
        """The streams of a new connection, as a context manager that the SDK's client enters."""
        ...
