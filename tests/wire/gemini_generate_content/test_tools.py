"""Tools and how freely they may be called, both ways."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report
from minillm.types import ChatRequest, NativeTool, ToolChoice, ToolDefinition, ToolMode
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.gemini_generate_content.tools import decode_choice, decode_tools, encode_choice, encode_tools

WIRE = "gemini_generate_content"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def said(*tools: Any) -> list[dict[str, Any]]:
    return encode_tools(ChatRequest("m", (), tools), Encoding(WIRE, Quirks(), Report(strict=True), asking=True))


def test_functions_stand_together_and_host_s_tools_by_themselves() -> None:
    tools = (ToolDefinition("f", "d", SCHEMA), NativeTool(WIRE, {"googleSearch": {}}), ToolDefinition("g"))
    assert said(*tools) == [
        {
            "functionDeclarations": [
                {"name": "f", "description": "d", "parametersJsonSchema": SCHEMA},
                {"name": "g"},
            ]
        },
        {"googleSearch": {}},
    ]


def test_a_schema_in_either_form_is_read_and_comes_back() -> None:
    capitals = {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}
    raw = [
        {"functionDeclarations": [{"name": "f", "parameters": capitals}, {"name": "g", "parametersJsonSchema": SCHEMA}]}
    ]
    tools, layout = decode_tools(raw)
    assert [tool.parameters for tool in tools if isinstance(tool, ToolDefinition)] == [SCHEMA, SCHEMA]
    assert layout == [(2, False)]
    assert said(*tools) == raw


def test_how_entries_were_grouped_is_remembered() -> None:
    raw = [{"functionDeclarations": []}, {"googleSearch": {}, "functionDeclarations": [{"name": "f"}]}, {}]
    tools, layout = decode_tools(raw)
    assert layout == [(0, False), (1, True), (None, False)]
    assert tools == (ToolDefinition("f"), NativeTool(WIRE, {"googleSearch": {}}))


@pytest.mark.parametrize(
    ("choice", "calling"),
    [
        (ToolChoice(ToolMode.AUTO), {"mode": "AUTO"}),
        (ToolChoice(ToolMode.NONE), {"mode": "NONE"}),
        (ToolChoice.tool("f"), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ToolChoice(ToolMode.AUTO, ("f", "g")), {"mode": "VALIDATED", "allowedFunctionNames": ["f", "g"]}),
    ],
)
def test_a_choice_means_this_and_comes_back(choice: ToolChoice, calling: dict[str, Any]) -> None:
    raw = {"functionCallingConfig": calling}
    assert encode_choice(choice) == raw
    assert decode_choice(raw) == choice


@pytest.mark.parametrize("raw", [None, {}, {"functionCallingConfig": {"mode": "NOVEL"}}, {"retrievalConfig": {}}])
def test_what_is_no_choice_is_none(raw: Any) -> None:
    assert decode_choice(raw) is None


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("x", "tools"),
        ([1], "tools[0]"),
        ([{"functionDeclarations": {}}], "tools[0].functionDeclarations"),
        ([{"functionDeclarations": [{}]}], "tools[0].functionDeclarations[0].name"),
    ],
)
def test_what_is_no_tool_is_refused_with_its_place(raw: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_tools(raw)
    assert caught.value.path == place
