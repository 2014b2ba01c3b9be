"""Checked reads from JSON that a peer sent.

The ``want_*`` functions raise a :class:`DecodeError` that names the place; the ``as_*`` functions are
for fields whose fault must not cost the answer (counts, times): they return None for a wrong kind.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from ..errors import DecodeError

__all__ = [
    "as_count",
    "as_number",
    "as_object",
    "as_text",
    "as_word",
    "refuse",
    "want_flag",
    "want_list",
    "want_object",
    "want_text",
]

_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def refuse(value: object, path: str, expected: str) -> NoReturn:
    """Raise the :class:`DecodeError` for a value of a wrong kind; it never shows the value itself."""
    kind = _KINDS.get(type(value), type(value).__name__)
    raise DecodeError(f"{expected} was expected here, not {kind}", path=path)


def want_object(value: Any, path: str) -> Mapping[str, Any]:
    """``value``, which must be a JSON object."""
    if isinstance(value, dict):  # what a JSON parser makes; asking for Mapping alone is ten times slower
        return value
    if isinstance(value, Mapping):
        return value
    refuse(value, path, "an object")


def want_list(value: Any, path: str) -> Sequence[Any]:
    """``value``, which must be a JSON list."""
    if isinstance(value, list | tuple):
        return value
    refuse(value, path, "a list")


def want_text(value: Any, path: str) -> str:
    """``value``, which must be a text."""
    if isinstance(value, str):
        return value
    refuse(value, path, "a text")


def want_flag(value: Any, path: str) -> bool:
    """``value``, which must be true or false."""
    if isinstance(value, bool):
        return value
    refuse(value, path, "true or false")


def as_text(value: Any) -> str | None:
    """``value`` where it is a text that is not empty."""
    return value if isinstance(value, str) and value else None


def as_word(value: Any) -> str:
    """``value`` where it is a text, else ``"unnamed"``: what a thing is called, whatever the peer put there."""
    return value if isinstance(value, str) and value else "unnamed"


def as_object(value: Any) -> Mapping[str, Any] | None:
    """``value`` where it is a JSON object."""
    return value if isinstance(value, dict) else None


def as_count(value: Any) -> int | None:
    """``value`` where it is a whole number that is not negative; 3.0 counts as 3."""
    if type(value) is int:
        return value if value >= 0 else None
    if type(value) is float and value >= 0 and value.is_integer():
        return int(value)
    return None


def as_number(value: Any) -> float | None:
    """``value`` where it is a finite number."""
    if type(value) is int:
        return value
    if type(value) is float and value - value == 0.0:
        return value
    return None
