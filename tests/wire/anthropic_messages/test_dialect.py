"""Stop reasons, both ways."""

import pytest

from minillm.types import CacheBreakpoint, FinishReason
from minillm.wire.anthropic_messages.dialect import cache_control, decode_reason, encode_reason, read_cache_control


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("end_turn", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP_SEQUENCE),
        ("max_tokens", FinishReason.LENGTH),
        ("tool_use", FinishReason.TOOL_CALLS),
        ("refusal", FinishReason.REFUSAL),
        ("pause_turn", FinishReason.PAUSED),
        ("model_context_window_exceeded", FinishReason.CONTEXT_FULL),
        ("novel", FinishReason.UNKNOWN),
        (None, None),
    ],
)
def test_a_stop_reason_means_this_and_comes_back(raw: str | None, reason: FinishReason | None) -> None:
    assert decode_reason(raw) is reason
    assert encode_reason(reason, raw) == raw


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.CONTENT_FILTER, "refusal"),
        (FinishReason.ERROR, "end_turn"),
        (FinishReason.CANCELLED, "end_turn"),
        (FinishReason.CONTEXT_FULL, "model_context_window_exceeded"),
    ],
)
def test_a_reason_from_elsewhere_is_said_in_the_nearest_word(reason: FinishReason, word: str) -> None:
    assert encode_reason(reason, "SAFETY", ours=False) == word


def test_a_word_that_nobody_knows_is_only_repeated_where_this_wire_said_it() -> None:
    assert encode_reason(FinishReason.UNKNOWN, "eos", ours=False) == "end_turn"
    assert encode_reason(FinishReason.STOP, "max_tokens") == "end_turn"  # it was changed since


@pytest.mark.parametrize("mark", [CacheBreakpoint(), CacheBreakpoint("1h")])
def test_cache_marks(mark: CacheBreakpoint) -> None:
    assert read_cache_control(cache_control(mark)) == mark
    assert read_cache_control({"type": "novel"}) is None
