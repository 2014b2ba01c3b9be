"""Streams into events: text and thoughts that grow, whole calls and calls in pieces, counts, ends and errors."""

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
from minillm.wire.gemini_generate_content.partial_call import PartialCall
from minillm.wire.sse import ServerSentEvent, UnterminatedEvent
from tests.wire.gemini_generate_content import bodies
from tests.wire.streaming import assert_stream_laws

CODEC = get_codec("gemini_generate_content")
STOP = {"candidates": [{"finishReason": "STOP"}]}


def chunk(*parts: dict[str, Any], **candidate: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **candidate}]}


def events(*chunks: Any) -> list[StreamEvent]:
    decoder = CODEC.stream_decoder(native=False)
    raws = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in chunks]
    return [event for raw in raws for event in decoder.feed(ServerSentEvent("", raw))] + decoder.finish()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies.STREAMS, st.lists(st.integers(0, 5000), max_size=5))
def test_any_stream_comes_back_as_it_was(frames: list[dict[str, Any]], places: list[int]) -> None:
    """However its bytes were cut."""
    assert_stream_laws(CODEC.name, frames, places)


def test_a_plain_stream() -> None:
    first = chunk({"text": "h"}) | {"modelVersion": "m", "responseId": "r", "usageMetadata": {"promptTokenCount": 3}}
    last = chunk({"text": "i"}, finishReason="STOP") | {"usageMetadata": {"candidatesTokenCount": 2}}
    found = events(first, last)
    assert found == [
        MessageStart("r", "m"),
        PartStart(0, TextPart("")),
        TextDelta(0, "h"),
        UsageUpdate(Usage(3)),
        TextDelta(0, "i"),
        Finish(0, FinishReason.STOP, "STOP"),
        UsageUpdate(Usage(3, output_tokens=2)),
        MessageEnd(),
    ]


def test_a_change_of_kind_opens_a_new_part() -> None:
    found = events(
        chunk({"text": "h", "thought": True}),
        chunk({"text": "m", "thought": True}, {"text": "a"}),
        chunk({"text": "b"}),
        STOP,
    )
    assert [event.delta for event in found if isinstance(event, ReasoningDelta)] == ["h", "m"]
    assert collect(found).message.parts == (ReasoningPart("hm"), TextPart("ab"))
    assert [type(event) for event in found].count(PartEnd) == 1


def test_a_signed_part_is_never_merged() -> None:
    found = events(
        chunk({"text": "a"}), chunk({"text": "b", "thoughtSignature": "s"}, {"text": "c"}), chunk({"text": "d"}), STOP
    )
    assert collect(found).message.parts == (TextPart("a"), TextPart("b", signature="s"), TextPart("cd"))


def test_a_signature_may_come_with_nothing_but_itself() -> None:
    found = events(chunk({"text": "a"}), chunk({"text": "", "thoughtSignature": "s"}, finishReason="STOP"))
    assert collect(found).message.parts == (TextPart("a"), TextPart("", signature="s"))


def test_an_empty_piece_opens_nothing() -> None:
    assert collect(events(chunk({"text": ""}, finishReason="STOP"))).message.parts == ()


def test_calls_come_whole_and_turn_stop_into_tool_calls() -> None:
    call = {"functionCall": {"id": "c", "name": "f", "args": {"a": 1}}, "thoughtSignature": "s"}
    found = events(chunk(call), chunk({"functionCall": {"name": "g"}}), STOP)
    first, second = collect(found).tool_calls
    assert first == ToolCallPart("c", "f", '{"a":1}', signature="s")
    assert (second.name, second.arguments, second.id[:5]) == ("g", "", "call_")
    assert collect(found).finish_reason is FinishReason.TOOL_CALLS


def test_a_call_in_pieces() -> None:
    """Vertex, where streamed arguments were asked for."""
    pieces = [
        {"name": "f", "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "Bos", "willContinue": True}], "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "ton"}], "willContinue": True},
        {},
    ]
    found = events(*(chunk({"functionCall": piece}) for piece in pieces), chunk({"functionCall": {"name": "g"}}), STOP)
    assert [event.delta for event in found if isinstance(event, ToolCallDelta)] == ['{"city":"Boston"}']
    assert [(call.name, call.arguments) for call in collect(found).tool_calls] == [
        ("f", '{"city":"Boston"}'),
        ("g", ""),
    ]


