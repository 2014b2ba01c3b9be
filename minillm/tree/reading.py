"""Values out of a stranger's file: each check names the place and what is allowed there."""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from ..errors import ThreadFormatError

__all__ = ["boolean", "integer", "items", "number", "object_at", "optional", "refuse", "required", "text"]


def refuse(at: str, problem: str) -> NoReturn:
    raise ThreadFormatError(problem, place=at)


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), type(value).__name__)


_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


def text(value: Any, at: str, allowed: Iterable[str] | None = None) -> str:
    if not isinstance(value, str):
        refuse(at, f"must be text, not {_kind(value)}")
    if allowed is not None and value not in allowed:
        shown = value if len(value) <= 40 else value[:37] + "..."
        refuse(at, f"{shown!a} is not known here; allowed are {', '.join(allowed)}")
    return value


def boolean(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        refuse(at, f"must be true or false, not {_kind(value)}")
    return value


def integer(value: Any, at: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(at, f"must be a whole number, not {_kind(value)}")
    return value


def number(value: Any, at: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        refuse(at, f"must be a number, not {_kind(value)}")
    return value


def object_at(value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        refuse(at, f"must be an object, not {_kind(value)}")
    return value


def items(value: Any, at: str) -> list[Any]:
    if not isinstance(value, list):
        refuse(at, f"must be a list, not {_kind(value)}")
    return value


def required(mapping: Mapping[str, Any], key: str, at: str) -> Any:
    if key not in mapping:
        refuse(f"{at}.{key}" if at else key, "is missing")
    return mapping[key]


def optional(mapping: Mapping[str, Any], key: str) -> Any:
    """The value, or None where the key is absent."""
    return mapping.get(key)
