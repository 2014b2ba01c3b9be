"""Requests, both ways: what is said, what is reported, and that any body comes back as it was."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from minillm.errors import DecodeError, EncodeError, LossWarning
from minillm.report import Report, Severity
from minillm.types import (
    AudioPart,
    CacheBreakpoint,
    ChatRequest,
    CompletionParameters,
    FilePart,
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
    VideoPart,
)
from minillm.wire import Quirks, get_codec
from tests.wire.openai_chat_completions import bodies

WIRE = "openai_chat_completions"
CODEC = get_codec(WIRE)
USER = Message(Role.USER, "hi")
CALL = ToolCallPart("call_1", "f", '{"a":1}')
SAID_CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def same(before: Any, after: Any) -> bool:
    """Equal as JSON: 1 is 1.0, but true is not 1."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def encoded(
    *messages: Message, quirks: Quirks | None = None, report: Report | None = None, **fields: Any
) -> dict[str, Any]:
    request = ChatRequest("m", messages or (USER,), **fields)
    return get_codec(WIRE, quirks).encode_request(request, report=Report(strict=True) if report is None else report)


def said(*messages: Message, quirks: Quirks | None = None, report: Report | None = None) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = encoded(*messages, quirks=quirks, report=report)["messages"]
    return listed


def parameters(report: Report | None = None, quirks: Quirks | None = None, **wanted: Any) -> dict[str, Any]:
    body = encoded(parameters=CompletionParameters(**wanted), report=report, quirks=quirks)
    return {key: value for key, value in body.items() if key not in ("model", "messages")}


# Any body comes back


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.REQUESTS)
def test_any_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    before = copy.deepcopy(body)
    report = Report()
    request = CODEC.decode_request(body, report=report)
    first = CODEC.encode_request(request, report=report)
    assert same(before, first), first
    assert same(before, CODEC.encode_request(request, report=report))  # and nothing was changed by saying it
    assert same(before, body)
    assert not report.losses


def test_a_residue_of_another_wire_never_shows() -> None:
    foreign = Native("anthropic_messages", {"cache_control": {"type": "ephemeral"}, "content": "CANARY"})
    message = Message(
        Role.ASSISTANT,
        (
            TextPart("a", native=foreign),
            ToolCallPart("call_1", "f", "{}", native=foreign),
            ReasoningPart("r", native=foreign),
        ),
        native=foreign,
    )
    tool = ToolDefinition("f", native=foreign)
    body = encoded(message, tools=(tool,), native=foreign, report=Report())
    assert "CANARY" not in json.dumps(body)
    assert "cache_control" not in json.dumps(body)


@pytest.mark.parametrize("url", ["data:;base64,CANARY", "DATA:image/png;base64,CANARY", "data:image/png;base64,CANARY"])
def test_a_picture_is_not_kept_twice(url: str) -> None:
    """However its address is spelled: only the spelling is kept beside it."""
    body = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    request = CODEC.decode_request(body)
    (picture,) = request.messages[0].images
    assert picture.data == "CANARY"
    assert "CANARY" not in repr((picture.native, request.messages[0].native, request.native))
    assert same(body, CODEC.encode_request(request))


# What is said


