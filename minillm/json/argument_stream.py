"""The fields of a tool call's arguments while their JSON text is still arriving.

Written for text that comes in slices of any size: where it is cut never changes what is said, but for where a
text's deltas are cut. Each character is looked at once (in the lenient mode a bounded number of times).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from ..errors import InvalidOutput, StreamConsumed
from .exact import MAX_DEPTH
from .place import place
from .streamed_text import StreamedText

__all__ = ["ArgumentStream", "FieldDelta", "FieldDone", "FieldEvent", "FieldStarted", "Path"]

#: The names and positions from the arguments down to a value; ``()`` are the arguments themselves.
Path: TypeAlias = tuple[str | int, ...]
Kind = Literal["object", "array", "string", "number", "boolean", "null"]


@dataclass(slots=True)
class FieldStarted:
    """A value begins."""

    path: Path
    kind: Kind


@dataclass(slots=True)
class FieldDelta:
    """More of a text, decoded."""

    path: Path
    delta: str


@dataclass(slots=True)
class FieldDone:
    """A value is complete; what it holds was told before."""

    path: Path
    value: Any


FieldEvent: TypeAlias = FieldStarted | FieldDelta | FieldDone


class _Frame(NamedTuple):
    """An open object or array. ``path`` is None where it stands too deep to be told."""

    container: Any
    path: Path | None


_SPACE = re.compile(r"[ \t\n\r]*+")
_BODY = re.compile(r'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+')
_LENIENT_BODY = re.compile(
    r"""[^"\\]*+ (?: \\ (?: ["\\/bfnrt] | u[0-9a-fA-F]{4} | (?=[^"\\/bfnrtu]|u[0-9a-fA-F]{0,3}[^0-9a-fA-F]) )
    [^"\\]*+ )*+""",
    re.VERBOSE,
)
_ESCAPE_BEGUN = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NUMBER_SO_FAR = re.compile(r"[-+.0-9eE]*+")
_WORD_SO_FAR = re.compile(r"[A-Za-z]*+")
_WORDS = {"true": True, "false": False, "null": None}

# What may follow the quote that ends a text, in the lenient mode: the next key, or the last brace. Looked for in
# so many characters, so that each quote costs a bounded look ahead.
_WINDOW = 512
_NEXT_KEY = re.compile(r'"\s*+,\s*+"(?:[^"\\]|\\.)*+"\s*+:', re.DOTALL)
_MAY_END = re.compile(r'"\s*+(?:,\s*+(?:"(?:[^"\\]|\\.)*+(?:\\|"\s*+)?)?|}\s*+)?', re.DOTALL)

_KINDS: dict[str, Kind] = {
    **dict.fromkeys("-0123456789", "number"),
    '"': "string",
    "{": "object",
    "[": "array",
    "t": "boolean",
    "f": "boolean",
    "n": "null",
}


class ArgumentStream:
    """Arguments in, field by field.

    ``feed`` gives what has become known: a :class:`FieldStarted` for each value, a :class:`FieldDelta` for each
    piece of a text, a :class:`FieldDone` for each value that is complete, those inside an object or array before
    its own. A fault in the text is raised once everything before it has been given: by this call, if it has
    nothing else to give, or by the next.

    Args:
        lenient: read the texts directly under the arguments as models mean them: a quote ends one only where the
            next key or the last brace follows, raw line breaks and odd backslashes are text, and arguments that
            just stop give what came. (A text that holds ``", "word":`` itself is misread.)
        depth: how many levels are told; what lies deeper is only part of the values that hold it.

    Example:
        >>> stream = ArgumentStream()
        >>> stream.feed('{"path": "a.py", "text": "pri')[-1]
        FieldDelta(path=('text',), delta='pri')
    """

    __slots__ = (
        "_carry",
        "_depth",
        "_events",
        "_fault",
        "_finished",
        "_frames",
        "_key",
        "_lenient",
        "_path",
        "_pieces",
        "_root",
        "_skips",
        "_step",
        "_text",
    )

    def __init__(self, *, lenient: bool = False, depth: int = 32) -> None:
        self._lenient = lenient
        self._depth = depth
        self._carry = ""  # what cannot be read before more has come: half an escape, a quote and what follows it
        self._events: list[FieldEvent] = []
        self._frames: list[_Frame] = []
        self._root: dict[str, Any] = {}
        self._key = ""
        self._path: Path | None = ()  # of the text, number or word being read
        self._text = StreamedText()
        self._pieces: list[str] = []
        self._fault: InvalidOutput | None = None
        self._finished = False
        self._skips = True  # white space, before the next step
        self._step: Callable[[str, int], int] = self._at_root

    @property
    def value(self) -> dict[str, Any]:
        """The arguments so far; texts and numbers are in it once they are complete."""
        return self._root

    @property
    def complete(self) -> bool:
        """Whether the last brace has come."""
        return self._step == self._at_end

    def feed(self, text: str) -> list[FieldEvent]:
        """More of the text.

        Raises:
            InvalidOutput: the text before was no JSON, or no object; ``.path`` names the place.
            StreamConsumed: it is finished.
        """
        self._check_open()
        self._events = []
        try:
            self._read(self._carry + text)
        except InvalidOutput as error:
            self._fault = error
            if not self._events:
                raise
        return self._events

    def finish(self) -> list[FieldEvent]:
        """Nothing more comes. Arguments of which nothing came are ``{}``.

        Raises:
            InvalidOutput: as :meth:`feed`; or, unless lenient, the text broke off.
            StreamConsumed: it is finished already.
        """
        self._check_open()
        self._finished = True
        self._events = []
        if self.complete:
            return self._events
        if not self._frames:  # white space at most
            return [FieldStarted((), "object"), FieldDone((), self._root)]
        if not self._lenient:
            self._fault = self._wrong("the text breaks off here")
            raise self._fault
        self._stop()
        return self._events

    def _check_open(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self._finished:
            raise StreamConsumed("these arguments are finished; each call needs an ArgumentStream of its own")

    def _read(self, text: str) -> None:
        self._carry = ""
        at, end = 0, len(text)
        while at < end:
            if self._skips:
                at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
                if at == end:
                    return
            at = self._step(text, at)

    def _go(self, step: Callable[[str, int], int], *, skips: bool = True) -> None:
        self._step, self._skips = step, skips

    # Between values. Each step reads at least one character, or leads to one that does.

    def _at_root(self, text: str, at: int) -> int:
        if text[at] != "{":
            raise self._wrong("the arguments are no JSON object")
        self._tell(FieldStarted, (), "object")
        self._frames.append(_Frame(self._root, ()))
        self._go(self._at_first_key)
        return at + 1

    def _at_first_key(self, text: str, at: int) -> int:
        return self._close(at) if text[at] == "}" else self._at_key(text, at)

    def _at_key(self, text: str, at: int) -> int:
        if text[at] != '"':
            raise self._wrong("expected the name of a member")
        self._text = StreamedText()
        self._go(self._in_key, skips=False)
        return at + 1

    def _at_colon(self, text: str, at: int) -> int:
        if text[at] != ":":
            raise self._wrong("expected a colon behind the name of a member")
        self._go(self._at_value)
        return at + 1

    def _at_first_item(self, text: str, at: int) -> int:
        return self._close(at) if text[at] == "]" else self._at_value(text, at)

    def _at_value(self, text: str, at: int) -> int:
        mark = text[at]
        kind = _KINDS.get(mark)
        if kind is None:
            raise self._wrong("expected a value")
        self._path = path = self._here()
        self._tell(FieldStarted, path, kind)
        if mark in "{[":
            self._open(path, mark)
        elif mark == '"':
            self._text = StreamedText(lenient=self._lenient)
            self._go(self._in_lenient_text if self._lenient and len(self._frames) == 1 else self._in_text, skips=False)
        else:
            self._pieces = []
            self._go(self._in_number if kind == "number" else self._in_word, skips=False)
            return at
        return at + 1

    def _after_value(self, text: str, at: int) -> int:
        mark = text[at]
        in_object = isinstance(self._frames[-1].container, dict)
        if mark == ",":
            self._go(self._at_key if in_object else self._at_value)
            return at + 1
        if mark == ("}" if in_object else "]"):
            return self._close(at)
        raise self._wrong(f"expected a comma or {'}' if in_object else ']'}")

    def _at_end(self, text: str, at: int) -> int:
        raise self._wrong("there is more text behind the arguments")

    # Inside a text, number or word.

    def _in_key(self, text: str, at: int) -> int:
        end = self._take(text, at, _BODY, None)
        if end == len(text):
            return end
        self._text.end()
        self._key = self._text.value()
        self._go(self._at_colon)
        return end + 1

    def _in_text(self, text: str, at: int) -> int:
        end = self._take(text, at, _BODY, self._path)
        if end == len(text):
            return end
        self._end_text()
        return end + 1

    def _in_lenient_text(self, text: str, at: int) -> int:
        end = self._take(text, at, _LENIENT_BODY, self._path)
        if end == len(text):
            return end
        window = text[end : end + _WINDOW]
        if _NEXT_KEY.match(window):
            self._end_text()
        elif len(window) < _WINDOW and _MAY_END.fullmatch(window):
            self._carry = window
            return len(text)
        else:
            self._tell(FieldDelta, self._path, self._text.take('\\"'))
        return end + 1

    def _take(self, text: str, at: int, body: "re.Pattern[str]", path: Path | None) -> int:
        """Read up to the quote; gives its place, or the end of the text where it has not come."""
        end = body.match(text, at).end()  # type: ignore[union-attr]
        if end > at:
            self._tell(FieldDelta, path, self._text.take(text[at:end]))
        if end == len(text) or text[end] == '"':
            return end
        if _ESCAPE_BEGUN.fullmatch(text, end):
            self._carry = text[end:]
            return len(text)
        raise self._wrong("a bad escape in a text" if text[end] == "\\" else "a raw control character in a text")

    def _end_text(self) -> None:
        self._tell(FieldDelta, self._path, self._text.end())
        self._scalar(self._text.value())

    def _in_number(self, text: str, at: int) -> int:
        end = _NUMBER_SO_FAR.match(text, at).end()  # type: ignore[union-attr]
        self._pieces.append(text[at:end])
        if end < len(text):
            self._scalar(self._number("".join(self._pieces)))
        return end

    def _in_word(self, text: str, at: int) -> int:
        end = _WORD_SO_FAR.match(text, at).end()  # type: ignore[union-attr]
        self._pieces.append(text[at:end])
        if end < len(text):
            word = "".join(self._pieces)
            if word not in _WORDS:
                raise self._wrong("expected a value")
            self._scalar(_WORDS[word])
        return end

    def _number(self, spelling: str) -> int | float:
        form = _NUMBER.fullmatch(spelling)
        if form is None:
            raise self._wrong("a number that is none")
        try:
            number = float(spelling) if form[1] or form[2] else int(spelling)
        except ValueError:
            raise self._wrong("an integer of too many digits") from None
        if number - number:
            raise self._wrong("a number that no float can hold")
        return number

    # Values into what holds them.

    def _here(self) -> Path | None:
        """The path of the value that begins now."""
        container, path = self._frames[-1]
        if path is None or len(path) >= self._depth:
            return None
        return (*path, self._key if isinstance(container, dict) else len(container))

    def _scalar(self, value: Any) -> None:
        self._attach(value)
        self._tell(FieldDone, self._path, value)
        self._go(self._after_value)

    def _open(self, path: Path | None, mark: str) -> None:
        if len(self._frames) >= MAX_DEPTH:
            raise self._wrong(f"nested deeper than {MAX_DEPTH} levels")
        container: Any = {} if mark == "{" else []
        self._attach(container)
        self._frames.append(_Frame(container, path))
        self._go(self._at_first_key if mark == "{" else self._at_first_item)

    def _attach(self, value: Any) -> None:
        container = self._frames[-1].container
        if isinstance(container, dict):
            container[self._key] = value
        else:
            container.append(value)

    def _close(self, at: int) -> int:
        container, path = self._frames.pop()
        self._tell(FieldDone, path, container)
        self._go(self._after_value if self._frames else self._at_end)
        return at + 1

    def _stop(self) -> None:
        """Lenient: the text just stops. A text that was begun is what came of it."""
        if self._step == self._in_lenient_text:
            self._end_text()  # in the carry stands half an escape, or a quote that ends it
            if "}" in self._carry and self._carry[1:].strip() == "}":
                self._close(0)
                return
        self._tell(FieldDone, (), self._root)

    def _tell(self, kind: Any, path: Path | None, what: Any) -> None:
        if path is not None and (kind is not FieldDelta or what):
            self._events.append(kind(path, what))

    def _wrong(self, problem: str) -> InvalidOutput:
        """Names the innermost place that is told of; never the text."""
        path = next((frame.path for frame in reversed(self._frames) if frame.path is not None), ())
        where = place(path)
        return InvalidOutput(f"{where or 'the arguments'}: {problem}", path=where)
