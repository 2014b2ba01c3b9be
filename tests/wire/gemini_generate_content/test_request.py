"""Requests, both ways: what is said, what is reported, and that any body comes back as it was."""

import copy
import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from minillm.errors import DecodeError, EncodeError
from minillm.report import Report, Severity
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    CompletionParameters,
    FilePart,
    ImagePart,
    Message,
    Native,
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
from tests.wire.gemini_generate_content import bodies
from tests.wire.recorded import differences

WIRE = "gemini_generate_content"
CODEC = get_codec(WIRE)
USER = Message(Role.USER, "hi")
DUMMY = "skip_thought_signature_validator"


def encoded(
    *messages: Message, report: Report | None = None, quirks: Quirks | None = None, model: str = "m", **fields: Any
) -> dict[str, Any]:
    request = ChatRequest(model, messages or (USER,), **fields)
    return get_codec(WIRE, quirks).encode_request(request, report=Report(strict=True) if report is None else report)


def contents(*messages: Message, report: Report | None = None) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = encoded(*messages, report=report)["contents"]
    return listed


def config(report: Report | None = None, model: str = "m", **wanted: Any) -> dict[str, Any]:
    body = encoded(parameters=CompletionParameters(**wanted), report=report, model=model)
    return body.get("generationConfig", {})


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


def comes_back(body: dict[str, Any]) -> None:
    before, report = copy.deepcopy(body), Report()
    request = CODEC.decode_request(body, report=report)
    assert differences(before, CODEC.encode_request(request, report=report)) == {}
    assert differences(before, CODEC.encode_request(request, report=report)) == {}
    assert differences(before, body) == {}
    assert report.losses == ()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.REQUESTS)
def test_any_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    comes_back(body)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.SNAKE_REQUESTS)
def test_any_body_in_snake_case_comes_back_as_it_was(body: dict[str, Any]) -> None:
    comes_back(body)


def test_both_spellings_say_the_same() -> None:
    """The vendor's own examples write snake_case, its clients camelCase."""
    snake = {
        "system_instruction": {"parts": [{"text": "be terse"}]},
        "contents": [
            {"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": "AAAA"}}]},
            {"role": "model", "parts": [{"function_call": {"name": "f", "args": {"an_arg": 1}}}]},
        ],
        "tools": [{"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object"}}]}],
        "tool_config": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["f"]}},
        "generation_config": {"max_output_tokens": 5, "thinking_config": {"thinking_budget": 7}},
    }
    camel = {
        "systemInstruction": {"parts": [{"text": "be terse"}]},
        "contents": [
            {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"an_arg": 1}}}]},
        ],
        "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object"}}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {"maxOutputTokens": 5, "thinkingConfig": {"thinkingBudget": 7}},
    }
    assert CODEC.decode_request(snake) == CODEC.decode_request(camel)
    assert CODEC.decode_request(snake).messages[2].tool_calls[0].parse_arguments() == {"an_arg": 1}
    comes_back(snake)
    comes_back(camel)


# Contents


