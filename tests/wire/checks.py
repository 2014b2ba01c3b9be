"""Checks that are known by the number of a defect, and small conversions for them.

``pytest -k "defect[B7]"`` runs the check of B7: docs/parity.md says what the numbers stand for.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from minillm.report import Report
from minillm.types import ChatResponse, Collector, StreamEvent
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.sse import SSEDecoder

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES
MODEL = "some-model"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
OTHERS = {wire: [other for other in WIRES if other != wire] for wire in WIRES}

Check = Callable[[], None]
Body = dict[str, Any]


class Checks:
    """The checks of one file, by the ids they answer for."""

    def __init__(self) -> None:
        self._by_id: dict[str, Check] = {}

    def __call__(self, *ids: str) -> Callable[[Check], Check]:
        """Note the decorated function as the check of these ids."""

        def note(check: Check) -> Check:
            for number in ids:
                assert number not in self._by_id, f"{number} has a check already"
                self._by_id[number] = check
            return check

        return note

    def run(self, number: str) -> None:
        """Run one check."""
        self._by_id[number]()

    def each(self, test: Callable[[Check], None]) -> Callable[[Check], None]:
        """Parametrise a test with all checks noted so far."""
        cases = [pytest.param(check, id=number) for number, check in self._by_id.items()]
        return pytest.mark.parametrize("check", cases)(test)


def stream_bytes(*frames: Body | str) -> bytes:
    """Frames as a host writes them; those with a ``type`` name it as the event too."""
    lines = []
    for frame in frames:
        if isinstance(frame, dict) and "type" in frame:
            lines.append(f"event: {frame['type']}\n")
        lines.append(f"data: {frame if isinstance(frame, str) else json.dumps(frame)}\n\n")
    return "".join(lines).encode()


def events_of(wire: str, data: bytes) -> list[StreamEvent]:
    frames, decoder = SSEDecoder(), get_codec(wire).stream_decoder()
    events = [event for frame in [*frames.feed(data), *frames.finish()] for event in decoder.feed(frame)]
    return events + decoder.finish()


def collected(wire: str, data: bytes) -> Collector:
    collector = Collector()
    for event in events_of(wire, data):
        collector.feed(event)
    return collector


def answer_of(wire: str, *frames: Body | str) -> ChatResponse:
    """The answer of a stream that came to its end."""
    collector = collected(wire, stream_bytes(*frames))
    assert collector.error is None, collector.error
    return collector.response()


def restreamed(source: str, target: str, *frames: Body | str, report: Report | None = None) -> bytes:
    rewriter = rewrite_stream(source=source, target=target, report=Report() if report is None else report)
    return rewriter.feed(stream_bytes(*frames)) + rewriter.finish()


def frames_of(data: bytes) -> list[Body]:
    decoder = SSEDecoder()
    raw = [frame.raw for frame in [*decoder.feed(data), *decoder.finish()]]
    return [json.loads(text) for text in raw if text not in ("[DONE]", b"[DONE]")]


def asked(source: str, target: str, body: Body) -> tuple[Body, str]:
    """A request in the target's words, and what the report tells, a line a loss."""
    report = Report()
    model = MODEL if source == GEMINI else None
    out = rewrite_request({"model": MODEL, **body} if model is None else body, source=source, target=target,
                          model=model, report=report)  # fmt: skip
    return out, told(report)


def answered(source: str, target: str, body: Body) -> tuple[Body, str]:
    """An answer in the target's words, and what the report tells."""
    report = Report()
    return rewrite_response(body, source=source, target=target, report=report), told(report)


def told(report: Report) -> str:
    return "\n".join(f"{loss.severity} {loss.path} {loss.what}: {loss.reason}" for loss in report.losses)


def chat_chunk(finish: str | None = None, *, index: int = 0, **delta: Any) -> Body:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}


def chat_call(index: int, arguments: str, id: str | None = None, name: str | None = None) -> Body:
    head = {} if id is None else {"id": id, "type": "function"}
    function = {} if name is None else {"name": name}
    return chat_chunk(tool_calls=[{"index": index, **head, "function": {**function, "arguments": arguments}}])


def chat_answer(message: Body, finish: str = "stop", **rest: Any) -> Body:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": MODEL, "choices": [choice], **rest}


def responses_answer(*output: Body, status: str = "completed", **rest: Any) -> Body:
    return {"id": "r1", "object": "response", "created_at": 1, "model": MODEL, "status": status,
            "output": list(output), **rest}  # fmt: skip


def anthropic_answer(*content: Body, stop: str = "end_turn", **usage: Any) -> Body:
    counts = {"input_tokens": 3, "output_tokens": 5, **usage}
    return {"id": "m1", "type": "message", "role": "assistant", "model": MODEL, "content": list(content),
            "stop_reason": stop, "stop_sequence": None, "usage": counts}  # fmt: skip


def gemini_frame(*parts: Body, finish: str | None = None, **rest: Any) -> Body:
    candidate: Body = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": MODEL, "responseId": "g1", **rest}


def anthropic_start(**usage: Any) -> Body:
    message = anthropic_answer(**usage)
    return {"type": "message_start", "message": {**message, "stop_reason": None}}


def anthropic_block(index: int, block: Body, *deltas: Body) -> list[Body]:
    steps = [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    start = {"type": "content_block_start", "index": index, "content_block": block}
    return [start, *steps, {"type": "content_block_stop", "index": index}]


def anthropic_end(stop: str = "end_turn", **usage: Any) -> list[Body]:
    delta = {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage}
    return [delta, {"type": "message_stop"}]


TOOL = {"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {}}}


def user(content: Any) -> list[Body]:
    return [{"role": "user", "content": content}]


def messages(content: Any, **rest: Any) -> Body:
    """A body for Messages with one turn of the user."""
    return {"max_tokens": 50, "messages": user(content), **rest}


def chat(content: Any = "Hi", **rest: Any) -> Body:
    return {"messages": user(content), **rest}


def base64_source(mime: str, data: str = PIXEL) -> Body:
    return {"type": "base64", "media_type": mime, "data": data}


PICTURE = {"type": "image", "source": base64_source("image/png")}


def with_result(*user_blocks: Body, **result: Any) -> Body:
    """A conversation for Messages: a call, its result, and whatever else the user says with it."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "lookup", "input": {"q": "x"}}
    answer = {"type": "tool_result", "tool_use_id": "toolu_1", **result}
    turns = [*user("Go"), {"role": "assistant", "content": [call]}, *user([answer, *user_blocks])]
    return {"max_tokens": 50, "messages": turns}


PLAIN: dict[str, Body] = {
    CHAT: chat(tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]),
    RESPONSES: {"input": "Hi", "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}]},
    ANTHROPIC: messages("Hi"),
    GEMINI: {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
}
