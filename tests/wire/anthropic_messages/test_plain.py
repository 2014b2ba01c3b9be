"""The short way reads plain answers, and nothing else, just as the full way does."""

from typing import Any

from minillm.wire.anthropic_messages import response
from minillm.wire.anthropic_messages.plain import decode_plain

from ..plain_answers import read, recorded_answers, spoilt

ANSWER: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "stop_details": None,
    "usage": {
        "input_tokens": 19,
        "cache_creation_input_tokens": 5,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3},
        "output_tokens": 210,
        "service_tier": "standard",
    },
}


def test_the_vendor_s_plain_answer_takes_the_short_way() -> None:
    """A text in the usual form is read by the short way, to the same values and residues."""
    assert decode_plain(ANSWER) is not None
    assert read(decode_plain, ANSWER) == read(response._decode_any, ANSWER)


def test_recorded_answers_come_out_the_same_by_both_ways() -> None:
    """Each recorded answer is read alike, and several of them by the short way."""
    short = 0
    for body in recorded_answers("anthropic_messages"):
        if decode_plain(body) is not None:
            short += 1
            assert read(decode_plain, body) == read(response._decode_any, body)
    assert short > 2


def test_a_plain_answer_with_anything_odd_in_it_comes_out_the_same_by_both_ways() -> None:
    """Whatever is changed, taken away or added anywhere, the short way does as the full one or leaves it."""
    for body in spoilt(ANSWER, seed=7, count=1500):
        if decode_plain(body) is not None:
            assert read(decode_plain, body) == read(response._decode_any, body), body
