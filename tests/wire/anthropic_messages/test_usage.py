"""Token counts: this vendor's input leaves out what the cache holds."""

from typing import Any

import pytest

from minillm.types import Usage
from minillm.wire.anthropic_messages.usage import decode_usage, encode_usage

RAW = {
    "input_tokens": 3,
    "cache_read_input_tokens": 10,
    "cache_creation_input_tokens": 7,
    "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 2},
    "output_tokens": 9,
    "output_tokens_details": {"thinking_tokens": 4},
    "service_tier": "standard",
}


def test_buckets_and_totals() -> None:
    usage = decode_usage(RAW)
    assert usage == Usage(3, 10, {"5m": 5, "1h": 2}, None, 9, 4)
    assert usage is not None
    assert (usage.input_tokens, usage.total_tokens) == (20, 29)
    assert encode_usage(usage) == RAW


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ({"cache_creation_input_tokens": 7}, {"": 7}),
        ({"cache_creation_input_tokens": 7, "cache_creation": None}, {"": 7}),
        (
            {"cache_creation_input_tokens": 7, "cache_creation": {"ephemeral_5m_input_tokens": 1}},
            {"": 7},
        ),  # contradicts
        ({"cache_creation": {"ephemeral_1h_input_tokens": 1}}, {"1h": 1}),
        ({"cache_creation_input_tokens": None}, None),
        ({"cache_creation_input_tokens": -1}, None),
    ],
)
def test_cache_writes(raw: dict[str, Any], written: dict[str, int] | None) -> None:
    usage = decode_usage(raw)
    assert usage is not None
    assert usage.cache_write_tokens == written
    assert {key: value for key, value in encode_usage(usage).items() if key in raw} == raw


def test_a_later_report_keeps_the_lifetimes_of_what_was_written() -> None:
    """The final counts of a stream name only the sum, and the two lifetimes have different prices."""
    before = decode_usage(RAW)
    later = decode_usage({"cache_creation_input_tokens": 7, "output_tokens": 20}, before)
    assert later is not None
    assert later.cache_write_tokens == {"5m": 5, "1h": 2}
    assert encode_usage(later) == {"cache_creation_input_tokens": 7, "output_tokens": 20}
    other = decode_usage({"cache_creation_input_tokens": 8}, before)
    assert other is not None
    assert other.cache_write_tokens == {"": 8}


@pytest.mark.parametrize("raw", [None, {}, [], "x"])
def test_nothing_reported_is_no_usage(raw: Any) -> None:
    assert decode_usage(raw) is None


def test_usage_of_another_wire_is_said_with_equal_totals() -> None:
    assert encode_usage(None) == {"input_tokens": 0, "output_tokens": 0}
    assert encode_usage(Usage(3, 10, {"30m": 2}, 5, 9, 4)) == {
        "input_tokens": 8,  # with what server-side tools took
        "cache_creation_input_tokens": 2,
        "cache_read_input_tokens": 10,
        "output_tokens": 9,
        "output_tokens_details": {"thinking_tokens": 4},
    }