def test_only_what_is_set_is_sent() -> None:
    assert encoded() == {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert parameters(temperature=None, max_tokens=None) == {}


MESSAGES: list[tuple[Message, dict[str, Any]]] = [
    (Message(Role.SYSTEM, "s"), {"role": "system", "content": "s"}),
    (Message("critic", "c"), {"role": "critic", "content": "c"}),
    (Message(Role.USER, "hi", name="ada"), {"role": "user", "content": "hi", "name": "ada"}),
    (Message(Role.USER, ""), {"role": "user", "content": ""}),
    (Message(Role.USER, (TextPart("a"),)), {"role": "user", "content": "a"}),
    (
        Message(Role.USER, (TextPart("a"), TextPart("b"))),
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    ),
    (
        Message(Role.USER, (ImagePart(mime="image/png", data="iVBO", detail="low"),)),
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO", "detail": "low"}}],
        },
    ),
    (
        Message(Role.USER, (AudioPart(mime="audio/mpeg", data="AAAA"),)),
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}]},
    ),
    (
        Message(Role.USER, (AudioPart(mime="audio/x-m4a", data="AAAA"), AudioPart(mime="audio/vnd.wave", data="AAAA"))),
        {
            "role": "user",
            "content": [
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "m4a"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            ],
        },
    ),
    (
        Message(Role.USER, (FilePart(mime="application/pdf", data="JVBE", name="a.pdf"),)),
        {
            "role": "user",
            "content": [
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}}
            ],
        },
    ),
    (
        Message(Role.USER, (VideoPart(url="https://example.com/a.mp4"),)),
        {"role": "user", "content": [{"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}]},
    ),
    (Message(Role.ASSISTANT, (CALL,)), {"role": "assistant", "content": None, "tool_calls": [SAID_CALL]}),
    (
        Message(Role.ASSISTANT, (TextPart("a"), TextPart("b"), CALL)),
        {"role": "assistant", "content": "ab", "tool_calls": [SAID_CALL]},
    ),
    (
        Message(Role.ASSISTANT, (RefusalPart("no"),)),
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
    ),
    (
        Message(Role.ASSISTANT, (AudioPart(file_id="audio_1"),)),
        {"role": "assistant", "content": None, "audio": {"id": "audio_1"}},
    ),
    (
        Message(Role.TOOL, (ToolResultPart("call_1", "f", "21"),)),
        {"role": "tool", "tool_call_id": "call_1", "content": "21"},
    ),
    (
        Message(Role.TOOL, (ToolResultPart("call_1", "f", (TextPart("21"),)),)),
        {"role": "tool", "tool_call_id": "call_1", "content": "21"},
    ),
    (
        Message(Role.ASSISTANT, (ToolCallPart("c", "sql", "select 1", "custom"),)),
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}],
        },
    ),
]


@pytest.mark.parametrize(("message", "body"), MESSAGES)
def test_a_message_is_said_so(message: Message, body: dict[str, Any]) -> None:
    assert said(message) == [body]


@pytest.mark.parametrize(("message", "body"), [pair for pair in MESSAGES if pair[0].role is not Role.TOOL])
def test_and_is_understood_as_the_same_message(message: Message, body: dict[str, Any]) -> None:
    understood = CODEC.decode_request({"messages": [body]}).messages[0]
    assert understood.text == message.text
    assert understood.tool_calls == message.tool_calls
    assert (understood.role, understood.name) == (message.role, message.name)


def test_every_parameter_has_its_place() -> None:
    assert parameters(
        max_tokens=9,
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        min_p=0.1,
        frequency_penalty=1,
        presence_penalty=-1,
        repetition_penalty=1.1,
        stop="END",
        seed=7,
        n=2,
        logit_bias={"5": -100},
        logprobs=True,
        top_logprobs=3,
        verbosity="low",
        parallel_tool_calls=False,
        modalities=("text",),
        audio={"voice": "alloy"},
        prediction={"type": "content"},
        service_tier="flex",
        store=True,
        cache_key="k",
        end_user="u",
        metadata={"a": "b"},
        reasoning="high",
        response_format=ResponseFormat("json"),
        extra={"x": 1},
    ) == {
        "max_completion_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.1,
        "frequency_penalty": 1,
        "presence_penalty": -1,
        "repetition_penalty": 1.1,
        "stop": ["END"],
        "seed": 7,
        "n": 2,
        "logit_bias": {"5": -100},
        "logprobs": True,
        "top_logprobs": 3,
        "verbosity": "low",
        "parallel_tool_calls": False,
        "modalities": ["text"],
        "audio": {"voice": "alloy"},
        "prediction": {"type": "content"},
        "service_tier": "flex",
        "store": True,
        "prompt_cache_key": "k",
        "user": "u",
        "metadata": {"a": "b"},
        "reasoning_effort": "high",
        "response_format": {"type": "json_object"},
        "x": 1,
    }


