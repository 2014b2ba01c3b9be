"""Streams, both ways: what events chunks give, when an answer is whole, and what our own streams look like."""

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minillm import errors
from minillm.report import Report, Severity
from minillm.types import (
    AudioDelta,
    AudioPart,
    ChatRequest,
    ChatResponse,
    Citation,
    CitationAdded,
    Finish,
    FinishReason,
    ImagePart,
    Message,
    MessageEnd,
    MessageStart,
    NativeEvent,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    Role,
    SignatureDelta,
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
from minillm.wire import Quirks, get_codec
from minillm.wire.openai_chat_completions.chunk import ChunkReader
from minillm.wire.sse import ServerSentEvent, SSEDecoder
from tests.wire.openai_chat_completions import bodies
from tests.wire.openai_chat_completions.test_request import same

WIRE = "openai_chat_completions"
CODEC = get_codec(WIRE)
FUZZ = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


COUNT = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def frame(value: Any, event: str = "") -> ServerSentEvent:
    return ServerSentEvent(event, value if isinstance(value, str | bytes) else json.dumps(value))


def chunk(
    delta: dict[str, Any] | None = None, finish: str | None = None, choice: int = 0, **fields: Any
) -> dict[str, Any]:
    said = {"index": choice, "delta": {} if delta is None else delta, "finish_reason": finish}
    return {"id": "x", "model": "m", "created": 1, "choices": [said], **fields}


def decoded(*chunks: Any, done: bool = True, native: bool = False) -> list[StreamEvent]:
    decoder = CODEC.stream_decoder(native=native)
    events = [event for said in (*chunks, *(["[DONE]"] if done else [])) for event in decoder.feed(frame(said))]
    return events + decoder.finish()


def inner(*chunks: Any) -> list[StreamEvent]:
    """The events between start and end."""
    events = decoded(*chunks)
    assert events[0] == MessageStart("x", "m", 1)
    assert events[-1] == MessageEnd()
    return events[1:-1]


# Chunks back to themselves


@FUZZ
@given(bodies.STREAMS)
def test_any_chunk_comes_back_as_it_was(chunks: list[dict[str, Any]]) -> None:
    report = Report()
    decoder, encoder = CODEC.stream_decoder(report=report), CODEC.stream_encoder(report=report)
    for said in chunks:
        events = decoder.feed(frame(said))
        if any(isinstance(event, StreamFailed) for event in events):
            return
        (back,) = encoder.feed(*events)
        assert same(said, json.loads(back.data)), events
    assert not report.losses


@FUZZ
@given(bodies.STREAMS)
def test_the_short_way_gives_what_the_long_way_gives(chunks: list[dict[str, Any]]) -> None:
    """The decoder knows chunks that only continue a part at a glance; the reader never does."""
    decoder, reader = CODEC.stream_decoder(native=False), ChunkReader()
    for said in chunks:
        events = decoder.feed(frame(said))
        if any(isinstance(event, StreamFailed) for event in events):
            return
        assert events == [event for event, _ in reader.read(said)]


def spoken(events: list[StreamEvent]) -> dict[Any, str]:
    found: dict[Any, str] = {}
    for event in events:
        if isinstance(event, TextDelta | RefusalDelta | ToolCallDelta) and event.delta:
            key = type(event).__name__, event.choice
            found[key] = found.get(key, "") + event.delta
    return found


@FUZZ
@given(bodies.STREAMS, st.randoms(use_true_random=False))
def test_what_is_changed_or_taken_out_is_so_in_the_chunks(chunks: list[dict[str, Any]], chance: random.Random) -> None:
    decoder, encoder, reader = CODEC.stream_decoder(), CODEC.stream_encoder(report=Report()), CODEC.stream_decoder()
    kept: list[StreamEvent] = []
    again: list[StreamEvent] = []
    for said in chunks:
        events = decoder.feed(frame(said))
        if any(isinstance(event, StreamFailed) for event in events):
            return
        for event in list(events):
            if isinstance(event, TextDelta | ToolCallDelta | RefusalDelta | ReasoningDelta):
                if chance.random() < 0.3:
                    events.remove(event)
                elif chance.random() < 0.4:
                    event.delta = "EDITED"
            elif isinstance(event, Finish | UsageUpdate | CitationAdded) and chance.random() < 0.3:
                events.remove(event)
        kept += events
        again += [event for back in encoder.feed(*events) for event in reader.feed(back)]
    assert spoken(kept) == spoken(again)
    # The neutral reason follows from what else is said: without its words a refusal is none.
    reasons = [(event.choice, event.raw_reason) for event in kept if isinstance(event, Finish)]
    assert reasons == [(event.choice, event.raw_reason) for event in again if isinstance(event, Finish)]


def test_a_changed_start_is_said_in_every_chunk() -> None:
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder()
    heads = []
    for said in (chunk({"role": "assistant"}), chunk({"content": "a"}), chunk({}, "stop")):
        events = decoder.feed(frame(said))
        if isinstance(events[0], MessageStart):
            events[0].model = "ours"
        heads += [json.loads(back.data)["model"] for back in encoder.feed(*events)]
    assert heads == ["ours"] * 3


def test_an_event_that_was_added_gets_a_chunk_of_its_own() -> None:
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder()
    events = decoder.feed(frame(chunk({"content": "a"})))
    back = encoder.feed(*events, TextDelta(1, "b"))
    assert [json.loads(said.data)["choices"][0]["delta"] for said in back] == [{"content": "a"}, {"content": "b"}]


def test_an_end_of_ours_behind_chunks_of_theirs_repeats_nothing() -> None:
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder()
    for said in (chunk({"content": "a"}, usage=COUNT), chunk({}, "stop")):
        encoder.feed(*decoder.feed(frame(said)))
    assert [back.data for back in encoder.feed(MessageEnd())] == ["[DONE]"]


def test_without_native_nothing_is_kept() -> None:
    events = decoded(chunk({"role": "assistant", "content": ""}), chunk({"content": "a"}), chunk({}, "stop"))
    assert all(event.native is None for event in events)
    assert not any(isinstance(event, NativeEvent) for event in events)


def test_many_frames_give_what_each_gives() -> None:
    frames = [
        frame(said)
        for said in (
            chunk({"content": "a"}),
            chunk({"content": "b"}),
            chunk({}, "stop"),
            "[DONE]",
            chunk({"content": "late"}),
        )
    ]
    one, many = CODEC.stream_decoder(native=False), CODEC.stream_decoder(native=False)
    assert [event for said in frames for event in one.feed(said)] == many.feed_many(frames)


# What events chunks give


def test_text() -> None:
    assert inner(
        chunk({"role": "assistant", "content": ""}), chunk({"content": "a"}), chunk({"content": "b"}), chunk({}, "stop")
    ) == [
        PartStart(0, TextPart("")),
        TextDelta(0, "a"),
        TextDelta(0, "b"),
        Finish(0, FinishReason.STOP, "stop"),
    ]


def test_text_may_come_with_what_ends_it() -> None:
    """In one chunk: the last text, the reason, the usage, or an error."""
    finished = [TextDelta(0, "b"), Finish(0, FinishReason.STOP, "stop"), MessageEnd()]
    assert decoded(chunk({"content": "a"}), chunk({"content": "b"}, "stop"), done=False)[3:] == finished
    counted = [TextDelta(0, "b"), UsageUpdate(Usage(3, output_tokens=2)), MessageEnd()]
    assert decoded(chunk({"content": "a"}), chunk({"content": "b"}, usage=COUNT))[3:] == counted
    failed = decoded(chunk({"content": "a"}), chunk({"content": "b"}, error={"message": "no", "code": 400}))
    assert isinstance(failed[-1], StreamFailed)
    assert TextDelta(0, "b") in failed


def test_a_role_alone_starts_the_message_and_azure_s_prelude_does_not() -> None:
    decoder = CODEC.stream_decoder(native=False)
    assert decoder.feed(frame({"choices": [], "id": "", "prompt_filter_results": [{}]})) == []
    assert decoder.feed(frame(chunk({"role": "assistant"}))) == [MessageStart("x", "m", 1)]


def test_parts_are_numbered_in_the_order_they_open() -> None:
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
    events = inner(
        chunk({"reasoning_content": "r"}),
        chunk({"content": "a"}),
        chunk({"tool_calls": [call]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}),
        chunk({"content": "b"}),
        chunk({}, "tool_calls"),
    )
    assert events == [
        PartStart(0, ReasoningPart("")),
        ReasoningDelta(0, "r"),
        PartStart(1, TextPart("")),
        TextDelta(1, "a"),
        PartStart(2, ToolCallPart("c", "f")),
        ToolCallDelta(2, "{}"),
        TextDelta(1, "b"),
        Finish(0, FinishReason.TOOL_CALLS, "tool_calls"),
    ]


@pytest.mark.parametrize(
    ("delta", "events"),
    [
        ({"refusal": "no"}, [PartStart(0, RefusalPart("")), RefusalDelta(0, "no")]),
        ({"reasoning": "r"}, [PartStart(0, ReasoningPart("")), ReasoningDelta(0, "r")]),
        (
            {"reasoning": "r", "reasoning_details": [{"type": "reasoning.text", "text": "r"}]},
            [PartStart(0, ReasoningPart("")), ReasoningDelta(0, "r"), PartEnd(0, ReasoningPart("r"))],
        ),
        (
            {"reasoning_details": [{"type": "reasoning.encrypted", "data": "E"}]},
            [PartStart(0, ReasoningPart("")), SignatureDelta(0, None, "E"), PartEnd(0, ReasoningPart("", None, "E"))],
        ),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "r"}], "signature": "S"},
                    {"type": "text", "text": "a"},
                ]
            },
            [
                PartStart(0, ReasoningPart("")),
                ReasoningDelta(0, "r"),
                SignatureDelta(0, "S"),
                PartStart(1, TextPart("")),
                TextDelta(1, "a"),
            ],
        ),
        (
            {"annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}]},
            [PartStart(0, TextPart("")), CitationAdded(0, Citation("u"))],
        ),
        (
            {"audio": {"id": "a", "data": "AAAA", "transcript": "w"}},
            [PartStart(0, AudioPart(file_id="a")), AudioDelta(0, "AAAA", "w")],
        ),
        (
            {"images": [{"type": "image_url", "image_url": {"url": "https://x"}}]},
            [PartStart(0, ImagePart(url="https://x"))],
        ),
        (
            {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {"a": 1}}}]},
            [PartStart(0, ToolCallPart("c", "f")), ToolCallDelta(0, '{"a":1}')],
        ),
        (
            {
                "tool_calls": [
                    {"id": "c", "function": {"name": "f"}, "extra_content": {"google": {"thought_signature": "S"}}}
                ]
            },
            [PartStart(0, ToolCallPart("c", "f", signature="S"))],
        ),
    ],
)
def test_deltas_of_every_dialect(delta: dict[str, Any], events: list[StreamEvent]) -> None:
    assert inner(chunk(delta)) == events


