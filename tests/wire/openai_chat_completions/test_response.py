"""Whole answers, both ways."""

import copy
import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from minillm import errors
from minillm.report import Report, Severity
from minillm.types import (
    AudioPart,
    ChatResponse,
    Choice,
    Citation,
    CitationAdded,
    FinishReason,
    ImagePart,
    Message,
    Native,
    NativePart,
    PartStart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    TokenLogprob,
    ToolCallPart,
    Usage,
)
from minillm.wire import get_codec, rewrite_response
from tests.wire import chat_reader, corpus
from tests.wire.openai_chat_completions import bodies
from tests.wire.openai_chat_completions.test_request import same

CODEC = get_codec("openai_chat_completions")


def answer(message: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": "hi"} if message is None else message
    return {
        "id": "x",
        "model": "m",
        "created": 1,
        "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
        **fields,
    }


def read(message: dict[str, Any] | None = None, **fields: Any) -> ChatResponse:
    return CODEC.decode_response(answer(message, **fields))


def parts(**message: Any) -> tuple[Any, ...]:
    return read({"role": "assistant", **message}).message.parts


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.ANSWERS)
def test_any_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    before, report = copy.deepcopy(body), Report()
    response = CODEC.decode_response(body, report=report)
    assert same(before, CODEC.encode_response(response, report=report))
    assert same(before, CODEC.encode_response(response, report=report))
    assert same(before, body)
    assert not report.losses


def natives(value: Any) -> list[Any]:
    """Every residue inside a value."""
    if isinstance(value, Native):
        return [value.data]
    if isinstance(value, tuple | list):
        return [found for item in value for found in natives(item)]
    if dataclasses.is_dataclass(value):
        return [found for field in dataclasses.fields(value) for found in natives(getattr(value, field.name))]
    return []


@pytest.mark.parametrize("name", corpus.names("openai_chat"))
def test_residues_are_no_copies(name: str) -> None:
    """No text, argument, refusal, thought or seal stands in a residue as well."""
    case = corpus.case("openai_chat", name)
    if case.is_stream or case.status != 200:
        return
    response = CODEC.decode_response(json.loads(case.body))
    left = json.dumps(natives(response), default=str)
    for choice in response.choices:
        for part in choice.message.parts:
            for field in ("text", "arguments", "sealed", "data", "transcript"):
                said = getattr(part, field, None)
                if isinstance(said, str) and len(said) > 12:
                    assert json.dumps(said)[1:-1] not in left, (field, said[:80])


# What parts a message has