def test_every_parameter_is_understood() -> None:
    wanted = CompletionParameters(
        max_tokens=9, stop=("END",), seed=7, cache_key="k", end_user="u", reasoning="high", metadata={"a": "b"}
    )
    body = encoded(parameters=wanted)
    assert CODEC.decode_request(body).parameters.set_fields() == wanted.set_fields()


@pytest.mark.parametrize(
    ("choice", "body"),
    [
        (ToolChoice(), "auto"),
        (ToolChoice(ToolMode.NONE), "none"),
        (ToolChoice(ToolMode.REQUIRED), "required"),
        (ToolChoice.tool("f"), {"type": "function", "function": {"name": "f"}}),
        (ToolChoice.tool("sql"), {"type": "custom", "custom": {"name": "sql"}}),
        (
            ToolChoice(ToolMode.AUTO, ("f",)),
            {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
            },
        ),
    ],
)
def test_tool_choice(choice: ToolChoice, body: Any) -> None:
    tools = (ToolDefinition("f"), ToolDefinition("sql", kind="custom"))
    found = encoded(tools=tools, tool_choice=choice)
    assert found["tool_choice"] == body
    assert CODEC.decode_request(found).tool_choice == choice


def test_tools() -> None:
    tools = (
        ToolDefinition("f", "what it does", SCHEMA, strict=True),
        ToolDefinition("bare"),
        ToolDefinition("sql", kind="custom", format={"type": "text"}),
        NativeTool(WIRE, {"type": "openrouter:advisor"}),
    )
    body = encoded(tools=tools)
    assert body["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "description": "what it does", "parameters": SCHEMA, "strict": True},
        },
        {"type": "function", "function": {"name": "bare"}},
        {"type": "custom", "custom": {"name": "sql", "format": {"type": "text"}}},
        {"type": "openrouter:advisor"},
    ]
    assert CODEC.decode_request(body).tools == tools


def test_streaming_and_the_wish_for_usage() -> None:
    assert encoded(stream=True).get("stream_options") is None
    assert encoded(stream=True, include_usage=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in encoded(include_usage=True)
    assert "stream_options" not in encoded(stream=True, include_usage=False)
    assert "stream_options" not in encoded(stream=True, include_usage=True, quirks=Quirks(stream_usage=False))
    assert encoded(include_usage=True, quirks=Quirks(usage_include=True))["usage"] == {"include": True}


# Results of tools


def test_results_come_before_what_else_the_user_says() -> None:
    report = Report()
    mixed = Message(Role.USER, (TextPart("and?"), ToolResultPart("call_1", "f", "21")))
    assert said(Message(Role.ASSISTANT, (CALL,)), mixed, report=report)[1:] == [
        {"role": "tool", "tool_call_id": "call_1", "content": "21"},
        {"role": "user", "content": "and?"},
    ]
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]


def test_pictures_of_results_go_into_one_user_message_behind_all_results() -> None:
    report = Report()
    picture = ImagePart(url="https://example.com/a.png")
    listed = said(
        Message(Role.ASSISTANT, (CALL, ToolCallPart("call_2", "g"))),
        Message(Role.TOOL, (ToolResultPart("call_1", "f", (TextPart("look"), picture)),)),
        Message(Role.TOOL, (ToolResultPart("call_2", "g", (picture,)),)),
        Message(Role.USER, (TextPart("a"), TextPart("b"))),
        USER,
        report=report,
    )
    assert [message["role"] for message in listed] == ["assistant", "tool", "tool", "user", "user", "user"]
    assert listed[1]["content"] == [{"type": "text", "text": "look"}] or listed[1]["content"] == "look"
    assert listed[2]["content"]
    texts = [item["text"] for item in listed[3]["content"] if item["type"] == "text"]
    assert "call_1" in texts[0]
    assert "call_2" in texts[1]
    assert [item["type"] for item in listed[3]["content"]] == ["text", "image_url", "text", "image_url"]
    assert [loss.severity for loss in report.losses] == [Severity.DEGRADED] * 2


