"""A JSON value in a text that is still being written: read when asked for, at a cost that follows the text's length.

The value may stand in a fence or behind prose; of several the one that is being written counts, as it would in
the end (see ``repair``). A text is read again only once it has grown by a small share of its length: so the cost of
all readings together is a fixed multiple of the text, where reading at every piece would cost its square.
"""

import re
from typing import Any, Final

from ..types import UNSET, Unset
from .mending import mend
from .repair import MOST_TEXT, Expect

__all__ = ["GrowingValue"]

#: Read again when the text has grown by this share: 16 characters in a thousand. In all that is some 64 readings of
#: the text, 1 to 4 microseconds a character.
_SHARE: Final = 64
_SHARE_OF_DAMAGED: Final = 8  # one that could not be read is tried far less often

# A bracket that begins a value and not an aside in prose; what is cut may still become one. One with faults begins
# a value too: a sound value inside it must not be taken for the answer.
_OPENING = re.compile(r"""\{\s*+(?:["'“”}]|\w++\s*+:)|\[\s*+(?:[\[\]{"'“”0-9-]|true|false|null)""")
_UNDECIDED = re.compile(r"(?:\{\s*+\w*+|\[\s*+(?:t|tr|tru|f|fa|fal|fals|n|nu|nul)?)\s*+\Z")
_FENCE = re.compile(r"```+|~~~+")
_FENCE_BEFORE = re.compile(r"(?:\A|\s)(?:```+|~~~+)[ \t]*+[A-Za-z0-9_+.-]*+\s*+\Z")
_NEAR: Final = 64  # how far before a bracket its fence, and before the end an undecided bracket, may begin

_MARK = re.compile(r'["\[\]{}]')
_IN_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


class GrowingValue:
    """The object or array in a text that comes piece by piece.

    Args:
        expect: the kind of value wanted; others are passed over.

    Example:
        >>> growing = GrowingValue()
        >>> growing.feed('Sure: {"name": "Ad')
        >>> growing.changed()
        {'name': 'Ad'}
    """

    __slots__ = (
        "_counted",
        "_expect",
        "_fenced",
        "_fences",
        "_from",
        "_last",
        "_length",
        "_next",
        "_pieces",
        "_scan",
        "_text",
    )

    def __init__(self, expect: Expect = "any") -> None:
        self._expect = expect
        self._text = ""
        self._pieces: list[str] = []
        self._length = 0
        self._next = 1  # the length at which it is read again
        self._from = 0  # where the next value may begin
        self._scan: _Scan | None = None  # of the value that is being written
        self._fenced = False  # a fenced value was found
        self._fences = 0  # fences so far, up to ``_counted``: every second one closes
        self._counted = 0
        self._last: Any = UNSET

    def feed(self, piece: str) -> None:
        """More of the text."""
        if piece:
            self._pieces.append(piece)
            self._length += len(piece)

    def changed(self, *, whole: bool = False) -> Any | Unset:
        """The value so far, a new object each time; ``UNSET`` where it is as it was, or not known yet.

        Args:
            whole: nothing more will come, so it is read whatever little has come since.
        """
        if (self._length < self._next and not whole) or not self._pieces or self._length > MOST_TEXT:
            return UNSET
        self._text = "".join((self._text, *self._pieces))
        self._pieces.clear()
        self._next = self._length + max(1, self._length // _SHARE)
        value = self._read()
        if value is UNSET or (type(value) is type(self._last) and value == self._last):
            return UNSET
        self._last = value
        return value

    def _read(self) -> Any | Unset:
        """The last value of the wanted kind that has begun."""
        found: Any = UNSET
        while (scan := self._begun()) is not None:
            text, done = self._text[scan.start : scan.end(self._text)], scan.done
            value = _so_far(text)
            if value is UNSET and not done:  # damaged beyond plain faults
                self._next = self._length + max(1, self._length // _SHARE_OF_DAMAGED)
                return UNSET
            wanted = value is not UNSET and (
                self._expect == "any" or isinstance(value, dict if self._expect == "object" else list)
            )
            if not done:
                return value if wanted else found
            if wanted:
                found, self._fenced = value, scan.fenced
            self._from = self._counted = scan.at
            self._scan = None
        return found

    def _begun(self) -> "_Scan | None":
        """The value that is being written; None between values."""
        while self._scan is None:
            opening = _OPENING.search(self._text, self._from)
            if opening is None:
                undecided = _UNDECIDED.search(self._text, max(self._from, len(self._text) - _NEAR))
                self._from = undecided.start() if undecided else len(self._text)
                return None
            self._from, start = opening.end(), opening.start()
            self._fences += len(_FENCE.findall(self._text, self._counted, start))
            self._counted = start
            fenced = bool(self._fences % 2 and _FENCE_BEFORE.search(self._text, max(0, start - _NEAR), start))
            if fenced or not self._fenced:  # beside fenced values those in running text do not count
                self._scan = _Scan(start, fenced)
        return self._scan


class _Scan:
    """Finds the end of a value; looks at each character once."""

    __slots__ = ("_depth", "_in_string", "at", "done", "fenced", "start")

    def __init__(self, start: int, fenced: bool) -> None:
        self.start = self.at = start
        self.fenced = fenced
        self.done = False
        self._depth = 0
        self._in_string = False

    def end(self, text: str) -> int:
        """Where the value ends, or the text does."""
        while not self.done and self.at < len(text):
            if self._in_string:
                inside = _IN_STRING.match(text, self.at)
                assert inside is not None
                self.at = inside.end()
                if not text.startswith('"', self.at):
                    break  # the end of the text, or an escape that it cuts
                self.at += 1
                self._in_string = False
                continue
            mark = _MARK.search(text, self.at)
            self.at = len(text) if mark is None else mark.end()
            if mark is not None:
                self._in_string = mark[0] == '"'
                self._depth += (mark[0] in "[{") - (mark[0] in "]}")
                self.done = self._depth == 0
        return self.at if self.done else len(text)


def _so_far(text: str) -> Any | Unset:
    value = _partial(text)
    return _partial(mend(text)) if value is UNSET else value


def _partial(text: str) -> Any | Unset:
    from jiter import from_json

    try:
        return from_json(
            text.encode("utf-8", "replace"),
            allow_inf_nan=False,
            cache_mode="keys",
            partial_mode="trailing-strings",
        )
    except ValueError:
        return UNSET
