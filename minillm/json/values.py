"""The values of a long JSON text, cut apart without reading the whole: bytes in, one value's bytes out.

A text is any number of documents one after the other, as in JSON lines. An object is one value; of an
array each item is. So a list of ten thousand conversations passes through the memory one at a time.
Nothing is parsed here: a cut is right where the text is JSON, and where it is none the parser of the
piece says so.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import DecodeError

__all__ = ["Value", "ValueCutter", "iter_values"]

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"

# Up to the next bracket, over whole strings; inside the outer list up to the next comma too.
_TO_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"\[\]{}]*+)*+', re.DOTALL)
_TO_COMMA = re.compile(rb'[^",\[\]{}]*+(?:"(?:[^"\\]++|\\.)*+"[^",\[\]{}]*+)*+', re.DOTALL)
_TO_DOCUMENT = re.compile(rb"[ \t\r\n]*+")
_TO_QUOTE = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)

_OPENING, _CLOSING, _QUOTE, _COMMA, _BACKSLASH = b"[{", b"]}", b'"', b",", b"\\"


class Value(NamedTuple):
    """One value, still as bytes.

    Args:
        document: which document of the text it is in, from 0.
        item: which item of that document's array; None where the document is an object.
        data: its JSON.
    """

    document: int
    item: int | None
    data: bytes


class ValueCutter:
    """Cuts what it is fed, however the bytes come in pieces.

    Args:
        longest: how many bytes one value may have.
    """

    __slots__ = ("_buffer", "_depth", "_document", "_in_string", "_item", "_list", "_longest", "_pieces", "_size")

    def __init__(self, longest: int = 1 << 28) -> None:
        self._longest = longest
        self._buffer = b""
        self._pieces: list[bytes] = []  # of the value that is not whole yet
        self._size = 0
        self._depth = 0
        self._in_string = False
        self._list = False  # the document is an array
        self._item = 0
        self._document = 0

    def feed(self, data: bytes) -> list[Value]:
        """The values that are whole now.

        Raises:
            DecodeError: brackets do not match, a document is neither object nor array, or a value is
                longer than ``longest``.
        """
        buffer = self._buffer + data
        found: list[Value] = []
        at = 0
        while at < len(buffer):
            if self._in_string:
                step = self._through_string(buffer, at)
            elif self._depth:
                step = self._inside(buffer, at, found)
            else:
                step = self._between(buffer, at)
            if step == at:
                break
            at = step
        self._buffer = buffer[at:]
        return found

    def finish(self) -> None:
        """The text has ended.

        Raises:
            DecodeError: in the middle of a document.
        """
        if self._depth or self._in_string or self._buffer.strip(_SPACE):
            raise DecodeError(f"the JSON ends inside document {self._document}: the file was cut")

    def _between(self, buffer: bytes, at: int) -> int:
        """Over white space to the bracket that opens the next document."""
        if self._document == 0 and not self._pieces and buffer.startswith(_BOM, at):
            return at + len(_BOM)
        if buffer[at] in _SPACE:
            return _TO_DOCUMENT.match(buffer, at).end()  # type: ignore[union-attr]
        if buffer[at] not in _OPENING:
            if _BOM.startswith(buffer[at : at + 3]) and self._document == 0:
                return at  # the first bytes of a byte order mark; more will come
            raise DecodeError(f"document {self._document} begins neither with {{ nor with [: this is no JSON (lines)")
        self._depth = 1
        self._list = buffer[at : at + 1] == b"["
        self._item = 0
        if not self._list:
            self._keep(b"{")
        return at + 1

    def _inside(self, buffer: bytes, at: int, found: list[Value]) -> int:
        pattern = _TO_COMMA if self._list and self._depth == 1 else _TO_BRACKET
        stop = pattern.match(buffer, at).end()  # type: ignore[union-attr]
        if stop > at:
            self._keep(buffer[at:stop])
            return stop
        mark = buffer[at : at + 1]
        if mark == _QUOTE:
            self._in_string = True
            self._keep(mark)
        elif mark == _COMMA:
            self._end_item(found)
            self._item += 1
        elif mark in _OPENING:
            self._depth += 1
            self._keep(mark)
        else:
            self._close(mark, found)
        return at + 1

    def _through_string(self, buffer: bytes, at: int) -> int:
        """To the string's end, or as far as the buffer goes: a string of any length is read once."""
        stop = _TO_QUOTE.match(buffer, at).end()  # type: ignore[union-attr]
        if buffer[stop : stop + 1] == _QUOTE:
            stop += 1
            self._in_string = False
        self._keep(buffer[at:stop])
        return stop  # before a backslash at the very end, whose second half is yet to come

    def _close(self, mark: bytes, found: list[Value]) -> None:
        self._depth -= 1
        if self._depth or not self._list:
            self._keep(mark)
        elif mark != b"]":
            raise DecodeError(f"document {self._document}: a list ends with }}")
        elif self._item or b"".join(self._pieces).strip(_SPACE):
            self._end_item(found)
        if not self._depth:
            if not self._list:
                self._take(found, None)
            self._pieces, self._size = [], 0
            self._document += 1

    def _end_item(self, found: list[Value]) -> None:
        self._take(found, self._item)

    def _take(self, found: list[Value], item: int | None) -> None:
        found.append(Value(self._document, item, b"".join(self._pieces)))
        self._pieces, self._size = [], 0

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._longest:
            raise DecodeError(
                f"document {self._document}, item {self._item}: one value is longer than {self._longest >> 20} MiB"
            )
        self._pieces.append(piece)


def iter_values(chunks: Iterable[bytes], *, longest: int = 1 << 28) -> Iterator[Value]:
    """The values in a text that comes in chunks.

    Args:
        longest: how many bytes one value may have.

    Raises:
        DecodeError: see :meth:`ValueCutter.feed`; or the text ends inside a document.
    """
    cutter = ValueCutter(longest)
    for chunk in chunks:
        yield from cutter.feed(chunk)
    cutter.finish()