def test_pictures_of_the_last_result_are_not_forgotten() -> None:
    picture = ImagePart(url="https://example.com/a.png")
    listed = said(Message(Role.TOOL, (ToolResultPart("call_1", "f", (picture,)),)), report=Report())
    assert [message["role"] for message in listed] == ["tool", "user"]


def test_a_failed_tool_is_told_in_words() -> None:
    report = Report()
    (message,) = said(
        Message(Role.TOOL, (ToolResultPart("call_1", "f", "no such city", is_error=True),)), report=report
    )
    assert message["content"] == "Error: no such city"
    assert [loss.severity for loss in report.losses] == [Severity.DEGRADED]


def test_a_tool_message_without_a_result_is_our_fault() -> None:
    with pytest.raises(EncodeError, match="ToolResultPart") as caught:
        said(Message(Role.TOOL, "21"))
    assert caught.value.path == "messages[0]"


def test_ids_are_rewritten_alike_for_a_host_that_demands_a_form() -> None:
    report = Report()
    listed = said(
        Message(Role.ASSISTANT, (CALL, ToolCallPart("abcDEF123", "g"))),
        Message(Role.TOOL, (ToolResultPart("call_1", "f", "1"), ToolResultPart("abcDEF123", "g", "2"))),
        quirks=Quirks(tool_id_pattern="[a-zA-Z0-9]{9}", tool_result_name=True),
        report=report,
    )
    first, second = (call["id"] for call in listed[0]["tool_calls"])
    assert second == "abcDEF123"
    assert len(first) == 9
    assert first.isalnum()
    assert [message["tool_call_id"] for message in listed[1:]] == [first, second]
    assert [message["name"] for message in listed[1:]] == ["f", "g"]
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]


def test_a_call_whose_client_gave_no_id_is_answered_by_the_invented_one() -> None:
    body = {
        "messages": [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "", "content": "21"},
        ]
    }
    call, result = CODEC.decode_request(body).messages
    assert call.tool_calls[0].id == result.tool_results[0].call_id != ""


def test_the_deprecated_function_role_answers_its_call() -> None:
    body = {
        "messages": [
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "21"},
        ]
    }
    call, result = CODEC.decode_request(body).messages
    assert result.role is Role.TOOL
    assert call.tool_calls[0].id == result.tool_results[0].call_id != ""


# Reasoning


THOUGHT = ReasoningPart("hm")
TURN = Message(Role.ASSISTANT, (THOUGHT, TextPart("a")))
CALLING = Message(Role.ASSISTANT, (THOUGHT, CALL))
RESULT = Message(Role.TOOL, (ToolResultPart("call_1", "f", "21"),))


def replayed(*messages: Message, quirks: Quirks, report: Report | None = None) -> list[Any]:
    listed = said(*messages, quirks=quirks, report=Report() if report is None else report)
    return [message.get("reasoning_content") for message in listed if message["role"] == "assistant"]


def test_reasoning_goes_back_when_the_host_wants_it() -> None:
    field = "reasoning_content"
    never = Quirks(reasoning_replay=field)
    with_tools = Quirks(reasoning_replay=field, replay_reasoning="with_tools")
    always = Quirks(reasoning_replay=field, replay_reasoning="always")
    assert replayed(USER, CALLING, RESULT, quirks=never) == [None]
    assert replayed(USER, TURN, USER, quirks=with_tools) == [None]
    assert replayed(USER, CALLING, RESULT, TURN, USER, TURN, quirks=with_tools) == ["hm", "hm", None]
    assert replayed(USER, TURN, quirks=always) == ["hm"]


def test_reasoning_left_behind_is_a_note() -> None:
    report = Report(strict=True)
    assert replayed(USER, TURN, quirks=Quirks(), report=report) == [None]
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]


