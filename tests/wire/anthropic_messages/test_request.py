"""Requests, both ways: what is said, what is reported, and that any body comes back as it was."""

import copy
import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from minillm.errors import DecodeError, EncodeError, LossWarning
from minillm.report import Report, Severity
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    CompletionParameters,
    ImagePart,
    Message,
    Native,
    NativePart,
    NativeTool,
    ReasoningConfig,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    Role,
    TextPart,
    ToolCallPart,
    ToolChoice,
    ToolDefinition,
    ToolMode,
    ToolResultPart,
)
from minillm.wire import Quirks, get_codec
from tests.wire.anthropic_messages import bodies
from tests.wire.recorded import differences

WIRE = "anthropic_messages"
CODEC = get_codec(WIRE)
USER = Message(Role.USER, "hi")
F = ToolDefinition("f", "does f", {"type": "object", "properties": {}})
G = ToolDefinition("g")


def encoded(*messages: Message, report: Report | None = None, quirks: Quirks | None = None, **fields: Any) -> Any:
    request = ChatRequest("m", messages or (USER,), **fields)
    return get_codec(WIRE, quirks).encode_request(request, report=Report(strict=True) if report is None else report)


def said(*messages: Message, report: Report | None = None) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = encoded(*messages, report=report)["messages"]
    return listed


def parameters(report: Report | None = None, **wanted: Any) -> dict[str, Any]:
    body = encoded(parameters=CompletionParameters(**wanted), report=report)
    return {key: value for key, value in body.items() if key not in ("model", "messages", "max_tokens")}


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.REQUESTS)
def test_any_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    before, report = copy.deepcopy(body), Report()
    request = CODEC.decode_request(body, report=report)
    assert differences(before, CODEC.encode_request(request, report=report)) == {}
    assert differences(before, CODEC.encode_request(request, report=report)) == {}
    assert differences(before, body) == {}
    assert report.losses == ()


# Where instructions stand


def test_leading_instructions_are_the_system_field() -> None:
    body = encoded(Message(Role.SYSTEM, "be terse"), USER)
    assert body["system"] == "be terse"
    assert body["messages"] == [{"role": "user", "content": "hi"}]


def test_several_leading_instructions_are_blocks_of_it() -> None:
    body = encoded(Message(Role.SYSTEM, "a"), Message(Role.DEVELOPER, "b"), USER)
    assert body["system"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]


def test_later_instructions_stay_where_they_are() -> None:
    assert said(USER, Message(Role.DEVELOPER, "now in French")) == [
        {"role": "user", "content": "hi"},
        {"role": "system", "content": "now in French"},
    ]


def test_instructions_that_a_client_put_among_the_messages_stay_there() -> None:
    body = {"messages": [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]}
    assert CODEC.encode_request(CODEC.decode_request(body))["messages"] == body["messages"]


def test_an_instruction_can_be_marked_for_the_cache() -> None:
    body = encoded(Message(Role.SYSTEM, (TextPart("long", cache=CacheBreakpoint("1h")),)), USER)
    assert body["system"] == [{"type": "text", "text": "long", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]


# Turns


def test_neighbouring_tool_messages_are_the_results_of_one_turn() -> None:
    call = Message(Role.ASSISTANT, (ToolCallPart("toolu_1", "f", '{"a":1}'), ToolCallPart("toolu_2", "g")))
    results = [Message(Role.TOOL, ToolResultPart("toolu_1", "f", "1")), Message(Role.TOOL, ToolResultPart("toolu_2"))]
    assert said(USER, call, *results, Message(Role.USER, "and?"))[1:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
                {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "1"},
                {"type": "tool_result", "tool_use_id": "toolu_2"},
            ],
        },
        {"role": "user", "content": "and?"},
    ]


def test_results_come_before_what_else_a_turn_holds() -> None:
    message = Message(Role.USER, (TextPart("and?"), ToolResultPart("toolu_1", content="1")))
    assert [block["type"] for block in said(message)[0]["content"]] == ["tool_result", "text"]