def test_thinking_behind_text_is_another_part() -> None:
    """As it is in a whole answer of Mistral's."""
    think = {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}]}
    say = {"content": [{"type": "text", "text": "a"}]}
    parts = collect(decoded(chunk(think), chunk(think), chunk(say), chunk(think), chunk(say))).message.parts
    assert parts == (ReasoningPart("rr"), TextPart("a"), ReasoningPart("r"), TextPart("a"))


def test_the_deprecated_function_call_gets_an_id() -> None:
    events = decoded(
        chunk({"function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": "{}"}}),
        chunk({}, "function_call"),
    )
    (call,) = collect(events).tool_calls
    assert (call.name, call.arguments, call.id[:5]) == ("f", "{}", "call_")
    assert collect(events).finish_reason is FinishReason.TOOL_CALLS


def test_several_answers_at_once() -> None:
    response = collect(
        decoded(
            chunk({"content": "a"}),
            chunk({"content": "b"}, choice=1),
            chunk({"content": "c"}),
            chunk({}, "stop"),
            chunk({}, "length", choice=1),
        )
    )
    assert [(choice.message.text, choice.finish_reason) for choice in response.choices] == [
        ("ac", "stop"),
        ("b", "length"),
    ]


def test_probabilities_come_with_their_text() -> None:
    said = chunk({"content": "a"})
    said["choices"][0]["logprobs"] = {"content": [{"token": "a", "logprob": -1.0, "bytes": None, "top_logprobs": []}]}
    assert inner(said)[1] == TextDelta(0, "a", (TokenLogprob("a", -1.0),))


