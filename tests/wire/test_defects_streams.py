"""Defects of an earlier adapter's streams that this library must not have; docs/parity.md lists them by number."""

import json
import tracemalloc
from typing import Any

from minillm import errors
from minillm.report import Report
from minillm.types import FinishReason, Message, PartStart, Role, ToolCallPart
from minillm.wire import WIRES, get_codec
from minillm.wire.sse import SSEDecoder
from tests.wire.checks import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    RESPONSES,
    Body,
    Check,
    Checks,
    answer_of,
    anthropic_block,
    anthropic_end,
    anthropic_start,
    chat_call,
    chat_chunk,
    collected,
    events_of,
    frames_of,
    gemini_frame,
    restreamed,
    stream_bytes,
    told,
)

defect = Checks()


def responses_call(item: str, call: str, name: str, *deltas: str, output_index: int = 0) -> list[Body]:
    """A call as the host streams it: its deltas name the item, never the call."""
    shell = {
        "type": "function_call",
        "id": item,
        "call_id": call,
        "name": name,
        "arguments": "",
        "status": "in_progress",
    }
    whole = {**shell, "arguments": "".join(deltas), "status": "completed"}
    at = {"output_index": output_index}
    steps = [{"type": "response.function_call_arguments.delta", "item_id": item, **at, "delta": d} for d in deltas]
    done = {"type": "response.function_call_arguments.done", "item_id": item, **at, "name": name,
            "arguments": whole["arguments"]}  # fmt: skip
    return [
        {"type": "response.output_item.added", **at, "item": shell},
        *steps,
        done,
        {"type": "response.output_item.done", **at, "item": whole},
    ]


def responses_stream(
    *middle: Body, end: str = "completed", output: list[Body] | None = None, **rest: Any
) -> list[Body]:
    head = {"id": "r1", "object": "response", "created_at": 1, "model": "some-model"}
    started = {"type": "response.created", "response": {**head, "status": "in_progress", "output": []}}
    ended = {"type": f"response.{end}", "response": {**head, "status": end, "output": output or [], **rest}}
    return [started, *middle, ended]


def responses_text(text: str) -> list[Body]:
    at = {"item_id": "i0", "output_index": 0, "content_index": 0}
    return [
        {"type": "response.output_item.added", "output_index": 0,
         "item": {"type": "message", "id": "i0", "role": "assistant", "content": [], "status": "in_progress"}},
        {"type": "response.content_part.added", **at, "part": {"type": "output_text", "text": "", "annotations": []}},
        {"type": "response.output_text.delta", **at, "delta": text},
    ]  # fmt: skip


def anthropic_tool(index: int, id: str, name: str, *deltas: str) -> list[Body]:
    steps = [{"type": "input_json_delta", "partial_json": delta} for delta in deltas]
    return anthropic_block(index, {"type": "tool_use", "id": id, "name": name, "input": {}}, *steps)


TWO_TOOLS = [
    anthropic_start(),
    *anthropic_tool(0, "toolu_z", "first", '{"x":', "1}"),
    *anthropic_tool(1, "toolu_a", "second", '{"y":', "2}"),
    *anthropic_end("tool_use", output_tokens=9),
]


@defect("B1")
def blocks_of_a_messages_stream_have_numbers_of_their_own_and_close_in_turn() -> None:
    """Thinking, text and two calls: indexes 0, 1, 2, 3, and a block ends before the next one begins."""
    out = restreamed(
        CHAT,
        ANTHROPIC,
        chat_chunk(reasoning_content="Hm."),
        chat_chunk(content="Yes."),
        chat_call(0, "{}", "call_a", "f"),
        chat_call(1, "{}", "call_b", "g"),
        chat_chunk("tool_calls"),
        "[DONE]",
    )
    steps = [(f["type"], f["index"]) for f in frames_of(out) if f["type"].startswith("content_block_s")]
    assert steps == [(f"content_block_{step}", i) for i in range(4) for step in ("start", "stop")]
    kinds = [f["content_block"]["type"] for f in frames_of(out) if f["type"] == "content_block_start"]
    assert kinds == ["thinking", "text", "tool_use", "tool_use"]


