"""Words of this wire: statuses for reasons, and cache marks."""

from typing import Any

import pytest

from minillm.types import CacheBreakpoint, FinishReason
from minillm.wire.openai_responses.dialect import (
    MARK,
    cache_mark,
    decode_reason,
    encode_reason,
    raw_reason,
    read_cache_mark,
)


@pytest.mark.parametrize(
    ("body", "raw", "reason"),
    [
        ({"status": "completed"}, "completed", FinishReason.STOP),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            "max_output_tokens",
            FinishReason.LENGTH,
        ),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            "content_filter",
            FinishReason.CONTENT_FILTER,
        ),
        ({"status": "incomplete", "incomplete_details": {"reason": "steered"}}, "steered", FinishReason.PAUSED),
        ({"status": "incomplete", "incomplete_details": {"reason": "novel"}}, "novel", FinishReason.UNKNOWN),
        ({"status": "incomplete", "incomplete_details": None}, "incomplete", FinishReason.UNKNOWN),
        ({"status": "cancelled"}, "cancelled", FinishReason.CANCELLED),
        ({"status": "in_progress"}, "in_progress", None),
        ({"status": "queued"}, "queued", None),
        ({"status": None}, None, None),
        ({}, None, None),
    ],
)
def test_why_an_answer_ended(body: dict[str, Any], raw: str | None, reason: FinishReason | None) -> None:
    assert raw_reason(body) == raw
    assert decode_reason(raw, calls=False, refused=False) is reason


def test_what_an_answer_holds_tells_why_it_ended() -> None:
    """There is no word for calls and refusals: the answer is just completed."""
    assert decode_reason("completed", calls=True, refused=True) is FinishReason.TOOL_CALLS
    assert decode_reason("completed", calls=False, refused=True) is FinishReason.REFUSAL
    assert decode_reason("max_output_tokens", calls=True, refused=True) is FinishReason.LENGTH


@pytest.mark.parametrize(
    ("reason", "raw", "status"),
    [
        (FinishReason.STOP, "completed", ("completed", None)),
        (FinishReason.TOOL_CALLS, "completed", ("completed", None)),
        (FinishReason.REFUSAL, "completed", ("completed", None)),
        (FinishReason.LENGTH, "max_messages", ("incomplete", "max_messages")),
        (FinishReason.UNKNOWN, "incomplete", ("incomplete", "incomplete")),
        (FinishReason.CANCELLED, "cancelled", ("cancelled", None)),
        (None, "queued", ("queued", None)),
    ],
)
def test_a_word_of_this_wire_is_said_again(
    reason: FinishReason | None, raw: str, status: tuple[str, str | None]
) -> None:
    assert encode_reason(reason, raw) == status


@pytest.mark.parametrize(
    ("reason", "raw", "status"),
    [
        (FinishReason.STOP, "max_output_tokens", ("completed", None)),  # it was changed since
        (FinishReason.STOP_SEQUENCE, "stop_sequence", ("completed", None)),
        (FinishReason.CONTEXT_FULL, None, ("incomplete", "max_output_tokens")),
        (FinishReason.CONTENT_FILTER, "SAFETY", ("incomplete", "content_filter")),
        (FinishReason.PAUSED, "pause_turn", ("incomplete", "steered")),
        (FinishReason.INTERRUPTED, None, ("cancelled", None)),
        (FinishReason.ERROR, None, ("failed", None)),
        (FinishReason.UNKNOWN, "eos", ("completed", None)),
        (None, None, ("in_progress", None)),
    ],
)
def test_a_reason_from_elsewhere_is_said_in_the_nearest_word(
    reason: FinishReason | None, raw: str | None, status: tuple[str, str | None]
) -> None:
    assert encode_reason(reason, raw) == status


@pytest.mark.parametrize("mark", [CacheBreakpoint(), CacheBreakpoint("12h")])
def test_cache_marks(mark: CacheBreakpoint) -> None:
    assert read_cache_mark({MARK: cache_mark(mark)}) == mark


@pytest.mark.parametrize("raw", [{}, {MARK: None}, {MARK: "x"}])
def test_what_is_no_mark_is_none(raw: dict[str, Any]) -> None:
    assert read_cache_mark(raw) is None
