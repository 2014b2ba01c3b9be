"""Schemas in narrower dialects: what spells the same is silent, what loses something is told."""

import copy
from typing import Any

import pytest

from minillm.json.narrow import CLOSED, OPENAPI, STRICT, SchemaDialect, narrow_schema
from minillm.types import Severity


def narrowed(schema: dict[str, Any], dialect: SchemaDialect = OPENAPI) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    before = copy.deepcopy(schema)
    out = narrow_schema(schema, dialect, lambda path, what, *_: told.append((path, what)))
    assert schema == before
    return out, told


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}),
        ({"const": "a", "type": "string"}, {"enum": ["a"], "type": "string"}),
        ({"type": "object", "additionalProperties": True}, {"type": "object"}),
        ({"type": "array", "items": True}, {"type": "array", "items": {}}),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}}, {"type": "string"}),
        ({"$schema": "x", "type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
    ],
)
def test_the_same_in_other_words_is_no_loss(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert narrowed(schema) == (expected, [])


@pytest.mark.parametrize(
    ("schema", "expected", "told"),
    [
        ({"type": "object", "additionalProperties": False}, {"type": "object"}, ("/additionalProperties",) * 1),
        ({"oneOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}]}, ("/oneOf",)),
        ({"properties": {"a/b": False}}, {"properties": {"a/b": {}}}, ("/properties/a~1b",)),
        ({"$ref": "https://elsewhere"}, {}, ("/$ref",)),
        ({"type": "number", "multipleOf": 2}, {"type": "number"}, ("/multipleOf",)),
    ],
)
def test_what_is_loosened_is_told(schema: dict[str, Any], expected: dict[str, Any], told: tuple[str, ...]) -> None:
    out, losses = narrowed(schema)
    assert out == expected
    assert tuple(path for path, _ in losses) == told


def test_recursion_ends_where_it_would_begin_again() -> None:
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}}
    out, losses = narrowed(tree)
    inner = out["properties"]["children"]["items"]
    assert inner["properties"]["children"]["items"] == {}
    assert [what for _, what in losses] == ["recursion"]


def test_a_wide_dialect_changes_nothing() -> None:
    schema = {"type": ["string", "null"], "$ref": "#/x", "not": False, "items": True, "if": {"const": 1}}
    assert narrowed(schema, SchemaDialect()) == (schema, [])


def test_references_that_multiply_are_cut_and_told_once() -> None:
    steps: dict[str, Any] = {
        f"s{i}": {"properties": {"a": {"$ref": f"#/$defs/s{i + 1}"}, "b": {"$ref": f"#/$defs/s{i + 1}"}}}
        for i in range(200)
    }
    _, losses = narrowed({"$ref": "#/$defs/s0", "$defs": steps})
    assert {what for _, what in losses} == {"nesting"}


def test_nesting_without_end_is_cut_and_told() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(300):
        schema = {"items": schema}
    told: list[str] = []
    narrow_schema(schema, OPENAPI, lambda path, what, *_: told.append(what))
    assert told == ["nesting"]


PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "format": "zip"},
        "born": {"type": "string", "format": "date"},
        "tags": {
            "type": "array",
            "items": {"oneOf": [{"const": "a"}, {"type": "integer", "minimum": 0}]},
            "minItems": 2,
        },
    },
    "required": ["name"],
}