@defect("B2")
def arguments_that_were_streamed_are_not_said_again() -> None:
    """A client that adds up the fragments has one JSON object, not two."""
    out = restreamed(RESPONSES, CHAT, *responses_stream(*responses_call("fc_1", "call_1", "f", '{"city":', '"Oslo"}')))
    pieces = [
        call["function"].get("arguments", "")
        for frame in frames_of(out)
        for choice in frame["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert json.loads("".join(pieces)) == {"city": "Oslo"}


@defect("B3")
def parallel_calls_have_different_numbers_in_chat() -> None:
    """Each call keeps its own ``index``, its id and its arguments."""
    calls: dict[int, tuple[str, str]] = {}
    for frame in frames_of(restreamed(ANTHROPIC, CHAT, *TWO_TOOLS)):
        for choice in frame["choices"]:
            for call in choice["delta"].get("tool_calls", ()):
                name, arguments = calls.get(call["index"], ("", ""))
                function = call["function"]
                calls[call["index"]] = (name or function.get("name", ""), arguments + function.get("arguments", ""))
    assert {i: (name, json.loads(text)) for i, (name, text) in calls.items()} == {
        0: ("first", {"x": 1}),
        1: ("second", {"y": 2}),
    }


@defect("B4")
def argument_deltas_find_their_call_by_the_item() -> None:
    """Two calls, whose deltas carry ``item_id`` and ``output_index`` only: two calls, no third one."""
    answer = answer_of(
        RESPONSES,
        *responses_stream(
            *responses_call("fc_1", "call_1", "f", '{"a"', ":1}"),
            *responses_call("fc_2", "call_2", "g", '{"b"', ":2}", output_index=1),
        ),
    )
    assert [(c.id, c.name, c.parse_arguments()) for c in answer.tool_calls] == [
        ("call_1", "f", {"a": 1}),
        ("call_2", "g", {"b": 2}),
    ]


@defect("B5")
def a_failed_responses_stream_is_no_success() -> None:
    """``error`` and ``response.failed`` fail with what came before; ``response.incomplete`` tells why it ended."""
    said = responses_text("Hal")
    failure: Body = {"error": {"code": "server_error", "message": "overloaded"}}
    for end in (
        responses_stream(*said, end="failed", **failure)[1:],
        [*said, {"type": "error", "code": "server_error", "message": "overloaded", "param": None}],
    ):
        broken = collected(RESPONSES, stream_bytes(responses_stream()[0], *end))
        assert isinstance(broken.error, errors.APIError)
        assert broken.response().text == "Hal"
    short = responses_stream(*said, end="incomplete", incomplete_details={"reason": "max_output_tokens"})
    answer = answer_of(RESPONSES, *short)
    assert (answer.text, answer.finish_reason) == ("Hal", FinishReason.LENGTH)


@defect("B6")
def equal_chunks_of_gemini_are_both_said() -> None:
    """Each chunk is new text: "ha" and "ha" make "haha", and no newline is taken for a repetition."""
    answer = answer_of(
        GEMINI,
        *(gemini_frame({"text": text}) for text in ("ha", "ha", "\n", "\n\nx")),
        gemini_frame({"text": "."}, finish="STOP"),
    )
    assert answer.text == "haha\n\n\nx."


def gemini_call(name: str, arguments: Body, **rest: Any) -> Body:
    return {"functionCall": {"name": name, "args": arguments, **rest}}


@defect("B7")
def a_call_in_a_later_chunk_of_gemini_is_another_call() -> None:
    """Both stand first in their chunk, with the same name: neither overwrites the other."""
    answer = answer_of(
        GEMINI,
        gemini_frame(gemini_call("f", {"n": 1})),
        gemini_frame(gemini_call("f", {"n": 2})),
        gemini_frame(finish="STOP"),
    )
    assert [call.parse_arguments() for call in answer.tool_calls] == [{"n": 1}, {"n": 2}]
    assert len({call.id for call in answer.tool_calls}) == 2
    assert answer.finish_reason is FinishReason.TOOL_CALLS


@defect("B8")
def a_call_of_gemini_has_one_id_from_its_start_to_its_end() -> None:
    """The host's own id stands in the first event and in the answer, and one call is one part."""
    data = stream_bytes(gemini_frame(gemini_call("f", {"n": 1}, id="fc-77")), gemini_frame(finish="STOP"))
    starts = [event.part for event in events_of(GEMINI, data) if isinstance(event, PartStart)]
    assert [part.id for part in starts if isinstance(part, ToolCallPart)] == ["fc-77"]
    assert [call.id for call in collected(GEMINI, data).response().tool_calls] == ["fc-77"]


@defect("B9")
def a_signature_that_was_streamed_goes_back_in_the_next_request() -> None:
    """Thinking, its seal, a redacted block and the calls of a stream are replayed block by block."""
    answer = answer_of(
        ANTHROPIC,
        anthropic_start(),
        *anthropic_block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "Look it up."},
            {"type": "signature_delta", "signature": "c2VhbA=="},
        ),
        *anthropic_block(1, {"type": "redacted_thinking", "data": "b3BhcXVl"}),
        *anthropic_tool(2, "toolu_1", "f", "{}"),
        *anthropic_end("tool_use", output_tokens=9),
    )
    codec = get_codec(ANTHROPIC)
    history = codec.decode_request({"model": "some-model", "max_tokens": 9, "messages": []})
    asked = codec.encode_request(
        type(history)("some-model", (Message(Role.USER, "Go."), answer.message)), report=Report()
    )
    assert asked["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "Look it up.", "signature": "c2VhbA=="},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
    ]


