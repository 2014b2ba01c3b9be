"""A connection of the pool, which may be asked directly: aiohttp's own, and one thing more."""

import asyncio
from math import inf
from typing import Any

from aiohttp.client_exceptions import ClientConnectionResetError
from aiohttp.client_proto import ResponseHandler

from .pattern import Pattern, WholeAnswer

__all__ = ["Line"]

_READ_AHEAD = 64 * 1024  # aiohttp's own


class Line(ResponseHandler):
    """aiohttp's protocol, which leaves its parser out where an answer is whole at once and fits a known pattern.

    Where aiohttp's client sends by it, it is aiohttp's and nothing more.
    """

    __slots__ = ("_at_most", "_minillm_used", "_pattern", "_silent", "at", "key", "reused", "until")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        ResponseHandler.__init__(self, loop)
        self._silent = False  # whether it was asked directly, and no byte has come since
        self._minillm_used = False  # see Sending
        self.key: Any = None
        self.at = 0.0
        """When the last request went out."""
        self.reused = False
        """Whether that was not the first one."""
        self.until = inf
        """Until when the answer must begin; whoever asked takes it back."""

    def ask(
        self, head: bytes, body: bytes, pattern: Pattern | None, at_most: int
    ) -> "asyncio.Future[WholeAnswer | None]":
        """Write a request in one go. What comes is the answer, if it fits the pattern and has no more bytes than
        ``at_most``; else None when a parser has read a head, which :meth:`read` gives.

        Raises:
            ClientConnectionResetError: the connection is gone; nothing was sent.
        """
        self.reused, self._minillm_used = self._minillm_used, True
        self._pattern = pattern
        self._at_most = at_most
        self._silent = True
        self._parser = None
        loop = self._loop
        self.at = loop.time()
        coming: asyncio.Future[Any] = loop.create_future()
        self._waiter = coming
        transport = self.transport
        if transport is None:  # lost as soon as it was there
            raise ClientConnectionResetError("connection lost")
        transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        if self._tail:  # a host that speaks first: it has no room, or is none of HTTP
            early, self._tail = self._tail, b""
            self.data_received(early)
        return coming

    def is_connected(self) -> bool:
        """Whether it may be used (again): not with bytes that nobody asked for, which would be the next answer."""
        return not (self._buffer or self._tail) and ResponseHandler.is_connected(self)

    def data_received(self, data: bytes) -> None:
        """All that has come since it was last called."""
        if self._silent and data:
            self._silent = False
            coming: Any = self._waiter
            pattern = self._pattern
            if pattern is not None and coming is not None and not coming.done() and len(data) <= self._at_most:
                answer = pattern.cut(data)
                if answer is not None:
                    self._waiter = None
                    coming.set_result(answer)
                    return
            self.set_response_params(read_until_eof=True, read_bufsize=_READ_AHEAD)
        ResponseHandler.data_received(self, data)