def test_only_the_last_call_is_cut_by_the_limit() -> None:
    def call(at: int, arguments: str) -> dict[str, Any]:
        return chunk({"tool_calls": [{"index": at, "id": f"c{at}", "function": {"name": "f", "arguments": arguments}}]})

    one, two = collect(decoded(call(0, "{}"), call(1, '{"a'), chunk({}, "length"))).tool_calls
    assert not one.incomplete
    assert two.incomplete


def test_a_list_of_reasoning_comes_back_whole_in_the_next_request() -> None:
    """OpenRouter: fragments are put together by index and type, and the list is sent back as one."""

    def piece(**detail: Any) -> dict[str, Any]:
        return chunk(
            {"reasoning_details": [{"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1", **detail}]}
        )

    sealed = chunk({"reasoning_details": [{"type": "reasoning.encrypted", "index": 1, "data": "E", "id": "i"}]})
    events = decoded(
        piece(text="a"),
        piece(text="b", signature=None),
        piece(signature="S"),
        sealed,
        chunk({"content": "c"}),
        chunk({}, "stop"),
    )
    message = collect(events).message
    assert message.parts == (ReasoningPart("ab", "S", "E"), TextPart("c"))
    codec = get_codec(WIRE, Quirks(reasoning_replay="reasoning_details", replay_reasoning="always"))
    body = codec.encode_request(ChatRequest("m", (message,)), report=Report(strict=True))
    assert body["messages"][0]["reasoning_details"] == [
        {"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1", "text": "ab", "signature": "S"},
        {"type": "reasoning.encrypted", "index": 1, "data": "E", "id": "i"},
    ]


