"""The types that a field may have, in words and in parts."""

import dataclasses
import datetime as dt
import enum
import pathlib
import types
import typing
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .problems import quoted

__all__ = ["Field", "described", "fields_of", "found", "members", "options_of", "table_tags", "without_rules"]

_WORDS: dict[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Decimal: "a number",
    pathlib.Path: "a path",
    dt.datetime: "a date with a time",
    dt.date: "a date",
    dt.time: "a time of day",
    type(None): "null",
    dict: "a table",
    list: "a list",
    Any: "any value",
    object: "any value",
}

LISTS = (list, tuple, Sequence, frozenset)
TABLES = (dict, Mapping)


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A field of a dataclass, as a file spells it."""

    name: str
    key: str
    kind: Any
    required: bool


def fields_of(table: type) -> dict[str, Field]:
    """The fields of a dataclass by the key a file uses."""
    hints = typing.get_type_hints(table, include_extras=True)
    found = {}
    for item in dataclasses.fields(table):
        if item.init:
            key = item.metadata.get("key", item.name)
            required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
            found[key] = Field(item.name, key, hints[item.name], required)
    return found


def without_rules(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """``Annotated[int, Bounds(...)]`` -> ``int`` and its rules."""
    if typing.get_origin(kind) is typing.Annotated:
        inner, *rules = typing.get_args(kind)
        deeper, more = without_rules(inner)
        return deeper, (*more, *rules)
    return kind, ()


def options_of(kind: Any) -> tuple[Any, ...]:
    """The members of a union, or of one the type itself."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(option for member in typing.get_args(kind) for option in options_of(member))
    return (kind,)


def members(kind: Any) -> tuple[Any, ...] | None:
    """The values of a Literal or an enum; None for any other type."""
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return tuple(member.value for member in kind)
    return None


def table_tags(tables: Sequence[type]) -> tuple[str, dict[Any, type]] | None:
    """The key whose Literal tells several dataclasses apart, and which value means which."""
    every = [fields_of(table) for table in tables]
    for key in every[0]:
        tags: dict[Any, type] = {}
        for table, fields in zip(tables, every, strict=True):
            values = members(without_rules(fields[key].kind)[0]) if key in fields else None
            if values is None or tags.keys() & set(values):
                break
            tags.update(dict.fromkeys(values, table))
        else:
            return key, tags
    return None


def described(kind: Any) -> str:
    """What is allowed, in words."""
    kind, _ = without_rules(kind)
    options = options_of(kind)
    if len(options) > 1:
        words = list(dict.fromkeys(described(option) for option in options if option is not type(None)))
        return " or ".join(words)
    values = members(kind)
    if values is not None:
        return " or ".join(said(value) for value in values)
    if kind in _WORDS:
        return _WORDS[kind]
    origin = typing.get_origin(kind) or kind
    if origin in LISTS:
        inner = typing.get_args(kind)[:1]
        return f"a list ({described(inner[0])} each)" if inner and inner[0] is not Any else "a list"
    return "a table"


def found(value: Any) -> str:
    """What stands there, in words; texts and numbers are quoted when they are short."""
    if isinstance(value, str):
        return f"the text {quoted(value)}" if len(value) <= 24 and value.isprintable() else "a text"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        if isinstance(value, int) and value.bit_length() > 64:
            return "a huge number"
        spelling = str(value)
        return f"the number {spelling}" if len(spelling) <= 24 else "a long number"
    return _WORDS.get(type(value), "a value")


def said(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
