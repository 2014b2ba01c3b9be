"""A JSON Schema said in a narrower dialect: hosts that take a schema take only a part of the language.

Every change that loses or loosens something is told; what only spells the same otherwise is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..types import Severity

__all__ = ["CLOSED", "OPENAPI", "STRICT", "SchemaDialect", "Tell", "is_recursive", "narrow_schema"]

Schema = dict[str, Any]
Tell = Callable[[str, str, str, Severity], None]

_DEEPEST: Final = 64
_MOST: Final = 10_000
_MAPS: Final = ("properties", "$defs", "definitions", "patternProperties")
_LISTS: Final = ("anyOf", "allOf", "oneOf", "prefixItems")
_DEFINITIONS: Final = ("$defs", "definitions")
_SILENT: Final = (*_DEFINITIONS, "$schema", "$id", "$comment")  # they say nothing about the value
_ANNOTATIONS: Final = ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly")
_KINDS: Final = ("type", "anyOf", "allOf", "oneOf", "enum", "const", "$ref")
_SCALARS: Final = ("string", "number", "boolean", "null")
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
        recursion: a reference may stand inside what it points at.
        closed: objects say ``additionalProperties: false``.
        all_required: every property is required.
        formats: the formats of texts it knows; None for all.
        least_items: the most that ``minItems`` may demand; None for any number.
        typed: every schema says a type, or what else a value may be.
        lone_references: nothing may stand beside a ``$ref``.
        without: keywords it does not know, whatever else it knows.
    """

    booleans: bool = True
    references: bool = True
    type_lists: bool = True
    nullable: bool = False
    keywords: frozenset[str] | None = None
    recursion: bool = True
    closed: bool = False
    all_required: bool = False
    formats: frozenset[str] | None = None
    least_items: int | None = None
    typed: bool = False
    lone_references: bool = False
    without: frozenset[str] = frozenset()


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


_COMMON: Final = frozenset(
    {
        *("type", "enum", "const", "anyOf", "$ref", "$defs", "definitions", "properties", "required", "items"),
        *("additionalProperties", "title", "description", "default", "format", "minItems", "pattern"),
    }
)

#: What Anthropic takes for an answer and for a strict tool: closed objects, no recursion, no bounds
#: (https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations").
CLOSED: Final = SchemaDialect(
    booleans=False,
    type_lists=False,
    recursion=False,
    keywords=_COMMON | {"allOf"},
    closed=True,
    formats=frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}),
    least_items=1,
    typed=True,
)

