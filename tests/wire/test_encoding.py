"""Schemas on their way out: narrowed to what the vendor takes, told, and left alone where they came from this wire."""

import copy
import re
from typing import Any

import pytest

from minillm.report import Report
from minillm.types import (
    ChatRequest,
    CompletionParameters,
    Message,
    ResponseFormat,
    Role,
    Severity,
    ToolDefinition,
)
from minillm.wire import WIRES, get_codec, rewrite_request
from minillm.wire.codec import Quirks

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES
OPEN: dict[str, Any] = {
    "type": "object",
    "properties": {"age": {"type": ["integer", "null"], "minimum": 1}, "next": {"$ref": "#"}},
    "required": ["age"],
}
CLOSED: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
CLOSED["additionalProperties"] = False


def encoded(
    wire: str, schema: dict[str, Any], *, strict: bool | None, quirks: Quirks | None = None
) -> tuple[dict[str, Any], dict[str, Severity]]:
    tool = ToolDefinition("f", parameters=schema, strict=strict)
    wanted = ResponseFormat("json_schema", schema, strict=strict)
    request = ChatRequest(
        "m", (Message(Role.USER, "q"),), (tool,), parameters=CompletionParameters(max_tokens=9, response_format=wanted)
    )
    report = Report()
    before = copy.deepcopy(schema)
    body = get_codec(wire, quirks).encode_request(request, report=report)
    assert schema == before
    return body, {loss.path: loss.severity for loss in report.losses if re.search(r"\.parameters|\.schema", loss.path)}


def schemas(wire: str, body: dict[str, Any]) -> tuple[Any, Any]:
    """Of the tool, and of the answer."""
    if wire == CHAT:
        return body["tools"][0]["function"]["parameters"], body["response_format"]["json_schema"]["schema"]
    if wire == RESPONSES:
        return body["tools"][0]["parameters"], body["text"]["format"]["schema"]
    if wire == ANTHROPIC:
        return body["tools"][0]["input_schema"], body["output_config"]["format"]["schema"]
    function, config = body["tools"][0]["functionDeclarations"][0], body["generationConfig"]
    return (
        function.get("parametersJsonSchema", function.get("parameters")),
        config.get("responseJsonSchema", config.get("responseSchema")),
    )


@pytest.mark.parametrize("wire", [CHAT, RESPONSES])
def test_strict_schemas_are_closed_and_all_is_required(wire: str) -> None:
    body, losses = encoded(wire, OPEN, strict=True)
    for said in schemas(wire, body):
        assert said == {**OPEN, "required": ["age", "next"], "additionalProperties": False}
    assert losses == {
        "tools[0].parameters": Severity.NOTE,
        "tools[0].parameters/properties/next": Severity.DEGRADED,
        "parameters.response_format.schema": Severity.NOTE,
        "parameters.response_format.schema/properties/next": Severity.DEGRADED,
    }


@pytest.mark.parametrize("wire", [CHAT, RESPONSES, GEMINI])
def test_without_strict_any_schema_goes_as_it_is(wire: str) -> None:
    body, losses = encoded(wire, OPEN, strict=None)
    assert schemas(wire, body) == (OPEN, OPEN)
    assert losses == {}


def test_anthropic_closes_the_answer_and_strict_tools_only() -> None:
    body, losses = encoded(ANTHROPIC, OPEN, strict=None)
    tool, answer = schemas(ANTHROPIC, body)
    assert tool == OPEN
    assert answer["additionalProperties"] is False
    assert answer["properties"]["age"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert "$ref" not in str(answer)
    assert all(path.startswith("parameters.response_format.schema") for path in losses)
    body, losses = encoded(ANTHROPIC, OPEN, strict=True)
    assert schemas(ANTHROPIC, body) == (answer, answer)
    assert losses["tools[0].parameters/properties/age/minimum"] is Severity.DEGRADED


def test_gemini_s_older_fields_take_a_part_of_openapi() -> None:
    """Which of the two a host has is on its row."""
    body, losses = encoded(GEMINI, OPEN, strict=None, quirks=Quirks(schemas="openapi"))
    assert "parametersJsonSchema" not in str(body)
    assert "responseJsonSchema" not in str(body)
    for said in schemas(GEMINI, body):
        assert said["properties"]["age"] == {"type": "INTEGER", "nullable": True, "minimum": 1}
        assert "$ref" not in str(said)
    recursion = "/properties/next/properties/next/$ref"
    assert losses == {f"tools[0].parameters{recursion}": Severity.DEGRADED} | {
        f"parameters.response_format.schema{recursion}": Severity.DEGRADED
    }


@pytest.mark.parametrize("wire", WIRES)
def test_a_host_that_takes_all_of_json_schema_gets_it(wire: str) -> None:
    body, losses = encoded(wire, OPEN, strict=True, quirks=Quirks(schemas="full"))
    assert schemas(wire, body) == (OPEN, OPEN)
    assert losses == {}


@pytest.mark.parametrize("wire", WIRES)
def test_what_fits_is_neither_changed_nor_told(wire: str) -> None:
    body, losses = encoded(wire, CLOSED, strict=True)
    assert schemas(wire, body) == (CLOSED, CLOSED)
    assert losses == {}


@pytest.mark.parametrize("wire", WIRES)
def test_a_schema_in_this_wire_s_own_words_goes_back_as_it_came(wire: str) -> None:
    body, _ = encoded(wire, OPEN, strict=True, quirks=Quirks(schemas="full"))
    report = Report()
    assert rewrite_request(body, source=wire, target=wire, model="m", report=report) == body
    assert not report


def test_from_another_wire_it_is_narrowed() -> None:
    body, _ = encoded(CHAT, OPEN, strict=True, quirks=Quirks(schemas="full"))
    out = rewrite_request(body, source=CHAT, target=ANTHROPIC, report=Report())
    assert schemas(ANTHROPIC, out) == schemas(ANTHROPIC, encoded(ANTHROPIC, OPEN, strict=True)[0])
