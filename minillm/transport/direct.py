"""One request over a connection of aiohttp's pool, without the objects that aiohttp makes for each.

A pooled connection, aiohttp's parser and its stream of the body are used as they are; what is left out is the general
client around them (cookies, redirects, tracing, middlewares, a task to write the body), none of which is wanted
here, and which takes longer than all of the rest. The bytes that go out are aiohttp's own: the head is taken from a
request that aiohttp made once for the URL and its headers.
"""

from typing import Any

__all__ = ["Answer", "Sending", "head_of"]


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

    __slots__ = ("connection", "content", "raw_headers", "status")

    def __init__(self, message: Any, content: Any, connection: Any) -> None:
        self.status: int = message.code
        self.raw_headers = message.raw_headers
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
