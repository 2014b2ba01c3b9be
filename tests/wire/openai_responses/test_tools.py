"""Tools and how freely they may be called, both ways."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report, Severity
from minillm.types import CacheBreakpoint, ChatRequest, NativeTool, ToolChoice, ToolDefinition, ToolMode
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_responses.tools import decode_choice, decode_tools, encode_choice, encode_tools

WIRE = "openai_responses"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
GRAMMAR = {"type": "grammar", "syntax": "regex", "definition": "a"}


def said(*tools: Any, report: Report | None = None) -> list[dict[str, Any]]:
    enc = Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=True)
    return encode_tools(ChatRequest("m", (), tools), enc)


@pytest.mark.parametrize(
    ("raw", "tool"),
    [
        (
            {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": True},
            ToolDefinition("f", "d", SCHEMA, strict=True),
        ),
        ({"type": "function", "name": "f"}, ToolDefinition("f")),
        (
            {"type": "function", "name": "f", "description": "", "parameters": None, "strict": None},
            ToolDefinition("f"),
        ),
        (
            {"type": "custom", "name": "g", "format": GRAMMAR},
            ToolDefinition("g", kind="custom", format=GRAMMAR),
        ),
        ({"type": "web_search", "x": 1}, NativeTool(WIRE, {"type": "web_search", "x": 1})),
        ({"type": "function", "name": "f", "defer_loading": True}, ToolDefinition("f")),
    ],
)
def test_a_tool_means_this_and_comes_back(raw: dict[str, Any], tool: Any) -> None:
    (found,) = decode_tools([raw])
    assert found == tool
    assert said(found) == [raw]


def test_tools_of_one_name_stay_apart() -> None:
    raw = [{"type": "function", "name": "f"}, {"type": "function", "name": "f", "strict": True}]
    assert said(*decode_tools(raw)) == raw


def test_a_tool_of_ours_says_what_the_vendor_would_assume_otherwise() -> None:
    """Left out, ``strict`` is tried, and a permissive schema altered."""
    assert said(ToolDefinition("f")) == [
        {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}
    ]
    assert said(ToolDefinition("g", kind="custom")) == [{"type": "custom", "name": "g"}]


def test_what_a_tool_cannot_say_here_is_told() -> None:
    report = Report()
    tools = (ToolDefinition("f", cache=CacheBreakpoint()), NativeTool("anthropic_messages", {"type": "bash"}))
    assert len(said(*tools, report=report)) == 1
    assert [(loss.path, loss.severity) for loss in report.losses] == [
        ("tools[0].cache", Severity.NOTE),
        ("tools[1]", Severity.LOST),
    ]


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ("auto", ToolChoice(ToolMode.AUTO)),
        ("none", ToolChoice(ToolMode.NONE)),
        ("required", ToolChoice(ToolMode.REQUIRED)),
        ("novel", ToolChoice()),
        ({"type": "function", "name": "f"}, ToolChoice.tool("f")),
        ({"type": "custom", "name": "g"}, ToolChoice.tool("g")),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
            ToolChoice(ToolMode.AUTO, ("f",)),
        ),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"type": "mcp"}]}, ToolChoice(ToolMode.REQUIRED)),
        ({"type": "web_search"}, ToolChoice(ToolMode.REQUIRED)),
        ({"type": "function"}, ToolChoice(ToolMode.REQUIRED)),
    ],
)
def test_a_choice_means_this_and_comes_back(raw: Any, choice: ToolChoice) -> None:
    found = decode_choice(raw)
    assert found == choice
    assert encode_choice(ChatRequest("m", (), tool_choice=found)) == raw


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, None),
        (ToolChoice(ToolMode.REQUIRED), "required"),
        (ToolChoice.tool("f"), {"type": "function", "name": "f"}),
        (ToolChoice.tool("g"), {"type": "custom", "name": "g"}),
        (ToolChoice(ToolMode.NONE, ("f",)), "none"),
        (
            ToolChoice(ToolMode.AUTO, ("f", "g")),
            {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "g"}],
            },
        ),
    ],
)
def test_a_choice_of_ours(choice: ToolChoice | None, expected: Any) -> None:
    tools = (ToolDefinition("f"), ToolDefinition("g", kind="custom"))
    assert encode_choice(ChatRequest("m", (), tools, choice)) == expected


@pytest.mark.parametrize(
    ("raw", "place"), [("x", "tools"), (["x"], "tools[0]"), ([{"type": "function"}], "tools[0].name")]
)
def test_what_is_no_tool_is_refused_with_its_place(raw: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_tools(raw)
    assert caught.value.path == place