def test_the_first_sealed_block_is_the_part_s_and_the_others_stay_in_the_list() -> None:
    def sealed(number: int, data: str) -> dict[str, Any]:
        return chunk({"reasoning_details": [{"type": "reasoning.encrypted", "index": number, "data": data}]})

    events = inner(sealed(0, "A"), sealed(0, "B"), sealed(1, "C"))
    assert events[1:-1] == [SignatureDelta(0, None, "A"), SignatureDelta(0, None, "AB")]
    assert events[-1] == PartEnd(0, ReasoningPart("", None, "AB"))


# Usage


@pytest.mark.parametrize(
    "said",
    [
        {"id": "x", "choices": [], "usage": COUNT},
        chunk({}, "stop", usage=COUNT),
        {"id": "x", "choices": [], "x_groq": {"usage": COUNT}},
        {"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": COUNT}]},
    ],
)
def test_usage_stands_in_many_places(said: dict[str, Any]) -> None:
    decoder = CODEC.stream_decoder(native=False)
    for piece in (chunk({"content": "a"}), said):
        decoder.feed(frame(piece))
    assert decoder.usage == Usage(3, output_tokens=2)


def test_the_last_report_counts_and_keeps_what_it_leaves_out() -> None:
    first = {"prompt_tokens": 9, "completion_tokens": None, "total_tokens": None}
    last = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
    response = collect(
        decoded(
            chunk({"content": "a"}, usage=first), chunk({"content": "b"}, usage=last), chunk({}, "stop", usage=first)
        )
    )
    assert response.usage == Usage(9, output_tokens=5)


# When it is whole


def ending(*chunks: Any, done: bool = False) -> StreamEvent:
    events = decoded(*chunks, done=done)
    assert [type(event) for event in events if isinstance(event, MessageEnd | StreamFailed)] == [type(events[-1])]
    return events[-1]