def test_leading_instructions_are_one() -> None:
    body = encoded(Message(Role.SYSTEM, "a"), Message(Role.DEVELOPER, "b"), USER)
    assert body["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "b"}]}
    assert body["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]


def test_later_instructions_go_as_the_user_s_words() -> None:
    report = Report(strict=True)
    assert contents(USER, Message(Role.SYSTEM, "b"), report=report)[1] == {"role": "user", "parts": [{"text": "b"}]}
    assert told(report) == [("messages[1]", Severity.DEGRADED)]


def test_results_of_one_turn_stand_together_and_know_their_tool() -> None:
    call = Message(Role.ASSISTANT, (ToolCallPart("c1", "f", '{"a":1}'), ToolCallPart("c2", "g")))
    results = [
        Message(Role.TOOL, ToolResultPart("c1", content="1")),
        Message(Role.TOOL, ToolResultPart("c2", content="bad", is_error=True)),
    ]
    assert contents(USER, call, *results)[1:] == [
        {
            "role": "model",
            "parts": [
                {"functionCall": {"name": "f", "id": "c1", "args": {"a": 1}}, "thoughtSignature": DUMMY},
                {"functionCall": {"name": "g", "id": "c2"}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "f", "id": "c1", "response": {"output": "1"}}},
                {"functionResponse": {"name": "g", "id": "c2", "response": {"error": "bad"}}},
            ],
        },
    ]


def test_a_result_whose_tool_nobody_names_is_told() -> None:
    report = Report(strict=True)
    (content,) = contents(Message(Role.TOOL, ToolResultPart("c", content="1")), report=report)
    assert content["parts"][0]["functionResponse"]["name"] == "unknown"
    assert told(report) == [("messages[0].content[0].name", Severity.DEGRADED)]


def test_a_call_of_another_model_gets_the_word_that_stands_for_a_signature() -> None:
    """Gemini 3 refuses the first call of a turn without one."""
    answer = CODEC.decode_response(
        {"candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}, "thoughtSignature": "c2ln"}]}}]}
    )
    (own,) = contents(answer.message)
    assert own["parts"][0]["thoughtSignature"] == "c2ln"
    unsigned = CODEC.decode_response({"candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}}]}}]})
    (plain,) = contents(unsigned.message)
    assert plain["parts"] == [{"functionCall": {"name": "f"}}]  # 2.5 signs none, and wants none
    foreign = Message(Role.ASSISTANT, (ToolCallPart("c", "f", native=Native("anthropic_messages", {})),))
    assert contents(foreign)[0]["parts"][0]["thoughtSignature"] == DUMMY
    assert CODEC.decode_request({"contents": contents(foreign)}).messages[0].tool_calls[0].signature is None


def test_a_signature_goes_back_to_its_author_only() -> None:
    parts = [{"text": "a", "thoughtSignature": "c2ln"}, {"text": "", "thoughtSignature": "c2ln"}]
    answer = CODEC.decode_response({"candidates": [{"content": {"parts": parts}}]})
    message = dataclasses.replace(answer.message, origin=("gemini", "old"))
    report = Report(strict=True)
    home = CODEC.encode_request(ChatRequest("m", (message,)), origin=("gemini", "old"), report=report)
    away = CODEC.encode_request(ChatRequest("m", (message,)), origin=("gemini", "new"), report=report)
    assert home["contents"][0]["parts"] == parts
    assert away["contents"][0]["parts"] == [{"text": "a"}]
    assert {severity for _, severity in told(report)} == {Severity.NOTE}


def test_thoughts_of_an_answer_are_not_sent_back() -> None:
    report = Report(strict=True)
    parts = [{"text": "hm", "thought": True}, {"text": "a"}]
    answer = CODEC.decode_response({"candidates": [{"content": {"parts": parts}}]})
    assert contents(answer.message, report=report)[0]["parts"] == [{"text": "a"}]
    foreign = Message(Role.ASSISTANT, (ReasoningPart("hm", "s"), TextPart("a")))
    assert contents(foreign, report=report)[0]["parts"] == [{"text": "a"}]
    assert told(report) == [("messages[0].content[0]", Severity.NOTE)] * 2
    ours, theirs = (loss.reason for loss in report.losses)
    assert "summaries" in ours
    assert "author" in theirs
    comes_back({"contents": [{"role": "model", "parts": parts}]})  # a client that sends them itself may


def test_names_and_refusals_have_no_form_here() -> None:
    report = Report()
    contents(Message(Role.USER, "a", "ann"), Message(Role.ASSISTANT, (RefusalPart("no"),)), report=report)
    assert told(report) == [("messages[0].name", Severity.LOST), ("messages[1].content[0]", Severity.LOST)]


def test_what_the_user_wrote_beside_a_message_is_sent() -> None:
    assert contents(Message(Role.USER, "a", extra={"x": 1}))[0]["x"] == 1
    with pytest.raises(EncodeError, match="collides"):
        contents(Message(Role.USER, "a", extra={"role": "x"}))


def test_cache_marks_are_noted() -> None:
    report = Report(strict=True)
    contents(Message(Role.USER, (TextPart("a", cache=CacheBreakpoint()),)), report=report)
    assert told(report) == [("messages[0].content[0].cache", Severity.NOTE)]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (ImagePart("image/png", "AAAA"), {"inlineData": {"data": "AAAA", "mimeType": "image/png"}}),
        (ImagePart(data="iVBORw0KGgo="), {"inlineData": {"data": "iVBORw0KGgo=", "mimeType": "image/png"}}),
        (
            FilePart(url="gs://bucket/a.pdf"),
            {"fileData": {"fileUri": "gs://bucket/a.pdf", "mimeType": "application/pdf"}},
        ),
        (FilePart("text/plain", file_id="files/x"), {"fileData": {"fileUri": "files/x", "mimeType": "text/plain"}}),
    ],
)
def test_media(part: Any, said: dict[str, Any]) -> None:
    assert contents(Message(Role.USER, (part,)))[0]["parts"] == [said]


def test_an_address_that_this_host_may_not_fetch_is_told() -> None:
    report = Report(strict=True)
    contents(Message(Role.USER, (ImagePart(url="https://x.test/a.png"),)), report=report)
    assert told(report) == [("messages[0].content[0]", Severity.DEGRADED)]


# Tools


def test_functions_stand_together_and_other_tools_by_themselves() -> None:
    tools = (
        ToolDefinition("f", "does f", {"type": "object", "properties": {}}),
        NativeTool(WIRE, {"googleSearch": {}}),
        ToolDefinition("g"),
    )
    assert encoded(tools=tools)["tools"] == [
        {
            "functionDeclarations": [
                {
                    "name": "f",
                    "description": "does f",
                    "parametersJsonSchema": {"type": "object", "properties": {}},
                },
                {"name": "g"},
            ]
        },
        {"googleSearch": {}},
    ]


def test_tools_that_cannot_be_said_as_they_are() -> None:
    report = Report()
    tools = (
        ToolDefinition("sql", kind="custom"),
        ToolDefinition("f", strict=True, cache=CacheBreakpoint()),
        NativeTool("openai_responses", {}),
    )
    (entry,) = encoded(tools=tools, report=report)["tools"]
    assert entry["functionDeclarations"][0]["parametersJsonSchema"]["required"] == ["input"]
    assert told(report) == [
        ("tools[0]", Severity.DEGRADED),
        ("tools[1].strict", Severity.DEGRADED),
        ("tools[1].cache", Severity.NOTE),
        ("tools[2]", Severity.LOST),
    ]


def test_a_schema_in_the_vendor_s_form_is_read_as_json_schema() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {
            "type": {"type": "STRING", "nullable": True},
            "n": {"type": "ARRAY", "items": {"type": "INTEGER"}},
        },
        "required": ["type"],
        "anyOf": [{"type": "OBJECT"}],
    }
    body = {
        "contents": [],
        "tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}],
        "generationConfig": {"responseMimeType": "application/json", "responseSchema": schema},
    }
    request = CODEC.decode_request(body)
    expected = {
        "type": "object",
        "properties": {"type": {"type": ["string", "null"]}, "n": {"type": "array", "items": {"type": "integer"}}},
        "required": ["type"],
        "anyOf": [{"type": "object"}],
    }
    assert request.tools == (ToolDefinition("f", parameters=expected),)
    assert request.parameters.get("response_format").schema == expected
    assert request.native is None or "OBJECT" not in str(request.native.data)
    comes_back(body)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ToolChoice(), {"mode": "AUTO"}),
        (ToolChoice(ToolMode.NONE, ("f",)), {"mode": "NONE"}),
        (ToolChoice(ToolMode.REQUIRED), {"mode": "ANY"}),
        (ToolChoice.tool("f"), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ToolChoice(ToolMode.AUTO, ("f", "g")), {"mode": "VALIDATED", "allowedFunctionNames": ["f", "g"]}),
    ],
)
def test_tool_choice(choice: ToolChoice, said: dict[str, Any]) -> None:
    assert encoded(tool_choice=choice)["toolConfig"] == {"functionCallingConfig": said}


