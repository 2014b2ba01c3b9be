"""This vendor's own form of a schema (after OpenAPI 3.0), and the JSON Schema that the neutral fields hold.

Only what differs is changed: types in capitals, and ``nullable`` beside the type. Other wires would take the
vendor's spelling for no schema at all; on its own wire it comes back.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..fields import as_word

__all__ = ["CAPITALS", "json_schema_of", "openapi_of", "spelling_of"]

CAPITALS: Final = "capitals"

_TYPES: Final = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
_DEEPEST: Final = 100  # what lies deeper is left as it is

# Where schemas stand inside a schema.
_BY_NAME: Final = ("properties", "defs", "$defs")
_ONE: Final = ("items", "additionalProperties")
_SEVERAL: Final = ("anyOf", "prefixItems")


def spelling_of(schema: Mapping[str, Any]) -> str:
    """How the schema's types are spelled; the servers take small letters too."""
    return CAPITALS if as_word(schema.get("type")) in _TYPES else "small"


def json_schema_of(schema: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """The schema with types in JSON Schema's words."""
    out = _deeper(schema, depth, json_schema_of)
    if isinstance(out.get("type"), str) and out["type"] in _TYPES:
        out["type"] = out["type"].lower()
    if out.get("nullable") is True and isinstance(out.get("type"), str):
        del out["nullable"]
        out["type"] = [out["type"], "null"]
    return out


def openapi_of(schema: Mapping[str, Any], *, capitals: bool, depth: int = 0) -> dict[str, Any]:
    """The schema in the vendor's words again."""
    out = _deeper(schema, depth, lambda inner, at: openapi_of(inner, capitals=capitals, depth=at))
    kinds = out.get("type")
    if isinstance(kinds, list) and len(kinds) == 2 and kinds[1] == "null":
        out["type"], out["nullable"] = kinds[0], True
    if capitals and isinstance(out.get("type"), str) and out["type"].upper() in _TYPES:
        out["type"] = out["type"].upper()
    return out


def _deeper(schema: Mapping[str, Any], depth: int, change: Callable[[Mapping[str, Any], int], Any]) -> dict[str, Any]:
    """A copy of the schema with every schema in it changed."""

    def changed(value: Any) -> Any:
        return change(value, depth + 1) if isinstance(value, Mapping) else value

    out = dict(schema)
    if depth >= _DEEPEST:
        return out
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, Mapping):
            out[key] = {name: changed(item) for name, item in value.items()}
        elif key in _ONE:
            out[key] = changed(value)
        elif key in _SEVERAL and isinstance(value, list):
            out[key] = [changed(item) for item in value]
    return out
