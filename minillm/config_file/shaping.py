"""Values of a document into the dataclass that is asked for; every fault is kept, none is raised."""

import dataclasses
import datetime as dt
import enum
import math
import os
import pathlib
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ..errors import ConfigurationError
from .kinds import LISTS, TABLES, described, fields_of, found, members, options_of, said, table_tags, without_rules
from .problems import Path, closest, quoted
from .rules import BadValue

__all__ = ["BAD", "Shaper"]

#: Stands for a value that did not fit; what is wrong with it was told.
BAD: Any = object()


class Shaper:
    """Walks one document. ``problems`` fills as it goes: paths and what is wrong there."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder
        self.problems: list[tuple[Path, str]] = []

    def document(self, kind: Any, values: dict[str, Any]) -> Any:
        if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
            raise TypeError(f"{kind!r} is no dataclass")
        return self.table(kind, values, ())

    def value(self, kind: Any, value: Any, path: Path) -> Any:
        """The value as its type wants it, or :data:`BAD`."""
        kind, rules = without_rules(kind)
        shaped = self._unruled(kind, value, path)
        if shaped is BAD or shaped is None:
            return shaped
        for rule in rules:
            complaint = rule.complaint(shaped) if hasattr(rule, "complaint") else ""
            if complaint:
                return self.bad(path, complaint)
        return shaped

    def bad(self, path: Path, message: str) -> Any:
        self.problems.append((path, message))
        return BAD

    def _unruled(self, kind: Any, value: Any, path: Path) -> Any:
        options = options_of(kind)
        if len(options) > 1:
            return self._union(options, value, path)
        allowed = members(kind)
        if allowed is not None:
            return self._member(kind, allowed, value, path)
        if kind in _SCALARS:
            shaped = _SCALARS[kind](value)
            return self._wrong(kind, value, path) if shaped is BAD else shaped
        if kind is Any or kind is object:
            return self._free(value, path)
        if kind is pathlib.Path:
            return self._path(value, path)
        origin = typing.get_origin(kind) or kind
        if origin in LISTS:
            return self._list(kind, origin, value, path)
        if origin in TABLES:
            return self._mapping(kind, value, path)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            return self.table(kind, value, path) if isinstance(value, dict) else self._wrong(kind, value, path)
        raise TypeError(f"a file cannot hold a field of type {kind!r}")

    def _wrong(self, kind: Any, value: Any, path: Path) -> Any:
        return self.bad(path, f"is {found(value)}; allowed: {described(kind)}")

    def table(self, table: Any, value: dict[str, Any], path: Path) -> Any:
        fields = fields_of(table)
        before = len(self.problems)
        for key in value:
            if key not in fields:
                self.bad((*path, key), f"unknown key{closest(key, fields)}; allowed: {_listed(fields)}")
        shaped = {}
        for key, item in fields.items():
            if key in value:
                shaped[item.name] = self.value(item.kind, value[key], (*path, key))
            elif item.required:
                self.bad(path, f"the key {quoted(key)} is missing: {described(item.kind)}")
        if len(self.problems) > before:
            return BAD
        try:
            return table(**shaped)
        except BadValue as error:
            return self.bad((*path, *error.key), str(error))
        except (ValueError, ConfigurationError) as error:
            return self.bad(path, str(error))

    def _union(self, options: tuple[Any, ...], value: Any, path: Path) -> Any:
        if value is None and type(None) in options:
            return None
        options = tuple(option for option in options if option is not type(None))
        tables = [option for option in options if _is_table(option)]
        if isinstance(value, dict) and len(tables) > 1:
            return self._tagged(tables, value, path)
        fitting = [option for option in options if _fits(option, value)]
        if not fitting:
            return self.bad(path, f"is {found(value)}; allowed: {' or '.join(dict.fromkeys(map(described, options)))}")
        for option in fitting[:-1]:
            trial = Shaper(self.folder)
            shaped = trial.value(option, value, path)
            if shaped is not BAD:
                return shaped
        return self.value(fitting[-1], value, path)

    def _tagged(self, tables: list[Any], value: dict[str, Any], path: Path) -> Any:
        tags = table_tags(tables)
        if tags is None:
            raise TypeError("tables of a union need a Literal field that tells them apart")
        key, by_tag = tags
        if key not in value:
            return self.bad(path, f"the key {quoted(key)} is missing: {' or '.join(map(said, by_tag))}")
        tag = value[key]
        if not isinstance(tag, str) or tag not in by_tag:
            return self._no_member(tuple(by_tag), tag, (*path, key))
        return self.table(by_tag[tag], value, path)

    def _member(self, kind: Any, allowed: tuple[Any, ...], value: Any, path: Path) -> Any:
        for member in allowed:
            if type(member) is type(value) and member == value:
                return kind(member) if isinstance(kind, type) and issubclass(kind, enum.Enum) else member
        return self._no_member(allowed, value, path)

    def _no_member(self, allowed: tuple[Any, ...], value: Any, path: Path) -> Any:
        near = closest(value, [m for m in allowed if isinstance(m, str)]) if isinstance(value, str) else ""
        return self.bad(path, f"is {found(value)}{near}; allowed: {', '.join(map(said, allowed))}")

    def _list(self, kind: Any, origin: Any, value: Any, path: Path) -> Any:
        if not isinstance(value, list):
            return self._wrong(kind, value, path)
        arguments = typing.get_args(kind)
        if origin is tuple and arguments and arguments[-1] is not Ellipsis:
            if len(value) != len(arguments):
                return self.bad(path, f"has {len(value)} items; allowed: exactly {len(arguments)}")
            kinds = list(arguments)
        else:
            kinds = [arguments[0] if arguments else Any] * len(value)
        shaped = [self.value(each, item, (*path, at)) for at, (each, item) in enumerate(zip(kinds, value, strict=True))]
        if any(item is BAD for item in shaped):
            return BAD
        if origin is frozenset:
            return frozenset(shaped)
        return shaped if origin is list else tuple(shaped)

    def _mapping(self, kind: Any, value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            return self._wrong(kind, value, path)
        key_kind, item_kind = typing.get_args(kind) or (str, Any)
        shaped = {}
        for key, item in value.items():
            name = self.value(key_kind, key, (*path, key))
            shaped_item = self.value(item_kind, item, (*path, key))
            if name is BAD or shaped_item is BAD:
                shaped[key] = BAD
            else:
                shaped[name] = shaped_item
        return BAD if any(item is BAD for item in shaped.values()) else shaped

    def _path(self, value: Any, path: Path) -> Any:
        if not isinstance(value, str) or not value or "\0" in value:
            return self._wrong(pathlib.Path, value, path)
        return pathlib.Path(os.path.join(self.folder or "", os.path.expanduser(value)))

    def _free(self, value: Any, path: Path) -> Any:
        """A value as JSON has it: no Decimals."""
        if isinstance(value, dict):
            return {key: self._free(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._free(item, (*path, at)) for at, item in enumerate(value)]
        if isinstance(value, Decimal):
            number = _float(value)
            return self._wrong(float, value, path) if number is BAD else number
        return value


def _listed(fields: Mapping[str, Any]) -> str:
    return ", ".join(fields) or "none"


def _is_table(kind: Any) -> bool:
    kind, _ = without_rules(kind)
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def _fits(kind: Any, value: Any) -> bool:
    """Whether a value is of the right sort, so that its own faults are worth telling."""
    kind, _ = without_rules(kind)
    if kind is Any or kind is object:
        return True
    allowed = members(kind)
    if allowed is not None:
        return any(type(member) is type(value) for member in allowed)
    if kind in _SCALARS:
        return _SCALARS[kind](value) is not BAD
    if kind is pathlib.Path:
        return isinstance(value, str)
    if (typing.get_origin(kind) or kind) in LISTS:
        return isinstance(value, list)
    return isinstance(value, dict)


def _float(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return BAD
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return BAD
    return number if math.isfinite(number) else BAD


def _exact(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return BAD
    number = Decimal(value)
    return number if number.is_finite() else BAD


def _plain(kind: type) -> Callable[[Any], Any]:
    return lambda value: value if type(value) is kind else BAD


_SCALARS: dict[Any, Callable[[Any], Any]] = {
    **{kind: _plain(kind) for kind in (str, bool, int, type(None))},
    **{kind: _plain(kind) for kind in (dt.datetime, dt.date, dt.time)},
    float: _float,
    Decimal: _exact,
}
