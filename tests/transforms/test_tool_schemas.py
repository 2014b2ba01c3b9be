"""Schemas of tools in a narrower dialect, and what that loses is told."""

import pytest

from minillm import ChatNode, ConfigurationError, LossWarning, MockModel, ToolDefinition
from minillm.report import Report
from minillm.transforms import adapt_tool_schemas
from minillm.types import ChatRequest, NativeTool, Severity

SCHEMA = {
    "type": "object",
    "properties": {
        "format": {"type": "string", "format": "date", "minLength": 1},
        "minItems": {"type": "array", "items": {"type": "string", "minLength": 2}, "minItems": 1},
        "maybe": {"type": ["string", "null"]},
    },
    "required": ["format"],
}
PLAIN = ToolDefinition("plain", parameters={"type": "object", "properties": {"a": {"type": "string"}}})


def adapted(*args, schema=SCHEMA, **more):
    request = ChatRequest(
        "m", tools=(ToolDefinition("f", parameters=schema), PLAIN, NativeTool("w", {}), ToolDefinition("g"))
    )
    made = adapt_tool_schemas(*args, **more).request(request)
    assert made.tools[2:] == request.tools[2:]
    return made.tools[0].parameters


def test_keywords_are_left_out_and_properties_of_their_name_stay():
    report = Report()
    made = adapted(without=["format", "minLength", "minItems"], report=report)
    assert made == {
        "type": "object",
        "properties": {
            "format": {"type": "string"},
            "minItems": {"type": "array", "items": {"type": "string"}},
            "maybe": {"type": ["string", "null"]},
        },
        "required": ["format"],
    }
    assert [loss.path for loss in report.losses] == [
        "tools[0].parameters/properties/format/format",
        "tools[0].parameters/properties/format/minLength",
        "tools[0].parameters/properties/minItems/items/minLength",
        "tools[0].parameters/properties/minItems/minItems",
    ]
    assert {loss.severity for loss in report.losses} == {Severity.DEGRADED}


def test_dialects_by_name():
    assert adapted("openapi", report=Report())["properties"]["maybe"] == {"type": "string", "nullable": True}
    strict = adapted("strict", report=Report())
    assert strict["additionalProperties"] is False
    assert strict["required"] == ["format", "minItems", "maybe"]
    assert adapted("closed", report=Report())["properties"]["minItems"]["minItems"] == 1


def test_what_fits_stays_the_very_same():
    request = ChatRequest("m", tools=(PLAIN,))
    assert adapt_tool_schemas(without="format").request(request) is request


def test_losses_are_warned_of_where_nobody_collects_them():
    with pytest.warns(LossWarning, match="minLength"):
        adapted(without=["minLength"])


def test_an_unknown_dialect_is_told():
    with pytest.raises(ConfigurationError, match="no dialect is called 'swagger'"):
        adapt_tool_schemas("swagger")


async def test_it_stands_in_transforms_of_a_call():
    model = MockModel(["ok"])
    change = adapt_tool_schemas(without=["format", "minLength"], report=Report())
    await ChatNode.root("Hi").complete(model, tools=[ToolDefinition("f", parameters=SCHEMA)], transforms=[change])
    assert model.requests[0].tools[0].parameters["properties"]["format"] == {"type": "string"}
