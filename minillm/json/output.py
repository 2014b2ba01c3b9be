"""Objects of a Python type from JSON values, with errors that name the place."""

import datetime as dt
import decimal
import math
import re
import types
import uuid
from collections import abc
from collections.abc import Callable, Mapping
from enum import Enum
from importlib import import_module
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, overload

from ..errors import ConfigurationError, InvalidOutput
from .fields import constraints, fields_of, is_pydantic, is_structure, is_typed_dict, name_of, peel
from .place import place
from .serialization import dumps
from .validation import validate

__all__ = ["build_output"]

T = TypeVar("T")
Path = tuple[str | int, ...]
Build = Callable[[Any, Any, Path], Any]


@overload
def build_output(kind: type[T], value: Any) -> T: ...
@overload
def build_output(kind: Any, value: Any) -> Any: ...
def build_output(kind: Any, value: Any) -> Any:
    """The object of this type that a JSON value stands for.

    Takes every type that :func:`minillm.json.json_schema_of` describes; a mapping is taken for a
    schema, against which the value is checked and given back. Numbers are not read from strings, nor
    booleans from numbers; ``3.0`` is an ``int`` where one is asked for.

    Raises:
        InvalidOutput: the value does not fit; ``.path`` names the place.
        ConfigurationError: a type without a form in JSON.
    """
    if isinstance(kind, Mapping):
        validate(value, kind)
        return value
    try:
        return _build(kind, value, ())
    except RecursionError:
        raise InvalidOutput("the value is nested too deep for its type") from None


def _fail(path: Path, problem: str) -> InvalidOutput:
    where = place(path)
    return InvalidOutput(f"{where or 'the value'}: {problem}", path=where)


_NAMES = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "an integer", float: "a number"}


def _named(value: Any) -> str:
    return _NAMES.get(type(value), "null" if value is None else type(value).__name__)


def _build(annotation: Any, value: Any, path: Path) -> Any:
    kind, metadata = peel(annotation)
    built = _find(kind)(kind, value, path)
    if metadata:
        _check_bounds(constraints(metadata), built, path)
    return built


def _find(kind: Any) -> Build:
    build = _BUILDERS.get(kind) if isinstance(kind, abc.Hashable) else None
    if build is not None:
        return build
    if is_pydantic(kind):
        return _pydantic
    if is_structure(kind):
        return _structure
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum
    build = _BUILDERS.get(get_origin(kind))
    if build is None:
        raise ConfigurationError(
            f"{name_of(kind)} cannot be built from JSON: use a dataclass, TypedDict or pydantic model"
        )
    return build


def _anything(_: Any, value: Any, __: Path) -> Any:
    return value


def _exactly(name: str, wanted: type) -> Build:
    def build(_: Any, value: Any, path: Path) -> Any:
        if type(value) is not wanted:
            raise _fail(path, f"expected {name}, not {_named(value)}")
        return value

    return build


def _integer(_: Any, value: Any, path: Path) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise _fail(path, f"expected an integer, not {_named(value)}")


def _number(kind: Any, value: Any, path: Path) -> Any:
    if type(value) is not int and type(value) is not float:
        raise _fail(path, f"expected a number, not {_named(value)}")
    try:
        return kind(value) if kind is float else kind(str(value))
    except OverflowError:
        raise _fail(path, "expected a number that a float can hold") from None


def _from_text(name: str, parse: Callable[[str], Any]) -> Build:
    def build(_: Any, value: Any, path: Path) -> Any:
        if type(value) is not str:
            raise _fail(path, f"expected {name} as a string, not {_named(value)}")
        try:
            return parse(value)
        except ValueError:
            raise _fail(path, f"expected {name}, the string is not one") from None

    return build


def _enum(kind: Any, value: Any, path: Path) -> Any:
    for member in kind:
        if _same(member.value, value):
            return member
    raise _fail(path, f"expected one of {', '.join(repr(member.value) for member in kind)}")


def _literal(kind: Any, value: Any, path: Path) -> Any:
    for choice in get_args(kind):
        if _same(choice.value if isinstance(choice, Enum) else choice, value):
            return choice
    raise _fail(path, f"expected one of {', '.join(map(repr, get_args(kind)))}")


def _same(wanted: Any, value: Any) -> bool:
    """Equal, and a boolean only to a boolean."""
    return bool(wanted == value) and (type(wanted) is bool) == (type(value) is bool)


def _union(kind: Any, value: Any, path: Path) -> Any:
    members = get_args(kind)
    exact = [member for member in members if peel(member).type is type(value)]
    errors: list[InvalidOutput] = []
    for member in (*exact, *members):
        try:
            return _build(member, value, path)
        except InvalidOutput as error:
            errors.append(error)
    deepest = max(errors, key=lambda error: len(error.path))
    if deepest.path != place(path):
        raise deepest
    raise _fail(
        path, f"expected one of {', '.join(name_of(peel(member).type) for member in members)}, not {_named(value)}"
    )


def _array(kind: Any, value: Any, path: Path) -> Any:
    if type(value) is not list:
        raise _fail(path, f"expected an array, not {_named(value)}")
    arguments = get_args(kind) or (Any,)
    origin = get_origin(kind) or kind
    items = [_build(arguments[0], item, (*path, index)) for index, item in enumerate(value)]
    make = _MAKERS.get(origin)
    return items if make is None else _unique(make, items, path)