def test_a_turn_of_which_nothing_is_left_is_left_out() -> None:
    report = Report()
    turns = said(USER, Message(Role.ASSISTANT, (RefusalPart("no"),)), Message(Role.ASSISTANT, ""), USER, report=report)
    assert [turn["role"] for turn in turns] == ["user", "user"]
    assert told(report) == [("messages[1].content[0]", Severity.LOST)]


def test_names_of_speakers_are_lost_wherever_they_stand() -> None:
    report = Report()
    said(Message(Role.SYSTEM, "a", "boss"), Message(Role.USER, "b", "ann"), report=report)
    assert told(report) == [("messages[0].name", Severity.LOST), ("messages[1].name", Severity.LOST)]


def test_what_the_user_wrote_beside_a_message_is_sent() -> None:
    assert said(Message(Role.USER, "a", extra={"x": 1})) == [{"role": "user", "content": "a", "x": 1}]
    with pytest.raises(EncodeError, match="collides"):
        said(Message(Role.USER, "a", extra={"role": "x"}))
    with pytest.raises(EncodeError, match="extra"):
        said(Message(Role.SYSTEM, "a", extra={"x": 1}))


# Reasoning goes back whole, or not at all


SIGNED = ReasoningPart("hm", "sig")
SEALED = ReasoningPart(sealed="data")


def test_reasoning_goes_back_unmodified_and_in_its_place() -> None:
    assert said(USER, Message(Role.ASSISTANT, (SIGNED, SEALED, TextPart("a"))))[1]["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "data"},
        {"type": "text", "text": "a"},
    ]


@pytest.mark.parametrize(
    "part",
    [
        ReasoningPart("hm"),  # unsigned: nobody says that it is this vendor's
        ReasoningPart("hm", sealed="x"),  # no form of this wire has both
        ReasoningPart("hm", "sig", native=Native("openai_chat_completions", {})),
        ReasoningPart(sealed="x", native=Native("openai_responses", {})),
    ],
)
def test_foreign_reasoning_is_left_out_whole_with_a_note(part: ReasoningPart) -> None:
    report = Report(strict=True)
    turns = said(USER, Message(Role.ASSISTANT, (part, TextPart("a"))), report=report)
    assert turns[1]["content"] == [{"type": "text", "text": "a"}]
    assert told(report) == [("messages[1].content[0]", Severity.NOTE)]


def test_reasoning_of_another_model_is_left_out() -> None:
    message = Message(Role.ASSISTANT, (SIGNED, TextPart("a")), origin=("anthropic", "old"))
    request = ChatRequest("m", (USER, message))
    report = Report()
    home = CODEC.encode_request(request, origin=("anthropic", "old"), report=report)["messages"][1]["content"]
    away = CODEC.encode_request(request, origin=("anthropic", "new"), report=report)["messages"][1]["content"]
    assert [block["type"] for block in home] == ["thinking", "text"]
    assert [block["type"] for block in away] == ["text"]
    assert told(report) == [("messages[1].content[0]", Severity.NOTE)]


# Ids as the vendor takes them


def test_ids_of_other_hosts_are_rewritten_the_same_way_in_call_and_result() -> None:
    report = Report()
    call = Message(Role.ASSISTANT, (ToolCallPart("functions.f:0", "f"),))
    turns = said(USER, call, Message(Role.TOOL, ToolResultPart("functions.f:0", "f", "1")), report=report)
    id = turns[1]["content"][0]["id"]
    assert id.isalnum()
    assert turns[2]["content"][0]["tool_use_id"] == id
    assert told(report) == [("messages", Severity.NOTE)]


def test_an_id_that_this_wire_gave_is_kept_in_a_result_made_by_the_user() -> None:
    answer = CODEC.decode_response({"content": [{"type": "tool_use", "id": "functions.f:0", "name": "f", "input": {}}]})
    turns = said(USER, answer.message, Message(Role.TOOL, ToolResultPart("functions.f:0", "f", "1")))
    assert turns[2]["content"][0]["tool_use_id"] == turns[1]["content"][0]["id"] == "functions.f:0"


# Cache marks


