"""An answer as the list that a stream is without ``alt=sse``."""

import pytest

from minillm.errors import RateLimitError, StreamInterrupted
from minillm.types import FinishReason
from minillm.wire.gemini_generate_content.listed import decode_list


def chunk(text: str, **candidate: str) -> dict[str, object]:
    return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, **candidate}]}


def test_the_chunks_are_one_answer() -> None:
    found = decode_list([chunk("a"), chunk("b", finishReason="STOP")])
    assert (found.text, found.finish_reason) == ("ab", FinishReason.STOP)


def test_an_error_among_them_is_raised() -> None:
    with pytest.raises(RateLimitError):
        decode_list([chunk("a"), {"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}}])


@pytest.mark.parametrize("bodies", [[], [chunk("a")], [{}]])
def test_a_list_without_its_end_was_cut(bodies: list[object]) -> None:
    with pytest.raises(StreamInterrupted):
        decode_list(bodies)
