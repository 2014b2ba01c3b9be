"""Token counts: the vendor's totals overlap, ours are disjoint."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from minillm.types import Usage
from minillm.wire.openai_responses.usage import decode_usage, encode_usage
from tests.wire.openai_responses import bodies
from tests.wire.recorded import differences


@given(bodies.USAGES)
def test_any_counts_come_back_as_they_were(raw: dict[str, Any]) -> None:
    found = decode_usage(raw)
    if raw:
        assert found is not None
        assert differences(raw, encode_usage(found)) == {}
    else:
        assert found is None


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        ({"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}, Usage(3, output_tokens=2)),
        (
            {
                "input_tokens": 10,
                "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
                "output_tokens": 5,
                "output_tokens_details": {"reasoning_tokens": 3},
                "total_tokens": 15,
            },
            Usage(5, 4, {"": 1}, output_tokens=5, reasoning_tokens=3),
        ),
        (
            {
                "input_tokens": 10,
                "input_tokens_details": {
                    "cache_write_tokens": 3,
                    "cache_write_tokens_details": {"ttl_30m_tokens": 1, "ttl_12h_tokens": 2},
                },
            },
            Usage(7, None, {"30m": 1, "12h": 2}),
        ),
        ({"input_tokens": 3, "input_tokens_details": {"cached_tokens": 9}}, Usage(3)),  # parts that exceed the total
        ({"output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 9}}, Usage(output_tokens=3)),
        ({"input_tokens": "x", "output_tokens": -1}, Usage()),
        ({"cost_in_usd_ticks": 25_000_000}, Usage(cost_usd=Decimal("0.0025"))),
    ],
)
def test_counts_mean_this(raw: dict[str, Any], usage: Usage) -> None:
    found = decode_usage(raw)
    assert found == usage
    assert differences(raw, encode_usage(found)) == {}


@pytest.mark.parametrize("raw", [None, {}, "x", []])
def test_what_is_no_usage_is_none(raw: Any) -> None:
    assert decode_usage(raw) is None


def test_counts_from_elsewhere_have_every_field_that_clients_read() -> None:
    assert encode_usage(Usage(5, 4, {"5m": 1}, output_tokens=5, reasoning_tokens=3)) == {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 15,
    }
    assert encode_usage(Usage())["total_tokens"] == 0
