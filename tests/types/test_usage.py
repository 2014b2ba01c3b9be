"""Tokens in disjoint buckets: what was not reported is None, never 0."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types import Native, Usage

counts = st.none() | st.integers(0, 1000)
usages = st.builds(
    Usage,
    uncached_tokens=counts,
    cache_read_tokens=counts,
    cache_write_tokens=st.none() | st.dictionaries(st.sampled_from(["", "5m", "1h"]), st.integers(0, 9), max_size=2),
    tool_use_tokens=counts,
    output_tokens=counts,
    reasoning_tokens=counts,
    cost_usd=st.none() | st.decimals(0, 9, places=3),
)


def test_nothing_reported_is_nothing_known():
    assert Usage().input_tokens is None
    assert Usage(output_tokens=3).total_tokens is None
    assert Usage(uncached_tokens=3).total_tokens is None


def test_input_is_the_sum_of_its_buckets():
    usage = Usage(1, 2, {"5m": 4, "1h": 8}, 16, 32, 5)
    assert usage.input_tokens == 31
    assert usage.total_tokens == 63


def test_a_reported_zero_is_known():
    assert Usage(0, output_tokens=0).total_tokens == 0


@given(usages, usages)
def test_a_later_report_overwrites_what_it_says(first, later):
    merged = first.updated(later)
    for name in ("uncached_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "cost_usd"):
        expected = getattr(later, name)
        assert getattr(merged, name) == (getattr(first, name) if expected is None else expected)


def test_a_later_report_brings_its_own_words():
    assert Usage(1).updated(Usage(native=Native("w", {"a": 1}))).native == Native("w", {"a": 1})
    assert Usage(1, native=Native("w", {})).updated(Usage(2)).native == Native("w", {})


@given(usages, usages)
def test_sums_are_commutative_and_lose_no_token(a, b):
    total = a + b
    assert total == b + a
    for name in ("uncached_tokens", "output_tokens"):
        known = [value for value in (getattr(a, name), getattr(b, name)) if value is not None]
        assert getattr(total, name) == (sum(known) if known else None)
    written = sum((a.cache_write_tokens or {}).values()) + sum((b.cache_write_tokens or {}).values())
    assert sum((total.cache_write_tokens or {}).values()) == written


def test_a_hosts_sum_is_known_only_where_both_are():
    """Half a bill is no bill."""
    assert (Usage(cost_usd=Decimal(1)) + Usage(cost_usd=Decimal(2))).cost_usd == 3
    assert (Usage(cost_usd=Decimal(1)) + Usage()).cost_usd is None


def test_only_usages_are_added():
    with pytest.raises(TypeError):
        Usage() + 1


def test_hashable_with_a_mapping_inside():
    assert hash(Usage(cache_write_tokens={"5m": 1})) == hash(Usage(cache_write_tokens={"5m": 1}))
