"""The vendor's own form of a schema, and the JSON Schema that the neutral fields hold."""

from typing import Any

import pytest

from minillm.wire.gemini_generate_content.schema import CAPITALS, json_schema_of, openapi_of, spelling_of


@pytest.mark.parametrize(
    ("openapi", "schema"),
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        (
            {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "INTEGER"}}}},
            {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}},
        ),
        (
            {"type": "OBJECT", "anyOf": [{"type": "NUMBER"}, {"type": "NULL"}]},
            {"type": "object", "anyOf": [{"type": "number"}, {"type": "null"}]},
        ),
        ({"type": "NOVEL"}, {"type": "NOVEL"}),
    ],
)
def test_a_schema_means_this_and_comes_back(openapi: dict[str, Any], schema: dict[str, Any]) -> None:
    assert json_schema_of(openapi) == schema
    assert openapi_of(schema, capitals=True) == openapi


def test_names_of_properties_are_no_types() -> None:
    schema = {"type": "OBJECT", "properties": {"type": {"type": "STRING"}, "STRING": {"type": "STRING"}}}
    assert set(json_schema_of(schema)["properties"]) == {"type", "STRING"}


def test_how_the_types_are_spelled_is_seen() -> None:
    assert spelling_of({"type": "OBJECT"}) == CAPITALS
    assert spelling_of({"type": "object"}) != CAPITALS
    assert spelling_of({}) != CAPITALS


def test_what_lies_too_deep_is_left_as_it_is() -> None:
    schema: dict[str, Any] = {"type": "STRING"}
    for _ in range(500):
        schema = {"type": "ARRAY", "items": schema}
    assert json_schema_of(schema)["type"] == "array"
