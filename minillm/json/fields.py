"""What a Python type holds: the members of a dataclass or TypedDict, with their types laid open."""

import dataclasses
from collections.abc import Mapping
from typing import (
    Annotated,
    Any,
    Final,
    ForwardRef,
    NamedTuple,
    NewType,
    NotRequired,
    Required,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from ..errors import ConfigurationError
from ..types import UNSET
from .docstring import Docstring, parse_docstring

__all__ = [
    "Field",
    "Peeled",
    "constraints",
    "description_of",
    "fields_of",
    "is_pydantic",
    "is_structure",
    "name_of",
    "peel",
]

_CONSTRAINTS = ("ge", "gt", "le", "lt", "max_length", "min_length", "multiple_of", "pattern")


class Field(NamedTuple):
    """One member: ``default`` is ``UNSET`` where there is none or a factory makes it."""

    name: str
    type: Any
    required: bool
    default: Any
    description: str | None


class Peeled(NamedTuple):
    """A type without ``Annotated`` and its like, and what they said about it."""

    type: Any
    metadata: tuple[Any, ...]


def peel(annotation: Any) -> Peeled:
    """The type under ``Annotated``, ``Required``, ``Final``, ``NewType`` and ``type`` aliases."""
    metadata: tuple[Any, ...] = ()
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            metadata = (*more, *metadata)
        elif origin in (Required, NotRequired, Final) or getattr(origin, "_name", None) == "ReadOnly":
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":  # Python 3.12 and typing_extensions
            annotation = annotation.__value__
        elif isinstance(annotation, TypeVar):
            annotation = annotation.__bound__ or Any
        else:
            return Peeled(annotation, metadata)


def constraints(metadata: tuple[Any, ...]) -> dict[str, Any]:
    """The bounds in Annotated metadata: annotated_types' and pydantic's alike, told by their attributes."""
    found: dict[str, Any] = {}
    for item in metadata:
        for inner in (item, *getattr(item, "metadata", ())):
            for name in _CONSTRAINTS:
                value = getattr(inner, name, None)
                if value is not None and not callable(value):
                    found[name] = value
    return found


def description_of(metadata: tuple[Any, ...]) -> str | None:
    """The words about a type in its Annotated metadata: a plain string, ``Doc`` or pydantic's ``Field``."""
    for item in metadata:
        said = item
        if not isinstance(item, str):
            said = getattr(item, "description", None) or getattr(item, "documentation", None)
        if isinstance(said, str):
            return said
    return None


def is_pydantic(kind: Any) -> bool:
    """A pydantic model or pydantic dataclass, told without importing pydantic."""
    return isinstance(kind, type) and hasattr(kind, "__pydantic_validator__")


def is_typed_dict(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, dict) and hasattr(kind, "__required_keys__")


def is_structure(kind: Any) -> bool:
    """A dataclass or a TypedDict, also one with type arguments."""
    kind = get_origin(kind) or kind
    return isinstance(kind, type) and (dataclasses.is_dataclass(kind) or is_typed_dict(kind))


def name_of(kind: Any) -> str:
    """A type's name for errors and definitions."""
    return str(getattr(kind, "__name__", None) or kind)


def fields_of(kind: Any) -> tuple[Field, ...]:
    """The members of a dataclass or TypedDict that JSON may give, in their order.

    Raises:
        ConfigurationError: an annotation names something that cannot be found, or a dataclass cannot be
            made of its fields alone.
    """
    plain = get_origin(kind) or kind
    hints = _hints(plain)
    given = dict(zip(getattr(plain, "__parameters__", ()), get_args(kind), strict=False))
    told = docstring(plain).members
    members: list[tuple[str, bool, Any, Mapping[Any, Any]]]
    if dataclasses.is_dataclass(plain):
        _check_makeable(plain, hints)
        members = [(f.name, *_dataclass_default(f), f.metadata) for f in dataclasses.fields(plain) if f.init]
    else:
        members = [(name, _is_required(plain, name, hint), UNSET, {}) for name, hint in hints.items()]
    return tuple(
        Field(name, _filled_in(hints[name], given), required, default, _described(metadata) or told.get(name))
        for name, required, default, metadata in members
    )


def _hints(kind: Any) -> dict[str, Any]:
    try:
        return get_type_hints(kind, include_extras=True)
    except NameError as error:
        raise ConfigurationError(
            f"{name_of(kind)}: the name {error.name!r} in its annotations is not defined where the type is; "
            "define both at the top of a module"
        ) from error


def _check_makeable(kind: Any, hints: Mapping[str, Any]) -> None:
    """An ``InitVar`` is no member of the value, so no answer could ever hold it."""
    for name, hint in hints.items():
        if isinstance(hint, dataclasses.InitVar) and not hasattr(kind, name):
            raise ConfigurationError(f"{name_of(kind)}.{name} is an InitVar: give it a default, or make it a field")


def _dataclass_default(field: "dataclasses.Field[Any]") -> tuple[bool, Any]:
    if field.default is not dataclasses.MISSING:
        return False, field.default
    return field.default_factory is dataclasses.MISSING, UNSET


def _is_required(kind: Any, name: str, hint: Any) -> bool:
    # The qualifier itself first: under postponed annotations __required_keys__ does not see it.
    origin = get_origin(hint)
    if origin in (Required, NotRequired):
        return origin is Required
    return name in kind.__required_keys__


def _filled_in(hint: Any, given: Mapping[Any, Any]) -> Any:
    """The hint with the type arguments of a generic class put in."""
    if not given or isinstance(hint, ForwardRef):
        return hint
    if isinstance(hint, TypeVar):
        return given.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    return hint[tuple(given.get(parameter, parameter) for parameter in parameters)] if parameters else hint


def _described(metadata: Mapping[Any, Any]) -> str | None:
    said = metadata.get("description")
    return said if isinstance(said, str) else None


def docstring(kind: Any) -> Docstring:
    """A type's own docstring; empty for none and for the one ``dataclass`` invents."""
    text = vars(kind).get("__doc__") if isinstance(kind, type) else getattr(kind, "__doc__", None)
    if not isinstance(text, str) or (dataclasses.is_dataclass(kind) and text.startswith(f"{name_of(kind)}(")):
        text = None
    return parse_docstring(text)


def summary(kind: Any) -> str | None:
    """The docstring up to its first section."""
    return docstring(kind).prose or None