def test_a_request_carries_four_marks_and_the_last_ones_are_kept() -> None:
    report = Report()
    marked = tuple(TextPart(str(n), cache=CacheBreakpoint()) for n in range(5))
    blocks = said(Message(Role.USER, marked), report=report)[0]["content"]
    assert ["cache_control" in block for block in blocks] == [False, True, True, True, True]
    assert told(report) == [("messages[0].content[0].cache", Severity.NOTE)]


def test_marks_of_a_peer_stay_whatever_their_number() -> None:
    """More than four are the vendor's to refuse; a mark of ours finds no place beside them."""
    mark = {"type": "ephemeral"}
    blocks = [{"type": "text", "text": str(n), "cache_control": mark} for n in range(5)]
    tool = {"name": "f", "input_schema": {"type": "object", "properties": {}}, "cache_control": mark}
    body = {"messages": [{"role": "user", "content": blocks}], "tools": [tool]}
    request, report = CODEC.decode_request(body), Report()
    assert differences(body, CODEC.encode_request(request, report=report)) == {}
    assert report.losses == ()
    grown = (*request.messages, Message(Role.USER, (TextPart("ours", cache=CacheBreakpoint()),)))
    out = CODEC.encode_request(dataclasses.replace(request, messages=grown), report=report)
    assert out["messages"][0]["content"] == blocks
    assert out["messages"][1]["content"] == [{"type": "text", "text": "ours"}]
    assert told(report) == [("messages[1].content[0].cache", Severity.NOTE)]


def test_the_mark_of_the_whole_request_counts_as_one() -> None:
    report = Report()
    marked = tuple(TextPart(str(n), cache=CacheBreakpoint()) for n in range(4))
    body = {"messages": [], "max_tokens": 1, "cache_control": {"type": "ephemeral"}}
    request = CODEC.decode_request(body)
    grown = dataclasses.replace(request, messages=(Message(Role.USER, marked),))
    blocks = CODEC.encode_request(grown, report=report)["messages"][0]["content"]
    assert ["cache_control" in block for block in blocks] == [False, True, True, True]


