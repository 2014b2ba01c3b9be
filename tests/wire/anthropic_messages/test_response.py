"""Whole answers, both ways."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from minillm import errors
from minillm.report import Report, Severity
from minillm.types import (
    ChatResponse,
    Choice,
    FinishReason,
    ImagePart,
    Message,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    Usage,
)
from minillm.wire import get_codec
from tests.wire.anthropic_messages import bodies
from tests.wire.recorded import differences

CODEC = get_codec("anthropic_messages")


def answer(*blocks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": list(blocks), **fields}


def encoded(*parts: Any, report: Report | None = None, **fields: Any) -> dict[str, Any]:
    choice = Choice(0, Message(Role.ASSISTANT, parts), fields.pop("reason", FinishReason.STOP), fields.pop("raw", None))
    response = ChatResponse("x", "m", (choice,), **fields)
    return CODEC.encode_response(response, report=Report(strict=True) if report is None else report)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.ANSWERS)
def test_any_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    before, report = copy.deepcopy(body), Report()
    response = CODEC.decode_response(body, report=report)
    assert differences(before, CODEC.encode_response(response, report=report)) == {}
    assert differences(before, CODEC.encode_response(response, report=report)) == {}
    assert differences(before, body) == {}
    assert report.losses == ()


def test_a_plain_answer() -> None:
    usage = {"input_tokens": 3, "output_tokens": 2}
    response = CODEC.decode_response(answer({"type": "text", "text": "hi"}, stop_reason="end_turn", usage=usage))
    assert (response.id, response.model, response.created, response.text) == ("msg_1", "m", None, "hi")
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "end_turn")
    assert response.usage == Usage(uncached_tokens=3, output_tokens=2)


def test_a_refusal_that_is_explained_is_a_part() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "no"}
    response = CODEC.decode_response(answer(stop_reason="refusal", stop_details=details))
    assert response.message.parts == (RefusalPart("no"),)
    assert response.finish_reason is FinishReason.REFUSAL
    body = encoded(RefusalPart("no"))
    assert body["content"] == []
    assert body["stop_reason"] == "refusal"
    assert body["stop_details"] == {"type": "refusal", "category": None, "explanation": "no"}


def test_the_last_call_of_an_answer_cut_by_its_ceiling_must_not_be_run() -> None:
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    first, last = CODEC.decode_response(answer(call, call, stop_reason="max_tokens")).tool_calls
    assert (first.incomplete, last.incomplete) == (False, True)
    (whole,) = CODEC.decode_response(answer(call, stop_reason="tool_use")).tool_calls
    assert not whole.incomplete


@pytest.mark.parametrize(
    "body", [{"type": "error", "error": {"type": "overloaded_error", "message": "m"}}, {"error": {}}]
)
def test_an_error_in_place_of_an_answer_is_raised(body: dict[str, Any]) -> None:
    with pytest.raises(errors.ServerError):
        CODEC.decode_response(body)


@pytest.mark.parametrize("body", [{}, [], None, {"content": "hi"}, {"content": None}])
def test_what_is_no_answer_is_refused(body: Any) -> None:
    with pytest.raises(errors.DecodeError):
        CODEC.decode_response(body)


def test_an_answer_of_ours_has_what_clients_read() -> None:
    assert encoded(TextPart("a"), ToolCallPart("t", "f", '{"a":1}'), reason=FinishReason.TOOL_CALLS) == {
        "id": "x",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "a"}, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


def test_other_answers_and_media_are_lost() -> None:
    report = Report()
    choices = (Choice(0, Message(Role.ASSISTANT, (ImagePart(data="AAAA"),))), Choice(1))
    body = CODEC.encode_response(ChatResponse("x", "m", choices), report=report)
    assert body["content"] == []
    assert [(loss.path, loss.severity) for loss in report.losses] == [
        ("choices[1]", Severity.LOST),
        ("choices[0].message.content[0]", Severity.LOST),
    ]