def test_a_plain_answer() -> None:
    response = read(usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5})
    assert (response.id, response.model, response.created, response.text) == ("x", "m", 1, "hi")
    assert response.message.content == "hi"
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "stop")
    assert response.usage == Usage(uncached_tokens=3, output_tokens=2)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"content": ""}, ()),
        ({"content": None}, ()),
        ({}, ()),
        ({"content": None, "refusal": "no"}, (RefusalPart("no"),)),
        ({"content": "a", "reasoning": "r"}, (ReasoningPart("r"), TextPart("a"))),
        ({"content": "a", "reasoning_content": "r"}, (ReasoningPart("r"), TextPart("a"))),
        ({"content": "a", "reasoning_content": "r", "reasoning": "r"}, (ReasoningPart("r"), TextPart("a"))),
        (
            {
                "content": "a",
                "reasoning": "r",
                "reasoning_details": [{"type": "reasoning.text", "text": "r", "signature": "S"}],
            },
            (ReasoningPart("r", "S"), TextPart("a")),
        ),
        (
            {
                "content": "a",
                "reasoning_details": [
                    {"type": "reasoning.summary", "summary": "r"},
                    {"type": "reasoning.encrypted", "data": "E"},
                ],
            },
            (ReasoningPart("r", None, "E"), TextPart("a")),
        ),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "r"}]},
                    {"type": "text", "text": "a"},
                ]
            },
            (ReasoningPart("r"), TextPart("a")),
        ),
        ({"content": {"a": 1}}, (TextPart('{"a":1}'),)),
        (
            {"content": [{"type": "reference", "x": 1}]},
            (NativePart("openai_chat_completions", {"type": "reference", "x": 1}),),
        ),
        (
            {"content": "a", "executed_tools": [{"x": 1}]},
            (TextPart("a"), NativePart("openai_chat_completions", {"executed_tools": [{"x": 1}]})),
        ),
        (
            {"content": "a", "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}]},
            (TextPart("a"), ImagePart(mime="image/png", data="iVBO")),
        ),
        (
            {"content": None, "audio": {"id": "audio_1", "data": "AAAA", "transcript": "beep", "expires_at": 1}},
            (AudioPart(data="AAAA", file_id="audio_1", transcript="beep"),),
        ),
        (
            {
                "content": "a",
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 1},
                    }
                ],
            },
            (TextPart("a", (Citation("u", "t", None, 0, 1),)),),
        ),
        (
            {
                "content": None,
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}],
            },
            (ToolCallPart("c", "f", '{"a":1}'),),
        ),
        (
            {"content": None, "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "x y"}}]},
            (ToolCallPart("c", "f", "x y", "custom"),),
        ),
    ],
)
def test_a_message_has_these_parts(message: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert parts(**message) == expected


def test_a_call_without_an_id_gets_one_that_stays_the_same() -> None:
    body = answer(
        {
            "role": "assistant",
            "tool_calls": [
                {"function": {"name": "f", "arguments": "{}"}},
                {"function": {"name": "f", "arguments": "{}"}},
            ],
        }
    )
    one, two = CODEC.decode_response(body).tool_calls
    assert one.id.startswith("call_")
    assert one.id != two.id
    assert [call.id for call in CODEC.decode_response(body).tool_calls] == [one.id, two.id]
    legacy = read({"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}})
    assert legacy.tool_calls[0].id.startswith("call_")


def test_a_changed_thought_takes_the_place_of_all_its_pieces() -> None:
    details = [{"type": "reasoning.text", "text": text, "index": at} for at, text in enumerate(("one", "two"))]
    response = read({"role": "assistant", "content": "a", "reasoning": "onetwo", "reasoning_details": details})
    (thought, text) = response.message.parts
    assert thought == ReasoningPart("onetwo")
    message = dataclasses.replace(response.message, content=(dataclasses.replace(thought, text="three"), text))
    changed = dataclasses.replace(response, choices=(dataclasses.replace(response.choices[0], message=message),))
    said = CODEC.encode_response(changed, report=Report(strict=True))["choices"][0]["message"]
    assert said["reasoning"] == "three"
    assert said["reasoning_details"] == [{"type": "reasoning.text", "text": "three", "index": 0}]


# Why it ended


@pytest.mark.parametrize(
    ("raw", "message", "reason"),
    [
        ("stop", {"content": "a"}, FinishReason.STOP),
        ("eos", {"content": "a"}, FinishReason.STOP),
        ("length", {"content": "a"}, FinishReason.LENGTH),
        ("model_length", {"content": "a"}, FinishReason.CONTEXT_FULL),
        ("content_filter", {"content": ""}, FinishReason.CONTENT_FILTER),
        ("insufficient_system_resource", {"content": "a"}, FinishReason.ERROR),
        ("something new", {"content": "a"}, FinishReason.UNKNOWN),
        ("stop", {"content": None, "refusal": "no"}, FinishReason.REFUSAL),
        ("stop", {"content": None, "tool_calls": [{"id": "c", "function": {"name": "f"}}]}, FinishReason.TOOL_CALLS),
        ("function_call", {"content": None, "function_call": {"name": "f"}}, FinishReason.TOOL_CALLS),
        ("", {"content": "a"}, None),
        (None, {"content": "a"}, None),
    ],
)
def test_the_reason_is_what_the_message_shows(raw: Any, message: dict[str, Any], reason: FinishReason | None) -> None:
    body = answer({"role": "assistant", **message})
    body["choices"][0]["finish_reason"] = raw
    response = CODEC.decode_response(body)
    assert response.finish_reason is reason
    assert response.raw_finish_reason == (raw or None)


@pytest.mark.parametrize(("arguments", "incomplete"), [('{"a": 1}', False), ('{"a', True), ("", True), (None, True)])
def test_arguments_cut_by_the_limit_must_not_be_run(arguments: Any, incomplete: bool) -> None:
    calls = [
        {"id": name, "type": "function", "function": {"name": "f", "arguments": text}}
        for name, text in (("a", "{}"), ("b", arguments))
    ]
    body = answer({"role": "assistant", "content": None, "tool_calls": calls})
    body["choices"][0]["finish_reason"] = "length"
    first, second = CODEC.decode_response(body).tool_calls
    assert not first.incomplete
    assert second.incomplete is incomplete


# Usage


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}, Usage(10, output_tokens=5)),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 30,
                "total_tokens": 130,
                "prompt_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 10},
                "completion_tokens_details": {"reasoning_tokens": 12},
            },
            Usage(70, 20, {"": 10}, None, 30, 12),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 1,
                "total_tokens": 101,
                "prompt_cache_hit_tokens": 60,
                "prompt_cache_miss_tokens": 40,
            },
            Usage(40, 60, output_tokens=1),
        ),
        # xAI counts reasoning beside the completion
        (
            {
                "prompt_tokens": 468,
                "completion_tokens": 82,
                "total_tokens": 870,
                "completion_tokens_details": {"reasoning_tokens": 320},
            },
            Usage(468, output_tokens=402, reasoning_tokens=320),
        ),
        # parts that contradict the total are not believed
        (
            {
                "prompt_tokens": 29,
                "completion_tokens": 6,
                "total_tokens": 35,
                "prompt_tokens_details": {"cached_tokens": 157},
            },
            Usage(29, output_tokens=6),
        ),
        (
            {
                "prompt_tokens": 29,
                "completion_tokens": 6,
                "total_tokens": 35,
                "completion_tokens_details": {"reasoning_tokens": 7},
            },
            Usage(29, output_tokens=6),
        ),
        ({"prompt_tokens": 193, "completion_tokens": None, "total_tokens": None}, Usage(193)),
        ({"prompt_tokens": "many", "completion_tokens": 5}, Usage(output_tokens=5)),
        (
            {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 0.0000893},
            Usage(1, output_tokens=1, cost_usd=Decimal("0.0000893")),
        ),
        (
            {
                "prompt_tokens": 1,
                "completion_tokens": 1,
                "total_tokens": 2,
                "cost": {"total_cost": 0.00507, "request_cost": 0.005},
            },
            Usage(1, output_tokens=1, cost_usd=Decimal("0.00507")),
        ),
        (
            {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost_in_usd_ticks": 2488500},
            Usage(1, output_tokens=1, cost_usd=Decimal("0.00024885")),
        ),
        ({"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": -1}, Usage(1, output_tokens=1)),
    ],
)
def test_usage_in_buckets_that_do_not_overlap(raw: dict[str, Any], usage: Usage) -> None:
    response = read(usage=raw)
    assert response.usage == usage
    assert CODEC.encode_response(response)["usage"] == raw


