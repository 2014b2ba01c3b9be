"""Answers whose end is still to come: open streams, and released ones that nobody reads any more."""

import asyncio
from functools import partial
from typing import Any

__all__ = ["Unfinished"]

# The HTTP end of a finished stream comes within moments of its terminal marker, or not at all.
_SECONDS = 1.0
_AT_MOST = 64


class Unfinished:
    """One loop's aiohttp responses whose bodies have not come to their end.

    An answer that is still open when the loop ends is closed here; left to the garbage collector it would
    complain.

    A released one is given a second. No task reads it: aiohttp gives a connection back to its pool when the end of the
    body comes in, whether or not someone is reading, so all it takes is a timer for when the end does not come. The
    bytes are bounded by aiohttp's read buffer, beyond which it stops to receive.
    """

    __slots__ = ("_loop", "_open", "_released")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open: set[Any] = set()
        self._released: dict[Any, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._open) + len(self._released)

    def add(self, response: Any) -> None:
        """Keep ``response`` until its end comes in, or :meth:`close` or :meth:`release` is called for it."""
        self._open.add(response)
        response.content.on_eof(partial(self._ended, response))

    def close(self, response: Any) -> None:
        """Close the connection of ``response`` now."""
        self._open.discard(response)
        if self._loop.is_closed():
            return  # and so is every connection of its
        connection = response.connection
        transport = connection.transport if connection is not None else None
        if transport is not None:
            # close() alone would first flush what is unsent, and wait for the peer's TLS goodbye.
            transport.abort()
        response.close()

    def release(self, response: Any) -> None:
        """Wait for the end of ``response`` in the background; close it if that does not come, or too many wait."""
        if response.content.exception() is not None or len(self._released) >= _AT_MOST:
            self.close(response)
            return
        self._open.discard(response)
        timer = self._loop.call_later(_SECONDS, self._give_up, response)
        self._released[response] = timer
        response.content.read_nowait()  # what is there already is in the way

    async def aclose(self) -> None:
        """Close them all."""
        for timer in self._released.values():
            timer.cancel()
        unfinished = [*self._open, *self._released]
        self._open.clear()
        self._released.clear()
        for response in unfinished:
            self.close(response)

    def _ended(self, response: Any) -> None:
        self._open.discard(response)
        timer = self._released.pop(response, None)
        if timer is not None:
            timer.cancel()

    def _give_up(self, response: Any) -> None:
        del self._released[response]
        self.close(response)