#: What OpenAI takes with ``strict``: closed objects of which every property is required
#: (https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas"). It refuses defaults
#: (https://github.com/dotnet/extensions/issues/6266) and anything beside a reference
#: (https://github.com/virattt/dexter/pull/280).
STRICT: Final = SchemaDialect(
    booleans=False,
    keywords=(_COMMON - {"default"})
    | {"maxItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "$schema"},
    closed=True,
    all_required=True,
    typed=True,
    lone_references=True,
)


def narrow_schema(schema: Mapping[str, Any], dialect: SchemaDialect, tell: Tell) -> Schema:
    """The schema in the dialect's words; the given one is left as it is.

    Args:
        tell: called with ``(path, what, reason, severity)`` for each thing that is lost, loosened or made
            stricter; ``path`` is a JSON Pointer into the schema.
    """
    if dialect.references and not dialect.recursion and is_recursive(schema):
        dialect = replace(dialect, references=False)  # written out as far as it goes
    return _Narrowing(schema, dialect, tell).schema(schema, "", ())


class _Narrowing:
    def __init__(self, root: Mapping[str, Any], dialect: SchemaDialect, tell: Tell) -> None:
        self._root = root
        self._dialect = dialect
        self._told = tell
        self._count = 0
        self._full = False

    def _tell(self, path: str, what: str, reason: str, severity: Severity = Severity.DEGRADED) -> None:
        self._told(path, what, reason, severity)

    def schema(self, given: Any, path: str, open_: tuple[str, ...], *, told: bool = False) -> Schema:
        """One schema.

        Args:
            open_: the references that are being written out around it.
            told: it was told already why it says so little.
        """
        if isinstance(given, bool) or not isinstance(given, Mapping):
            if given is not True:
                self._tell(path, "false" if given is False else "no schema", "this dialect has no schema for nothing")
            elif self._dialect.typed:
                self._tell(path, "any value", "this dialect wants a type: objects and lists are left out")
            return self._anything()
        self._count += 1
        if path.count("/") + len(open_) > _DEEPEST or self._count > _MOST:
            # References that are written out may multiply without end.
            if not self._full:
                self._tell(path, "nesting", f"deeper than {_DEEPEST} steps or too large: anything is allowed there")
            self._full = self._count > _MOST
            return self._anything()
        dialect, said = self._dialect, dict(given)
        if "$ref" in said and not dialect.references:
            return self._written_out(said, path, open_)
        or_null = not dialect.type_lists and self._single_type(said)
        if dialect.keywords is not None:
            self._spelled_otherwise(said, path)
        self._tightened(said, path)
        out: Schema = {}
        for key, value in said.items():
            if key in _DEFINITIONS and not dialect.references:
                continue  # written out where they are used
            if key in dialect.without or (dialect.keywords is not None and key not in dialect.keywords):
                if key not in _SILENT:
                    severity = Severity.NOTE if key in _ANNOTATIONS else Severity.DEGRADED
                    self._tell(f"{path}/{key}", key, "this dialect does not know the keyword", severity)
                continue
            out[key] = self._value(key, value, f"{path}/{key}", open_)
        if dialect.typed and not any(key in out for key in _KINDS):
            if not told:
                self._tell(path, "any value", "this dialect wants a type: objects and lists are left out")
            out.update(self._anything())
        if or_null:
            self._or_null(out)
        if dialect.lone_references and "$ref" in out and out.keys() - {"$ref", "anyOf", *_DEFINITIONS}:
            out = {"anyOf": [{"$ref": out.pop("$ref")}], **out}
        return out

    def _anything(self) -> Schema:
        return {"anyOf": [{"type": kind} for kind in _SCALARS]} if self._dialect.typed else {}

    def _value(self, key: str, value: Any, path: str, open_: tuple[str, ...]) -> Any:
        if key in _MAPS and isinstance(value, Mapping):
            return {name: self._inner(item, f"{path}/{_escaped(name)}", open_) for name, item in value.items()}
        if key in _LISTS and isinstance(value, list):
            return [self._inner(item, f"{path}/{i}", open_) for i, item in enumerate(value)]
        if key == "additionalProperties" and value is False:
            return value  # the one place where it is no schema but a word
        return self._inner(value, path, open_) if key in _SCHEMAS else value

    def _inner(self, value: Any, path: str, open_: tuple[str, ...]) -> Any:
        return value if isinstance(value, bool) and self._dialect.booleans else self.schema(value, path, open_)

    def _tightened(self, said: Schema, path: str) -> None:
        """What a stricter dialect demands of every object and text; whatever fits it fits the given one too."""
        dialect, properties = self._dialect, said.get("properties")
        if dialect.closed and (said.get("type") == "object" or isinstance(properties, Mapping)):
            if said.get("additionalProperties", True) is not False:
                if said.get("additionalProperties", True) not in (True, {}) and properties:
                    self._tell(f"{path}/additionalProperties", "additionalProperties", "objects are closed there")
                elif properties:
                    self._tell(path, "open object", "objects are closed there", Severity.NOTE)
                else:
                    self._tell(path, "object of any properties", "objects are closed there", Severity.LOST)
            said["additionalProperties"] = False
            said.setdefault("properties", {})
            properties = said["properties"]
        if dialect.all_required and isinstance(properties, Mapping):
            given = said.get("required")
            required = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
            missing = [name for name in properties if name not in required]
            for name in missing:
                self._tell(f"{path}/properties/{_escaped(name)}", "optional property", "all are required there")
            said["required"] = [*required, *missing]
        if dialect.formats is not None and "format" in said and not _is_one_of(said["format"], dialect.formats):
            self._tell(f"{path}/format", "format", "this dialect does not know it")
            del said["format"]
        least = said.get("minItems")
        if dialect.least_items is not None and isinstance(least, int | float) and least > dialect.least_items:
            self._tell(f"{path}/minItems", "minItems", f"at most {dialect.least_items} can be demanded there")
            said["minItems"] = dialect.least_items

    def _written_out(self, said: Schema, path: str, open_: tuple[str, ...]) -> Schema:
        reference = said.pop("$ref")
        reference = reference if isinstance(reference, str) else ""
        if reference in open_:
            self._tell(f"{path}/$ref", "recursion", "this dialect has no references: anything is allowed there")
            return self.schema(said, path, open_, told=True)
        target = _found(self._root, reference)
        if target is None:
            self._tell(f"{path}/$ref", "reference", "it points nowhere inside the schema: anything is allowed there")
            return self.schema(said, path, open_, told=True)
        merged = {**target, **said} if isinstance(target, Mapping) else target
        return self.schema(merged, path, (*open_, reference))

    def _single_type(self, said: Schema) -> bool:
        """A list of types, as ``nullable`` or as a union; whether null has to be put beside it all."""
        types = said.get("type")
        if not isinstance(types, list):
            return False
        named = [kind for kind in types if kind != "null"]
        null = len(named) < len(types)
        del said["type"]
        if len(named) == 1:
            said["type"] = named[0]
        elif null and not named:
            said["type"] = "null"
            return False
        elif named:
            said["anyOf"] = [{"type": kind} for kind in named]
        if null and self._dialect.nullable:
            said["nullable"] = True
        return null and not self._dialect.nullable

    @staticmethod
    def _or_null(said: Schema) -> None:
        """All that is said of the value stands beside null as one of two."""
        inner = {key: said.pop(key) for key in [*said] if key not in (*_ANNOTATIONS, *_SILENT)}
        if isinstance(inner.get("enum"), list):
            inner["enum"] = [value for value in inner["enum"] if value is not None]
        several = inner.get("anyOf") if len(inner) == 1 else None
        said["anyOf"] = [*(several or ([inner] if inner else [])), {"type": "null"}]

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


def is_recursive(root: Any) -> bool:
    """Whether a reference leads back to where it stands."""
    inside: dict[str, list[str]] = {}
    pending = ["#"]
    while pending:
        place = pending.pop()
        if place not in inside:
            inside[place] = _references(_found(root, place))
            pending += inside[place]
    rest = dict(inside)
    while True:  # what refers to nothing that is left cannot be part of a circle
        done = [place for place, references in rest.items() if not any(one in rest for one in references)]
        if not done:
            return bool(rest)
        for place in done:
            del rest[place]


def _references(schema: Any) -> list[str]:
    """The references inside a schema, but for those in its definitions."""
    found, pending = [], [schema]
    while pending:
        item = pending.pop()
        if isinstance(item, Mapping):
            if isinstance(item.get("$ref"), str):
                found.append(item["$ref"])
            pending += [value for key, value in item.items() if key not in _DEFINITIONS]
        elif isinstance(item, list):
            pending += item
    return found


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


def _is_one_of(word: Any, known: frozenset[str]) -> bool:
    return isinstance(word, str) and word in known


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
