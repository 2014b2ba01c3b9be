"""The short way reads plain answers, and nothing else, just as the full way does."""

from typing import Any

from minillm.wire.gemini_generate_content import response
from minillm.wire.gemini_generate_content.plain import decode_plain

from ..plain_answers import read, recorded_answers, spoilt

ANSWER: dict[str, Any] = {
    "candidates": [
        {
            "content": {"parts": [{"text": "Hello."}], "role": "model"},
            "finishReason": "STOP",
            "index": 0,
            "avgLogprobs": -0.1,
        }
    ],
    "usageMetadata": {
        "promptTokenCount": 19,
        "candidatesTokenCount": 21,
        "thoughtsTokenCount": 2,
        "totalTokenCount": 42,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 19}],
    },
    "modelVersion": "gemini",
    "responseId": "id",
}


def test_the_vendor_s_plain_answer_takes_the_short_way() -> None:
    """A text in the usual form is read by the short way, to the same values and residues."""
    assert decode_plain(ANSWER) is not None
    assert read(decode_plain, ANSWER) == read(response._decode_any, ANSWER)


def test_recorded_answers_come_out_the_same_by_both_ways() -> None:
    """Each recorded answer is read alike, and several of them by the short way."""
    short = 0
    for body in recorded_answers("gemini_generate"):
        if decode_plain(body) is not None:
            short += 1
            assert read(decode_plain, body) == read(response._decode_any, body)
    assert short > 2


def test_a_plain_answer_with_anything_odd_in_it_comes_out_the_same_by_both_ways() -> None:
    """Whatever is changed, taken away or added anywhere, the short way does as the full one or leaves it."""
    for body in spoilt(ANSWER, seed=7, count=1500):
        if decode_plain(body) is not None:
            assert read(decode_plain, body) == read(response._decode_any, body), body
