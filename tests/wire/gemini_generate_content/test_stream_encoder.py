"""Events from elsewhere into chunks: nothing but data, calls whole, what came beside the text at the end."""

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

CODEC = get_codec("gemini_generate_content")
FOREIGN = Native("anthropic_messages", {})


def frames(*events: StreamEvent, report: Report | None = None) -> list[ServerSentEvent]:
    encoder = CODEC.stream_encoder(report=Report(strict=True) if report is None else report)
    return [frame for event in events for frame in encoder.feed(event)] + encoder.finish()


def said(*events: StreamEvent, report: Report | None = None) -> list[dict[str, Any]]:
    return [json.loads(frame.raw) for frame in frames(*events, report=report)]


def parts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All parts but the blank one of the last chunk, which the vendor sends as well."""
    listed = [part for chunk in found for part in chunk["candidates"][0]["content"]["parts"]]
    return [part for part in listed if part != {"text": ""}]


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


START = MessageStart("r", "m")
END = (Finish(0, FinishReason.STOP, "stop"), MessageEnd())


def test_a_plain_stream() -> None:
    head = {"modelVersion": "m", "responseId": "r"}

    def candidate(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, "index": 0, **more}], **head}

    counts = UsageUpdate(Usage(3, output_tokens=2))
    assert said(START, PartStart(0, TextPart("")), TextDelta(0, "h"), TextDelta(0, "i"), counts, *END) == [
        candidate({"text": "h"}),
        candidate({"text": "i"}),
        {
            **candidate({"text": ""}, finishReason="STOP"),  # chats of its clients forget a turn without
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
        },
    ]


def test_nothing_but_data_is_sent() -> None:
    """The vendor's client breaks on names, comments and [DONE]."""
    assert [frame.event for frame in frames(START, PartStart(0, TextPart("")), TextDelta(0, "a"), *END)] == ["", ""]


def test_a_call_goes_out_when_its_arguments_are_whole() -> None:
    encoder = CODEC.stream_encoder(report=Report(strict=True))
    assert encoder.feed(START) == encoder.feed(PartStart(0, ToolCallPart("t", "f"))) == []
    assert encoder.feed(ToolCallDelta(0, '{"a"')) == encoder.feed(ToolCallDelta(0, ":1}")) == []
    (frame,) = encoder.feed(PartEnd(0))
    assert parts([json.loads(frame.raw)]) == [{"functionCall": {"name": "f", "id": "t", "args": {"a": 1}}}]


def test_interleaved_calls_keep_their_order() -> None:
    found = said(
        START,
        PartStart(4, ToolCallPart("a", "f")),
        PartStart(7, ToolCallPart("b", "g")),
        ToolCallDelta(7, '{"y":2}'),
        ToolCallDelta(4, '{"x":1}'),
        *END,
    )
    assert [part["functionCall"]["args"] for part in parts(found)] == [{"x": 1}, {"y": 2}]


def test_a_free_text_call_goes_as_an_object() -> None:
    report = Report(strict=True)
    call = PartStart(0, ToolCallPart("t", "sql", kind="custom"))
    found = said(START, call, ToolCallDelta(0, "select"), PartEnd(0), *END, report=report)
    assert parts(found)[0]["functionCall"]["args"] == {"input": "select"}
    assert told(report) == [("choices[0].message.content[0]", Severity.DEGRADED)]


def test_thoughts_are_marked_and_foreign_seals_stay_behind() -> None:
    report = Report(strict=True)
    seal = SignatureDelta(0, "s", native=FOREIGN)
    found = said(START, PartStart(0, ReasoningPart("")), ReasoningDelta(0, "hm"), seal, *END, report=report)
    assert parts(found) == [{"text": "hm", "thought": True}]
    assert told(report) == [("choices[0].message.content[0].signature", Severity.NOTE)]


def test_a_signature_of_this_wire_is_said_behind_its_text() -> None:
    signed = TextPart("", signature="s", native=Native("gemini_generate_content", {}))
    found = said(START, PartStart(0, signed), TextDelta(0, "a"), PartEnd(0), *END)
    assert parts(found) == [{"text": "a"}, {"text": "", "thoughtSignature": "s"}]