def test_a_reason_for_every_choice_is_an_end() -> None:
    assert isinstance(ending(chunk({"content": "a"}), chunk({}, "stop")), MessageEnd)
    assert isinstance(
        ending(chunk({"content": "a"}), chunk({"content": "b"}, choice=1), chunk({}, "stop")), StreamFailed
    )


def test_done_is_an_end() -> None:
    assert isinstance(ending(chunk({"content": "a"}), done=True), MessageEnd)
    assert isinstance(ending(done=True), MessageEnd)
    assert isinstance(CODEC.stream_decoder().feed(frame("[DONE] bye"))[-1], MessageEnd)


@pytest.mark.parametrize(
    "chunks",
    [[], [chunk({"content": "a"})], [chunk({"role": "assistant"})], [{"choices": [], "id": "x", "usage": COUNT}]],
)
def test_an_end_without_a_reason_is_a_cut(chunks: list[Any]) -> None:
    failed = ending(*chunks)
    assert isinstance(failed, StreamFailed)
    assert isinstance(failed.error, errors.StreamInterrupted)
    assert failed.error.retryable


def test_usage_behind_the_reason_still_counts() -> None:
    response = collect(decoded(chunk({"content": "a"}, "stop"), {"id": "x", "choices": [], "usage": COUNT}, done=False))
    assert response.usage == Usage(3, output_tokens=2)


def test_what_comes_behind_the_end_is_not_heard() -> None:
    decoder = CODEC.stream_decoder()
    decoder.feed(frame(chunk({"content": "a"})))
    decoder.feed(frame("[DONE]"))
    assert decoder.feed(frame(chunk({"content": "b"}))) == []
    assert decoder.feed(frame("[DONE]")) == []
    assert decoder.finish() == []


# Errors


@pytest.mark.parametrize(
    ("said", "event", "kind"),
    [
        ({"error": {"message": "no", "code": 400}}, "", errors.BadRequestError),
        (chunk({"content": ""}, error={"message": "no", "code": 400}), "", errors.BadRequestError),
        (chunk({"content": ""}, "error", error={"message": "no", "code": 502}), "", errors.ServerError),
        ({"error": "no"}, "", errors.ServerError),
        ({"object": "error", "message": "no", "code": 401}, "", errors.AuthenticationError),
        ({"message": "no", "type": "rate_limit_error"}, "error", errors.RateLimitError),
        ({"id": "x", "choices": [], "x_groq": {"error": "over capacity"}}, "", errors.ServerError),
    ],
)
def test_an_error_inside_a_stream_is_raised_at_its_end(said: Any, event: str, kind: type[Exception]) -> None:
    decoder = CODEC.stream_decoder(native=False)
    events = [*decoder.feed(frame(chunk({"content": "a"}))), *decoder.feed(frame(said, event))]
    assert not any(isinstance(made, StreamFailed) for made in events)
    events += decoder.feed(frame({"id": "x", "choices": [], "usage": COUNT}))
    events += decoder.feed(frame("[DONE]"))
    assert type(events[-1]) is StreamFailed
    with pytest.raises(kind) as caught:
        collect(events)
    assert isinstance(caught.value, errors.MiniLLMError)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"
    assert caught.value.partial.usage == Usage(3, output_tokens=2)


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "<html>",
        "[]",
        "3",
        '"text"',
        '{"choices": 3}',
        '{"choices": [3]}',
        '{"choices": [{"delta": "a"}]}',
        '{"choices": [{"delta": {"content": 3}}]}',
    ],
)
def test_a_frame_that_makes_no_sense_fails_the_stream(raw: str) -> None:
    decoder = CODEC.stream_decoder()
    decoder.feed(frame(chunk({"content": "a"})))
    events = decoder.feed(frame(raw))
    assert isinstance(events[-1], StreamFailed)
    assert isinstance(events[-1].error, errors.DecodeError)
    assert events[-1].error.raw == raw
    assert decoder.feed(frame(chunk({"content": "b"}))) == []
    assert decoder.finish() == []


