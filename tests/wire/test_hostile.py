"""What fuzzing has found, one case each: bodies and frames that once broke a wire in an untyped way."""

import contextlib
from typing import Any

import pytest

from minillm.errors import DecodeError, MiniLLMError
from minillm.json.serialization import dumps
from minillm.report import Report
from minillm.types import ChatRequest, ChatResponse, Message, Role, ToolCallPart
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.sse import SSEDecoder

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


DEEP = nested(985)
ARGUMENTS = [
    {"functionCall": {"name": "f", "willContinue": True, "partialArgs": [{"jsonPath": "$[²]", "numberValue": 1}]}}
]
QUOTA = {"@type": "x", "violations": [{"quotaId": DEEP, "quotaValue": DEEP}]}

REQUESTS = {
    "kind nested too deep to be spelled": (
        RESPONSES,
        {"model": "m", "input": [{"role": "user", "content": [{"type": DEEP}]}]},
    ),
    "choice nested too deep": (ANTHROPIC, {"model": "m", "messages": [], "tools": [], "tool_choice": {"type": DEEP}}),
    "mode nested too deep": (
        GEMINI,
        {"contents": [], "toolConfig": {"functionCallingConfig": {"mode": DEEP}}},
    ),
    "lists in lists": (GEMINI, {"contents": [DEEP]}),
    "type of a schema": (GEMINI, {"contents": [], "generationConfig": {"responseSchema": {"type": DEEP}}}),
    "arguments too deep to be compared": (
        ANTHROPIC,
        {
            "model": "m",
            "messages": [
                {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {"a": DEEP}}]}
            ],
        },
    ),
    "the key of our hints": (RESPONSES, {"model": "m", "input": "q", "~": {"odd": {"input": 5}}}),
    "hints in a message": (CHAT, {"model": "m", "messages": [{"role": "user", "content": "q", "~": {"absent": 5}}]}),
}
RESPONSES_ = {
    "the key of our hints": (CHAT, {"choices": [{"message": {"role": "assistant", "content": "x", "~": 5}}], "~": []}),
    "hints in usage": (ANTHROPIC, {"type": "message", "role": "assistant", "content": [], "usage": {"~": {"odd": 5}}}),
}
FRAMES = {
    "kind too deep": (ANTHROPIC, {"type": DEEP}),
    "delta's kind too deep": (
        ANTHROPIC,
        {"type": "content_block_delta", "index": 0, "delta": {"type": DEEP}},
    ),
    "number of a choice too deep": (CHAT, {"choices": [{"index": DEEP, "delta": {"odd": 1}}], "id": "x"}),
    "hints in a delta": (
        ANTHROPIC,
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x", "~": {"odd": 5}}},
    ),
    "event too deep": (RESPONSES, {"type": DEEP}),
    "steps that are digits to Unicode alone": (GEMINI, {"candidates": [{"content": {"parts": ARGUMENTS}}]}),
    "the key of our hints": (CHAT, {"choices": [], "~": {"event": DEEP}}),
}


@pytest.mark.parametrize(("wire", "body"), REQUESTS.values(), ids=REQUESTS.keys())
def test_requests(wire: str, body: dict[str, Any]) -> None:
    for target in WIRES:
        with contextlib.suppress(MiniLLMError):
            out = rewrite_request(body, source=wire, target=target, model="m", report=Report())
            assert target != wire or sorted(dumps(without_model(out))) == sorted(dumps(without_model(body)))


def without_model(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "model"}


@pytest.mark.parametrize(("wire", "body"), RESPONSES_.values(), ids=RESPONSES_.keys())
def test_answers(wire: str, body: dict[str, Any]) -> None:
    for target in WIRES:
        with contextlib.suppress(MiniLLMError):
            out = rewrite_response(body, source=wire, target=target, report=Report())
            assert target != wire or out == body


@pytest.mark.parametrize(("wire", "frame"), FRAMES.values(), ids=FRAMES.keys())
def test_frames(wire: str, frame: dict[str, Any]) -> None:
    for target in WIRES:
        rewriter = rewrite_stream(source=wire, target=target, report=Report())
        with contextlib.suppress(MiniLLMError):
            rewriter.feed(b"data: " + dumps(frame) + b"\n\n")
        rewriter.finish()


def test_a_call_without_an_id_is_read_again() -> None:
    message = Message(Role.ASSISTANT, (ToolCallPart("", "f", "{}"),))
    body = get_codec(RESPONSES).encode_request(ChatRequest("m", (message,)), report=Report())
    assert [call.id for call in get_codec(RESPONSES).decode_request(body).messages[0].tool_calls] == [""]


def test_a_quota_that_is_no_word() -> None:
    body = {"error": {"code": 429, "message": "x", "details": [QUOTA]}}
    assert get_codec(GEMINI).decode_error(429, {}, dumps(body)).status == 429


def test_a_time_to_reconnect_of_too_many_digits() -> None:
    decoder = SSEDecoder()
    (event,) = decoder.feed(b"retry: " + b"9" * 5000 + b"\ndata: x\n\n")
    assert (event.data, event.retry) == ("x", None)


@pytest.mark.parametrize("wire", WIRES)
def test_an_answer_of_nothing_is_read_again(wire: str) -> None:
    """No choices, no counts, not even an id."""
    body = get_codec(wire).encode_response(ChatResponse("", ""), report=Report())
    assert get_codec(wire).decode_response(body).text == ""


def test_an_answer_of_gemini_s_without_anything_is_none() -> None:
    with pytest.raises(DecodeError, match="candidates"):
        get_codec(GEMINI).decode_response({"modelVersion": "m"})


def test_a_mark_of_byte_order_cut_in_pieces_before_an_only_line() -> None:
    data = b"\xef\xbb\xbfe"
    whole, pieces = SSEDecoder(), SSEDecoder()
    found = [*whole.feed(data), *whole.finish()]
    assert [*(event for byte in data for event in pieces.feed(bytes([byte]))), *pieces.finish()] == found


def test_counts_too_deep_to_be_compared() -> None:
    rewriter = rewrite_stream(source=GEMINI, target=CHAT, report=Report())
    for _ in range(2):
        counts = {"promptTokenCount": 1, "odd": nested(985)}
        rewriter.feed(b"data: " + dumps({"candidates": [], "usageMetadata": counts}) + b"\n\n")
    rewriter.finish()