def test_lifetimes_of_other_vendors_become_the_longest() -> None:
    report = Report()
    part, tool = TextPart("a", cache=CacheBreakpoint("12h")), ToolDefinition("f", cache=CacheBreakpoint("30m"))
    body = encoded(Message(Role.USER, (part,)), tools=(tool,), report=report)
    assert body["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert body["tools"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert told(report) == [("tools[0].cache", Severity.DEGRADED), ("messages[0].content[0].cache", Severity.DEGRADED)]


# Tools and how freely they may be called


def test_tools() -> None:
    body = encoded(
        tools=(F, ToolDefinition("g", strict=True, cache=CacheBreakpoint()), NativeTool(WIRE, {"type": "x"}))
    )
    assert body["tools"] == [
        {"name": "f", "description": "does f", "input_schema": {"type": "object", "properties": {}}},
        {
            "name": "g",
            "input_schema": {"type": "object", "properties": {}},
            "strict": True,
            "cache_control": {"type": "ephemeral"},
        },
        {"type": "x"},
    ]


def test_tools_that_only_another_host_runs_are_lost() -> None:
    report = Report()
    assert "tools" not in encoded(tools=(NativeTool("openai_responses", {"type": "web_search"}),), report=report)
    assert told(report) == [("tools[0]", Severity.LOST)]


def test_a_free_text_tool_takes_its_text_as_a_field() -> None:
    report = Report(strict=True)
    (tool,) = encoded(tools=(ToolDefinition("sql", kind="custom"),), report=report)["tools"]
    assert tool["input_schema"]["required"] == ["input"]
    assert told(report) == [("tools[0]", Severity.DEGRADED)]


@pytest.mark.parametrize(
    ("choice", "parallel", "expected"),
    [
        (ToolChoice(), None, {"type": "auto"}),
        (ToolChoice(ToolMode.NONE), False, {"type": "none"}),
        (ToolChoice(ToolMode.REQUIRED), None, {"type": "any"}),
        (ToolChoice.tool("f"), True, {"type": "tool", "name": "f", "disable_parallel_tool_use": False}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
    ],
)
def test_tool_choice(choice: ToolChoice | None, parallel: bool | None, expected: dict[str, Any]) -> None:
    wanted = CompletionParameters() if parallel is None else CompletionParameters(parallel_tool_calls=parallel)
    assert encoded(tools=(F, G), tool_choice=choice, parameters=wanted)["tool_choice"] == expected


@pytest.mark.parametrize("mode", [ToolMode.AUTO, ToolMode.REQUIRED])
def test_of_a_subset_only_those_are_offered(mode: ToolMode) -> None:
    report = Report(strict=True)
    names = ("f",) if mode is ToolMode.AUTO else ("f", "h")
    h = NativeTool(WIRE, {"type": "x", "name": "h"})
    body = encoded(tools=(F, G, h), tool_choice=ToolChoice(mode, names), report=report)
    assert [tool["name"] for tool in body["tools"]] == list(names)
    assert told(report) == [("tool_choice", Severity.DEGRADED)]


def test_no_tools_no_word_about_parallel_calls() -> None:
    assert parameters(parallel_tool_calls=False) == {}


# Parameters


def test_max_tokens_is_demanded_and_thinking_comes_on_top() -> None:
    assert encoded()["max_tokens"] == 4096
    assert encoded(parameters=CompletionParameters(max_tokens=9))["max_tokens"] == 9
    thinking = CompletionParameters(reasoning=ReasoningConfig(budget_tokens=2000))
    assert encoded(parameters=thinking)["max_tokens"] == 6096


def test_parameters_that_have_a_word() -> None:
    said = parameters(temperature=0.5, top_p=0.9, top_k=3, stop=["a"], service_tier="auto", end_user="u")
    assert said == {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 3,
        "stop_sequences": ["a"],
        "service_tier": "auto",
        "metadata": {"user_id": "u"},
    }


@pytest.mark.parametrize(
    ("wanted", "severity"),
    [
        ({"seed": 1}, Severity.LOST),
        ({"n": 2}, Severity.LOST),
        ({"frequency_penalty": 0.5}, Severity.LOST),
        ({"logprobs": True}, Severity.LOST),
        ({"verbosity": "low"}, Severity.LOST),
        ({"metadata": {"a": "b"}}, Severity.LOST),
        ({"store": True}, Severity.LOST),
        ({"service_tier": "flex"}, Severity.LOST),
        ({"cache_key": "k"}, Severity.NOTE),
        ({"prediction": {"type": "content"}}, Severity.NOTE),
    ],
)
def test_parameters_that_have_none_are_reported_once(wanted: dict[str, Any], severity: Severity) -> None:
    report = Report()
    assert parameters(report, **wanted) == {}
    assert told(report) == [(f"parameters.{next(iter(wanted))}", severity)]


@pytest.mark.parametrize(
    "wanted",
    [
        {"n": 1},
        {"frequency_penalty": 0},
        {"logprobs": False},
        {"store": False},
        {"modalities": ("text",)},
        {"seed": None},
    ],
)
def test_what_says_nothing_is_no_loss(wanted: dict[str, Any]) -> None:
    assert parameters(Report(strict=True), **wanted) == {}


def test_what_a_host_does_not_take_is_not_sent() -> None:
    """Sampling parameters are refused by the newest version, even at their defaults."""
    report = Report()
    quirks = Quirks(unsupported=frozenset({"temperature"}))
    assert "temperature" not in encoded(parameters=CompletionParameters(temperature=1), quirks=quirks, report=report)
    assert told(report) == [("parameters.temperature", Severity.LOST)]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("none", {"thinking": {"type": "disabled"}}),
        ("high", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}),
        ("max", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}),
        (ReasoningConfig(budget_tokens=1024), {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
        (ReasoningConfig(exclude=True), {"thinking": {"type": "adaptive", "display": "omitted"}}),
        (ReasoningConfig(exclude=False), {"thinking": {"type": "adaptive", "display": "summarized"}}),
        (ReasoningConfig(summary="auto"), {"thinking": {"type": "adaptive", "display": "summarized"}}),
        (ReasoningConfig(), {}),
    ],
)
def test_reasoning(config: Any, expected: dict[str, Any]) -> None:
    assert parameters(Report(strict=True), reasoning=config) == expected


