"""The short way reads plain answers, and nothing else, just as the full way does."""

from typing import Any

from minillm.wire.openai_responses import response
from minillm.wire.openai_responses.plain import decode_plain

from ..plain_answers import read, recorded_answers, spoilt

ANSWER: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1741476542,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "model": "gpt",
    "output": [
        {
            "type": "message",
            "id": "msg_1",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hello.", "annotations": [], "logprobs": []}],
        }
    ],
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "usage": {
        "input_tokens": 19,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 21,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 40,
    },
}


def test_the_vendor_s_plain_answer_takes_the_short_way() -> None:
    """A text in the usual form is read by the short way, to the same values and residues."""
    assert decode_plain(ANSWER) is not None
    assert read(decode_plain, ANSWER) == read(response._decode_any, ANSWER)


def test_recorded_answers_come_out_the_same_by_both_ways() -> None:
    """Each recorded answer is read alike, and several of them by the short way."""
    short = 0
    for body in recorded_answers("openai_responses"):
        if decode_plain(body) is not None:
            short += 1
            assert read(decode_plain, body) == read(response._decode_any, body)
    assert short > 2


def test_a_plain_answer_with_anything_odd_in_it_comes_out_the_same_by_both_ways() -> None:
    """Whatever is changed, taken away or added anywhere, the short way does as the full one or leaves it."""
    for body in spoilt(ANSWER, seed=7, count=1500):
        if decode_plain(body) is not None:
            assert read(decode_plain, body) == read(response._decode_any, body), body
