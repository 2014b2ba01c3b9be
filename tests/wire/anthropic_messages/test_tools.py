"""Tools and how freely they may be called, both ways."""

from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report, Severity
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    CompletionParameters,
    NativeTool,
    ToolChoice,
    ToolDefinition,
    ToolMode,
)
from minillm.wire.anthropic_messages.tools import (
    decode_choice,
    decode_tools,
    encode_choice,
    encode_tools,
    read_parallel,
)
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding

WIRE = "anthropic_messages"
SCHEMA = {"type": "object", "properties": {}}


def said(*tools: Any, report: Report | None = None, choice: ToolChoice | None = None) -> list[dict[str, Any]]:
    enc = Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=True)
    return encode_tools(ChatRequest("m", (), tools, choice), enc)


@pytest.mark.parametrize(
    ("raw", "tool"),
    [
        ({"name": "f", "input_schema": SCHEMA}, ToolDefinition("f", None, SCHEMA)),
        (
            {"type": "custom", "name": "f", "description": "d", "input_schema": SCHEMA, "strict": True},
            ToolDefinition("f", "d", SCHEMA, strict=True),
        ),
        (
            {"name": "f", "description": "", "input_schema": {}, "strict": None, "eager_input_streaming": True},
            ToolDefinition("f", None, {}),
        ),
        (
            {"name": "f", "input_schema": SCHEMA, "cache_control": {"type": "ephemeral", "ttl": "9d"}},
            ToolDefinition("f", None, SCHEMA, cache=CacheBreakpoint("9d")),
        ),
        (
            {"type": "web_search_20250305", "name": "web_search"},
            NativeTool(WIRE, {"type": "web_search_20250305", "name": "web_search"}),
        ),
    ],
)
def test_a_tool_means_this_and_comes_back(raw: dict[str, Any], tool: Any) -> None:
    (found,) = decode_tools([raw])
    assert found == tool
    assert said(found) == [raw]


def test_tools_of_one_name_stay_apart() -> None:
    raw = [{"name": "f", "input_schema": SCHEMA}, {"name": "f", "input_schema": {}, "description": "d"}]
    assert said(*decode_tools(raw)) == raw


def test_where_only_some_may_be_called_only_those_are_offered() -> None:
    report = Report(strict=True)
    tools = (ToolDefinition("f"), ToolDefinition("g"), ToolDefinition("h"))
    choice = ToolChoice(ToolMode.AUTO, ("f", "h"))
    assert [tool["name"] for tool in said(*tools, report=report, choice=choice)] == ["f", "h"]
    assert [(loss.path, loss.severity) for loss in report.losses] == [("tool_choice", Severity.DEGRADED)]


def test_what_a_tool_cannot_say_here_is_told() -> None:
    report = Report()
    tools = (ToolDefinition("f", kind="custom"), NativeTool("openai_responses", {"type": "web_search"}))
    (free,) = said(*tools, report=report)
    assert free["input_schema"]["required"] == ["input"]
    assert [(loss.path, loss.severity) for loss in report.losses] == [
        ("tools[0]", Severity.DEGRADED),
        ("tools[1]", Severity.LOST),
    ]


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ({"type": "auto"}, ToolChoice(ToolMode.AUTO)),
        ({"type": "any"}, ToolChoice(ToolMode.REQUIRED)),
        ({"type": "none"}, ToolChoice(ToolMode.NONE)),
        ({"type": "tool", "name": "f"}, ToolChoice.tool("f")),
    ],
)
def test_a_choice_means_this_and_comes_back(raw: dict[str, Any], choice: ToolChoice) -> None:
    assert decode_choice(raw) == choice
    assert encode_choice(ChatRequest("m", (), tool_choice=choice), offered=True) == raw


def test_parallel_calls_are_part_of_the_choice() -> None:
    request = ChatRequest("m", (), parameters=CompletionParameters(parallel_tool_calls=False))
    assert encode_choice(request, offered=True) == {"type": "auto", "disable_parallel_tool_use": True}
    assert encode_choice(request, offered=False) is None
    assert read_parallel({"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}) is False
    assert read_parallel({"tool_choice": {"type": "auto"}}) is None


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("x", "tools"),
        (["x"], "tools[0]"),
        ([{"input_schema": {}}], "tools[0].name"),
        ([{"name": "f", "input_schema": 1}], "tools[0].input_schema"),
    ],
)
def test_what_is_no_tool_is_refused_with_its_place(raw: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_tools(raw)
    assert caught.value.path == place