def test_thinking_chunks_for_a_host_that_wants_them_so() -> None:
    quirks = Quirks(reasoning_replay="thinking", replay_reasoning="always")
    (message,) = said(TURN, quirks=quirks)
    assert message["content"] == [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "a"},
    ]


ROUTER = Quirks(reasoning_replay="reasoning_details", replay_reasoning="always")
DETAILS = [
    {"type": "reasoning.text", "text": "hm", "signature": "SIG", "format": "anthropic-claude-v1", "index": 0},
    {"type": "reasoning.encrypted", "data": "SEAL", "format": "anthropic-claude-v1", "index": 1},
    {"type": "reasoning.encrypted", "data": "SEAL2", "id": "x", "index": 2},
]


def answered(origin: tuple[str, str] | None) -> Message:
    body = {
        "choices": [{"message": {"role": "assistant", "content": "a", "reasoning": "hm", "reasoning_details": DETAILS}}]
    }
    message = CODEC.decode_response(body).message
    return Message(message.role, message.content, origin=origin, native=message.native)


def test_openrouter_gets_its_list_back_unmodified() -> None:
    codec = get_codec(WIRE, ROUTER)
    request = ChatRequest("m", (USER, answered(("openrouter", "m"))))
    body = codec.encode_request(request, origin=("openrouter", "m"), report=Report(strict=True))
    assert body["messages"][1] == {"role": "assistant", "content": "a", "reasoning_details": DETAILS}


def test_what_only_its_author_can_read_stays_away_from_others() -> None:
    """The whole block stays behind, never the signature alone, and it never becomes visible text."""
    codec, report = get_codec(WIRE, ROUTER), Report(strict=True)
    request = ChatRequest("m", (USER, answered(("openrouter", "m"))))
    body = codec.encode_request(request, origin=("openrouter", "another"), report=report)
    assert body["messages"][1] == {"role": "assistant", "content": "a"}
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]


def test_a_signature_of_another_wire_stays_behind_with_its_text() -> None:
    report = Report()
    signed = Message(
        Role.ASSISTANT, (ReasoningPart("hm", "SIG", native=Native("anthropic_messages", {})), TextPart("a"))
    )
    assert said(signed, quirks=ROUTER, report=report) == [{"role": "assistant", "content": "a"}]
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]


def test_google_s_signature_goes_back_on_its_call() -> None:
    raw = {**SAID_CALL, "extra_content": {"google": {"thought_signature": "SIG"}}}
    message = CODEC.decode_response({"choices": [{"message": {"role": "assistant", "tool_calls": [raw]}}]}).message
    assert message.tool_calls[0].signature == "SIG"
    assert said(message)[0]["tool_calls"] == [raw]
    stamped = Message(message.role, message.content, origin=("gemini", "m"), native=message.native)
    request = ChatRequest("m", (stamped,))
    away = CODEC.encode_request(request, origin=("openai", "m"), report=Report())
    assert away["messages"][0]["tool_calls"] == [SAID_CALL]


# An answer in the next request


def test_the_odds_and_ends_of_an_answer_are_no_fields_of_a_request() -> None:
    answer = {
        "role": "assistant",
        "content": "a",
        "refusal": None,
        "annotations": [],
        "reasoning": None,
        "provider_metadata": {"cost": "1"},
        "tool_calls": [{**SAID_CALL, "index": 0}],
    }
    message = CODEC.decode_response({"choices": [{"message": answer}]}).message
    assert said(message) == [{"role": "assistant", "content": "a", "tool_calls": [SAID_CALL]}]


# Quirks


def test_spellings_of_hosts() -> None:
    assert parameters(max_tokens=9, quirks=Quirks(max_tokens_field="max_tokens")) == {"max_tokens": 9}
    assert parameters(seed=7, quirks=Quirks(seed_field="random_seed")) == {"random_seed": 7}
    listed = said(Message(Role.SYSTEM, "s"), Message(Role.DEVELOPER, "d"), quirks=Quirks(system_role="system"))
    assert [message["role"] for message in listed] == ["system", "system"]


