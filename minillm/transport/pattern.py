"""The heads of answers that a host sends again and again, so that each need not be read anew.

Where aiohttp's parser has found the same plain sort of head several times, one regular expression stands for all heads
with the same names in the same order. An answer that came at once and fits it, its length included, can mean one thing
only, and is cut by it; which takes a fraction of what a parser does. Whatever else comes, however right, is for the
parser, from its first byte on.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from .headers import Headers, shape_of

__all__ = ["Pattern", "WholeAnswer", "pattern_of"]

_LONGEST_HEAD = 8190  # what aiohttp allows one line of it
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2

_STATUS_LINE = rb"HTTP/1\.1 200(?: [ -~]*)?\r\n"
_VALUE = rb"([!-~][ -~]*+)(?<! )"  # printable ASCII: no control character, so no folded line, and no space around it
_VALUES = {b"content-length": rb"(0|[1-9][0-9]{0,9})", b"connection": rb"((?i:keep-alive))"}

# Each changes where the body ends, or what its bytes mean, or what becomes of the connection.
_NOT_PLAIN = frozenset(
    {b"content-encoding", b"proxy-connection", b"sec-websocket-key1", b"transfer-encoding", b"upgrade"}
)

# To compile an expression takes as long as to parse some hundred heads.
_SEEN_BEFORE = 3


class WholeAnswer:
    """An answer of which nothing is to come: its connection is free already."""

    __slots__ = ("_body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self._body = body

    async def read(self) -> bytes:
        """What was not read yet."""
        body, self._body = self._body, b""
        return body

    async def read_some(self) -> bytes:
        """What was not read yet."""
        body, self._body = self._body, b""
        return body

    def release(self) -> None:
        """Nothing is left to give back."""

    def close(self) -> None:
        """Nothing is left to close."""


class Pattern:
    """All heads with status 200 and headers of these names in this order, each once."""

    __slots__ = ("_length", "_match", "_shape")

    def __init__(self, names: tuple[bytes, ...]) -> None:
        lines = (re.escape(name) + b": " + _VALUES.get(name.lower(), _VALUE) + rb"\r\n" for name in names)
        self._match = re.compile(_STATUS_LINE + b"".join(lines) + rb"\r\n").match
        self._shape = shape_of(names)
        self._length = self._shape.places["content-length"]

    def cut(self, data: bytes) -> WholeAnswer | None:
        """The answer that these bytes are; None where they are not all of it, or more, or of another sort."""
        found = self._match(data)
        if found is None:
            return None
        start, values = found.end(), found.groups()
        if int(values[self._length]) != len(data) - start or start > _LONGEST_HEAD:
            return None
        return WholeAnswer(200, Headers(self._shape, values), data[start:])


class _Sort:
    """One sort of head, and how often it has come."""

    __slots__ = ("pattern", "plain", "seen")

    def __init__(self, names: tuple[bytes, ...]) -> None:
        lowered = {name.lower() for name in names}
        once = len(lowered) == len(names) and all(map(_TOKEN.fullmatch, names))
        self.plain = once and b"content-length" in lowered and not lowered & _NOT_PLAIN
        self.seen = 0
        self.pattern: Pattern | None = None


_sort_of = lru_cache(maxsize=256)(_Sort)


def pattern_of(status: int, pairs: Iterable[tuple[bytes, bytes]]) -> Pattern | None:
    """What stands for the head of an answer that a parser has just read; None while that is not worth it."""
    names = tuple(name for name, _ in pairs)
    sort = _sort_of(names)
    if status != 200 or not sort.plain:
        return None
    sort.seen += 1
    if sort.pattern is None and sort.seen > _SEEN_BEFORE:
        sort.pattern = Pattern(names)
    return sort.pattern