def test_a_call_cut_inside_its_pieces_must_not_be_run() -> None:
    opened = chunk({"functionCall": {"name": "f", "willContinue": True}})
    piece = chunk({"functionCall": {"partialArgs": [{"jsonPath": "$.a", "numberValue": 1}], "willContinue": True}})
    with pytest.raises(errors.StreamInterrupted) as caught:
        collect(events(opened, piece))
    assert caught.value.response is not None
    (call,) = caught.value.response.tool_calls
    assert (call.arguments, call.incomplete) == ('{"a":1}', True)


@pytest.mark.parametrize(
    ("pieces", "arguments"),
    [
        ([("$.a.b", "stringValue", "x"), ("$.a.c[1]", "boolValue", True)], '{"a":{"b":"x","c":[null,true]}}'),
        ([("$['a'].b", "numberValue", 1.5)], '{"a":{"b":1.5}}'),
        ([("$.a", "nullValue", "NULL_VALUE")], '{"a":null}'),
        ([("$.l[0].x", "stringValue", "a"), ("$.l[0].x", "stringValue", "b")], '{"l":[{"x":"ab"}]}'),
        ([("$.a", "stringValue", "x"), ("$.a.b", "stringValue", "y")], '{"a":{"b":"y"}}'),  # contradicts itself
        ([("$", "stringValue", "x"), ("", "stringValue", "x")], ""),
        ([("$.l[99999999]", "stringValue", "x")], '{"l":[]}'),  # no list of that length is made
    ],
)
def test_pieces_are_put_where_their_path_says(pieces: list[tuple[str, str, Any]], arguments: str) -> None:
    call = PartialCall(0, ToolCallPart("c", "f"))
    for path, field, value in pieces:
        assert not call.add({"partialArgs": [{"jsonPath": path, field: value}], "willContinue": True})
    assert call.arguments == arguments
    assert call.add({})


def test_parts_without_neutral_form_come_whole() -> None:
    code = {"executableCode": {"code": "1"}}
    found = events(chunk({"text": "a"}), chunk(code), chunk({"text": "b"}), STOP)
    assert collect(found).message.parts == (TextPart("a"), NativePart("gemini_generate_content", code), TextPart("b"))


def test_counts_are_running_totals_that_nothing_erases() -> None:
    counts = (
        {"promptTokenCount": 3},
        {"thoughtsTokenCount": 5},
        {"candidatesTokenCount": 2, "thoughtsTokenCount": None},
    )
    decoder = CODEC.stream_decoder()
    for one in counts:
        decoder.feed(ServerSentEvent("", json.dumps({"usageMetadata": one})))
    assert decoder.usage == Usage(3, output_tokens=7, reasoning_tokens=5)


def test_several_candidates_grow_side_by_side() -> None:
    two = {"candidates": [{"content": {"parts": [{"text": t}]}, "index": i} for i, t in ((0, "a"), (1, "b"))]}
    ends = {"candidates": [{"index": 1, "finishReason": "MAX_TOKENS"}, {"index": 0, "finishReason": "STOP"}]}
    found = collect(events(two, two, ends))
    assert [(choice.message.text, choice.raw_finish_reason) for choice in found.choices] == [
        ("aa", "STOP"),
        ("bb", "MAX_TOKENS"),
    ]


def test_the_last_reason_holds() -> None:
    found = events(chunk({"text": "a"}, finishReason="STOP"), chunk({"text": "b"}, finishReason="RECITATION"))
    assert collect(found).finish_reason is FinishReason.CONTENT_FILTER
    assert collect(found).text == "ab"


def test_sources_come_before_the_end_of_their_text() -> None:
    support = {"segment": {"startIndex": 2, "endIndex": 3, "text": "b"}, "groundingChunkIndices": [0]}
    said = {"groundingChunks": [{"web": {"uri": "https://a.test"}}], "groundingSupports": [support]}
    signed = {"text": "", "thoughtSignature": "s"}
    found = events(chunk({"text": "ö"}), chunk({"text": "b"}), chunk(signed, groundingMetadata=said), STOP)
    added = CitationAdded(0, Citation("https://a.test", None, None, 1, 2))
    assert found.index(added) < found.index(PartEnd(0))
    assert collect(found).message.parts[0] == TextPart("öb", (added.citation,))
    assert not any(isinstance(event, NativeEvent) for event in found)