@pytest.mark.parametrize(
    ("form", "wanted", "body"),
    [
        ("reasoning_effort", ReasoningConfig("low"), {"reasoning_effort": "low"}),
        ("reasoning", ReasoningConfig("low", exclude=True), {"reasoning": {"effort": "low", "exclude": True}}),
        ("reasoning", ReasoningConfig(budget_tokens=99), {"reasoning": {"max_tokens": 99}}),
        ("thinking", ReasoningConfig("none"), {"thinking": {"type": "disabled"}}),
        ("thinking", ReasoningConfig("high"), {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
    ],
)
def test_the_wish_to_think(form: Any, wanted: ReasoningConfig, body: dict[str, Any]) -> None:
    assert parameters(reasoning=wanted, quirks=Quirks(reasoning_request=form)) == body
    decoded = CODEC.decode_request({"messages": [], **body}).parameters.reasoning
    assert decoded == wanted


def test_json_schemas() -> None:
    wanted = ResponseFormat("json_schema", SCHEMA, "city", strict=True)
    full = {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA, "strict": True}}
    assert parameters(response_format=wanted) == {"response_format": full}
    assert parameters(response_format=wanted, quirks=Quirks(schema_in_json_object=True)) == {
        "response_format": {"type": "json_object", "schema": SCHEMA}
    }
    report = Report()
    weak = parameters(report, Quirks(response_formats=frozenset({"text", "json"})), response_format=wanted)
    assert weak == {"response_format": {"type": "json_object"}}
    assert [loss.severity for loss in report.losses] == [Severity.DEGRADED]


def test_a_started_answer_is_marked_where_the_host_wants_it() -> None:
    start = Message(Role.ASSISTANT, "Once")
    assert said(USER, start, quirks=Quirks(prefill="prefix"))[-1] == {
        "role": "assistant",
        "content": "Once",
        "prefix": True,
    }
    assert said(USER, start, quirks=Quirks(prefill="partial"))[-1]["partial"] is True
    assert said(USER, start, quirks=Quirks(prefill="trailing"))[-1] == {"role": "assistant", "content": "Once"}
    assert "prefix" not in said(USER, start, USER, quirks=Quirks(prefill="prefix"))[1]


def test_cache_marks() -> None:
    marked = Message(Role.USER, (TextPart("a", cache=CacheBreakpoint("1h")),))
    (message,) = said(marked, quirks=Quirks(cache_marks="cache_control"))
    assert message["content"] == [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    report = Report()
    (message,) = said(marked, quirks=Quirks(cache_marks="prompt_cache_breakpoint"), report=report)
    assert message["content"][0]["prompt_cache_breakpoint"] == {"mode": "explicit", "ttl": "12h"}
    assert [(loss.path, loss.severity) for loss in report.losses] == [
        ("messages[0].content[0].cache", Severity.DEGRADED)
    ]
    report = Report()
    assert said(marked, report=report) == [{"role": "user", "content": "a"}]
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]


def test_the_last_cache_marks_are_kept() -> None:
    report = Report()
    quirks = Quirks(cache_marks="cache_control", max_cache_marks=2)
    marked = [Message(Role.USER, (TextPart(str(at), cache=CacheBreakpoint()),)) for at in range(4)]
    listed = said(*marked, quirks=quirks, report=report)
    assert ["cache_control" in message["content"][0] for message in listed] == [False, False, True, True]
    assert len(report.losses) == 2


def test_a_parameter_the_host_refuses_is_reported_and_not_sent() -> None:
    report = Report()
    assert parameters(report, Quirks(unsupported=frozenset({"top_k", "n"})), top_k=5, n=1, top_p=0.5) == {"top_p": 0.5}
    (loss,) = report.losses
    assert (loss.path, loss.severity) == ("parameters.top_k", Severity.LOST)


# What is lost


LOST: list[tuple[str, ChatRequest, str]] = [
    (
        "a picture by an assistant",
        ChatRequest("m", (Message(Role.ASSISTANT, (TextPart("a"), ImagePart(url="https://x"))),)),
        "messages[0].content[1]",
    ),
    (
        "a picture by id",
        ChatRequest("m", (Message(Role.USER, (TextPart("a"), ImagePart(file_id="f"))),)),
        "messages[0].content[1]",
    ),
    (
        "a block of another wire",
        ChatRequest("m", (Message(Role.USER, (NativePart("anthropic_messages", {"type": "x"}),)),)),
        "messages[0].content[0]",
    ),
    (
        "a tool of another wire",
        ChatRequest("m", (USER,), tools=(NativeTool("anthropic_messages", {"type": "x"}),)),
        "tools[0]",
    ),
    (
        "a thinking budget",
        ChatRequest("m", (USER,), parameters=CompletionParameters(reasoning=ReasoningConfig(budget_tokens=9))),
        "parameters.reasoning.budget_tokens",
    ),
]


@pytest.mark.parametrize(("request_", "path"), [pytest.param(request, path, id=name) for name, request, path in LOST])
def test_what_cannot_be_said_is_told(request_: ChatRequest, path: str) -> None:
    report = Report()
    CODEC.encode_request(request_, report=report)
    assert [(loss.path, loss.severity) for loss in report.losses] == [(path, Severity.LOST)]
    with pytest.raises(EncodeError):
        CODEC.encode_request(request_, report=Report(strict=True))
    with pytest.warns(LossWarning):
        CODEC.encode_request(request_)
    CODEC.encode_request(request_, report=Report.ignore())


def test_text_behind_a_tool_call_loses_its_place() -> None:
    report = Report()
    said(Message(Role.ASSISTANT, (TextPart("a"), CALL, TextPart("b"))), report=report)
    assert [loss.severity for loss in report.losses] == [Severity.DEGRADED]


# What the user adds


def test_extra_is_sent_as_it_is() -> None:
    body = encoded(
        Message(Role.USER, (TextPart("a", extra={"x": 1}),), extra={"y": 2}),
        tools=(ToolDefinition("f", extra={"z": 3}),),
        extra={"w": 4},
        parameters=CompletionParameters(extra={"v": 5}),
    )
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "a", "x": 1}], "y": 2}]
    assert body["tools"][0]["z"] == 3
    assert (body["w"], body["v"]) == (4, 5)


