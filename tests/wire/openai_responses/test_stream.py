"""Streams into events: parts addressed by item and content, look-alikes that leave the addresses out, ends and
errors; and any stream comes back as it was, however its bytes were cut."""

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
    RefusalDelta,
    RefusalPart,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
    collect,
)
from minillm.wire import get_codec
from minillm.wire.sse import ServerSentEvent, UnterminatedEvent
from tests.wire.openai_responses import bodies
from tests.wire.streaming import assert_stream_laws

WIRE = "openai_responses"
CODEC = get_codec(WIRE)
START = {"type": "response.created", "response": {"id": "resp_1", "model": "m", "created_at": 5}}


def added(item: dict[str, Any], place: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": place, "item": item}


def opened(part: dict[str, Any], place: int = 0, number: int = 0) -> dict[str, Any]:
    return {"type": "response.content_part.added", "output_index": place, "content_index": number, "part": part}


def delta(kind: str, piece: str, place: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "output_index": place, "delta": piece, **more}


def done(item: dict[str, Any], place: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": place, "item": item}


def ended(*items: dict[str, Any], kind: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "response": {"status": kind, "output": list(items), **fields}}


def events(*frames: dict[str, Any] | bytes) -> list[StreamEvent]:
    decoder = CODEC.stream_decoder(native=False)
    raws = [frame if isinstance(frame, bytes) else json.dumps(frame).encode() for frame in frames]
    return [event for raw in raws for event in decoder.feed(ServerSentEvent("", raw))] + decoder.finish()


MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
TEXT = {"type": "output_text", "text": "", "annotations": []}
CALL = {"id": "fc_1", "type": "function_call", "call_id": "c", "name": "f", "arguments": ""}


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.STREAMS, st.lists(st.integers(0, 5000), max_size=5), st.booleans())
def test_any_stream_comes_back_as_it_was(frames: list[dict[str, Any]], places: list[int], named: bool) -> None:
    """However its bytes were cut, and whether or not its events are named (llama.cpp names them, others do not)."""
    assert_stream_laws(WIRE, frames, places, named=named)


def test_a_plain_stream() -> None:
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    whole = {**MESSAGE, "content": [{**TEXT, "text": "hi"}]}
    found = events(
        START,
        {**START, "type": "response.in_progress"},
        added(MESSAGE),
        opened(TEXT),
        delta("output_text", "h", content_index=0),
        delta("output_text", "i", content_index=0),
        done(whole),
        ended(whole, usage=usage),
    )
    assert [event for event in found if not isinstance(event, NativeEvent)] == [
        MessageStart("resp_1", "m", 5),
        PartStart(0, TextPart("")),
        TextDelta(0, "h"),
        TextDelta(0, "i"),
        PartEnd(0, TextPart("hi")),
        UsageUpdate(Usage(3, output_tokens=2)),
        Finish(0, FinishReason.STOP, "completed"),
        MessageEnd(collect(found).message),
    ]
    assert all(event.structural for event in found if isinstance(event, NativeEvent))
    assert collect(found).message.parts == (TextPart("hi"),)


def test_several_contents_of_one_message_are_parts_of_their_own() -> None:
    said = {**MESSAGE, "content": [{**TEXT, "text": "a"}, {"type": "refusal", "refusal": "no"}]}
    found = events(
        START,
        added(MESSAGE),
        opened(TEXT),
        opened({"type": "refusal", "refusal": ""}, number=1),
        delta("output_text", "a", content_index=0),
        delta("refusal", "no", content_index=1),
        done(said),
        ended(),
    )
    assert [event for event in found if isinstance(event, TextDelta | RefusalDelta)] == [
        TextDelta(0, "a"),
        RefusalDelta(1, "no"),
    ]
    assert collect(found).message.parts == (TextPart("a"), RefusalPart("no"))
    assert collect(found).finish_reason is FinishReason.REFUSAL


def test_calls_side_by_side() -> None:
    custom = {"id": "ctc_1", "type": "custom_tool_call", "call_id": "d", "name": "g", "input": ""}
    found = events(
        START,
        added(CALL),
        added(custom, 1),
        delta("custom_tool_call_input", "select", 1),
        delta("function_call_arguments", '{"a"'),
        delta("function_call_arguments", ":1}"),
        ended(),
    )
    assert [event for event in found if isinstance(event, ToolCallDelta)] == [
        ToolCallDelta(1, "select"),
        ToolCallDelta(0, '{"a"'),
        ToolCallDelta(0, ":1}"),
    ]
    assert collect(found).tool_calls == (
        ToolCallPart("c", "f", '{"a":1}'),
        ToolCallPart("d", "g", "select", "custom"),
    )
    assert collect(found).finish_reason is FinishReason.TOOL_CALLS


def test_a_call_that_came_whole_is_not_said_again_by_its_deltas() -> None:
    found = events(START, added({**CALL, "arguments": '{"a":1}'}), delta("function_call_arguments", '{"a":1}'), ended())
    (call,) = collect(found).tool_calls
    assert call.arguments == '{"a":1}'


def test_segments_of_reasoning_are_joined_by_a_blank_line_and_sealed_at_the_end() -> None:
    item = {"id": "rs_1", "type": "reasoning", "summary": []}
    segments = [{"type": "summary_text", "text": text} for text in ("a", "b")]
    found = events(
        START,
        added(item),
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 0},
        delta("reasoning_summary_text", "a", summary_index=0),
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 1},
        delta("reasoning_summary_text", "b", summary_index=1),
        done({**item, "summary": segments, "encrypted_content": "x"}),
        ended(),
    )
    assert "".join(event.delta for event in found if isinstance(event, ReasoningDelta)) == "a\n\nb"
    assert collect(found).message.parts == (ReasoningPart("a\n\nb", sealed="x"),)


