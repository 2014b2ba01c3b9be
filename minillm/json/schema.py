"""JSON schemas of Python types: what a model is asked to answer."""

import datetime as dt
import decimal
import types
import uuid
from collections import abc
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from ..errors import ConfigurationError
from ..types import UNSET
from .fields import Field, constraints, description_of, fields_of, is_pydantic, is_structure, name_of, peel, summary
from .output import build_output
from .validation import require_validator, validate

__all__ = ["build_output", "json_schema_of", "validate"]

Schema = dict[str, Any]

_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    decimal.Decimal: {"type": "number"},
    type(None): {"type": "null"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    dt.time: {"type": "string", "format": "time"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    Any: {},
    object: {},
}
_SETS = (set, frozenset, abc.Set, abc.MutableSet)
_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable, *_SETS)
_MAPPINGS = (dict, abc.Mapping, abc.MutableMapping)
_KEYWORDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_LENGTHS = {"string": "Length", "array": "Items", "object": "Properties"}


def json_schema_of(kind: Any) -> Schema:
    """The JSON schema (draft 2020-12) of a type.

    Dataclasses, TypedDicts, pydantic models, enums, ``Literal``, unions, ``Annotated`` (a string is the
    description; pydantic's and annotated_types' bounds count), lists, sets, tuples, dicts with string
    keys, numbers, strings, dates, UUIDs, and all of them nested or recursive. Descriptions come from
    ``Annotated``, the field's metadata or the docstring. Objects are closed. A mapping is taken for a
    schema already and given back.

    Raises:
        ConfigurationError: a type without a form in JSON; or a ready schema, where ``jsonschema``, which
            alone could check the answer against it, is not installed.
    """
    if isinstance(kind, Mapping):
        require_validator()
        return dict(kind)
    builder = _Builder()
    schema = builder.schema(kind)
    if set(schema) == {"$ref"}:  # hosts want an object at the root, not a reference to one
        schema = dict(builder.definitions[schema["$ref"].removeprefix(_DEFINITIONS)])
    if builder.definitions:
        schema["$defs"] = builder.definitions
    return schema


_DEFINITIONS = "#/$defs/"


