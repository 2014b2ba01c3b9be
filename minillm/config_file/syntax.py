"""The parsers of the standard library, with their complaints as a line, a column and words."""

import json
import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

__all__ = ["BadSyntax", "parse_json", "parse_toml"]

# The parsers before Python 3.14 tell the place in words only.
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

# What they refuse without a place: numbers that Python does not convert.
_ENDLESS = re.compile(r"[0-9_]{4001,}|[0-9.]+[eE][+-]?[0-9_]{7,}|(?<=[:\[,\s])-?(?:NaN|Infinity)")


class BadSyntax(Exception):
    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text; numbers with a fraction are Decimals.

    Raises:
        BadSyntax: it is no TOML.
    """
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        words = _TOML_PLACE.sub("", str(error)).replace("Invalid value", "no value stands here (texts need quotes)")
        if found is None:
            raise BadSyntax(f"not TOML: {_safe(words)}") from None
        if found[1] is None:
            line, column = _end(text)
            raise BadSyntax(f"not TOML: {_safe(words)} (the text ends here)", line, column) from None
        raise BadSyntax(f"not TOML: {_safe(words)}", int(found[1]), int(found[2])) from None
    except RecursionError:
        raise BadSyntax("nested too deep") from None
    except ValueError:  # an integer of more digits than Python converts, a date that is none
        raise BadSyntax("not TOML: a number or date that no program can hold", *_endless(text)) from None


def parse_json(text: str) -> dict[str, Any]:
    """The members of a JSON text, which is an object; numbers with a fraction are Decimals.

    Raises:
        BadSyntax: it is no JSON, or no object.
    """
    try:
        value = json.loads(text, parse_float=_decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadSyntax(f"not JSON: {_safe(error.msg)}", error.lineno, error.colno) from None
    except RecursionError:
        raise BadSyntax("nested too deep") from None
    except ValueError as error:
        message = "a number that no program can hold" if "digits" in str(error) else str(error)
        raise BadSyntax(f"not JSON: {message}", *_endless(text)) from None
    if not isinstance(value, dict):
        raise BadSyntax("the whole must be an object: { ... }", 1, 1)
    return value


def _decimal(spelling: str) -> Decimal:
    try:
        return Decimal(spelling)
    except InvalidOperation:
        raise ValueError("more digits than a number has") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _safe(words: str) -> str:
    """The parser's words without the text it may quote: control characters, and a key that was mistyped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)[:200]


def _end(text: str) -> tuple[int, int]:
    """Line and column behind the last character."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _endless(text: str) -> tuple[int, int]:
    suspect = _ENDLESS.search(text)
    return _end(text[: suspect.start()]) if suspect else (1, 1)
