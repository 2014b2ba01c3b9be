"""Events from elsewhere into frames: what this vendor's clients need, and nothing out of its order."""

import json
from typing import Any

import pytest

from minillm import errors
from minillm.report import Report, Severity
from minillm.types import (
    Citation,
    CitationAdded,
    Finish,
    FinishReason,
    ImagePart,
    MessageEnd,
    MessageStart,
    Native,
    NativeEvent,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
    collect,
)
from minillm.wire import get_codec
from minillm.wire.sse import ServerSentEvent

CODEC = get_codec("anthropic_messages")
FOREIGN = Native("openai_responses", {})


def frames(*events: StreamEvent, report: Report | None = None) -> list[ServerSentEvent]:
    encoder = CODEC.stream_encoder(report=Report(strict=True) if report is None else report)
    return [frame for event in events for frame in encoder.feed(event)] + encoder.finish()


def said(*events: StreamEvent, report: Report | None = None) -> list[dict[str, Any]]:
    return [json.loads(frame.raw) for frame in frames(*events, report=report)]


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


START = MessageStart("x", "m")
END = (Finish(0, FinishReason.STOP, "stop"), MessageEnd())


def test_the_whole_ladder() -> None:
    assert said(
        START, PartStart(0, TextPart("")), TextDelta(0, "hi"), UsageUpdate(Usage(3, output_tokens=2)), *END
    ) == [
        {
            "type": "message_start",
            "message": {
                "id": "x",
                "type": "message",
                "role": "assistant",
                "model": "m",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {"input_tokens": 0, "output_tokens": 0},
            },
        },
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"input_tokens": 3, "output_tokens": 2},
        },
        {"type": "message_stop"},
    ]


def test_every_frame_has_its_name() -> None:
    """The vendor's clients drop frames without one."""
    for frame in frames(START, PartStart(0, TextPart("")), TextDelta(0, "hi"), *END):
        assert frame.event == json.loads(frame.raw)["type"]