def test_what_stands_beside_the_content_is_told_as_it_is() -> None:
    said = {"webSearchQueries": ["q"]}
    found = events(chunk({"text": "a"}, groundingMetadata=said, urlContextMetadata={"urlMetadata": [1]}), STOP)
    assert [event.name for event in found if isinstance(event, NativeEvent)] == [
        "urlContextMetadata",
        "groundingMetadata",
    ]


def test_token_probabilities_belong_to_the_piece_they_came_with() -> None:
    said = {"chosenCandidates": [{"token": "a", "logProbability": -0.5}]}
    found = events(chunk({"text": "a"}, logprobsResult=said), STOP)
    assert TextDelta(0, "a", (TokenLogprob("a", -0.5),)) in found


def test_a_blocked_prompt_is_a_whole_answer() -> None:
    found = collect(events({"promptFeedback": {"blockReason": "OTHER"}}))
    assert (found.finish_reason, found.raw_finish_reason, found.text) == (FinishReason.CONTENT_FILTER, "OTHER", "")


@pytest.mark.parametrize("chunks", [(), ({},), (chunk({"text": "a"}),), ({"usageMetadata": {"promptTokenCount": 1}},)])
def test_without_a_reason_for_its_end_a_stream_was_cut(chunks: Any) -> None:
    (*_, last) = events(*chunks)
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.StreamInterrupted)
    assert last.error.retryable


def test_an_error_behind_a_finish_reason_is_still_an_error() -> None:
    error = {"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}
    counts = {"usageMetadata": {"promptTokenCount": 3}}
    with pytest.raises(errors.ServerError) as caught:
        collect(events(chunk({"text": "a"}, finishReason="STOP"), error, counts))
    assert caught.value.partial is not None
    assert (caught.value.partial.text, caught.value.partial.usage) == ("a", Usage(3))


def test_the_first_of_several_errors_holds() -> None:
    first = {"error": {"code": 429, "message": "a", "status": "RESOURCE_EXHAUSTED"}}
    second = {"error": {"code": 500, "message": "b", "status": "INTERNAL"}}
    with pytest.raises(errors.RateLimitError):
        collect(events(first, second))


@pytest.mark.parametrize("raw", [b"{", b"null", b'"a"', b"\xff"])
def test_a_chunk_that_cannot_be_read_is_the_peer_s_fault(raw: bytes) -> None:
    found = events(chunk({"text": "a"}), raw, STOP)
    assert isinstance(found[-1], StreamFailed)
    assert isinstance(found[-1].error, errors.DecodeError)
    assert found[-1].error.retryable


def test_a_frame_cut_at_the_end_of_the_bytes_is_a_cut_stream() -> None:
    decoder = CODEC.stream_decoder()
    assert decoder.feed(UnterminatedEvent("", b'{"cand')) == []
    (last,) = decoder.finish()
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, errors.StreamInterrupted)


@pytest.mark.parametrize(
    "odd",
    [
        {"candidates": "x"},
        {"candidates": [1]},
        {"candidates": [{"content": 1, "index": "x"}]},
        {"candidates": [{"content": {"parts": [1, {"text": 1}, {"functionCall": 1}]}}]},
        {"candidates": [{"groundingMetadata": {"groundingChunks": [1], "groundingSupports": 1}}]},
        {"novel": 1},
        {"usageMetadata": 1, "promptFeedback": 1},
    ],
)
def test_an_odd_chunk_ends_nothing(odd: dict[str, Any]) -> None:
    assert collect(events(chunk({"text": "a"}), odd, chunk({"text": "b"}), STOP)).text == "ab"


def test_a_list_in_place_of_events_is_read_item_by_item() -> None:
    assert collect(events([chunk({"text": "a"}), chunk({"text": "b"}), STOP])).text == "ab"


def test_nothing_is_said_twice_on_the_same_wire() -> None:
    """The end of the bytes is the end of the answer: it has no chunk of its own."""
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder()
    raws = [json.dumps(one).encode() for one in ([chunk({"text": "a"}), chunk({"text": "b"})], STOP)]
    found = [frame for raw in raws for frame in encoder.feed(*decoder.feed(ServerSentEvent("", raw)))]
    assert [json.loads(frame.raw) for frame in found] == [chunk({"text": "a"}), chunk({"text": "b"}), STOP]
    assert encoder.feed(*decoder.finish()) == encoder.finish() == []