def test_closed_objects_without_bounds() -> None:
    out, told = narrowed(PERSON, CLOSED)
    assert out == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "born": {"type": "string", "format": "date"},
            "tags": {"type": "array", "items": {"anyOf": [{"const": "a"}, {"type": "integer"}]}, "minItems": 1},
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    assert sorted(told) == [
        ("", "open object"),
        ("/properties/name/format", "format"),
        ("/properties/name/minLength", "minLength"),
        ("/properties/tags/items/anyOf/1/minimum", "minimum"),
        ("/properties/tags/items/oneOf", "oneOf"),
        ("/properties/tags/minItems", "minItems"),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": ["string", "null"], "enum": ["a", None], "title": "t"}, {"type": "string", "enum": ["a"]}),
        (
            {"title": "t", "type": ["null", "array"], "items": {"type": "integer"}},
            {"type": "array", "items": {"type": "integer"}},
        ),
    ],
)
def test_null_is_one_of_two_where_types_come_one_by_one(given: dict[str, Any], said: dict[str, Any]) -> None:
    assert narrowed(given, CLOSED) == ({"title": "t", "anyOf": [said, {"type": "null"}]}, [])
    three = {"type": ["string", "integer", "null"]}
    assert narrowed(three, CLOSED)[0] == {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
    assert narrowed({"type": ["null"]}, CLOSED)[0] == {"type": "null"}


def test_all_properties_required() -> None:
    out, told = narrowed(PERSON, STRICT)
    assert out["required"] == ["name", "born", "tags"]
    assert out["additionalProperties"] is False
    assert [path for path, what in told if what == "optional property"] == ["/properties/born", "/properties/tags"]


def test_an_object_of_any_properties_cannot_be_closed_without_loss() -> None:
    told: list[Any] = []
    out = narrow_schema(
        {"type": "object", "additionalProperties": {"type": "integer"}}, CLOSED, lambda *one: told.append(one)
    )
    assert out == {"type": "object", "properties": {}, "additionalProperties": False}
    assert [(path, what, severity) for path, what, _, severity in told] == [
        ("", "object of any properties", Severity.LOST)
    ]


SCALARS = ("string", "number", "boolean", "null")


@pytest.mark.parametrize("anything", [{}, {"description": "any"}])
def test_what_may_be_anything_is_said_as_types_where_one_is_demanded(anything: dict[str, Any]) -> None:
    out, told = narrowed({"type": "array", "items": anything}, CLOSED)
    assert out["items"] == {**anything, "anyOf": [{"type": kind} for kind in SCALARS]}
    assert told == [("/items", "any value")]


def test_references_stay_where_they_are_known_unless_they_go_in_circles() -> None:
    leaf = {"type": "object", "properties": {}, "additionalProperties": False}
    plain = {"$ref": "#/$defs/A", "$defs": {"A": {**leaf, "properties": {"b": {"$ref": "#/$defs/B"}}}, "B": leaf}}
    assert narrowed(plain, CLOSED) == (plain, [])
    tree = {"$ref": "#/$defs/T", "$defs": {"T": {**leaf, "properties": {"t": {"$ref": "#/$defs/T"}}}}}
    assert narrowed(tree, STRICT)[0]["$ref"] == "#/$defs/T"
    out, told = narrowed(tree, CLOSED)
    assert out == {**leaf, "properties": {"t": {"anyOf": [{"type": kind} for kind in SCALARS]}}}
    assert told == [("/properties/t/$ref", "recursion")]


@pytest.mark.parametrize("dialect", [OPENAPI, CLOSED, STRICT])
def test_odd_schemas_are_narrowed_without_an_exception(dialect: SchemaDialect) -> None:
    """A schema may come from a stranger's request."""
    for odd in (5, None, [], "x", {"$ref": 5}, {"type": 5}, {"properties": 5}, {"properties": {"a": 5}, "required": 7}):
        narrowed({"type": "object", "properties": {"a": odd}, "items": odd, "anyOf": odd}, dialect)
        narrowed(odd if isinstance(odd, dict) else {"type": odd, "enum": odd, "format": odd, "minItems": odd}, dialect)


def test_nothing_stands_beside_a_reference_in_strict_mode() -> None:
    """OpenAI answers 400: "$ref cannot have keywords"."""
    leaf = {"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"], "additionalProperties": False}
    member = {"$ref": "#/$defs/L", "description": "The leaf.", "default": None}
    schema = {**leaf, "properties": {"n": member}, "$defs": {"L": leaf}}
    said = narrowed(schema, STRICT)[0]
    assert said["properties"]["n"] == {"anyOf": [{"$ref": "#/$defs/L"}], "description": "The leaf."}
    assert narrowed(schema, CLOSED)[0]["properties"]["n"] == member


def test_strict_mode_takes_no_defaults() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "string", "default": "x"}}, "required": ["n"]}
    assert narrowed({**schema, "additionalProperties": False}, STRICT)[0]["properties"] == {"n": {"type": "string"}}
