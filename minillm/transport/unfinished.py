"""Answers whose end is still to come: open streams, and released ones that nobody reads any more."""

import asyncio
from typing import Any

__all__ = ["OpenBody", "Unfinished"]

# The HTTP end of a finished stream comes within moments of its terminal marker, or not at all.
_LINGER = 1.0
_LINGER_AT_MOST = 64

# How often silence is looked for, as a part of the idle timeout: it is noticed at most so much too late.
_LOOKS = 8


class Unfinished:
    """One loop's open bodies. What is still open when the loop ends is closed here, and else would complain."""

    __slots__ = ("bodies", "released")

    def __init__(self) -> None:
        self.bodies: set[OpenBody] = set()
        self.released = 0

    async def aclose(self) -> None:
        """Close them all."""
        for body in tuple(self.bodies):
            body.close()


class OpenBody:
    """The body of one aiohttp response, until it ends or is left.

    Args:
        response: the aiohttp response, its headers read.
        unfinished: where to stand until the end.
        first_byte: seconds until there is a first byte, None for no limit.
        idle: seconds of silence after that, None for no limit.

    Silence is found by looking now and then at how many bytes have come. aiohttp's own ``sock_read`` is exact, but sets
    a new timer for every receive, which is a third of the price of a chunk.
    """

    __slots__ = ("_bytes", "_first_byte", "_heard", "_idle", "_loop", "_released", "_response", "_timer", "_unfinished")

    def __init__(self, response: Any, unfinished: Unfinished, first_byte: float | None, idle: float | None) -> None:
        self._response = response
        self._unfinished = unfinished
        self._first_byte = first_byte
        self._idle = idle
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._bytes = 0
        self._released = False
        self._timer: asyncio.TimerHandle | None = None
        unfinished.bodies.add(self)
        response.content.on_eof(self._ended)
        self._look()

    def close(self) -> None:
        """Close the connection now, unless the end is here."""
        if self not in self._unfinished.bodies:
            return
        self._ended()
        if self._loop.is_closed():
            return  # and so is every connection of its
        transport = self._transport()
        if transport is not None:
            # close() alone would first flush what is unsent, and wait for the peer's TLS goodbye.
            transport.abort()
        self._response.close()

    def release(self) -> None:
        """Wait for the end in the background; close if it does not come, or if too many wait already.

        No task reads: aiohttp gives a connection back to its pool when the end of the body comes in, whether or not
        someone is reading, so all it takes is a timer for when the end does not come. The bytes are bounded by
        aiohttp's read buffer, beyond which it stops to receive.
        """
        content, unfinished = self._response.content, self._unfinished
        if self not in unfinished.bodies:
            return
        if content.exception() is not None or unfinished.released >= _LINGER_AT_MOST or self._loop.is_closed():
            self.close()
            return
        self._stop_timer()
        self._timer = self._loop.call_later(_LINGER, self.close)
        self._released = True
        unfinished.released += 1
        content.read_nowait()  # what is there already is in the way

    def _look(self) -> None:
        """Fail the reader if nothing came for too long; else look again later."""
        content, now, idle = self._response.content, self._loop.time(), self._idle
        if content.total_bytes != self._bytes or not self._receiving():
            self._bytes, self._heard = content.total_bytes, now
        limit = idle if self._bytes else self._first_byte
        left = None if limit is None else self._heard + limit - now
        if left is not None and left <= 0:
            self._timer = None
            content.set_exception(TimeoutError())
            return
        if idle is not None:
            left = idle / _LOOKS if left is None else min(left, idle / _LOOKS)
        if left is not None:
            self._timer = self._loop.call_later(left, self._look)

    def _receiving(self) -> bool:
        """Whether it is the peer's turn. A full buffer stops the socket: that pause is our reader's."""
        transport = self._transport()
        return transport is None or transport.is_reading()

    def _transport(self) -> Any:
        connection = self._response.connection
        return None if connection is None else connection.transport

    def _ended(self) -> None:
        self._stop_timer()
        self._unfinished.bodies.discard(self)
        if self._released:
            self._released = False
            self._unfinished.released -= 1

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