def test_token_probabilities_and_citations_belong_to_their_text() -> None:
    cited = {"type": "url_citation", "url": "https://x.test", "title": "t", "start_index": 0, "end_index": 1}
    token = {"token": "a", "logprob": -0.5, "top_logprobs": []}
    found = events(
        START,
        added(MESSAGE),
        opened(TEXT),
        delta("output_text", "a", content_index=0, logprobs=[token]),
        {"type": "response.output_text.annotation.added", "output_index": 0, "content_index": 0, "annotation": cited},
        ended(),
    )
    assert TextDelta(0, "a", (TokenLogprob("a", -0.5),)) in found
    assert CitationAdded(0, Citation("https://x.test", "t", None, 0, 1)) in found


def test_a_tool_of_the_host_is_whole_at_its_end() -> None:
    search = {"id": "ws_1", "type": "web_search_call", "status": "in_progress"}
    step = {"type": "response.web_search_call.searching", "output_index": 0, "item_id": "ws_1"}
    found = events(START, added(search), step, done({**search, "status": "completed"}), ended())
    assert collect(found).message.parts == (NativePart(WIRE, {**search, "status": "completed"}),)
    assert all(event.structural for event in found if isinstance(event, NativeEvent))


def test_look_alikes_leave_the_addresses_out() -> None:
    """llama.cpp sends neither indices nor sequence numbers with its deltas."""
    found = events(
        START,
        {"type": "response.output_item.added", "item": MESSAGE},
        {"type": "response.content_part.added", "part": TEXT},
        {"type": "response.output_text.delta", "delta": "a"},
        {"type": "response.output_text.delta", "delta": "b"},
        ended(),
    )
    assert collect(found).text == "ab"
    assert [type(event) for event in found].count(PartStart) == 1


def test_a_delta_of_a_part_that_nobody_opened_opens_it() -> None:
    found = events(
        START, delta("output_text", "a", content_index=0), delta("refusal", "b", 1, content_index=0), ended()
    )
    assert collect(found).message.parts == (TextPart("a"), RefusalPart("b"))