def test_sources_are_said_at_the_end_in_bytes() -> None:
    report = Report()
    cited = (CitationAdded(0, Citation("https://a.test", "A", None, 2, 3)), CitationAdded(0, Citation(title="page")))
    found = said(START, PartStart(0, TextPart("")), TextDelta(0, "ö"), TextDelta(0, " b"), *cited, *END, report=report)
    source = {"uri": "https://a.test", "title": "A", "startIndex": 3, "endIndex": 4}
    assert found[-1]["candidates"][0]["citationMetadata"] == {"citationSources": [source]}
    assert told(report) == [("choices[0].message.content", Severity.LOST)]


def test_a_refusal_is_told_beside_the_reason() -> None:
    found = said(START, PartStart(0, RefusalPart("")), RefusalDelta(0, "n"), RefusalDelta(0, "o"), *END)
    (candidate,) = found[-1]["candidates"]
    assert (candidate["finishReason"], candidate["finishMessage"]) == ("SAFETY", "no")


def test_media_come_whole() -> None:
    picture = ImagePart("image/png", "AAAA")
    assert parts(said(START, PartStart(0, picture), *END)) == [
        {"inlineData": {"data": "AAAA", "mimeType": "image/png"}}
    ]


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (NativeEvent("anthropic_messages", "novel", {"a": 1}), "stream"),
        (TextDelta(0, "b", choice=1), "choices[1]"),
    ],
)
def test_what_has_no_form_here_is_lost_once(event: StreamEvent, place: str) -> None:
    report = Report()
    said(START, event, *END, report=report)
    assert told(report) == [(place, Severity.LOST)]


def test_a_failed_stream_ends_with_an_error_and_what_it_cost() -> None:
    found = said(START, UsageUpdate(Usage(3)), StreamFailed(errors.RateLimitError("slow", status=429)))
    assert found[-2]["usageMetadata"] == {"promptTokenCount": 3}
    assert found[-1] == {"error": {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED"}}


def test_what_comes_out_is_read_as_what_went_in() -> None:
    wanted = (TextPart("a"), ToolCallPart("t", "f", '{"a":1}'), ReasoningPart("hm"), TextPart("b"))
    encoder, decoder = CODEC.stream_encoder(report=Report()), CODEC.stream_decoder()
    whole = [START, *(PartStart(i, part) for i, part in enumerate(wanted)), *END]
    found = [event for one in whole for frame in encoder.feed(one) for event in decoder.feed(frame)]
    assert collect([*found, *decoder.finish()]).message.parts == wanted


def test_a_second_finish_reason_of_this_wire_is_neither_lost_nor_said_again() -> None:
    """Every chunk of a host may carry one; the last one holds."""
    first = {"candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}, "finishReason": "STOP"}]}
    second = {"candidates": [{"content": {"role": "model", "parts": []}, "finishReason": "MAX_TOKENS"}]}
    report = Report(strict=True)
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder(report=report)
    found = [
        frame
        for chunk in (first, second)
        for frame in encoder.feed(*decoder.feed(ServerSentEvent("", json.dumps(chunk))))
    ]
    found += [*encoder.feed(*decoder.finish()), *encoder.finish()]
    assert [json.loads(frame.raw) for frame in found] == [first, second]
    assert report.losses == ()


@pytest.mark.parametrize(
    ("arguments", "runs"), [('{"x":', False), ("", False), ('{"x":1}', True)], ids=["inside", "before", "whole"]
)
def test_a_call_in_which_the_source_broke_off_is_not_said_as_one_to_run(arguments: str, runs: bool) -> None:
    """Calls go whole on this wire, so a client would run it before it reads the error."""
    report = Report()
    encoder = CODEC.stream_encoder(report=report)
    events = [
        MessageStart("r", "m"),
        PartStart(0, ToolCallPart("t", "f")),
        ToolCallDelta(0, arguments),
        StreamFailed(errors.StreamInterrupted("cut")),
    ]
    out = b"".join(frame.raw for event in events for frame in encoder.feed(event))
    assert (b"functionCall" in out) is runs
    assert b"error" in out
    assert [loss.what for loss in report.losses] == ([] if runs else ["tool call"])
