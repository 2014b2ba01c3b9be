"""One request over a connection of aiohttp's pool, without the objects that aiohttp makes for each.

A pooled connection, aiohttp's parser and its stream of the body are used as they are; what is left out is the general
client around them (cookies, redirects, tracing, middlewares, a task to write the body), none of which is wanted
here, and which takes longer than all of the rest. The bytes that go out are aiohttp's own: the head is taken from a
request that aiohttp made once for the URL and its headers.
"""

from collections.abc import Awaitable
from typing import Any

from .watch import Watch

__all__ = ["Answer", "Sending", "exchange", "head_of"]

_READ_AHEAD = 64 * 1024  # aiohttp's own


class Sending:
    """What is remembered of the sending of one request."""

    __slots__ = ("at", "reused")

    def __init__(self) -> None:
        self.at = 0.0  # on the loop's clock
        self.reused = False  # whether by a connection that had carried a request before

    def begins(self, protocol: Any, now: float) -> None:
        # The mark is left on the protocol object, which lives as long as the connection.
        self.reused = getattr(protocol, "_minillm_used", False)
        protocol._minillm_used = True
        self.at = now


class Answer:
    """An answer whose headers have come: what is read of aiohttp's ``ClientResponse``, and no more.

    The connection goes back to the pool when the end of the body comes, whether or not somebody reads.
    """

    __slots__ = ("connection", "content", "headers", "status")

    def __init__(self, message: Any, content: Any, connection: Any) -> None:
        self.status: int = message.code
        self.headers = message.headers
        self.content = content
        self.connection = connection
        if content.is_eof():
            self._ended()
        else:
            content.on_eof(self._ended)

    def _ended(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.release()

    def close(self) -> None:
        """Close the connection, unless the end has come."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def head_of(request: Any) -> bytes:
    """What aiohttp would write for this request in front of the number of bytes of its body."""
    lines = [f"{request.method} {request.url.raw_path_qs} HTTP/1.1"]
    headers = [(name, value) for name, value in request.headers.items() if name.lower() != "content-length"]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/octet-stream"))
    lines += (f"{name}: {value}" for name, value in headers)
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode()


async def exchange(
    connecting: Awaitable[Any], head: bytes, body: bytes, sending: Sending, watch: Watch, first_byte: float | None
) -> Answer:
    """Write the request in one go and wait for the headers of the answer.

    Args:
        connecting: gives a connection of aiohttp's pool, which is closed here where this fails.
        head: see :func:`head_of`.
        watch: ends the wait after ``first_byte`` seconds.
    """
    connection = await connecting
    protocol = connection.protocol
    try:
        sending.begins(protocol, watch.now())
        protocol.set_response_params(read_until_eof=True, read_bufsize=_READ_AHEAD)
        protocol.transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        if first_byte is not None:
            watch.add(protocol, first_byte, sending.at)
        try:
            message, content = await protocol.read()
            while 100 <= message.code < 200 and message.code != 101:  # RFC 9110, section 15.2: more is to come
                message, content = await protocol.read()
        finally:
            if first_byte is not None:
                watch.remove(protocol, first_byte)
        return Answer(message, content, connection)
    except BaseException:
        connection.close()
        raise