@pytest.mark.parametrize("raw", ["", " ", "null"])
def test_a_frame_of_nothing_is_nothing(raw: str) -> None:
    assert CODEC.stream_decoder().feed(frame(raw)) == []


def test_a_megabyte_of_brackets_is_refused_and_not_a_crash() -> None:
    events = CODEC.stream_decoder().feed(frame("[" * 1_000_000))
    assert isinstance(events[-1], StreamFailed)


def from_bytes(raw: bytes) -> list[StreamEvent]:
    frames, decoder = SSEDecoder(), CODEC.stream_decoder(native=False)
    return [*decoder.feed_many([*frames.feed(raw), *frames.finish()]), *decoder.finish()]


def test_a_whole_answer_in_place_of_a_stream() -> None:
    body = {
        "id": "x",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}],
        "usage": COUNT,
    }
    response = collect(from_bytes(json.dumps(body, indent=1).encode()))
    assert (response.text, response.finish_reason, response.usage) == ("a", "stop", Usage(3, output_tokens=2))


def test_an_error_body_in_place_of_a_stream() -> None:
    with pytest.raises(errors.RateLimitError):
        collect(from_bytes(b'{"error": {"message": "slow", "code": 429}}'))


def test_a_page_in_place_of_a_stream() -> None:
    with pytest.raises(errors.DecodeError) as caught:
        collect(from_bytes(b"<html>no</html>"))
    assert caught.value.raw == "<html>no</html>"


def test_a_body_cut_short_in_place_of_a_stream() -> None:
    with pytest.raises(errors.StreamInterrupted):
        collect(from_bytes(b'{"id": "x", "choi'))


# Streams of ours


def encoded(*events: StreamEvent, report: Report | None = None, quirks: Quirks | None = None) -> list[Any]:
    encoder = get_codec(WIRE, quirks).stream_encoder(report=Report(strict=True) if report is None else report)
    frames = [said for event in events for said in encoder.feed(event)]
    return [said.data if said.data == "[DONE]" else json.loads(said.data) for said in [*frames, *encoder.finish()]]


START = MessageStart("x", "m", 1)


def deltas(said: list[Any]) -> list[Any]:
    return [choice["delta"] for body in said if isinstance(body, dict) for choice in body.get("choices", [])]


def test_a_stream_of_ours_has_what_the_vendor_s_has() -> None:
    said = encoded(
        START,
        PartStart(0, TextPart("")),
        TextDelta(0, "a"),
        Finish(0, FinishReason.STOP),
        UsageUpdate(Usage(3, output_tokens=2)),
        MessageEnd(),
    )
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def one(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}

    assert said == [
        one({"role": "assistant", "content": ""}),
        one({"content": "a"}),
        one({}, "stop"),
        {**head, "choices": [], "usage": COUNT},
        "[DONE]",
    ]