def _unique(make: Callable[[list[Any]], Any], items: list[Any], path: Path) -> Any:
    try:
        made = make(items)
    except TypeError:
        raise ConfigurationError("the items of a set must be hashable: use a list, or a frozen dataclass") from None
    if len(made) != len(items):
        raise _fail(path, "expected no two equal items")
    return made


def _tuple(kind: Any, value: Any, path: Path) -> tuple[Any, ...]:
    arguments = get_args(kind) or (Any, ...)
    if arguments[-1] is Ellipsis:
        return tuple(_array(list[arguments[0]], value, path))  # type: ignore[valid-type]
    if type(value) is not list or len(value) != len(arguments):
        raise _fail(path, f"expected an array of {len(arguments)}, not {_named(value)}{_length(value)}")
    return tuple(
        _build(kind, item, (*path, index)) for index, (kind, item) in enumerate(zip(arguments, value, strict=True))
    )


def _length(value: Any) -> str:
    return f" of {len(value)}" if type(value) is list else ""


def _mapping(kind: Any, value: Any, path: Path) -> dict[Any, Any]:
    if type(value) is not dict:
        raise _fail(path, f"expected an object, not {_named(value)}")
    key_kind, item_kind = get_args(kind) or (str, Any)
    return {_build(key_kind, key, (*path, key)): _build(item_kind, item, (*path, key)) for key, item in value.items()}


def _structure(kind: Any, value: Any, path: Path) -> Any:
    if type(value) is not dict:
        raise _fail(path, f"expected an object, not {_named(value)}")
    members = fields_of(kind)
    missing = [member.name for member in members if member.required and member.name not in value]
    if missing:
        raise _fail((*path, missing[0]), "missing")
    unknown = value.keys() - {member.name for member in members}
    if unknown:
        raise _fail((*path, min(unknown)), f"not a member of {name_of(kind)}")
    built = {m.name: _build(m.type, value[m.name], (*path, m.name)) for m in members if m.name in value}
    plain = get_origin(kind) or kind
    if is_typed_dict(plain):
        return built
    try:
        return plain(**built)
    except (TypeError, ValueError) as error:  # a check in __post_init__, whose words may quote the answer
        refusal = _fail(path, f"{name_of(kind)} refuses these values ({type(error).__name__})")
        refusal.hint = _line(path, str(error))
    raise refusal


def _pydantic(kind: Any, value: Any, path: Path) -> Any:
    try:
        # As JSON, not as Python objects: a strict model takes a date from JSON text alone.
        return kind.__pydantic_validator__.validate_json(dumps(value))
    except ValueError as error:
        problems = getattr(error, "errors", None)
        if problems is None:
            raise
        found = problems(include_url=False, include_context=False, include_input=False)
    # Raised out here: pydantic's own error quotes the answer, and a chained one is in every traceback.
    first = found[0]
    told = first["msg"] if first["type"] in _plain_problems() else "a validator of the model refuses it"
    refusal = _fail((*path, *first["loc"]), told)
    refusal.hint = "\n".join(_line((*path, *each["loc"]), each["msg"]) for each in found[:_MOST_PROBLEMS])
    raise refusal


def _line(path: Path, problem: str) -> str:
    return f"{place(path) or 'the value'}: {problem}"


def _plain_problems() -> frozenset[str]:
    """The kinds of problem that pydantic has words of its own for; a validator's words may quote the answer."""
    core_schema = import_module("pydantic_core").core_schema
    return frozenset(get_args(core_schema.ErrorType)) - {"value_error", "assertion_error", "union_tag_invalid"}


_MOST_PROBLEMS = 10


def _check_bounds(bounds: Mapping[str, Any], value: Any, path: Path) -> None:
    for name, bound in bounds.items():
        holds, words = _BOUNDS[name]
        try:
            held = holds(value, bound)
        except TypeError:
            continue  # a bound that is not about this kind of value, such as a length of None
        if not held:
            raise _fail(path, f"expected {words} {bound}")


_BOUNDS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "ge": (lambda value, bound: value >= bound, "at least"),
    "gt": (lambda value, bound: value > bound, "more than"),
    "le": (lambda value, bound: value <= bound, "at most"),
    "lt": (lambda value, bound: value < bound, "less than"),
    "multiple_of": (lambda value, bound: math.isclose(value / bound, round(value / bound)), "a multiple of"),
    "min_length": (lambda value, bound: len(value) >= bound, "a length of at least"),
    "max_length": (lambda value, bound: len(value) <= bound, "a length of at most"),
    "pattern": (lambda value, bound: re.search(bound, value) is not None, "a match of the pattern"),
}
_MAKERS: dict[Any, Callable[[list[Any]], Any]] = {
    set: set,
    frozenset: frozenset,
    abc.Set: frozenset,
    abc.MutableSet: set,
}
_BUILDERS: dict[Any, Build] = {
    Any: _anything,
    object: _anything,
    str: _exactly("a string", str),
    bool: _exactly("a boolean", bool),
    type(None): _exactly("null", type(None)),
    int: _integer,
    float: _number,
    decimal.Decimal: _number,
    dt.datetime: _from_text("a date and time", dt.datetime.fromisoformat),
    dt.date: _from_text("a date", dt.date.fromisoformat),
    dt.time: _from_text("a time", dt.time.fromisoformat),
    uuid.UUID: _from_text("a UUID", uuid.UUID),
    tuple: _tuple,
    Union: _union,
    types.UnionType: _union,
    Literal: _literal,
    **dict.fromkeys((dict, abc.Mapping, abc.MutableMapping), _mapping),
    **dict.fromkeys((list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable, *_MAKERS), _array),
}
