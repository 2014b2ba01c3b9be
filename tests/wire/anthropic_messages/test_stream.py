"""Streams into events: one block after another, counts that grow, and streams that break off."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minillm import errors
from minillm.types import (
    Citation,
    CitationAdded,
    Finish,
    FinishReason,
    MessageEnd,
    MessageStart,
    NativeEvent,
    NativePart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
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
from minillm.wire.sse import ServerSentEvent, UnterminatedEvent
from tests.wire.anthropic_messages import bodies
from tests.wire.streaming import assert_stream_laws

CODEC = get_codec("anthropic_messages")
START = {"type": "message_start", "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 3}}}
STOP = {"type": "message_stop"}


def opened(block: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(kind: str, index: int = 0, **said: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **said}}


def closed(index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def ended(reason: str | None = "end_turn", **usage: int) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


def events(*frames: dict[str, Any] | bytes) -> list[StreamEvent]:
    decoder = CODEC.stream_decoder(native=False)
    raws = [frame if isinstance(frame, bytes) else json.dumps(frame).encode() for frame in frames]
    return [event for raw in raws for event in decoder.feed(ServerSentEvent("", raw))] + decoder.finish()


TEXT = {"type": "text", "text": ""}
CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {}}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.STREAMS, st.lists(st.integers(0, 5000), max_size=5))
def test_any_stream_comes_back_as_it_was(frames: list[dict[str, Any]], places: list[int]) -> None:
    """However its bytes were cut."""
    assert_stream_laws(CODEC.name, frames, places)


def test_a_plain_stream() -> None:
    found = events(
        START, opened(TEXT), {"type": "ping"}, delta("text_delta", text="hi"), closed(), ended(output_tokens=2), STOP
    )
    assert found == [
        MessageStart("msg_1", "m", None, Usage(uncached_tokens=3)),
        PartStart(0, TextPart("")),
        NativeEvent("anthropic_messages", "ping", {"type": "ping"}, structural=True),
        TextDelta(0, "hi"),
        PartEnd(0),
        UsageUpdate(Usage(output_tokens=2)),
        Finish(0, FinishReason.STOP, "end_turn"),
        MessageEnd(),
    ]
    assert collect(found).usage == Usage(uncached_tokens=3, output_tokens=2)


def test_thinking_with_its_signature_and_a_redacted_block() -> None:
    found = events(
        START,
        opened({"type": "thinking", "thinking": "", "signature": ""}),
        delta("thinking_delta", thinking="hm"),
        delta("signature_delta", signature="sig"),
        closed(),
        opened({"type": "redacted_thinking", "data": "d"}, 1),
        closed(1),
        ended(),
        STOP,
    )
    assert ReasoningDelta(0, "hm") in found
    assert SignatureDelta(0, "sig") in found
    assert collect(found).message.parts == (ReasoningPart("hm", "sig"), ReasoningPart(sealed="d"))


def test_a_call_in_pieces_and_one_without_any() -> None:
    found = events(
        START,
        opened(CALL),
        delta("input_json_delta", partial_json='{"a"'),
        delta("input_json_delta", partial_json=":1}"),
        closed(),
        opened({**CALL, "id": "u"}, 1),
        closed(1),
        ended("tool_use"),
        STOP,
    )
    assert [event.delta for event in found if isinstance(event, ToolCallDelta)] == ['{"a"', ":1}"]
    assert collect(found).tool_calls == (ToolCallPart("t", "f", '{"a":1}'), ToolCallPart("u", "f"))


@pytest.mark.parametrize("reason", ["max_tokens", "tool_use"])
def test_a_call_cut_inside_its_arguments_must_not_be_run(reason: str) -> None:
    found = events(START, opened(CALL), delta("input_json_delta", partial_json='{"a'), closed(), ended(reason), STOP)
    (call,) = collect(found).tool_calls
    assert (call.arguments, call.incomplete) == ('{"a', True)


@pytest.mark.parametrize(("reason", "incomplete"), [("max_tokens", True), ("tool_use", False)])
def test_a_call_whose_arguments_never_came(reason: str, incomplete: bool) -> None:
    (call,) = collect(events(START, opened(CALL), closed(), ended(reason), STOP)).tool_calls
    assert call.incomplete is incomplete


def test_a_second_answer_spliced_into_the_first_leaves_its_call_incomplete() -> None:
    found = events(
        START, opened(CALL), delta("input_json_delta", partial_json='{"a'), START, opened(TEXT), closed(), ended(), STOP
    )
    assert [event.index for event in found if isinstance(event, PartStart)] == [0, 1]
    (call,) = collect(found).tool_calls
    assert (call.arguments, call.incomplete) == ('{"a', True)


def test_a_server_s_tool_is_whole_when_its_block_ends() -> None:
    block = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    found = events(START, opened(block), delta("input_json_delta", partial_json='{"q":1}'), closed(), ended(), STOP)
    assert collect(found).message.parts == (NativePart("anthropic_messages", {**block, "input": {"q": 1}}),)
    assert all(event.structural for event in found if isinstance(event, NativeEvent))


def test_citations_come_while_a_text_is_open() -> None:
    citation = {"type": "char_location", "cited_text": "c", "document_title": "t", "start_char_index": 0}
    found = events(START, opened(TEXT), delta("citations_delta", citation=citation), closed(), ended(), STOP)
    assert CitationAdded(0, Citation(title="t", text="c")) in found


def test_a_refusal_that_is_explained_is_a_part() -> None:
    said = {"stop_reason": "refusal", "stop_details": {"type": "refusal", "explanation": "no"}}
    found = events(START, {"type": "message_delta", "delta": said, "usage": {}}, STOP)
    assert collect(found).message.parts == (RefusalPart("no"),)
    assert collect(found).finish_reason is FinishReason.REFUSAL


def test_counts_overwrite_what_they_name_and_keep_the_rest() -> None:
    first = {"input_tokens": 3, "cache_creation_input_tokens": 7, "cache_creation": {"ephemeral_1h_input_tokens": 7}}
    start = {"type": "message_start", "message": {"usage": {**first, "output_tokens": 1}}}
    decoder = CODEC.stream_decoder()
    for frame in (start, ended(None, input_tokens=5), ended(cache_creation_input_tokens=7, output_tokens=20), STOP):
        decoder.feed(ServerSentEvent("", json.dumps(frame)))
    assert decoder.usage == Usage(5, None, {"1h": 7}, None, 20)


def test_an_error_in_the_stream_is_typed_and_nothing_follows_it() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    found = events(START, opened(TEXT), delta("text_delta", text="a"), error, STOP)
    assert isinstance(found[-1], StreamFailed)
    with pytest.raises(errors.ServerError) as caught:
        collect(found)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"
    assert caught.value.retryable


@pytest.mark.parametrize("frames", [(), (START,), (START, opened(TEXT), delta("text_delta", text="a"), ended())])
def test_without_its_end_a_stream_was_cut(frames: Any) -> None:
    (*_, last) = events(*frames)
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.StreamInterrupted)
    assert last.error.retryable


@pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b'"a"', b"\xff"])
def test_a_frame_that_cannot_be_read_is_the_peer_s_fault(raw: bytes) -> None:
    found = events(START, raw, STOP)
    assert isinstance(found[-1], StreamFailed)
    assert isinstance(found[-1].error, errors.DecodeError)
    assert found[-1].error.retryable


def test_a_frame_cut_at_the_end_of_the_bytes_is_a_cut_stream() -> None:
    decoder = CODEC.stream_decoder()
    assert decoder.feed(UnterminatedEvent("", b'{"type":"mess')) == []
    (last,) = decoder.finish()
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.StreamInterrupted)


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "novel", "x": 1},
        {},
        {"type": ["x"]},
        delta("novel_delta", x=1),
        delta("text_delta", index=7, text="a"),
        delta("text_delta", text=1),
        {"type": "content_block_delta"},
        closed(9),
        {"type": "message_delta"},
    ],
)
def test_a_frame_that_nobody_knows_is_kept_and_ends_nothing(frame: dict[str, Any]) -> None:
    found = events(START, opened(TEXT), frame, delta("text_delta", text="a"), closed(), ended(), STOP)
    assert any(isinstance(event, NativeEvent) for event in found)
    assert collect(found).text == "a"


def test_a_block_that_is_none_is_the_peer_s_fault() -> None:
    found = events(START, opened({"type": "tool_use"}))
    assert isinstance(found[-1], StreamFailed)
    assert isinstance(found[-1].error, errors.DecodeError)


def test_what_follows_the_end_is_passed_over() -> None:
    found = events(START, ended(), STOP, b"[DONE]", START)
    assert isinstance(found[-1], MessageEnd)