# Parameters


def test_parameters_that_have_a_word() -> None:
    assert config(
        max_tokens=9,
        temperature=0.5,
        top_p=0.9,
        top_k=3,
        frequency_penalty=0.1,
        presence_penalty=0.2,
        seed=7,
        n=2,
        logprobs=True,
        top_logprobs=3,
        stop=["a"],
        modalities=["text", "image"],
    ) == {
        "maxOutputTokens": 9,
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 3,
        "frequencyPenalty": 0.1,
        "presencePenalty": 0.2,
        "seed": 7,
        "candidateCount": 2,
        "responseLogprobs": True,
        "logprobs": 3,
        "stopSequences": ["a"],
        "responseModalities": ["TEXT", "IMAGE"],
    }
    body = encoded(parameters=CompletionParameters(service_tier="flex", store=False))
    assert (body["serviceTier"], body["store"]) == ("flex", False)


@pytest.mark.parametrize(
    ("wanted", "severity"),
    [
        ({"min_p": 0.5}, Severity.LOST),
        ({"logit_bias": {"1": 2.0}}, Severity.LOST),
        ({"verbosity": "low"}, Severity.LOST),
        ({"parallel_tool_calls": False}, Severity.LOST),
        ({"end_user": "u"}, Severity.LOST),
        ({"service_tier": "auto"}, Severity.LOST),
        ({"cache_key": "k"}, Severity.NOTE),
    ],
)
def test_parameters_that_have_none_are_reported_once(wanted: dict[str, Any], severity: Severity) -> None:
    report = Report()
    assert config(report, **wanted) == {}
    assert told(report) == [(f"parameters.{next(iter(wanted))}", severity)]


