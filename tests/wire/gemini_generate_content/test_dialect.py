"""Finish reasons, both ways."""

import pytest

from minillm.types import FinishReason
from minillm.wire.gemini_generate_content.dialect import decode_reason, encode_reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("STOP", FinishReason.STOP),
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("SAFETY", FinishReason.CONTENT_FILTER),
        ("RECITATION", FinishReason.CONTENT_FILTER),
        ("MALFORMED_FUNCTION_CALL", FinishReason.ERROR),
        ("CONTINUATION", FinishReason.PAUSED),
        ("NOVEL", FinishReason.UNKNOWN),
        ("", None),
        (None, None),
    ],
)
def test_a_finish_reason_means_this_and_comes_back(raw: str | None, reason: FinishReason | None) -> None:
    assert decode_reason(raw, calls=False) is reason
    if raw:
        assert encode_reason(reason, raw) == raw


def test_calls_end_with_stop_and_only_the_parts_tell() -> None:
    assert decode_reason("STOP", calls=True) is FinishReason.TOOL_CALLS
    assert decode_reason("MAX_TOKENS", calls=True) is FinishReason.LENGTH
    assert encode_reason(FinishReason.TOOL_CALLS, "STOP") == "STOP"


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.TOOL_CALLS, "STOP"),
        (FinishReason.REFUSAL, "SAFETY"),
        (FinishReason.CONTEXT_FULL, "MAX_TOKENS"),
        (FinishReason.INTERRUPTED, "OTHER"),
        (FinishReason.UNKNOWN, "OTHER"),
        (None, None),
    ],
)
def test_a_reason_from_elsewhere_is_said_in_the_nearest_word(reason: FinishReason | None, word: str | None) -> None:
    assert encode_reason(reason, "eos", ours=False) == word