@defect("B10")
def counts_at_the_end_do_not_wipe_out_those_of_the_beginning() -> None:
    """``message_delta`` counts the output alone: the input of ``message_start`` stands."""
    usage = answer_of(ANTHROPIC, anthropic_start(input_tokens=40), *anthropic_end(output_tokens=7)).usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (40, 7)


@defect("B11")
def an_error_that_is_null_is_none() -> None:
    """A chunk with ``"error": null`` is a chunk."""
    answer = answer_of(CHAT, {**chat_chunk(content="Hi"), "error": None}, {**chat_chunk("stop"), "error": None})
    assert (answer.text, answer.finish_reason) == ("Hi", FinishReason.STOP)


@defect("B13")
def calls_without_ids_are_told_apart_by_their_place() -> None:
    """Two calls of one function without ids; a later empty id and name change nothing."""
    answer = answer_of(
        CHAT,
        chat_call(0, '{"n":', name="f"),
        chat_call(1, '{"n":', name="f"),
        chat_call(0, "1}", id="", name=""),
        chat_call(1, "2}", id="", name=""),
        chat_chunk("tool_calls"),
        "[DONE]",
    )
    assert [(call.name, call.parse_arguments()) for call in answer.tool_calls] == [("f", {"n": 1}), ("f", {"n": 2})]
    assert len({call.id for call in answer.tool_calls}) == 2


@defect("B14")
def calls_come_in_the_order_in_which_they_were_made() -> None:
    """Ids that sort the other way round do not turn the calls round."""
    chat = [chat_call(0, "{}", "z", "first"), chat_call(1, "{}", "a", "second"), chat_chunk("tool_calls"), "[DONE]"]
    items = (("fc_9", "z", "first"), ("fc_1", "a", "second"))
    calls = [step for i, item in enumerate(items) for step in responses_call(*item, "{}", output_index=i)]
    gemini = [gemini_frame(gemini_call("first", {}, id="z"), gemini_call("second", {}, id="a"), finish="STOP")]
    streams: dict[str, list[Any]] = {
        CHAT: chat,
        RESPONSES: responses_stream(
            *calls, output=[call["item"] for call in calls if call["type"].endswith("item.done")]
        ),
        ANTHROPIC: TWO_TOOLS,
        GEMINI: gemini,
    }
    for wire, frames in streams.items():
        assert [call.name for call in answer_of(wire, *frames).tool_calls] == ["first", "second"], wire


@defect("B15")
def bytes_that_end_too_soon_are_an_error() -> None:
    """On every wire: the stream fails, what came is kept, and a call that was cut is never run."""
    beginnings: dict[str, list[Body]] = {
        CHAT: [chat_chunk(content="Hal"), chat_call(0, '{"a":', "call_1", "f")],
        RESPONSES: [*responses_stream()[:1], *responses_text("Hal")],
        ANTHROPIC: [
            anthropic_start(),
            *anthropic_block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Hal"})[:2],
        ],
        GEMINI: [gemini_frame({"text": "Hal"})],
    }
    assert set(beginnings) == set(WIRES)
    for wire, frames in beginnings.items():
        collector = collected(wire, stream_bytes(*frames))
        assert isinstance(collector.error, errors.StreamInterrupted), wire
        answer = collector.response()
        assert answer.text == "Hal", wire
        assert all(call.incomplete for call in answer.tool_calls), wire


