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
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    Usage,
)
from minillm.wire import get_codec
from tests.wire.openai_responses import bodies
from tests.wire.recorded import differences

CODEC = get_codec("openai_responses")
TEXT = {"type": "output_text", "text": "hi", "annotations": []}
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [TEXT]}


def answer(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    head = {"id": "resp_1", "object": "response", "created_at": 5, "model": "m", "status": "completed"}
    return {**head, "output": list(items), **fields}


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
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    response = CODEC.decode_response(answer(MESSAGE, usage=usage))
    assert (response.id, response.model, response.created, response.text) == ("resp_1", "m", 5, "hi")
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "completed")
    assert response.usage == Usage(uncached_tokens=3, output_tokens=2)


@pytest.mark.parametrize(
    ("items", "fields", "reason"),
    [
        ((), {}, FinishReason.STOP),
        (
            ({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},),
            {},
            FinishReason.TOOL_CALLS,
        ),
        (({**MESSAGE, "content": [{"type": "refusal", "refusal": "no"}]},), {}, FinishReason.REFUSAL),
        (
            (MESSAGE,),
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            FinishReason.LENGTH,
        ),
        ((), {"status": "in_progress"}, None),
        ((), {"status": "cancelled"}, FinishReason.CANCELLED),
    ],
)
def test_why_it_ended(items: Any, fields: dict[str, Any], reason: FinishReason | None) -> None:
    assert CODEC.decode_response(answer(*items, **fields)).finish_reason is reason


def test_a_call_that_was_cut_must_not_be_run() -> None:
    cut = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a', "status": "incomplete"}
    (call,) = CODEC.decode_response(answer(cut, status="incomplete")).tool_calls
    assert call.incomplete


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (answer(status="failed", error={"code": "rate_limit_exceeded", "message": "m"}), errors.RateLimitError),
        (answer(status="failed", error=None), errors.ServerError),
        ({"error": {"message": "m", "code": "server_error"}}, errors.ServerError),
    ],
)
def test_an_answer_that_failed_is_raised(body: dict[str, Any], kind: type[errors.APIError]) -> None:
    with pytest.raises(kind):
        CODEC.decode_response(body)


@pytest.mark.parametrize("body", [{}, [], None, {"output": "hi"}, {"output": ["hi"]}])
def test_what_is_no_answer_is_refused(body: Any) -> None:
    with pytest.raises(errors.DecodeError):
        CODEC.decode_response(body)


def test_an_answer_of_ours_has_what_clients_read() -> None:
    body = encoded(TextPart("a"), ToolCallPart("t", "f", '{"a":1}'), reason=FinishReason.TOOL_CALLS)
    message, call = body["output"]
    assert message["content"] == [{"type": "output_text", "text": "a", "annotations": []}]
    assert (call["call_id"], call["arguments"], call["status"]) == ("t", '{"a":1}', "completed")
    assert message["id"].startswith("msg_")
    assert call["id"].startswith("fc_")
    del body["output"]
    assert body == {
        "id": "x",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "incomplete_details": None,
        "model": "m",
        "error": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
    }


def test_our_answer_is_read_as_what_it_was() -> None:
    parts = (ReasoningPart("hm"), TextPart("a"), ToolCallPart("t", "f", '{"a":1}'))
    body = encoded(*parts, reason=FinishReason.TOOL_CALLS, usage=Usage(3, output_tokens=2))
    again = CODEC.decode_response(body)
    assert again.message.parts == parts
    assert (again.finish_reason, again.usage) == (FinishReason.TOOL_CALLS, CODEC.decode_response(body).usage)


def test_a_failed_answer_says_so_where_clients_look() -> None:
    body = encoded(TextPart("a"), reason=FinishReason.ERROR)
    assert body["status"] == "failed"
    assert body["error"]["code"] == "server_error"


def test_a_refusal_stays_one() -> None:
    body = encoded(RefusalPart("no"), reason=FinishReason.REFUSAL)
    assert body["status"] == "completed"
    assert body["output"][0]["content"] == [{"type": "refusal", "refusal": "no"}]


def test_other_answers_and_media_are_lost() -> None:
    report = Report()
    choices = (Choice(0, Message(Role.ASSISTANT, (ImagePart(data="AAAA"),))), Choice(1))
    body = CODEC.encode_response(ChatResponse("x", "m", choices), report=report)
    assert body["output"] == []
    assert [(loss.path, loss.severity) for loss in report.losses] == [
        ("choices[1]", Severity.LOST),
        ("choices[0].message.content[0]", Severity.LOST),
    ]


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("server_error", errors.ServerError, True),
        ("rate_limit_exceeded", errors.RateLimitError, True),
        ("invalid_prompt", errors.BadRequestError, False),
        ("image_content_policy_violation", errors.BadRequestError, False),
        ("failed_to_download_image", errors.BadRequestError, False),
    ],
)
def test_the_code_of_a_failed_answer_decides_whether_to_ask_again(
    code: str, kind: type[errors.APIError], retryable: bool
) -> None:
    """It comes with status 200, so the code is all there is."""
    body = {"id": "r", "object": "response", "status": "failed", "output": [], "model": "m"}
    with pytest.raises(kind) as raised:
        CODEC.decode_response({**body, "error": {"code": code, "message": "no"}})
    assert raised.value.retryable is retryable