@pytest.mark.parametrize("usage", [None, {}, "free", []])
def test_no_usage_is_unknown_and_not_nothing(usage: Any) -> None:
    response = read(usage=usage)
    assert response.usage is None
    assert CODEC.encode_response(response)["usage"] == usage


def test_a_corrected_count_is_said() -> None:
    response = read(usage={"prompt_tokens": 35, "completion_tokens": 12, "total_tokens": 109})
    assert response.usage is not None
    corrected = dataclasses.replace(response, usage=dataclasses.replace(response.usage, output_tokens=74))
    assert CODEC.encode_response(corrected)["usage"] == {
        "prompt_tokens": 35,
        "completion_tokens": 74,
        "total_tokens": 109,
    }
    corrected = dataclasses.replace(response, usage=dataclasses.replace(response.usage, output_tokens=10))
    assert CODEC.encode_response(corrected)["usage"] == {
        "prompt_tokens": 35,
        "completion_tokens": 10,
        "total_tokens": 45,
    }


# Odd heads


@pytest.mark.parametrize(
    ("created", "seconds"),
    [(1790000000123, 1790000000.123), (1790000000.5, 1790000000.5), (None, None), ("now", None), (0, 0)],
)
def test_times_in_other_units(created: Any, seconds: float | None) -> None:
    response = read(created=created)
    assert response.created == seconds
    assert CODEC.encode_response(response)["created"] == created


def test_a_choice_without_a_message() -> None:
    response = CODEC.decode_response({"choices": [{"finish_reason": "content_filter"}]})
    assert response.text == ""
    assert response.finish_reason is FinishReason.CONTENT_FILTER


def test_no_choices() -> None:
    assert CODEC.decode_response({"choices": []}).choices == ()
    assert CODEC.decode_response({"choices": None}).choices == ()


# Errors with a good status


def test_an_error_in_a_good_body_is_raised() -> None:
    with pytest.raises(errors.RateLimitError) as caught:
        CODEC.decode_response({"error": {"message": "slow", "code": 429}, "choices": []})
    assert caught.value.status == 429
    with pytest.raises(errors.APIError) as caught_too:
        CODEC.decode_response({**answer(), "error": {"message": "fell over", "code": 502}})
    assert caught_too.value.partial is not None
    assert caught_too.value.partial.text == "hi"
    assert CODEC.decode_response({**answer(), "error": None}).text == "hi"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, ""),
        ([], ""),
        ({}, "choices"),
        ({"choices": "no"}, "choices"),
        ({"choices": ["no"]}, "choices[0]"),
        ({"choices": [{"message": "no"}]}, "choices[0].message"),
        ({"choices": [{"message": {"content": 3}}]}, "choices[0].message.content"),
        ({"choices": [{"message": {"tool_calls": [{"id": "a"}]}}]}, "choices[0].message.tool_calls[0].function"),
    ],
)
def test_what_is_no_answer_names_the_place(body: Any, path: str) -> None:
    with pytest.raises(errors.DecodeError) as caught:
        CODEC.decode_response(body)
    assert caught.value.path == path