COUNTS = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
          "input_tokens_details": {"cached_tokens": 60}, "output_tokens_details": {"reasoning_tokens": 5}}  # fmt: skip


@defect("B25")
def counts_are_said_in_the_targets_own_names() -> None:
    """What a client of Responses reads again is what the other wire counted."""
    chunk = chat_chunk("stop")
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
             "prompt_tokens_details": {"cached_tokens": 60}}  # fmt: skip
    out = restreamed(
        CHAT, RESPONSES, chat_chunk(content="Hi"), chunk, {**chunk, "choices": [], "usage": usage}, "[DONE]"
    )
    (last,) = [frame for frame in frames_of(out) if frame["type"] == "response.completed"]
    counted = last["response"]["usage"]
    assert (counted["input_tokens"], counted["output_tokens"], counted["total_tokens"]) == (100, 20, 120)
    assert counted["input_tokens_details"]["cached_tokens"] == 60


@defect("B26")
def cached_tokens_are_counted_once() -> None:
    """To Messages, ``input_tokens`` is what was not cached; read again the sum is the same."""
    out = restreamed(RESPONSES, ANTHROPIC, *responses_stream(*responses_text("Hi"), usage=COUNTS))
    (counted,) = [frame["usage"] for frame in frames_of(out) if frame["type"] == "message_delta"]
    assert (counted["input_tokens"], counted["cache_read_input_tokens"]) == (40, 60)
    usage = collected(ANTHROPIC, out).usage
    assert usage is not None
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens) == (100, 60, 20)


@defect("B35")
def a_long_frame_in_small_pieces_is_not_searched_again_and_again() -> None:
    """The decoder's work grows with the bytes: counted in bytes that each piece makes it allocate."""
    decoder, allocated = SSEDecoder(), 0
    decoder.feed(b"data: ")
    tracemalloc.start()
    try:
        for _ in range(1000):
            piece = b"x" * 1000
            before, _peak = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            assert decoder.feed(piece) == []
            allocated += tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert allocated < 10_000_000  # joined anew for each piece: half a gigabyte
    (frame,) = decoder.feed(b"\n\n")
    assert len(frame.raw) == 1_000_000


@defect("B36")
def errors_and_blocked_prompts_of_gemini_are_told() -> None:
    """A frame ``{"error": ...}`` fails with what came; a blocked prompt finishes with the filter as its reason."""
    status = {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}
    broken = collected(GEMINI, stream_bytes(gemini_frame({"text": "Hal"}), {"error": status}))
    assert isinstance(broken.error, errors.ServerError)
    assert broken.response().text == "Hal"
    blocked = answer_of(GEMINI, {"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "some-model"})
    assert blocked.text == ""
    reasons = {choice.finish_reason for choice in blocked.choices}
    assert reasons <= {FinishReason.CONTENT_FILTER}
    feedback = blocked.native.data if blocked.native is not None else {}
    assert reasons or "SAFETY" in json.dumps(feedback)


@defect("L39")
def what_a_stream_says_beside_the_text_is_kept_or_told() -> None:
    """Refusals stay refusals, probabilities stay with their text, and where a wire has no place the report tells."""
    refusal = chat_chunk(refusal="I will not.")
    for target in (RESPONSES, ANTHROPIC, GEMINI):
        report = Report()
        answer = collected(target, restreamed(CHAT, target, refusal, chat_chunk("stop"), "[DONE]", report=report))
        assert answer.response().text == ""
        said = answer.response().refusal == "I will not."
        assert said or "refusal" in told(report), target
    word = {"token": "Hi", "logprob": -0.5, "bytes": None, "top_logprobs": []}
    chunk = chat_chunk(content="Hi")
    chunk["choices"][0]["logprobs"] = {"content": [word]}
    for target in (RESPONSES, ANTHROPIC, GEMINI):
        report = Report()
        out = restreamed(CHAT, target, chunk, chat_chunk("stop"), "[DONE]", report=report)
        assert (b"logprob" in out) is (target == RESPONSES)
        assert ("logprobs" in told(report)) is (target != RESPONSES)
    frames = responses_stream(*responses_text("Hi"))
    assert frames_of(restreamed(RESPONSES, RESPONSES, *frames)) == frames  # ids, places and blocks as they were


@defect.each
def test_defect(check: Check) -> None:
    check()