class _Builder:
    """Builds one schema; only recursive types, and pydantic's own, become definitions."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._open: list[Any] = []  # the types being built, outermost first
        self._recursive: dict[Any, str] = {}

    def schema(self, annotation: Any) -> Schema:
        kind, metadata = peel(annotation)
        schema = self._plain(kind)
        description = description_of(metadata)
        bounds = constraints(metadata)
        if description or bounds:
            schema = {**schema, **_bounded(schema, bounds)}
            if description:
                schema["description"] = description
        return schema

    def _plain(self, kind: Any) -> Schema:
        scalar = _SCALARS.get(kind) if isinstance(kind, abc.Hashable) else None
        if scalar is not None:
            return dict(scalar)
        if is_pydantic(kind):
            return self._pydantic(kind)
        if is_structure(kind):
            return self._structure(kind)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return _choice([member.value for member in kind], summary(kind))
        origin, arguments = get_origin(kind) or kind, get_args(kind)
        build = _GENERICS.get(origin) if isinstance(origin, abc.Hashable) else None
        if build is None:
            raise ConfigurationError(
                f"{name_of(kind)} has no JSON schema: use a dataclass, TypedDict or pydantic model"
            )
        return build(self, origin, arguments)

    def _structure(self, kind: Any) -> Schema:
        if kind in self._open:
            name = self._recursive.setdefault(kind, self._free_name(kind))
            return {"$ref": _DEFINITIONS + name}
        self._open.append(kind)
        members = fields_of(kind)
        schema: Schema = {"type": "object"}
        described = summary(get_origin(kind) or kind)
        if described:
            schema["description"] = described
        schema["properties"] = {member.name: self._member(member) for member in members}
        schema["required"] = [member.name for member in members if member.required]
        schema["additionalProperties"] = False
        self._open.pop()
        if kind not in self._recursive:
            return schema
        name = self._recursive[kind]
        self.definitions[name] = schema
        return {"$ref": _DEFINITIONS + name}

    def _member(self, member: Field) -> Schema:
        schema = self.schema(member.type)
        if member.description and "description" not in schema:
            schema["description"] = member.description
        default = member.default.value if isinstance(member.default, Enum) else member.default
        if member.default is not UNSET and (default is None or type(default) in (bool, int, str)):
            schema["default"] = default
        return schema

    def _free_name(self, kind: Any) -> str:
        base = "".join(c if c.isalnum() else "_" for c in name_of(kind))
        taken = {*self._recursive.values(), *self.definitions}
        return next(name for name in (base, *(f"{base}{n}" for n in range(2, 1000))) if name not in taken)

    def _pydantic(self, kind: Any) -> Schema:
        if hasattr(kind, "model_json_schema"):
            schema = kind.model_json_schema()
        else:
            from importlib import import_module

            schema = import_module("pydantic").TypeAdapter(kind).json_schema()
        for name, definition in schema.pop("$defs", {}).items():
            if self.definitions.setdefault(name, definition) != definition:
                raise ConfigurationError(f"two different types are named {name!r}: rename one of them")
        return dict(schema)

    def array(self, origin: Any, arguments: tuple[Any, ...]) -> Schema:
        schema: Schema = {"type": "array", "items": self.schema(arguments[0]) if arguments else {}}
        if origin in _SETS:
            schema["uniqueItems"] = True
        return schema

    def fixed_array(self, origin: Any, arguments: tuple[Any, ...]) -> Schema:
        if not arguments or arguments[-1] is Ellipsis:
            return self.array(origin, arguments[:1])
        items = [self.schema(argument) for argument in arguments]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items), "maxItems": len(items)}

    def mapping(self, origin: Any, arguments: tuple[Any, ...]) -> Schema:
        key, value = arguments or (str, Any)
        key_schema = self.schema(key)
        if key is not Any and key_schema.get("type") != "string":
            raise ConfigurationError(f"{name_of(origin)}[{name_of(key)}, ...]: the keys of a JSON object are strings")
        schema: Schema = {"type": "object", "additionalProperties": self.schema(value)}
        if set(key_schema) > {"type"}:
            schema["propertyNames"] = key_schema
        return schema

    def union(self, _: Any, arguments: tuple[Any, ...]) -> Schema:
        return {"anyOf": [self.schema(argument) for argument in arguments]}

    def literal(self, _: Any, arguments: tuple[Any, ...]) -> Schema:
        return _choice([argument.value if isinstance(argument, Enum) else argument for argument in arguments], None)


def _choice(values: list[Any], description: str | None) -> Schema:
    schema: Schema = {}
    named = {name for value in values for kind, name in _JSON_KINDS if type(value) is kind}
    if any(type(value) not in dict(_JSON_KINDS) for value in values):
        raise ConfigurationError("the values of an enum or Literal must be strings, numbers, booleans or None")
    if len(named) == 1:
        schema["type"] = named.pop()
    schema["enum"] = values
    if description:
        schema["description"] = description
    return schema


_JSON_KINDS = ((str, "string"), (bool, "boolean"), (int, "integer"), (float, "number"), (type(None), "null"))


def _bounded(schema: Schema, bounds: Mapping[str, Any]) -> Schema:
    said = {_KEYWORDS[name]: bound for name, bound in bounds.items() if name in _KEYWORDS}
    noun = _LENGTHS.get(schema.get("type", ""), "Length")
    for name, prefix in (("min_length", "min"), ("max_length", "max")):
        if name in bounds:
            said[prefix + noun] = bounds[name]
    return said


_Build = Callable[[_Builder, Any, tuple[Any, ...]], Schema]
_GENERICS: dict[Any, _Build] = {
    **dict.fromkeys(_LISTS, _Builder.array),
    tuple: _Builder.fixed_array,
    **dict.fromkeys(_MAPPINGS, _Builder.mapping),
    Union: _Builder.union,
    types.UnionType: _Builder.union,
    Literal: _Builder.literal,
}
