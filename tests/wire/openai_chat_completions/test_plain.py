"""The short way reads plain answers, and nothing else, just as the full way does."""

from typing import Any

import pytest

from minillm.wire.openai_chat_completions import response, usage
from minillm.wire.openai_chat_completions.plain import decode_plain

from ..plain_answers import read, recorded_answers, spoilt

ANSWER: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1741569952,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello.", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 19,
        "completion_tokens": 10,
        "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2, "audio_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 0, "accepted_prediction_tokens": 0},
    },
    "service_tier": "default",
    "system_fingerprint": "fp",
}


def test_the_vendor_s_plain_answer_takes_the_short_way() -> None:
    """A text in the usual form is read by the short way, to the same values and residues."""
    assert decode_plain(ANSWER) is not None
    assert usage.plain_usage(ANSWER["usage"]) is not None
    assert read(decode_plain, ANSWER) == read(response._decode_any, ANSWER)


@pytest.mark.parametrize("short", [True, False])
def test_an_answer_is_not_changed_by_reading_it(short: bool) -> None:
    """What is kept of it is a copy: the caller's own body stays whole."""
    body = {**ANSWER, "usage": {**ANSWER["usage"]}}
    before = repr(body)
    (decode_plain if short else response._decode_any)(body)
    assert repr(body) == before


def test_recorded_answers_come_out_the_same_by_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each recorded answer is read alike, and several of them by the short way."""
    both = [(body, read(decode_plain, body)) for body in recorded_answers("openai_chat") if decode_plain(body)]
    assert len(both) > 5
    monkeypatch.setattr(usage, "plain_usage", lambda raw: None)
    for body, found in both:
        assert found == read(response._decode_any, body)


def test_a_plain_answer_with_anything_odd_in_it_comes_out_the_same_by_both_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is changed, taken away or added anywhere, the short way does as the full one or leaves it."""
    both = [(body, read(decode_plain, body)) for body in spoilt(ANSWER, seed=7, count=3000) if decode_plain(body)]
    assert len(both) > 100
    monkeypatch.setattr(usage, "plain_usage", lambda raw: None)
    for body, found in both:
        assert found == read(response._decode_any, body), body


def test_recorded_usage_comes_out_the_same_by_both_ways() -> None:
    """Counts and residue of every recorded answer's usage that the short way reads, spoilt ones as well."""
    short = 0
    for at, body in enumerate(recorded_answers("openai_chat")):
        said = body.get("usage")
        for raw in (said, *spoilt(said, seed=at, count=60)) if isinstance(said, dict) else ():
            if usage.plain_usage(raw) is not None:
                short += 1
                assert read(usage.plain_usage, raw) == read(usage._decode_any, raw), raw
    assert short > 100