# Answers of ours


def ours(*message: Any, report: Report | None = None, **fields: Any) -> dict[str, Any]:
    choice = Choice(0, Message(Role.ASSISTANT, message), fields.pop("reason", FinishReason.STOP))
    response = ChatResponse("x", "m", (choice,), created=1, **fields)
    return CODEC.encode_response(response, report=Report(strict=True) if report is None else report)


def test_a_new_answer_has_what_the_vendor_s_have() -> None:
    assert ours(TextPart("hi"), usage=Usage(3, 1, {"5m": 2}, output_tokens=4, reasoning_tokens=1)) == {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "hi", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 6,
            "completion_tokens": 4,
            "total_tokens": 10,
            "prompt_tokens_details": {"cached_tokens": 1, "cache_write_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 1},
        },
    }


def test_an_empty_answer_is_still_one() -> None:
    body = CODEC.encode_response(ChatResponse())
    assert body["id"]
    assert body["choices"] == []
    assert CODEC.decode_response(body).choices == ()


def test_a_new_answer_is_understood_as_the_same() -> None:
    message = (
        ReasoningPart("r"),
        TextPart("a", (Citation("u", "t", None, 0, 1),)),
        ToolCallPart("c", "f", "{}"),
    )
    report = Report()
    body = ours(*message, reason=FinishReason.TOOL_CALLS, report=report)
    assert CODEC.decode_response(body).message.parts == message
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]  # reasoning goes out as a dialect's


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.CONTEXT_FULL, "length"),
        (FinishReason.STOP_SEQUENCE, "stop"),
        (FinishReason.REFUSAL, "stop"),
        (FinishReason.ERROR, "error"),
        (None, "stop"),
    ],
)
def test_reasons_of_other_wires_get_a_word_of_this_one(reason: FinishReason | None, word: str) -> None:
    choice = Choice(0, Message(Role.ASSISTANT, "a"), reason, "end_turn")
    body = CODEC.encode_response(ChatResponse("x", "m", (choice,)), report=Report(strict=True))
    assert body["choices"][0]["finish_reason"] == word


def test_probabilities_go_out_wherever_they_came_from() -> None:
    entry = TokenLogprob("a", -0.5, (97,), (TokenLogprob("b", -1.0),))
    said = [
        {
            "token": "a",
            "logprob": -0.5,
            "bytes": [97],
            "top_logprobs": [{"token": "b", "logprob": -1.0, "bytes": None, "top_logprobs": []}],
        }
    ]
    body = ours(TextPart("a", logprobs=(entry,)))
    assert body["choices"][0]["logprobs"] == {"content": said, "refusal": None}
    assert CODEC.decode_response(body).choices[0].logprobs == (entry,)


def test_what_cannot_be_said_in_an_answer_is_told() -> None:
    report = Report()
    ours(TextPart("a"), NativePart("anthropic_messages", {"type": "x"}), report=report)
    assert [loss.severity for loss in report.losses] == [Severity.LOST]


def test_the_expectations_cover_every_recording() -> None:
    names = corpus.names("openai_chat")
    assert not names or names == sorted(json.loads(chat_reader.EXPECTED.read_bytes()))


def test_a_citation_without_an_address_is_told_whole_and_streamed() -> None:
    """Anthropic cites places in documents; an annotation has an address, which stays empty."""
    cited = {"type": "char_location", "cited_text": "c", "document_index": 0, "document_title": "d"}
    place = {**cited, "start_char_index": 0, "end_char_index": 3}
    text = {"type": "text", "text": "It says so.", "citations": [place, place]}
    answer = {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [text]}
    counts = {"input_tokens": 1, "output_tokens": 1}
    whole, streamed = Report(), Report()
    body = {**answer, "stop_reason": "end_turn", "usage": counts}
    rewrite_response(body, source="anthropic_messages", target="openai_chat_completions", report=whole)
    encoder = get_codec("openai_chat_completions").stream_encoder(report=streamed)
    citation = Citation(title="d", text="c")
    encoder.feed(PartStart(0, TextPart("")), CitationAdded(0, citation), CitationAdded(0, citation))
    for report in (whole, streamed):
        told = [loss for loss in report.losses if loss.what == "citations"]
        assert [(loss.path, loss.count) for loss in told] == [("choices[0].message.content[0].citations", 1)]