def test_the_least_effort_is_low() -> None:
    report = Report(strict=True)
    assert parameters(report, reasoning="minimal")["output_config"] == {"effort": "low"}
    assert told(report) == [("parameters.reasoning.effort", Severity.DEGRADED)]


def test_a_schema_is_sent_and_what_surrounds_it_told() -> None:
    report = Report()
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    wanted = ResponseFormat("json_schema", schema, "n", "d", strict=False)
    assert parameters(report, response_format=wanted) == {
        "output_config": {"format": {"type": "json_schema", "schema": schema}}
    }
    assert told(report) == [
        ("parameters.response_format.name", Severity.NOTE),
        ("parameters.response_format.description", Severity.LOST),
        ("parameters.response_format.strict", Severity.DEGRADED),
    ]


def test_json_without_a_schema_cannot_be_asked_for() -> None:
    report = Report()
    assert parameters(report, response_format=ResponseFormat("json")) == {}
    assert told(report) == [("parameters.response_format", Severity.LOST)]
    assert parameters(response_format=ResponseFormat("text")) == {}


def test_extra_keys_are_sent_as_they_are() -> None:
    assert encoded(extra={"container": "c"}, parameters=CompletionParameters(extra={"speed": "fast"})) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 4096,
        "container": "c",
        "speed": "fast",
    }


def test_without_a_report_losses_are_warnings() -> None:
    request = ChatRequest("m", (USER,), parameters=CompletionParameters(seed=1))
    with pytest.warns(LossWarning, match="seed"):
        CODEC.encode_request(request)
    with pytest.raises(EncodeError, match="seed"):
        CODEC.encode_request(request, report=Report(strict=True))


# Decoding


def test_a_request_in_neutral_words() -> None:
    body = {
        "model": "claude",
        "max_tokens": 9,
        "system": [{"type": "text", "text": "be terse", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://x.test/a.png"}}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "2"}]},
        ],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "stream": True,
    }
    request = CODEC.decode_request(body)
    assert request == ChatRequest(
        "claude",
        (
            Message(Role.SYSTEM, (TextPart("be terse", cache=CacheBreakpoint()),)),
            Message(Role.USER, (ImagePart(url="https://x.test/a.png"),)),
            Message(Role.ASSISTANT, (ToolCallPart("toolu_1", "f", '{"a":1}'),)),
            Message(Role.USER, (ToolResultPart("toolu_1", content="2"),)),
        ),
        (ToolDefinition("f", parameters={"type": "object"}),),
        ToolChoice(ToolMode.REQUIRED),
        CompletionParameters(
            max_tokens=9,
            reasoning=ReasoningConfig("low", exclude=True),
            response_format=ResponseFormat("json_schema", {"type": "object"}),
            parallel_tool_calls=False,
        ),
        stream=True,
    )


def test_the_path_may_say_model_and_stream() -> None:
    """On Vertex the model stands in the URL, and so does the wish to stream."""
    request = CODEC.decode_request({"messages": []}, model="m", stream=True)
    assert (request.model, request.stream) == ("m", True)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": [], "tools": {"a": 1}}, "tools"),
        ({"messages": [], "tool_choice": "auto"}, "tool_choice"),
        ([], ""),
    ],
)
def test_what_is_no_request_is_refused_with_its_place(body: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        CODEC.decode_request(body)
    assert caught.value.path.startswith(place)
    if place:
        assert place in str(caught.value)


def test_a_native_block_of_another_wire_is_lost() -> None:
    report = Report()
    assert said(Message(Role.USER, (TextPart("a"), NativePart("openai_responses", {}))), report=report)[0][
        "content"
    ] == [{"type": "text", "text": "a"}]
    assert told(report) == [("messages[0].content[1]", Severity.LOST)]


def test_the_path() -> None:
    assert CODEC.path(ChatRequest("m")) == "/messages"