def test_the_final_answer_holds_what_was_never_streamed() -> None:
    whole = {**MESSAGE, "content": [{**TEXT, "text": "hi"}]}
    assert collect(events(START, ended(whole))).text == "hi"
    assert collect(events(START, done(whole), ended())).text == "hi"


def test_an_empty_snapshot_erases_nothing() -> None:
    assert collect(events(START, opened(TEXT), delta("output_text", "a", content_index=0), ended())).text == "a"


def test_a_whole_answer_in_place_of_events_is_one() -> None:
    whole = {"object": "response", "status": "completed", "output": [{**MESSAGE, "content": [{**TEXT, "text": "a"}]}]}
    assert collect(events(whole)).text == "a"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, FinishReason.LENGTH),
        ({"kind": "incomplete", "incomplete_details": {"reason": "content_filter"}}, FinishReason.CONTENT_FILTER),
        ({"kind": "incomplete"}, FinishReason.UNKNOWN),
        ({"kind": "cancelled"}, FinishReason.CANCELLED),
        ({}, FinishReason.STOP),
    ],
)
def test_why_it_ended(fields: dict[str, Any], reason: FinishReason) -> None:
    assert collect(events(START, ended(**fields))).finish_reason is reason


def test_an_error_is_raised_with_what_came_before_it() -> None:
    """The counts may follow it, in response.failed."""
    failed = ended(kind="failed", error={"code": "server_error", "message": "m"}, usage={"input_tokens": 3})
    error = {"type": "error", "code": "server_error", "message": "m", "param": None}
    with pytest.raises(errors.ServerError) as caught:
        collect(events(START, opened(TEXT), delta("output_text", "a", content_index=0), error, failed))
    assert caught.value.partial is not None
    assert (caught.value.partial.text, caught.value.partial.usage) == ("a", Usage(3))


@pytest.mark.parametrize("nested", [False, True])
def test_an_error_that_ends_the_stream_is_typed(nested: bool) -> None:
    said = {"code": "rate_limit_exceeded", "message": "slow", "param": None}
    (*_, last) = events(START, {"type": "error", "error": said} if nested else {"type": "error", **said})
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.RateLimitError)


@pytest.mark.parametrize("frames", [(), (START,), (START, opened(TEXT), delta("output_text", "a"))])
def test_without_its_end_a_stream_was_cut(frames: Any) -> None:
    (*_, last) = events(*frames)
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.StreamInterrupted)
    assert last.error.retryable


@pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b'"a"', b"\xff"])
def test_a_frame_that_cannot_be_read_is_the_peer_s_fault(raw: bytes) -> None:
    (*_, last) = events(START, raw, ended())
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.DecodeError)
    assert last.error.retryable


def test_a_frame_cut_at_the_end_of_the_bytes_is_a_cut_stream() -> None:
    decoder = CODEC.stream_decoder()
    assert decoder.feed(UnterminatedEvent("", b'{"type":"resp')) == []
    (last,) = decoder.finish()
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.StreamInterrupted)


def test_what_follows_the_end_is_passed_over() -> None:
    found = events(START, ended(), b"[DONE]", START)
    assert isinstance(found[-1], MessageEnd)
    assert not isinstance(found[-2], MessageStart)


@pytest.mark.parametrize("kind", ["keepalive", "response.metadata"])
def test_what_only_keeps_the_line_open_is_structure(kind: str) -> None:
    (found,) = [event for event in events({"type": kind}) if isinstance(event, NativeEvent)]
    assert found.structural


def test_an_event_that_nobody_knows_is_kept() -> None:
    (found,) = [event for event in events({"type": "response.novel", "x": 1}) if isinstance(event, NativeEvent)]
    assert (found.name, found.structural) == ("response.novel", False)
