"""The JSON values that stand in a text, told apart from brackets that are only prose.

A value is read by orjson from its first bracket, and orjson tells where it ends; so a fence inside
a string, or words behind the value, do no harm. A value that breaks off at the end of the text is
closed. Whatever else is wrong makes the text *damaged*, which is for the next rung of the ladder:
a sound value inside a broken one must not be taken for the answer.
"""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..errors import DecodeError, InvalidOutput
from .partial import close
from .serialization import loads

__all__ = ["Documents", "fenced", "fenced_body", "scan"]

_BRACKET = re.compile(r"[\[\]{}]")
# What may follow a bracket in JSON: this alone sorts out most brackets of prose.
_OPENING = re.compile(
    r'\{\s*+(?:["}]|\Z)|\[\s*+(?:[\[\]{"0-9-]|true|false|null|(?:t|tr|tru|f|fa|fal|fals|n|nu|nul)?\Z)'
)
# Words in brackets: no quote, no colon, no digit, nothing nested.
_ASIDE = re.compile(r"""[\[{][^\[\]{}"':0-9“”]*+[\]}]""")
_LETTER = re.compile(r"[^\W\d_]")
# Counts at the start of a line or after white space; one that stands after a quote is part of a string.
_FENCE = re.compile(r"(?:```+|~~~+)[ \t]*+([A-Za-z0-9_+.-]*+)\s*+(?=[\[{])")
_CLOSING_FENCE = re.compile(r"(?:\n[ \t]*+|\s)(?:```|~~~)|(?:```|~~~)[ \t]*+(?:\n|$)")

_WINDOW = 4096  # grown eightfold: many small values in one long text cost their own length, not its
_MOST_FAILURES = 64  # each may cost a look at the whole text
_MOST_VALUES = 10_000  # rows of JSON Lines; more are no answer of a model


class _Reading(NamedTuple):
    value: Any
    end: int
    cut: bool = False


@dataclass(slots=True)
class Documents:
    """What a text holds.

    Args:
        values: the sound values, in their order.
        damaged: something looks like JSON and is not.
        prose: there are words outside of brackets.
        brackets: there is a bracket at all.
    """

    values: list[Any] = field(default_factory=list)
    damaged: bool = False
    prose: bool = False
    brackets: bool = False


def scan(text: str) -> Documents:
    """All values of a text, wherever they stand."""
    found = Documents()
    depth = start = last = position = failures = 0
    outside: list[str] = []
    while bracket := _BRACKET.search(text, position):
        here = bracket.start()
        found.brackets = True
        position = here + 1
        if text[here] in "[{":
            if depth == 0:
                outside.append(text[last:here])
                if failures < _MOST_FAILURES and _OPENING.match(text, here):
                    reading = _read(text, here)
                    if reading is not None:
                        position = last = reading.end
                        if len(found.values) >= _MOST_VALUES:
                            raise InvalidOutput(f"there are more than {_MOST_VALUES} JSON values in the text")
                        if reading.value or not reading.cut or not _holds_letters(outside):
                            found.values.append(reading.value)
                        continue
                    failures += 1
                start = here
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                last = position
                found.damaged |= _ASIDE.fullmatch(text, start, position) is None
    if depth:
        found.damaged = True
    else:
        outside.append(text[last:])
    found.prose = _holds_letters(outside)
    if any('"' in piece and ("}" in piece or "]" in piece) for piece in outside):
        found.damaged = True  # {"a": 1}, "b": 2} : a bracket closed too early
    return found


def _holds_letters(pieces: list[str]) -> bool:
    return any(_LETTER.search(piece) for piece in pieces)


def _read(text: str, start: int, stop: int | None = None) -> _Reading | None:
    """The value that begins at ``start``, or None where it is not sound; ``stop`` is taken for the end."""
    import orjson

    size = _WINDOW
    stop = len(text) if stop is None else stop
    while True:
        piece = text[start : min(start + size, stop)]
        try:
            orjson.loads(piece)
            end = len(piece)
        except orjson.JSONDecodeError as error:
            end = error.pos
        else:
            return _sound(piece, start)
        last = start + size >= stop
        if end < len(piece):
            value = piece[:end].rstrip()  # orjson names the first character behind the value and its white space
            if value.endswith(("}", "]")):
                return _sound(value, start)
            if last or end < len(piece) - 16:  # an escape that the window cuts is refused where it begins
                return None
        if last:
            return _cut(piece, start)
        size *= 8


def _sound(piece: str, start: int) -> _Reading | None:
    try:
        return _Reading(loads(piece), start + len(piece))
    except DecodeError:
        return None


def _cut(piece: str, start: int) -> _Reading | None:
    try:
        return _Reading(close(piece), start + len(piece), cut=True)
    except ValueError:
        return None


def fenced(text: str) -> list[Any]:
    """The values that begin fenced blocks; those marked as JSON, if any is. Empty if one of them is not sound."""
    values: list[Any] = []
    position = 0
    fences = _fences(text)
    for fence in fences:
        if fence.end() < position:
            continue  # inside the value before
        body = _read(text, fence.end()) or _read_to_closing_fence(text, fence.end())
        if body is None:
            return []
        values.append(body.value)
        position = body.end
    return values


def _fences(text: str) -> list[re.Match[str]]:
    if "```" not in text and "~~~" not in text:
        return []
    fences = [fence for fence in _FENCE.finditer(text) if not text[max(fence.start() - 1, 0) : fence.start()].strip()]
    marked = [fence for fence in fences if fence[1].lower().startswith("json")]
    return marked or fences


def _read_to_closing_fence(text: str, start: int) -> _Reading | None:
    """A block whose value breaks off before the block does."""
    closing = _CLOSING_FENCE.search(text, start)
    return _read(text, start, closing.start()) if closing else None


def fenced_body(text: str) -> str:
    """The text of the one fenced block with JSON in it; the whole text where there is none, or more."""
    fences = _fences(text)
    if len(fences) != 1:
        return text
    start = fences[0].end()
    closing = _CLOSING_FENCE.search(text, start)
    return text[start : closing.start() if closing else len(text)]
