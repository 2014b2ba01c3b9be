"""What the vendors' own clients trip over, seen in our frames; tests/peers shows them tripping."""

import json
from typing import Any

import pytest

from minillm.report import Report, Severity
from minillm.types import (
    ChatResponse,
    Choice,
    Citation,
    CitationAdded,
    Finish,
    FinishReason,
    Message,
    MessageEnd,
    MessageStart,
    Native,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    Role,
    SignatureDelta,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    collect,
)
from minillm.wire import WIRES, get_codec

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES
BARE = ToolCallPart("call_1", "get_time", "")


def frames(wire: str, *events: StreamEvent, report: Report | None = None) -> list[Any]:
    encoder = get_codec(wire).stream_encoder(report=Report(strict=True) if report is None else report)
    sent = [frame for event in events for frame in encoder.feed(event)] + encoder.finish()
    return [json.loads(frame.raw) for frame in sent if frame.raw != b"[DONE]"]


def calling(*events: StreamEvent, reason: FinishReason = FinishReason.TOOL_CALLS) -> list[StreamEvent]:
    return [MessageStart("x", "m"), *events, Finish(0, reason), MessageEnd()]


def arguments(said: list[Any]) -> dict[int, str]:
    """The arguments of each call of a Chat stream, put together."""
    found: dict[int, str] = {}
    for chunk in said:
        for choice in chunk["choices"]:
            for call in choice["delta"].get("tool_calls", []):
                found[call["index"]] = found.get(call["index"], "") + call["function"]["arguments"]
    return found


def test_all_sources_of_a_streamed_answer_go_in_one_chunk() -> None:
    """The Python client adds up lists whose items have an index, and no others."""
    cited = [CitationAdded(0, Citation(url=f"https://example.com/{n}", title="t", start=0, end=1)) for n in (1, 2)]
    start = PartStart(0, TextPart(""))
    said = frames(CHAT, *calling(start, TextDelta(0, "a"), *cited, TextDelta(0, "b"), PartEnd(0)))
    deltas = [choice["delta"] for chunk in said for choice in chunk["choices"]]
    annotated = [delta["annotations"] for delta in deltas if "annotations" in delta]
    assert [[each["url_citation"]["url"] for each in one] for one in annotated] == [
        ["https://example.com/1", "https://example.com/2"]
    ]


def test_a_streamed_call_without_arguments_has_empty_ones_before_the_next_opens() -> None:
    """Clients parse the arguments of a call as soon as another one begins."""
    other = ToolCallPart("call_2", "get_weather")
    events = calling(
        PartStart(0, BARE), PartEnd(0), PartStart(1, other), ToolCallDelta(1, '{"city":"Lisbon"}'), PartEnd(1)
    )
    said = frames(CHAT, *events)
    assert arguments(said) == {0: "{}", 1: '{"city":"Lisbon"}'}
    places = [call["index"] for chunk in said for c in chunk["choices"] for call in c["delta"].get("tool_calls", [])]
    assert places == sorted(places)


def test_calls_that_stream_side_by_side_are_not_closed_early() -> None:
    events = calling(
        PartStart(0, BARE),
        PartStart(1, ToolCallPart("call_2", "get_weather")),
        ToolCallDelta(1, "{}"),
        ToolCallDelta(0, '{"zone":1}'),
    )
    assert arguments(frames(CHAT, *events)) == {0: '{"zone":1}', 1: "{}"}


@pytest.mark.parametrize("wire", [CHAT, RESPONSES])
def test_a_call_cut_before_its_arguments_does_not_become_a_whole_one(wire: str) -> None:
    """An empty object would be run."""
    said = frames(wire, *calling(PartStart(0, BARE), reason=FinishReason.LENGTH))
    assert '"{}"' not in json.dumps(said)


@pytest.mark.parametrize("wire", [CHAT, RESPONSES])
def test_a_whole_call_without_arguments_has_empty_ones(wire: str) -> None:
    answer = ChatResponse("x", "m", (Choice(0, Message(Role.ASSISTANT, (BARE,)), FinishReason.TOOL_CALLS),))
    codec = get_codec(wire)
    body = codec.encode_response(answer, report=Report(strict=True))
    assert codec.decode_response(body).tool_calls[0].arguments == "{}"
    said = frames(wire, *calling(PartStart(0, BARE), PartEnd(0)))
    assert '"{}"' in json.dumps(said)


def test_arguments_that_came_empty_go_back_empty() -> None:
    """Some hosts send an empty text; on the same wire it stays one."""
    call = {"id": "call_1", "type": "function", "function": {"name": "get_time", "arguments": ""}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}, message]}
    codec = get_codec(CHAT)
    request = codec.decode_request(body)
    assert request.messages[1].tool_calls[0].arguments == ""
    assert codec.encode_request(request) == body


def test_a_signature_streamed_behind_a_thought_is_kept_for_gemini() -> None:
    thought = [PartStart(0, ReasoningPart("")), ReasoningDelta(0, "Hm."), SignatureDelta(0, "c2VhbA=="), PartEnd(0)]
    call = [PartStart(1, BARE), SignatureDelta(1, "Y2FsbA=="), PartEnd(1)]
    said = frames(GEMINI, *calling(*thought, *call))
    parts = [part for chunk in said for part in chunk["candidates"][0]["content"]["parts"]]
    assert [part.get("thoughtSignature") for part in parts] == [None, "c2VhbA==", "Y2FsbA==", None]


def test_the_last_chunk_for_gemini_has_a_part_where_the_answer_had_one() -> None:
    """A chat of the official clients forgets a turn with a chunk without parts; an empty answer stays empty."""
    answered = frames(GEMINI, *calling(PartStart(0, TextPart("")), TextDelta(0, "a"), PartEnd(0)))
    assert answered[-1]["candidates"][0]["content"]["parts"] == [{"text": ""}]
    assert frames(GEMINI, *calling())[-1]["candidates"][0]["content"]["parts"] == []


@pytest.mark.parametrize("wire", [ANTHROPIC, GEMINI])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
def test_a_seal_of_another_vendor_is_not_said(wire: str, whole: bool) -> None:
    """Neither where it comes with the part, nor where it comes behind it."""
    foreign = Native(CHAT, {})
    shell = ReasoningPart("Hm.", "theirs" if whole else None, native=foreign)
    behind = [] if whole else [SignatureDelta(0, "theirs", native=foreign)]
    report = Report()
    said = frames(wire, *calling(PartStart(0, shell), *behind, PartEnd(0)), report=report)
    assert "theirs" not in json.dumps(said)
    assert [loss.severity for loss in report.losses] == [Severity.NOTE]


@pytest.mark.parametrize("wire", WIRES)
def test_a_streamed_call_without_arguments_is_read_again_as_one(wire: str) -> None:
    codec = get_codec(wire)
    encoder, decoder = codec.stream_encoder(report=Report(strict=True)), codec.stream_decoder()
    sent = [f for event in calling(PartStart(0, BARE), PartEnd(0)) for f in encoder.feed(event)] + encoder.finish()
    read = collect([event for frame in sent for event in decoder.feed(frame)] + decoder.finish())
    assert [(call.name, call.parse_arguments()) for call in read.tool_calls] == [("get_time", {})]
    assert read.finish_reason is FinishReason.TOOL_CALLS
