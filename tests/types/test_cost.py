"""Bills and prices: exact decimals, and a sum that is unknown as soon as any part of it is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types import Attempt, CostInfo, CostResolution, PriceTier, TokenPrice, Usage, total_cost


def test_prices_are_exact_decimals():
    price = TokenPrice(input=0.1, output="2", cache_read=1, cache_write={"5m": 0.3}, per_request=0.01)
    assert price == TokenPrice(Decimal("0.1"), Decimal(2), Decimal(1), {"5m": Decimal("0.3")}, Decimal("0.01"))
    assert all(isinstance(value, Decimal) for value in (price.input, price.output, price.cache_write["5m"]))


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "dear", "1e", Decimal("-0.01"), Decimal("NaN")])
def test_an_impossible_price_is_refused_by_name(value):
    with pytest.raises(ValueError, match=r"TokenPrice\.output"):
        TokenPrice(output=value)
    with pytest.raises(ValueError, match=r"TokenPrice\.cache_write"):
        TokenPrice(cache_write={"": value})


def test_a_long_prompt_reaches_the_highest_tier_it_is_longer_than():
    """Whatever a tier leaves open is as below it, whatever order they were given in."""
    tiers = (PriceTier(500, TokenPrice(input=4)), PriceTier(200, TokenPrice(2, 9, cache_write={"1h": 6})))
    price = TokenPrice(1, 8, cache_read="0.1", cache_write={"5m": 1}, per_request="0.5", tiers=tiers, table="mine")
    assert price.for_input(200) is price
    assert price.for_input(201) == TokenPrice(
        2, 9, cache_read="0.1", cache_write={"5m": 1, "1h": 6}, per_request="0.5", table="mine"
    )
    assert (price.for_input(501).input, price.for_input(501).output) == (4, 8)


def test_a_tier_begins_at_a_number_of_tokens():
    with pytest.raises(ValueError, match=r"PriceTier\.above"):
        PriceTier(-1, TokenPrice())


def test_no_bill_at_all_costs_nothing():
    assert CostInfo.total([]).usd == 0
    assert CostInfo.total([]).resolution is CostResolution.RESOLVED


def test_a_bill_that_says_nothing_is_unknown():
    assert CostInfo().usd is None
    assert CostInfo().resolution is CostResolution.UNKNOWN


def _bill(usd, resolution, tokens=1, source="user"):
    known = Decimal(usd)
    return CostInfo(
        known if resolution is CostResolution.RESOLVED else None,
        known,
        resolution,
        source,
        None,
        Usage(tokens, output_tokens=0),
    )


bills = st.builds(
    _bill, st.integers(0, 9), st.sampled_from(CostResolution), st.integers(0, 9), st.sampled_from(["host", "user", ""])
)


@given(st.lists(bills, max_size=6))
def test_a_sum_is_known_only_where_every_part_is(parts):
    total = CostInfo.total(parts)
    assert total.known_usd == sum((part.known_usd for part in parts), Decimal(0))
    all_known = all(part.resolution is CostResolution.RESOLVED for part in parts)
    assert (total.usd is not None) == all_known
    assert (total.resolution is CostResolution.RESOLVED) == all_known
    if parts:
        assert total.usage.input_tokens == sum(part.usage.input_tokens for part in parts)


@given(bills)
def test_one_bill_alone_is_summed_like_several(bill):
    """What is short for the usual case says the same."""
    attempt = Attempt("h", "m", "w", 0.0, cost=bill)
    assert repr(bill._alone()) == repr(CostInfo.total([bill]))
    assert repr(total_cost([attempt])) == repr(total_cost((attempt,))) == repr(total_cost(iter([attempt])))


def test_the_worst_part_names_the_sum():
    order = [CostResolution.RESOLVED, CostResolution.PENDING, CostResolution.UNPRICED, CostResolution.UNKNOWN]
    for worst in range(len(order)):
        total = CostInfo.total(_bill(1, resolution) for resolution in order[: worst + 1])
        assert total.resolution is order[worst]


def test_sources_are_named_once_each():
    total = CostInfo.total(
        [_bill(1, CostResolution.RESOLVED, source=source) for source in ("host", "user", "host", "")]
    )
    assert total.source == "host+user"
