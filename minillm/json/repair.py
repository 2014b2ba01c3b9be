"""JSON out of what a model said: a ladder from strict and fast to tolerant and bounded.

    1  the text as it is                        orjson
    2  a fenced block, a value amid prose       orjson, from its first bracket to its last
       ... that breaks off at the end           closed by jiter
    3  the same with plain faults mended        one linear pass: raw line breaks, trailing commas, comments
    4  everything else                          json-repair, with a budget of work

Every rung is bounded, whatever the text; what none of them can read is :class:`InvalidOutput`.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import DecodeError, InvalidOutput
from .documents import fenced, fenced_body, scan
from .exact import is_too_deep
from .mending import mend
from .metered import MOST_CHARACTERS, MOST_LOOKS, TooMuchWork, repaired
from .serialization import dumps
from .serialization import loads as parse

__all__ = ["MOST_TEXT", "Expect", "RepairResult", "extract_json", "loads", "repair_json", "repair_json_async"]

Expect = Literal["any", "object", "array"]

#: The longest text that is searched or repaired; valid JSON may be of any length.
MOST_TEXT = 4 * 1024 * 1024

# What the loop's own thread does: at most some 20 ms, whatever the text.
_INLINE_VALID = 256 * 1024  # reading valid JSON: 5 ms a megabyte
_INLINE_CHARACTERS = 16 * 1024  # the linear rungs
_INLINE_BRACKETS = 1000  # each may begin a value of its own: 10 us
_INLINE_LOOKS = 10_000  # json-repair at its worst

_SAYS_SOMETHING = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class RepairResult:
    """A JSON value found in a text.

    Args:
        value: the value; NaN, infinities and numbers beyond a float are strings, since JSON has none.
        text: the value as JSON text: the model's own words where they were valid, else compact.
        changed: whether the text was anything but this one JSON value.
    """

    value: Any
    text: str
    changed: bool

    def pretty(self) -> str:
        """The value as JSON text, indented by two spaces."""
        return dumps(self.value, indent=True, finite=True).decode()


def repair_json(text: str, *, expect: Expect = "any", limit: int = MOST_TEXT) -> RepairResult:
    """The JSON value in a text that is JSON, holds JSON, or was meant to be JSON.

    It works in the caller's thread for up to about a second; :func:`repair_json_async` does not hold up a loop.

    Args:
        text: what the model said.
        expect: the kind of value wanted. Of several values in the text the last of this kind is
            taken; with ``"any"``, and for ``"array"`` where none is one, all of them as a list.
        limit: the longest text, in characters, that is searched or repaired when it is not valid.

    Raises:
        InvalidOutput: no JSON value of this kind in it (blank text included), or a limit was exceeded.
    """
    try:
        return _climb(text, expect, limit, MOST_LOOKS)
    except TooMuchWork:
        raise _too_damaged() from None


async def repair_json_async(text: str, *, expect: Expect = "any", limit: int = MOST_TEXT) -> RepairResult:
    """:func:`repair_json` for event loops: what may take longer than a few milliseconds runs in a thread."""
    try:
        if len(text) <= _INLINE_CHARACTERS and text.count("[") + text.count("{") <= _INLINE_BRACKETS:
            return _climb(text, expect, limit, _INLINE_LOOKS)
        if len(text) <= _INLINE_VALID:
            return _as_it_is(text, expect)
    except (TooMuchWork, DecodeError):
        pass
    from asyncio import to_thread

    return await to_thread(repair_json, text, expect=expect, limit=limit)


def loads(text: str, *, expect: Expect = "any", limit: int = MOST_TEXT) -> Any:
    """Only the value of :func:`repair_json`."""
    return repair_json(text, expect=expect, limit=limit).value


def extract_json(text: str, *, expect: Expect = "any", limit: int = MOST_TEXT) -> str:
    """Only the JSON text of :func:`repair_json`."""
    return repair_json(text, expect=expect, limit=limit).text


def _climb(text: str, expect: Expect, limit: int, looks: int) -> RepairResult:
    if not text.strip():
        raise InvalidOutput("the text is blank: there is no JSON value in it")
    try:
        return _as_it_is(text, expect)
    except DecodeError as error:
        return _changed(_search(text.strip(), expect, limit, looks, error.message))


def _as_it_is(text: str, expect: Expect) -> RepairResult:
    stripped = text.strip()
    value = parse(stripped)
    if _is(value, expect):
        # A no-break space is white space to Python and to readers, but not to JSON.
        return RepairResult(value, stripped, changed=stripped != text.strip(" \t\r\n"))
    return _changed(_unwrap(value, expect))


def _changed(value: Any) -> RepairResult:
    return RepairResult(value, dumps(value, finite=True).decode(), changed=True)


def _unwrap(value: Any, expect: Expect) -> Any:
    """A valid value of another kind: JSON written into a JSON string is taken out, once."""
    if isinstance(value, str):
        try:
            inner = parse(value)
        except DecodeError:
            inner = None
        if _is(inner, expect):
            return inner
    kind = {dict: "an object", list: "an array", str: "a string", type(None): "null", bool: "a boolean"}
    raise InvalidOutput(f"expected an {expect}, the text is {kind.get(type(value), 'a number')}")


def _search(text: str, expect: Expect, limit: int, looks: int, problem: str) -> Any:
    if len(text) > limit:
        raise InvalidOutput(f"{problem}; and at {len(text)} characters it is too long to be repaired (limit {limit})")
    if problem.endswith("depth limit exceeded"):
        raise InvalidOutput(f"{problem}: it is nested too deep")
    text = text.removeprefix("\ufeff")
    if "infinity" in problem or "NaN" in text or "Infinity" in text:
        value = _with_named_numbers(text)
        if value is not _NOTHING and _is(value, expect):
            return value
    values = _sound_values(text) or _sound_values(mend(text))
    if values:
        return _choose(values, expect)
    return _choose([_last_resort(text, looks)], expect)


_NOTHING = object()


def _with_named_numbers(text: str) -> Any:
    import json

    try:
        value = json.loads(text, parse_constant=str, parse_float=_number_or_spelling, parse_int=_integer_or_spelling)
    except (ValueError, RecursionError):
        return _NOTHING
    return _NOTHING if is_too_deep(value) else value


def _number_or_spelling(spelling: str) -> float | str:
    number = float(spelling)
    return number if number - number == 0.0 else spelling


def _integer_or_spelling(spelling: str) -> int | str:
    try:
        return int(spelling)
    except ValueError:
        return spelling


def _sound_values(text: str) -> list[Any]:
    values = fenced(text)
    if values:
        return values
    found = scan(text)
    if found.damaged:
        return []
    if not found.values and found.brackets and found.prose:
        raise InvalidOutput("the only brackets in the text stand around plain words: there is no JSON value in it")
    return found.values


def _last_resort(text: str, looks: int) -> Any:
    body = fenced_body(text)
    if len(body) > MOST_CHARACTERS:
        size = f"{len(body)} characters, limit {MOST_CHARACTERS}"
        raise InvalidOutput(f"the JSON in the text is damaged and too long to be repaired ({size})")
    if not any(bracket in body for bracket in "[]{}("):
        raise InvalidOutput("there is no JSON value in the text")
    try:
        value = repaired(body, looks)
    except ValueError:
        raise InvalidOutput("the JSON in the text cannot be repaired: nested too deep, or a number too long") from None
    if value == "" or (value in ({}, []) and _SAYS_SOMETHING.search(body)):
        raise InvalidOutput("there is no JSON value in the text, or nothing of it can be saved")
    return value


def _too_damaged() -> InvalidOutput:
    return InvalidOutput("the JSON in the text is too damaged: repairing it would take more work than it is allowed")


def _choose(values: list[Any], expect: Expect) -> Any:
    if expect == "any":
        return values[0] if len(values) == 1 else values
    wanted = [value for value in values if _is(value, expect)]
    if wanted:
        return wanted[-1]
    if expect == "array" and len(values) > 1:
        return values
    raise InvalidOutput(f"there is JSON in the text, but not the {expect} that was asked for")


def _is(value: Any, expect: Expect) -> bool:
    if expect == "object":
        return isinstance(value, dict)
    return expect == "any" or isinstance(value, list)
