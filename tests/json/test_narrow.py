"""Schemas in narrower dialects: what spells the same is silent, what loses something is told."""

import copy
from typing import Any

import pytest

from minillm.json.narrow import OPENAPI, SchemaDialect, narrow_schema


def narrowed(schema: dict[str, Any], dialect: SchemaDialect = OPENAPI) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    before = copy.deepcopy(schema)
    out = narrow_schema(schema, dialect, lambda path, what, reason: told.append((path, what)))
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
    narrow_schema(schema, OPENAPI, lambda path, what, reason: told.append(what))
    assert told == ["nesting"]