def test_interleaved_calls_come_one_block_after_the_other() -> None:
    found = said(
        START,
        PartStart(4, ToolCallPart("a", "f")),
        PartStart(7, ToolCallPart("b", "g")),
        ToolCallDelta(7, '{"y":2}'),
        ToolCallDelta(4, '{"x":1}'),
        Finish(0, FinishReason.TOOL_CALLS, "tool_calls"),
        MessageEnd(),
    )
    kinds = [(frame["type"], frame.get("index")) for frame in found[1:-2]]
    assert kinds == [
        (kind, index)
        for index in (0, 1)
        for kind in ("content_block_start", "content_block_delta", "content_block_stop")
    ]
    assert found[1]["content_block"] == {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    assert found[-2]["delta"]["stop_reason"] == "tool_use"


def test_thinking_begins_with_the_field_of_its_signature() -> None:
    found = said(START, PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm"), SignatureDelta(0, "s"), *END)
    assert found[1]["content_block"] == {"type": "thinking", "thinking": "", "signature": ""}
    assert [frame["delta"] for frame in found[2:4]] == [
        {"type": "thinking_delta", "thinking": "hm"},
        {"type": "signature_delta", "signature": "s"},
    ]


def test_another_vendor_s_seal_stays_behind_and_is_told_once() -> None:
    report = Report(strict=True)
    seals = (SignatureDelta(0, "s", native=FOREIGN), SignatureDelta(0, None, "x", native=FOREIGN))
    found = said(START, PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm"), *seals, *END, report=report)
    assert not any("signature_delta" in json.dumps(frame) for frame in found)
    assert told(report) == [("choices[0].message.content[0].signature", Severity.NOTE)]


def test_a_free_text_call_becomes_an_object_piece_by_piece() -> None:
    report = Report(strict=True)
    found = said(
        START,
        PartStart(0, ToolCallPart("a", "sql", kind="custom")),
        ToolCallDelta(0, 'select "x"'),
        ToolCallDelta(0, "\nfrom y"),
        PartEnd(0),
        *END,
        report=report,
    )
    pieces = [frame["delta"]["partial_json"] for frame in found if frame["type"] == "content_block_delta"]
    assert len(pieces) == 4
    assert json.loads("".join(pieces)) == {"input": 'select "x"\nfrom y'}
    assert told(report) == [("choices[0].message.content[0]", Severity.DEGRADED)]


def test_a_refusal_explains_the_stop() -> None:
    found = said(START, PartStart(0, RefusalPart("")), RefusalDelta(0, "n"), RefusalDelta(0, "o"), *END)
    assert [frame["type"] for frame in found] == ["message_start", "message_delta", "message_stop"]
    assert found[1]["delta"] == {
        "stop_reason": "refusal",
        "stop_sequence": None,
        "stop_details": {"type": "refusal", "category": None, "explanation": "no"},
    }


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (PartStart(0, ImagePart(data="AAAA")), "choices[0].message.content[0]"),
        (NativeEvent("gemini_generate_content", "groundingMetadata", {"a": 1}), "stream"),
        (TextDelta(0, "b", choice=1), "choices[1]"),
    ],
)
def test_what_has_no_form_here_is_lost_once(event: StreamEvent, place: str) -> None:
    report = Report()
    said(START, event, *END, report=report)
    assert told(report) == [(place, Severity.LOST)]


def test_citations_of_addresses_cannot_be_said() -> None:
    report = Report()
    cited = (CitationAdded(0, Citation("https://x.test")), CitationAdded(0, Citation("https://y.test")))
    said(START, PartStart(0, TextPart("")), TextDelta(0, "a"), *cited, *END, report=report)
    assert told(report) == [("choices[0].message.content[0].citations", Severity.LOST)]
    assert report.losses[0].count == 2


def test_structural_events_say_nothing() -> None:
    assert len(said(START, NativeEvent("openai_chat_completions", "chunk", structural=True), *END)) == 3


def test_a_failed_stream_ends_with_an_error_and_what_it_cost() -> None:
    found = said(START, UsageUpdate(Usage(3, output_tokens=2)), StreamFailed(errors.RateLimitError("slow", status=429)))
    assert found[-2]["usage"] == {"input_tokens": 3, "output_tokens": 2}
    assert found[-1] == {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}


def test_what_comes_out_is_read_as_what_went_in() -> None:
    parts = (TextPart("a"), ToolCallPart("t", "f", '{"a":1}'), ReasoningPart("hm", "s"))
    encoder, decoder = CODEC.stream_encoder(report=Report()), CODEC.stream_decoder()
    whole = [START, *(PartStart(i, part) for i, part in enumerate(parts)), *END]
    found = [event for one in whole for frame in encoder.feed(one) for event in decoder.feed(frame)]
    assert collect([*found, *decoder.finish()]).message.parts == parts


@pytest.mark.parametrize(
    "frame",
    [
        {"novel": 1},
        {"type": "message_start"},
        {"type": "message_start", "message": None},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "refusal", "stop_details": {"type": "refusal", "explanation": "no"}},
        },
    ],
)
def test_an_odd_frame_of_this_wire_comes_back_as_it_was(frame: dict[str, Any]) -> None:
    """Without a type, without a message; a stop that is explained is no block."""
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder(report=Report(strict=True))
    (again,) = encoder.feed(*decoder.feed(ServerSentEvent("", json.dumps(frame))))
    assert json.loads(again.raw) == frame


def test_an_edited_explanation_is_said_in_its_own_frame() -> None:
    frame = {"type": "message_delta", "delta": {"stop_details": {"type": "refusal", "explanation": "no"}}}
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder()
    events = decoder.feed(ServerSentEvent("", json.dumps(frame)))
    events[0] = PartStart(0, RefusalPart("sorry"), native=events[0].native)
    (again,) = encoder.feed(*events)
    assert json.loads(again.raw)["delta"]["stop_details"] == {"type": "refusal", "explanation": "sorry"}