def test_ids_and_names_are_said_once_and_the_index_always() -> None:
    said = encoded(
        START,
        PartStart(0, TextPart("")),
        PartStart(1, ToolCallPart("a", "f")),
        ToolCallDelta(1, "{"),
        PartStart(2, ToolCallPart("b", "g", "[]")),
        ToolCallDelta(1, "}"),
        MessageEnd(),
    )
    assert [delta["tool_calls"] for delta in deltas(said) if "tool_calls" in delta] == [
        [{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": "{"}}],
        [{"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": "[]"}}],
        [{"index": 0, "function": {"arguments": "}"}}],
    ]
    assert said[-2]["choices"][0]["finish_reason"] == "tool_calls"  # nobody said why it ended


def test_the_last_reason_is_said_and_only_once() -> None:
    said = encoded(START, Finish(0, FinishReason.LENGTH), Finish(0, FinishReason.STOP), MessageEnd())
    assert [body["choices"][0]["finish_reason"] for body in said[:-1]] == [None, "stop"]


def test_a_word_of_another_wire_is_not_repeated() -> None:
    said = encoded(START, Finish(0, FinishReason.STOP, "end_turn"), MessageEnd())
    assert said[-2]["choices"][0]["finish_reason"] == "stop"


def test_every_choice_has_its_role_and_its_reason() -> None:
    said = encoded(
        START,
        TextDelta(0, "a"),
        TextDelta(0, "b", choice=1),
        Finish(0, FinishReason.STOP),
        Finish(1, FinishReason.LENGTH),
        MessageEnd(),
    )
    roles = [choice["index"] for body in said[:-1] for choice in body["choices"] if choice["delta"].get("role")]
    reasons = {
        choice["index"]: choice["finish_reason"]
        for body in said[:-1]
        for choice in body["choices"]
        if choice["finish_reason"]
    }
    assert roles == [0, 1]
    assert reasons == {0: "stop", 1: "length"}


def test_a_stream_that_fails_says_so_and_does_not_say_done() -> None:
    said = encoded(START, TextDelta(0, "a"), StreamFailed(errors.RateLimitError("slow", status=429)))
    assert said[-1]["error"]["message"] == "slow"
    assert "[DONE]" not in said
    with pytest.raises(errors.RateLimitError):
        collect(decoded(*said, done=False))


def test_a_stream_that_just_stops_looks_cut() -> None:
    with pytest.raises(errors.StreamInterrupted):
        collect(decoded(*encoded(START, TextDelta(0, "a")), done=False))


def test_a_cut_stream_of_this_wire_says_so() -> None:
    decoder, encoder = CODEC.stream_decoder(), CODEC.stream_encoder()
    encoder.feed(*decoder.feed(frame(chunk({"content": "a"}))))
    (said,) = encoder.feed(*decoder.finish())
    assert json.loads(said.data)["error"]["code"] == "stream_interrupted"


def test_what_a_stream_cannot_say_is_told_once_a_part() -> None:
    report = Report()
    events: list[StreamEvent] = [START, PartStart(0, ReasoningPart(""))]
    events += [ReasoningDelta(0, "r"), ReasoningDelta(0, "r"), SignatureDelta(0, "S"), SignatureDelta(0, "T")]
    events += [
        NativeEvent("anthropic_messages", "ping", structural=True),
        NativeEvent("anthropic_messages", "odd"),
        MessageEnd(),
    ]
    said = encoded(*events, report=report)
    assert "".join(delta.get("reasoning_content", "") for delta in deltas(said)) == "rr"
    assert [(loss.severity, loss.count) for loss in report.losses] == [
        (Severity.NOTE, 1),
        (Severity.NOTE, 1),
        (Severity.LOST, 1),
    ]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
PARTS = st.one_of(
    st.builds(TextPart, TEXTS),
    st.builds(ReasoningPart, TEXTS),
    st.builds(RefusalPart, TEXTS),
)


@FUZZ
@given(st.lists(PARTS, max_size=3, unique_by=type), st.lists(st.tuples(TEXTS, TEXTS), max_size=3), st.integers(1, 3))
def test_a_stream_of_ours_is_understood_as_the_same(parts: list[Any], calls: list[tuple[str, str]], size: int) -> None:
    """Cut into deltas of any size, with or without whole starts."""
    wanted = [*parts, *(ToolCallPart(f"call_{at}", name, text) for at, (name, text) in enumerate(calls))]
    kinds = {TextPart: TextDelta, ReasoningPart: ReasoningDelta, RefusalPart: RefusalDelta, ToolCallPart: ToolCallDelta}
    events: list[StreamEvent] = [START]
    for index, part in enumerate(wanted):
        text = part.arguments if isinstance(part, ToolCallPart) else part.text
        whole = index % 2 == 0
        if isinstance(part, ToolCallPart):
            events.append(PartStart(index, part if whole else ToolCallPart(part.id, part.name)))
        else:
            events.append(PartStart(index, part if whole else type(part)("")))
        if not whole:
            events += [kinds[type(part)](index, text[at : at + size]) for at in range(0, len(text), size)]
        events.append(PartEnd(index))
    events += [Finish(0, FinishReason.STOP), MessageEnd()]
    response: ChatResponse = collect(decoded(*encoded(*events, report=Report()), done=False))
    assert response.message == Message(Role.ASSISTANT, tuple(wanted)) or response.message.parts == tuple(wanted)