@pytest.mark.parametrize(
    "wanted", [{"parallel_tool_calls": True}, {"repetition_penalty": 1}, {"min_p": 0}, {"metadata": {}}]
)
def test_what_says_nothing_is_no_loss(wanted: dict[str, Any]) -> None:
    assert config(Report(strict=True), **wanted) == {}


def test_what_a_host_does_not_take_is_not_sent() -> None:
    report = Report()
    quirks = Quirks(unsupported=frozenset({"seed"}))
    assert "generationConfig" not in encoded(parameters=CompletionParameters(seed=1), quirks=quirks, report=report)
    assert told(report) == [("parameters.seed", Severity.LOST)]


@pytest.mark.parametrize(
    ("model", "wanted", "said", "severity"),
    [
        ("gemini-3-pro", "low", {"thinkingLevel": "LOW"}, None),
        ("gemini-3-pro", "xhigh", {"thinkingLevel": "XHIGH"}, None),
        ("gemini-3-pro", "max", {"thinkingLevel": "XHIGH"}, Severity.DEGRADED),
        ("gemini-3-pro", "none", {"thinkingLevel": "MINIMAL"}, Severity.DEGRADED),
        ("gemini-3-pro", "novel", {"thinkingLevel": "novel"}, None),
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}, Severity.NOTE),
        ("gemini-2.5-flash", "medium", {"thinkingBudget": 8192}, Severity.NOTE),
        ("models/gemini-2.5-pro", "none", {"thinkingBudget": 128}, Severity.DEGRADED),
        ("gemini-2.5-pro", "novel", None, Severity.LOST),
        ("m", ReasoningConfig("low", budget_tokens=7), {"thinkingBudget": 7}, None),
        ("m", ReasoningConfig("low", exclude=True), {"thinkingLevel": "LOW", "includeThoughts": False}, None),
        ("m", ReasoningConfig(summary="auto"), {"includeThoughts": True}, None),
    ],
)
def test_thinking(model: str, wanted: Any, said: dict[str, Any] | None, severity: Severity | None) -> None:
    """Levels for the newer models, budgets for the older: a model takes one of the two."""
    report = Report()
    assert config(report, model, reasoning=wanted).get("thinkingConfig") == said
    assert told(report) == ([] if severity is None else [("parameters.reasoning.effort", severity)])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (ResponseFormat("text"), {"responseMimeType": "text/plain"}),
        (ResponseFormat("json"), {"responseMimeType": "application/json"}),
        (
            ResponseFormat("json_schema", {"type": "object"}),
            {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
        ),
    ],
)
def test_response_formats(wanted: ResponseFormat, said: dict[str, Any]) -> None:
    assert config(response_format=wanted) == said


