"""Requests, both ways: any body comes back as it was, and what is said of ours."""

import copy
import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from minillm.errors import DecodeError, EncodeError, LossWarning
from minillm.report import Report
from minillm.types import (
    ChatRequest,
    CompletionParameters,
    ImagePart,
    Message,
    ReasoningConfig,
    ReasoningPart,
    ResponseFormat,
    Role,
    TextPart,
    ToolCallPart,
    ToolChoice,
    ToolDefinition,
    ToolMode,
    ToolResultPart,
)
from minillm.wire import get_codec
from tests.wire.openai_responses import bodies
from tests.wire.recorded import differences

CODEC = get_codec("openai_responses")
USER = Message(Role.USER, "hi")


def encoded(*messages: Message, report: Report | None = None, **fields: Any) -> dict[str, Any]:
    request = ChatRequest("m", messages, **fields)
    return CODEC.encode_request(request, report=Report(strict=True) if report is None else report)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.REQUESTS)
def test_any_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    before, report = copy.deepcopy(body), Report()
    request = CODEC.decode_request(body, report=report)
    assert differences(before, CODEC.encode_request(request, report=report)) == {}
    assert differences(before, CODEC.encode_request(request, report=report)) == {}
    assert differences(before, body) == {}
    assert report.losses == ()


def test_a_plain_request() -> None:
    assert encoded(Message(Role.SYSTEM, "be terse"), USER) == {
        "model": "m",
        "instructions": "be terse",
        "input": [{"role": "user", "content": "hi"}],
    }


def test_later_instructions_are_items() -> None:
    assert encoded(USER, Message(Role.DEVELOPER, "now in French"))["input"][1] == {
        "role": "developer",
        "content": "now in French",
    }


def test_input_may_be_one_text_and_stays_one() -> None:
    request = CODEC.decode_request({"model": "m", "input": "hi"})
    assert request.messages == (USER,)
    assert CODEC.encode_request(request) == {"model": "m", "input": "hi"}


def test_one_text_that_grows_becomes_items() -> None:
    request = CODEC.decode_request({"model": "m", "input": "hi"})
    grown = dataclasses.replace(request, messages=(*request.messages, Message(Role.USER, "more")))
    assert CODEC.encode_request(grown)["input"] == [
        {"role": "user", "content": "hi"},
        {"role": "user", "content": "more"},
    ]


def test_a_request_may_have_no_input() -> None:
    """With ``previous_response_id`` or a stored prompt."""
    body = {"model": "m", "previous_response_id": "resp_1"}
    request = CODEC.decode_request(body)
    assert request.messages == ()
    assert CODEC.encode_request(request) == body


def test_a_request_in_neutral_words() -> None:
    body = {
        "model": "gpt",
        "instructions": "be terse",
        "max_output_tokens": 9,
        "input": [
            {"role": "user", "content": [{"type": "input_image", "image_url": "https://x.test/a.png"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a":1}'},
            {"type": "function_call_output", "call_id": "c", "output": "2"},
        ],
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True}],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "reasoning": {"effort": "low"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
        "stream": True,
    }
    assert CODEC.decode_request(body) == ChatRequest(
        "gpt",
        (
            Message(Role.SYSTEM, "be terse"),
            Message(Role.USER, (ImagePart(url="https://x.test/a.png"),)),
            Message(Role.ASSISTANT, (ReasoningPart(sealed="x"), ToolCallPart("c", "f", '{"a":1}'))),
            Message(Role.TOOL, (ToolResultPart("c", None, "2"),)),
        ),
        (ToolDefinition("f", parameters={"type": "object"}, strict=True),),
        ToolChoice(ToolMode.REQUIRED),
        CompletionParameters(
            max_tokens=9,
            reasoning=ReasoningConfig("low"),
            response_format=ResponseFormat("json_schema", {"type": "object"}, "n"),
            parallel_tool_calls=False,
        ),
        stream=True,
    )


def test_reasoning_goes_home_and_nowhere_else() -> None:
    sealed = CODEC.decode_request(
        {"model": "m", "input": [{"type": "reasoning", "summary": [], "encrypted_content": "x"}]}
    ).messages[0]
    stamped = dataclasses.replace(sealed, origin=("openai", "m"))
    request = ChatRequest("m", (stamped, USER))
    home = CODEC.encode_request(request, origin=("openai", "m"), report=Report(strict=True))
    assert home["input"][0]["encrypted_content"] == "x"
    report = Report()
    away = CODEC.encode_request(request, origin=("xai", "grok"), report=report)
    assert away["input"] == [{"role": "user", "content": "hi"}]
    assert len(report.losses) == 1


def test_an_edit_changes_nothing_else() -> None:
    body = {
        "model": "m",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "a", "x": 1}]},
            {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "b"}]},
        ],
        "truncation": "auto",
    }
    request = CODEC.decode_request(body)
    part = request.messages[0].parts[0]
    edited = dataclasses.replace(request.messages[0], content=(dataclasses.replace(part, text="c"),))  # type: ignore[call-arg]
    out = CODEC.encode_request(dataclasses.replace(request, messages=(edited, *request.messages[1:])))
    assert differences(body, out) == {".input[0].content[0].text": "c"}


def test_extra_keys_are_sent_as_they_are() -> None:
    body = encoded(USER, extra={"truncation": "auto"}, parameters=CompletionParameters(extra={"speed": "fast"}))
    assert (body["truncation"], body["speed"]) == ("auto", "fast")
    with pytest.raises(EncodeError, match="collides"):
        encoded(USER, extra={"input": []})


def test_without_a_report_losses_are_warnings() -> None:
    request = ChatRequest("m", (USER,), parameters=CompletionParameters(seed=1))
    with pytest.warns(LossWarning, match="seed"):
        CODEC.encode_request(request)
    with pytest.raises(EncodeError, match="seed"):
        CODEC.encode_request(request, report=Report(strict=True))


def test_model_and_stream_may_be_said_beside_the_body() -> None:
    request = CODEC.decode_request({"input": "hi"}, model="m", stream=True)
    assert (request.model, request.stream) == ("m", True)


def test_what_is_said_of_a_text_never_lands_in_the_body() -> None:
    """The hints of residues stand under a key of their own, which must not be sent."""
    body = {"model": "m", "input": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]}
    grown = CODEC.decode_request(body)
    grown = dataclasses.replace(grown, messages=(*grown.messages, Message(Role.USER, (TextPart("c"),))))
    assert "~" not in str(CODEC.encode_request(grown))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], ""),
        ({"input": {"a": 1}}, "input"),
        ({"input": ["hi"]}, "input[0]"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"type": "function_call"}]}, "input[0].call_id"),
        ({"tools": {"a": 1}}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tool_choice": 1}, "tool_choice"),
    ],
)
def test_what_is_no_request_is_refused_with_its_place(body: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        CODEC.decode_request(body)
    assert caught.value.path == place
