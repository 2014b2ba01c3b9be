"""JSON bytes to values and back: orjson, and a guarded way round what orjson cannot say.

orjson (3.13) turns integers over 64 bit into floats when it reads and refuses them when it writes,
refuses lone surrogates both ways, reads 1024 levels but writes 254, and writes NaN and infinities as
``null`` without a word. Here integers stay exact, lone surrogates pass as ``\\ud800`` escapes, both
ways end at :data:`MAX_DEPTH` levels, and a non-finite number is an error (RFC 8259, section 6: such
numbers are not permitted).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from ..errors import DecodeError
from .exact import MAX_DEPTH, encode, is_too_deep, refuse_non_finite

__all__ = ["MAX_DEPTH", "dumps", "loads", "parser"]

Data = bytes | bytearray | memoryview | str

# The smallest integer over 64 bit has 19 digits. A run of 19 holds two of every nine bytes, one behind the other, so a
# ninth of a text shows, at a fifth of orjson's own cost, that there is no such run. It holds one of every 18, too: of a
# long text, which is mostly prose, that is tried first.
_NINTH, _LONG_TEXT = slice(None, None, 9), 4096
_SIEVES = ((18, b"0"), (9, b"00"))
_DIGITS = bytes(ord("0") if chr(byte).isascii() and chr(byte).isdigit() else ord(" ") for byte in range(256))
_LONG_INTEGER = re.compile(rb"[0-9]{19}")
_LOOKS = 8  # dates and ids look like one too; a body with many of them is searched whole
_TWO_SPACES = 1  # orjson.OPT_INDENT_2, which cannot be asked before it is loaded
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(data: Data, *, exact: bool = True) -> Any:
    """The value that JSON bytes or text stand for.

    Args:
        data: UTF-8 bytes or text, one JSON value.
        exact: keep integers over 64 bit whole. False lets them become floats, as orjson does, and
            saves a quarter of a microsecond: for the frames of a stream.

    Raises:
        DecodeError: not JSON; nested deeper than :data:`MAX_DEPTH`; a number that no float can hold;
            an integer of more than 4300 digits.
    """
    try:
        value = _parse(data)
    except ValueError as error:
        raw = _as_bytes(data)
        if _SURROGATE_ESCAPE.search(raw) or (isinstance(data, str) and not _is_utf8(data)):
            return _parse_exactly(raw)
        raise _not_json(raw, getattr(error, "msg", str(error))) from None
    if exact:
        raw = data if type(data) is bytes else _as_bytes(data)
        # ``find``, since ``in`` asks first whether what it is given is a number, and catches the error.
        if (len(raw) > _LONG_TEXT or raw[_NINTH].translate(_DIGITS).find(b"00") >= 0) and _has_long_integer(raw):
            return _parse_exactly(raw)
    return value


def parser() -> Callable[[bytes], Any]:
    """orjson's own reader, for a loop over many small values. What it refuses, with a ValueError, is
    for :func:`loads`, which may yet read it; integers over 64 bit become floats."""
    _bind_orjson()
    return _parse


def dumps(value: Any, *, indent: bool = False, finite: bool = False) -> bytes:
    """A value as UTF-8 JSON, compact or indented by two spaces.

    Besides JSON's own kinds it takes any ``Mapping`` with string keys and any ``Sequence``, enum
    members by their value, and what orjson knows: dataclasses, dates, UUIDs.

    Args:
        value: what to write.
        indent: by two spaces.
        finite: the caller knows that no NaN and no infinity is in it; a value with nulls is then not
            walked through to see (a tenth of a microsecond an item).

    Raises:
        EncodeError: a key that is no string, a NaN or infinity, a kind JSON does not have, or more
            than :data:`MAX_DEPTH` levels (a value that holds itself is that); ``.path`` names where.
    """
    try:
        data = _write(value, _default, _TWO_SPACES) if indent else _write(value, _default)
    except TypeError:
        return encode(value, indent=indent, leaf=_write_leaf)
    if not finite and data.find(b"null") >= 0:  # the only sign orjson leaves of a NaN; most bodies have no null at all
        refuse_non_finite(value)
    return data


def _has_long_integer(raw: bytes) -> bool:
    for step, digits in _SIEVES if len(raw) > _LONG_TEXT else _SIEVES[1:]:
        sample, at = raw[::step].translate(_DIGITS), -1
        for _ in range(_LOOKS):
            at = sample.find(digits, at + 1)
            if at < 0:
                return False
            if _LONG_INTEGER.search(raw, max(0, at * step - 18), at * step + 19) is not None:
                return True
    return b"0" * 19 in raw.translate(_DIGITS)


def _as_bytes(data: Data) -> bytes:
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parse_exactly(raw: bytes) -> Any:
    import json

    try:
        text = raw.decode("utf-8", "surrogatepass")
        value = json.loads(text, parse_float=_finite_float, parse_constant=_no_constant)
        if not is_too_deep(value):  # what Python's own parser takes changes with its version
            return value
        problem = f"nested deeper than {MAX_DEPTH} levels"
    except RecursionError:
        problem = "nested too deep for the standard library, which must read it for its long integers or surrogates"
    except ValueError as error:
        problem = getattr(error, "msg", None) or str(error)
    raise _not_json(raw, problem)


def _finite_float(spelling: str) -> float:
    number = float(spelling)
    if number - number != 0.0:
        raise ValueError("number is infinity as a float")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _not_json(raw: bytes, problem: str) -> DecodeError:
    return DecodeError(f"not JSON: {problem}", raw=raw[:8000].decode("utf-8", "replace"))


def _default(value: Any) -> Any:
    """What orjson does not know, as something it knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
        return list(value)
    raise TypeError


def _write_leaf(value: Any) -> bytes:
    return _write(value, _default)


def _bind_orjson() -> None:
    """orjson loads with the first use, not with the package."""
    global _parse, _write
    import orjson

    _parse, _write = orjson.loads, orjson.dumps


def _first_parse(data: Data) -> Any:
    _bind_orjson()
    return _parse(data)


def _first_write(value: Any, default: Callable[[Any], Any], option: int | None = None) -> bytes:
    _bind_orjson()
    return _write(value, default, option)


_parse: Callable[[Data], Any] = _first_parse
_write: Callable[..., bytes] = _first_write
