"""Frames that differ in one text alone are read by that text, and come out as if each was read in full."""

import json
import random
import sys
from typing import Any

import orjson
import pytest

from minillm.wire import WIRES, get_codec
from minillm.wire.recurring import Recurring
from minillm.wire.sse import ServerSentEvent

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES
TEXTS = ["a", " b", 'say "x"', "}", '"}}', "caf\u00e9", "\\", "\n", "", "m", "text", "0"]


def frame(wire: str, text: Any, **more: Any) -> dict[str, Any]:
    """A frame that brings a text, in the usual form."""
    if wire == CHAT:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        return {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}
    if wire == ANTHROPIC:
        return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}, **more}
    if wire == RESPONSES:
        place = {"item_id": "i", "output_index": 0, "content_index": 0}
        return {"type": "response.output_text.delta", **place, "delta": text, **more}
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    return {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 3}, "modelVersion": "m", **more}


OPENINGS: dict[str, list[Any]] = {
    CHAT: [],
    ANTHROPIC: [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}],
    RESPONSES: [
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "content": []}},
        {"type": "response.content_part.added", "output_index": 0, "content_index": 0,
         "part": {"type": "output_text", "text": ""}},
    ],
    GEMINI: [],
}  # fmt: skip

CLOSINGS: dict[str, Any] = {
    CHAT: {"id": "a", "choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}}]},
    ANTHROPIC: {"type": "content_block_stop", "index": 0},
    RESPONSES: {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "other"},
    GEMINI: {"candidates": [{"content": {"parts": [{"functionCall": {"name": "f", "args": {}}}]}, "index": 0}]},
}  # fmt: skip


def frames(wire: str, rng: random.Random) -> list[bytes]:
    """A stream of mostly recurring frames, with others between them, spelt in several ways."""
    said: list[bytes] = [orjson.dumps(opening) for opening in OPENINGS[wire]]
    for _ in range(rng.randrange(2, 30)):
        text = rng.choice(TEXTS)
        made = orjson.dumps(frame(wire, text))
        deed = rng.randrange(12)
        if deed == 0:
            made = json.dumps(frame(wire, text)).encode()  # spaces, and escapes for what is not ASCII
        elif deed == 1:
            made = orjson.dumps(frame(wire, text, extra=text))
        elif deed == 2:
            made = orjson.dumps(CLOSINGS[wire])
        elif deed == 3:
            made = made.replace(orjson.dumps(text), rng.choice([b"1", b"null", b'"a","b":"c"', b"[]", b'"\\ud800"']))
        elif deed == 4:
            made = made[:-1] + b"  }"
        elif deed == 5:
            made = made[: rng.randrange(len(made))]
        said.append(made)
    return said


@pytest.mark.parametrize("wire", WIRES)
def test_a_stream_of_recurring_frames_comes_out_as_if_each_was_read_in_full(wire: str) -> None:
    """Whatever stands between them, and however they are spelt."""
    for seed in range(150):
        said = frames(wire, random.Random(seed))
        short, full = (get_codec(wire).stream_decoder(native=False) for _ in range(2))
        if wire != RESPONSES:  # whose frames are numbered
            full._recurring.tries = 0  # type: ignore[attr-defined]  # it learns nothing
        given = [short.feed_many([ServerSentEvent("", raw) for raw in said]), short.finish()]
        expected = [[event for raw in said for event in full.feed_many([ServerSentEvent("", raw)])], full.finish()]
        assert list(map(repr, given)) == list(map(repr, expected)), seed


def test_what_recurs_is_learnt_from_a_frame() -> None:
    """The bytes before and behind the text, where it stands, though the same letters stand elsewhere too."""
    recurring = Recurring(("delta", "text"), orjson.loads)
    recurring.learn(b'{"a":"x","delta":{"text":"x"},"b":1}', 3, 1)
    assert (recurring.before, recurring.behind) == (b'{"a":"x","delta":{"text":', b'},"b":1}')
    assert (recurring.part, recurring.choice) == (3, 1)
    recurring.forget()
    assert not recurring.before


def test_nothing_is_learnt_where_the_text_cannot_be_told() -> None:
    """The last bytes of its letters are another text's, or it is spelt otherwise: no frame is read by that."""
    for raw in (
        b'{"delta":{"text":"x"},"b":"x"}',
        b'{"delta":{"text":"\\u0078"}}',
        b'{"delta":{"text":"\\u0078"},"x":1}',
    ):
        recurring = Recurring(("delta", "text"), orjson.loads)
        recurring.learn(raw, 0)
        assert not recurring.before


def test_nothing_is_learnt_from_what_is_too_deep_to_compare() -> None:
    """Found by fuzzing: such a frame parses, but Python 3.11 cannot tell two of them from each other; 3.12 can."""
    known, deep = Recurring(("delta",), orjson.loads), b', "deep": ' + b"[" * 1000 + b"]" * 1000 + b"}"
    known.learn(b'{"delta": "hello"' + deep, 0)
    told = sys.version_info >= (3, 12)
    assert (known.before, known.behind) == ((b'{"delta": ', deep) if told else (b"", b""))


def test_it_is_not_tried_for_ever() -> None:
    """A stream that numbers its frames is not asked again and again what recurs in it."""
    decoder = get_codec(CHAT).stream_decoder(native=False)
    decoder.feed_many([ServerSentEvent("", orjson.dumps(frame(CHAT, "x", number=number))) for number in range(50)])
    assert decoder._recurring.tries == 0  # type: ignore[attr-defined]


def test_padded_frames_recur_too() -> None:
    """Spaces before the last brace, as Anthropic sends them, say nothing."""
    decoder = get_codec(ANTHROPIC).stream_decoder(native=False)
    padded = [
        orjson.dumps(frame(ANTHROPIC, text))[:-1] + b" " * number + b"}" for number, text in enumerate("abcdefgh")
    ]
    events = decoder.feed_many([ServerSentEvent("", raw) for raw in (orjson.dumps(OPENINGS[ANTHROPIC][0]), *padded)])
    assert [event.delta for event in events[1:]] == list("abcdefgh")  # type: ignore[union-attr]
    assert decoder._recurring.tries == 3  # type: ignore[attr-defined]  # one was enough