def test_what_surrounds_a_schema_is_told() -> None:
    report = Report()
    config(report, response_format=ResponseFormat("json_schema", {"type": "object"}, "n", "d", strict=False))
    assert told(report) == [
        ("parameters.response_format.name", Severity.NOTE),
        ("parameters.response_format.description", Severity.LOST),
        ("parameters.response_format.strict", Severity.DEGRADED),
    ]


def test_extra_keys_are_sent_as_they_are() -> None:
    body = encoded(extra={"cachedContent": "c"}, parameters=CompletionParameters(extra={"labels": {}}))
    assert (body["cachedContent"], body["labels"]) == ("c", {})


# Decoding


def test_a_request_in_neutral_words() -> None:
    body = {
        "systemInstruction": {"parts": [{"text": "be terse"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "hi"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": 1}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"a": 2}}}]},
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {"maxOutputTokens": 9, "thinkingConfig": {"thinkingLevel": "LOW"}},
    }
    request = CODEC.decode_request(body, model="gemini-x", stream=True)
    (call,) = request.messages[2].tool_calls
    assert request == ChatRequest(
        "gemini-x",
        (
            Message(Role.SYSTEM, "be terse"),
            Message(Role.USER, "hi"),
            Message(Role.ASSISTANT, (ToolCallPart(call.id, "f", '{"a":1}'),)),
            Message(Role.USER, (ToolResultPart(call.id, "f", '{"a":2}'),)),
        ),
        (),
        ToolChoice.tool("f"),
        CompletionParameters(max_tokens=9, reasoning=ReasoningConfig("low")),
        stream=True,
    )
    assert call.id.startswith("call_")


def test_results_without_ids_answer_the_calls_of_their_name_in_order() -> None:
    call = {"functionCall": {"name": "f"}}
    result = {"functionResponse": {"name": "f", "response": {"output": "1"}}}
    body = {
        "contents": [
            {"role": "model", "parts": [call, {"functionCall": {"name": "g"}}, call]},
            {"role": "user", "parts": [result, result]},
        ]
    }
    calls, results = (message.parts for message in CODEC.decode_request(body).messages)
    assert len({call.id for call in calls if isinstance(call, ToolCallPart)}) == 3
    answered = [part.call_id for part in results if isinstance(part, ToolResultPart)]
    assert answered == [part.id for part in calls if isinstance(part, ToolCallPart) and part.name == "f"]


def test_a_text_and_a_single_content_stand_for_a_list_of_one() -> None:
    one = CODEC.decode_request({"contents": "hi"}).messages
    assert one == CODEC.decode_request({"contents": {"parts": {"text": "hi"}}}).messages == (USER,)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "contents"),
        ({"contents": [1]}, "contents[0]"),
        ({"contents": [{"parts": ["hi"]}]}, "contents[0].parts[0]"),
        ({"contents": [{"parts": [{"text": 1}]}]}, "contents[0].parts[0].text"),
        ({"contents": [{"parts": [{"functionResponse": {}}]}]}, "contents[0].parts[0].functionResponse.name"),
        ({"contents": [], "tools": [1]}, "tools[0]"),
        ([], ""),
    ],
)
def test_what_is_no_request_is_refused_with_its_place(body: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        CODEC.decode_request(body)
    assert caught.value.path == place


# The path


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (ChatRequest("gemini-x"), "/models/gemini-x:generateContent"),
        (ChatRequest("gemini-x", stream=True), "/models/gemini-x:streamGenerateContent?alt=sse"),
        (ChatRequest("tunedModels/x"), "/tunedModels/x:generateContent"),
    ],
)
def test_the_path_says_model_and_stream(request_: ChatRequest, path: str) -> None:
    assert CODEC.path(request_) == path


def test_without_a_model_there_is_no_path() -> None:
    with pytest.raises(EncodeError, match="model"):
        CODEC.path(ChatRequest(None))
