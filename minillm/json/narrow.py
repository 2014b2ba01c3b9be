"""A JSON Schema said in a narrower dialect: hosts that take a schema take only a part of the language.

Every change that loses or loosens something is told; what only spells the same otherwise is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["OPENAPI", "SchemaDialect", "Tell", "narrow_schema"]

Schema = dict[str, Any]
Tell = Callable[[str, str, str], None]

_DEEPEST: Final = 64
_MOST: Final = 10_000
_MAPS: Final = ("properties", "$defs", "definitions", "patternProperties")
_LISTS: Final = ("anyOf", "allOf", "oneOf", "prefixItems")
_SCHEMAS: Final = ("items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDialect:
    """What a host's schemas may say.

    Args:
        booleans: ``true`` and ``false`` as schemas.
        references: ``$ref``; without it they are written out.
        type_lists: a list of types; without it ``nullable`` or ``anyOf`` says it.
        nullable: ``nullable: true`` is how null is allowed.
        keywords: the keywords it knows; None for all.
    """

    booleans: bool = True
    references: bool = True
    type_lists: bool = True
    nullable: bool = False
    keywords: frozenset[str] | None = None


#: The subset of OpenAPI that Gemini's ``parameters`` and ``responseSchema`` take
#: (https://ai.google.dev/api/caching#Schema).
OPENAPI: Final = SchemaDialect(
    booleans=False,
    references=False,
    type_lists=False,
    nullable=True,
    keywords=frozenset(
        {
            *("type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties"),
            *("required", "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf"),
            *("propertyOrdering", "default", "items", "minimum", "maximum"),
        }
    ),
)


def narrow_schema(schema: Mapping[str, Any], dialect: SchemaDialect, tell: Tell) -> Schema:
    """The schema in the dialect's words; the given one is left as it is.

    Args:
        tell: called with ``(path, what, reason)`` for each thing that is lost or loosened; ``path`` is a
            JSON Pointer into the schema.
    """
    return _Narrowing(schema, dialect, tell).schema(schema, "", ())


class _Narrowing:
    def __init__(self, root: Mapping[str, Any], dialect: SchemaDialect, tell: Tell) -> None:
        self._root = root
        self._dialect = dialect
        self._tell = tell
        self._count = 0
        self._full = False

    def schema(self, given: Any, path: str, open_: tuple[str, ...]) -> Schema:
        """One schema; ``open_`` are the references that are being written out around it."""
        if isinstance(given, bool) or not isinstance(given, Mapping):
            if given is not True:
                self._tell(path, "false" if given is False else "no schema", "this dialect has no schema for nothing")
            return {}
        self._count += 1
        if path.count("/") + len(open_) > _DEEPEST or self._count > _MOST:
            # References that are written out may multiply without end.
            if not self._full:
                self._tell(path, "nesting", f"deeper than {_DEEPEST} steps or too large: anything is allowed there")
            self._full = self._count > _MOST
            return {}
        dialect, said = self._dialect, dict(given)
        if "$ref" in said and not dialect.references:
            return self._written_out(said, path, open_)
        if not dialect.type_lists:
            self._single_type(said)
        if dialect.keywords is not None:
            self._spelled_otherwise(said, path)
        out: Schema = {}
        for key, value in said.items():
            if dialect.keywords is not None and key not in dialect.keywords:
                if key not in ("$defs", "definitions", "$schema", "$id", "$comment"):
                    self._tell(f"{path}/{key}", key, "this dialect does not know the keyword")
                continue
            out[key] = self._value(key, value, f"{path}/{key}", open_)
        return out

    def _value(self, key: str, value: Any, path: str, open_: tuple[str, ...]) -> Any:
        if key in _MAPS and isinstance(value, Mapping):
            return {name: self._inner(item, f"{path}/{_escaped(name)}", open_) for name, item in value.items()}
        if key in _LISTS and isinstance(value, list):
            return [self._inner(item, f"{path}/{i}", open_) for i, item in enumerate(value)]
        return self._inner(value, path, open_) if key in _SCHEMAS else value

    def _inner(self, value: Any, path: str, open_: tuple[str, ...]) -> Any:
        return value if isinstance(value, bool) and self._dialect.booleans else self.schema(value, path, open_)

    def _written_out(self, said: Schema, path: str, open_: tuple[str, ...]) -> Schema:
        reference = str(said.pop("$ref"))
        if reference in open_:
            self._tell(f"{path}/$ref", "recursion", "this dialect has no references: anything is allowed there")
            return self.schema(said, path, open_)
        target = _found(self._root, reference)
        if target is None:
            self._tell(f"{path}/$ref", "reference", "it points nowhere inside the schema: anything is allowed there")
            return self.schema(said, path, open_)
        merged = {**target, **said} if isinstance(target, Mapping) else target
        return self.schema(merged, path, (*open_, reference))

    def _single_type(self, said: Schema) -> None:
        """A list of types, as ``nullable`` or as a union."""
        types = said.get("type")
        if not isinstance(types, list):
            return
        named = [kind for kind in types if kind != "null"]
        null = len(named) < len(types)
        del said["type"]
        if len(named) == 1:
            said["type"] = named[0]
        elif named:
            said["anyOf"] = [{"type": kind} for kind in named]
        if null and self._dialect.nullable:
            said["nullable"] = True
        elif null:
            said.setdefault("anyOf", [{"type": said.pop("type")}] if "type" in said else []).append({"type": "null"})

    def _spelled_otherwise(self, said: Schema, path: str) -> None:
        """Keywords that the dialect says in other words."""
        known = self._dialect.keywords or frozenset()
        if "const" in said and "const" not in known:
            said.setdefault("enum", [said.pop("const")])
        if "oneOf" in said and "oneOf" not in known and "anyOf" in known and "anyOf" not in said:
            said["anyOf"] = said.pop("oneOf")
            self._tell(f"{path}/oneOf", "oneOf", "it goes as anyOf: several may hold at once")
        union = said.get("anyOf")
        if self._dialect.nullable and isinstance(union, list) and {"type": "null"} in union:
            rest = [item for item in union if item != {"type": "null"}]
            said["nullable"] = True
            if len(rest) == 1 and isinstance(rest[0], Mapping):
                del said["anyOf"]
                said.update({**rest[0], **said})
            else:
                said["anyOf"] = rest
        if said.get("additionalProperties") is True:
            del said["additionalProperties"]  # what is meant anyway


def _found(root: Any, reference: str) -> Any:
    """What a JSON Pointer of this document points at, or None."""
    if not reference.startswith("#"):
        return None
    found = root
    for step in reference[1:].split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
