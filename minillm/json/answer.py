"""What is asked of a model that must answer with a value: a schema that hosts take, and the value out of the answer.

Hosts want an object at the root: OpenAI refuses any other schema ("schema must be a JSON Schema of 'type: "object"'"),
and a union there too (https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas"). So a list, a
number, a choice or a union travels as the one member of an object, and is taken out of it again.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ..types import UNSET, Unset
from .fields import name_of
from .narrow import is_recursive
from .schema import json_schema_of

__all__ = ["KEY", "AnswerSchema", "answer_schema"]

#: The member under which a value that is no object travels.
KEY: Final = "answer"

Kind = Literal["object", "array", "any"]


@dataclass(frozen=True, slots=True)
class AnswerSchema:
    """What is asked for.

    Args:
        schema: with an object at its root.
        name: for hosts that want one, of ``[a-zA-Z0-9_-]``.
        wrapped: the value is the object's member ``answer``.
        strict: OpenAI's strict mode can say it, apart from bounds, which are checked here anyway.
        closed: a host that takes nothing but strict schemas, and none that hold themselves (Anthropic), can say it.
        kind: of the value itself.
    """

    schema: Mapping[str, Any] = field(hash=False)
    name: str
    wrapped: bool
    strict: bool
    closed: bool
    kind: Kind

    def unwrapped(self, value: Any) -> Any | Unset:
        """The value that was asked for in what the model said, which may still be growing.

        Where the model left the wrapping out, it is the value itself; ``UNSET`` while that cannot be told.
        """
        if not self.wrapped or type(value) is not dict:
            return value
        if KEY in value:
            return value[KEY]
        return value if value and self.kind != "array" else UNSET


_known: dict[Any, AnswerSchema] = {}
_MOST_KNOWN: Final = 256


def answer_schema(output: Any) -> AnswerSchema:
    """What is asked for where the answer shall be of this type, or fit this JSON Schema.

    Raises:
        ConfigurationError: see :func:`minillm.json.json_schema_of`.
    """
    if isinstance(output, Mapping) or not isinstance(output, Hashable):
        return _made(output)
    try:
        known = _known.get(output)
    except TypeError:  # hashable by its class, but not with what it was annotated with
        return _made(output)
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[output] = _made(output)
    return known


def _made(output: Any) -> AnswerSchema:
    schema = json_schema_of(output)
    wrapped = not _is_object(schema)
    kind = schema.get("type")
    whole = _wrapped(schema) if wrapped else schema
    return AnswerSchema(
        schema=whole,
        name=_name(output),
        wrapped=wrapped,
        strict=(strict := _is_strict(whole)),
        closed=strict and not is_recursive(whole),
        kind=kind if kind in ("object", "array") else "any",
    )


def _is_object(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type", "object" if "properties" in schema else None)
    return kind == "object" and not {"anyOf", "oneOf", "allOf", "$ref", "not", "enum"} & schema.keys()


_OF_THE_ROOT: Final = ("$schema", "$id", "$defs", "definitions")


def _wrapped(schema: Mapping[str, Any]) -> dict[str, Any]:
    inner = {key: value for key, value in schema.items() if key not in _OF_THE_ROOT}
    lifted = {key: schema[key] for key in _OF_THE_ROOT if key in schema}
    outer = {"type": "object", "properties": {KEY: inner}, "required": [KEY], "additionalProperties": False, **lifted}
    moved: dict[str, Any] = _moved(outer)
    return moved


def _moved(schema: Any) -> Any:
    """References to the root, or into it, where the root has moved to."""
    if isinstance(schema, Mapping):
        return {
            key: _moved_reference(value) if key == "$ref" and isinstance(value, str) else _moved(value)
            for key, value in schema.items()
        }
    return [_moved(item) for item in schema] if isinstance(schema, list) else schema


def _moved_reference(reference: str) -> str:
    if not reference.startswith("#") or reference.startswith(("#/$defs/", "#/definitions/")):
        return reference
    return f"#/properties/{KEY}{reference[1:]}"


def _name(output: Any) -> str:
    if isinstance(output, Mapping):
        said = output.get("title")
    else:  # ``list`` and ``Literal`` say nothing of what is asked
        said = None if getattr(output, "__module__", None) in ("builtins", "typing", "types") else name_of(output)
    name = "".join(c for c in said if c in _NAMING) if isinstance(said, str) else ""
    return name[:_LONGEST_NAME] or KEY


_NAMING: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_LONGEST_NAME: Final = 64

# With one of these a strict host refuses the schema, or could only answer less than is asked for.
_NOT_STRICT: Final = frozenset(
    {
        *("patternProperties", "prefixItems", "allOf", "not", "if", "then", "else", "contains", "$dynamicRef"),
        *("dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"),
    }
)
_DEEPEST: Final = 10  # levels of nesting, by the vendor's page


def _is_strict(schema: Any, depth: int = 0) -> bool:
    """Whether every value in it has a type and every object names its members."""
    if not isinstance(schema, Mapping) or _NOT_STRICT & schema.keys() or depth > _DEEPEST:
        return False
    if not {"type", "anyOf", "oneOf", "$ref"} & schema.keys():
        return False
    inner: list[Any] = [*_values(schema, "$defs"), *_values(schema, "definitions"), *_values(schema, "properties")]
    if _may_be(schema, "object") and not (
        schema.get("properties") and schema.get("additionalProperties", False) is False
    ):
        return False
    if _may_be(schema, "array"):
        inner.append(schema.get("items"))
    for union in ("anyOf", "oneOf"):
        inner += schema.get(union, ())
    return all(_is_strict(item, depth + 1) for item in inner)


def _values(schema: Mapping[str, Any], key: str) -> list[Any]:
    members = schema.get(key)
    return list(members.values()) if isinstance(members, Mapping) else []


def _may_be(schema: Mapping[str, Any], kind: str) -> bool:
    said = schema.get("type")
    return said == kind or (isinstance(said, list) and kind in said)
