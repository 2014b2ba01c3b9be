"""JSON that is not all there yet: jiter reads as far as the text goes."""

import re
from typing import Any

from ..errors import DecodeError, InvalidOutput
from ..types import UNSET, Unset
from .serialization import loads

__all__ = ["close", "parse_partial"]

_LEAD = re.compile(r"\ufeff?\s*+(?:(?:```+|~~~+)[ \t]*+[A-Za-z0-9_+.-]*+\s*+)?")
_FENCE_BEGUN = r"(?:`{0,2}|~{0,2}|(?:```+|~~~+)[ \t]*+[A-Za-z0-9_+.-]*+\s*+)"
_SCALAR_BEGUN = r"(?:-|t|tr|tru|f|fa|fal|fals|n|nu|nul)?"
_NOTHING_YET = re.compile(rf"\ufeff?\s*+{_FENCE_BEGUN}{_SCALAR_BEGUN}")


def parse_partial(text: str, *, trailing_strings: bool = True) -> Any | Unset:
    """The value of a JSON text that is still growing; parsed when asked for, at no cost for each delta.

    Members whose value has not begun are left out; a number is what its digits say so far, and is left
    out while it breaks off behind a sign, point or exponent. A fence before the value is skipped.

    Args:
        trailing_strings: give a string that is not closed yet as far as it goes; else leave it out.

    Returns:
        The value so far, or ``UNSET`` while nothing of it is known.

    Raises:
        InvalidOutput: the text is not the beginning of JSON, or nested deeper than 200 levels.
    """
    if _NOTHING_YET.fullmatch(text):
        return UNSET
    lead = _LEAD.match(text)
    body = text[lead.end() :] if lead else text
    try:
        return _from_json(body, trailing_strings)
    except ValueError:
        raise InvalidOutput("this is not the beginning of a JSON value") from None


def _from_json(text: str, trailing_strings: bool) -> Any:
    from jiter import from_json

    return from_json(
        text.encode("utf-8", "replace"),
        allow_inf_nan=False,
        cache_mode="keys",
        partial_mode="trailing-strings" if trailing_strings else True,
    )


def close(text: str) -> Any:
    """The value of a text that begins with a bracket and breaks off at its end.

    Where the end looks like the brackets still open, only a quote was forgotten: ``{"a": "b}``.

    Raises:
        ValueError: it cannot be closed.
    """
    body = text.rstrip(" \t\r\n}]")
    if len(body) < len(text):
        try:
            return loads(f'{body}"{text[len(body) :]}')
        except DecodeError:
            pass
    return _from_json(text, trailing_strings=True)