@pytest.mark.parametrize(
    "request_",
    [
        ChatRequest("m", (USER,), extra={"messages": []}),
        ChatRequest("m", (USER,), parameters=CompletionParameters(temperature=1, extra={"temperature": 2})),
        ChatRequest("m", (USER,), extra={"x": 1}, parameters=CompletionParameters(extra={"x": 2})),
        ChatRequest("m", (Message(Role.USER, "a", extra={"role": "system"}),)),
        ChatRequest("m", (Message(Role.USER, (TextPart("a", extra={"text": "b"}),)),)),
    ],
)
def test_extra_that_collides_is_our_fault(request_: ChatRequest) -> None:
    with pytest.raises(EncodeError, match="collides"):
        CODEC.encode_request(request_, report=Report())


# What is no request


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], ""),
        ({}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].image_url"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"function": {}}]}]},
            "messages[0].tool_calls[0].function.name",
        ),
        ({"messages": [], "temperature": "hot"}, "temperature"),
        ({"messages": [], "max_tokens": 2.5}, "max_tokens"),
        ({"messages": [], "stop": 3}, "stop"),
        ({"messages": [], "stream": "yes"}, "stream"),
        ({"messages": [], "model": 3}, "model"),
        ({"messages": [], "tools": {"a": 1}}, "tools"),
    ],
)
def test_what_is_no_request_names_the_place(body: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        CODEC.decode_request(body)
    assert caught.value.path == path


def test_model_and_stream_may_come_from_elsewhere() -> None:
    request = CODEC.decode_request({"messages": [], "model": "a"}, model="b", stream=True)
    assert (request.model, request.stream) == ("b", True)
    assert CODEC.path(request) == "/chat/completions"
