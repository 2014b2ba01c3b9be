"""Usage times price: exact, and unknown wherever a part of it is."""

from decimal import Decimal, Rounded, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.cost import cost_of, prices
from minillm.types import CostResolution, PriceTier, TokenPrice, Usage

PRICE = TokenPrice(input=2, output=8, cache_read="0.5", cache_write={"5m": "2.5", "1h": 4})


def test_each_bucket_has_its_own_rate():
    usage = Usage(1_000_000, 1_000_000, {"5m": 1_000_000, "1h": 1_000_000}, 1_000_000, 1_000_000)
    cost = cost_of(usage, PRICE)
    assert cost.usd == cost.known_usd == Decimal(2) + Decimal("0.5") + Decimal("2.5") + 4 + 2 + 8
    assert (cost.resolution, cost.source, cost.price, cost.usage) == (CostResolution.RESOLVED, "user", PRICE, usage)


def test_reasoning_is_part_of_the_output_and_not_counted_twice():
    assert cost_of(Usage(0, output_tokens=1_000_000, reasoning_tokens=900_000), PRICE).usd == 8


def test_a_fee_for_each_request():
    assert cost_of(Usage(0, output_tokens=0), TokenPrice(0, 0, per_request="0.005")).usd == Decimal("0.005")


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_no_digit_is_lost(inputs, outputs):
    """A tenth of a cent a million times is exactly what it is."""
    price = TokenPrice(input="0.1", output="0.3")
    usd = cost_of(Usage(inputs, output_tokens=outputs), price).usd
    assert usd * 10_000_000 == inputs + 3 * outputs


RATES = st.one_of(
    st.none(), st.builds(Decimal, st.tuples(st.just(0), st.tuples(*[st.integers(0, 9)] * 3), st.integers(-40, 3)))
)
PRICES = st.builds(
    TokenPrice,
    RATES,
    RATES,
    RATES,
    st.one_of(st.none(), st.dictionaries(st.sampled_from(("", "5m")), RATES.filter(bool))),
    RATES.map(lambda fee: fee or Decimal("0.00")),
    RATES,
    RATES,
    RATES,
    RATES,
    RATES,
)
COUNTS = st.one_of(st.none(), st.integers(-9, 10**30), st.just(10**6))
NOTHING = st.sampled_from((None, 0))
USAGES = st.builds(
    Usage,
    COUNTS,
    NOTHING,
    st.sampled_from((None, {}, {"5m": 0})),
    NOTHING,
    COUNTS,
    COUNTS,
    audio_input_tokens=NOTHING,
    audio_output_tokens=NOTHING,
    image_input_tokens=NOTHING,
    image_output_tokens=NOTHING,
)


@given(PRICES, USAGES)
def test_the_short_way_of_plain_usage_says_what_the_full_one_does(price, usage):
    """Always the same number; and in the same digits, of which a zero behind the point is one, unless there are more of
    them than are computed with."""
    for precision in (28, 6):
        with localcontext() as context:
            context.prec = precision
            plain = prices._plain_sum(usage, price)
            context.clear_flags()
            known, whole = prices._sum(usage, price.per_request, price)
            assert plain is None or (whole and plain == known)
            assert plain is None or context.flags[Rounded] or str(plain) == str(known)


def test_only_plain_usage_goes_the_short_way():
    """What has a rate of its own does not, nor what reaches a tier; what is kept of prices is bounded."""
    assert prices._plain_sum(Usage(5, 0, output_tokens=5), PRICE) is not None
    tiered = TokenPrice(2, 8, tiers=(PriceTier(1, TokenPrice(4, 16)),))
    assert prices._plain_sum(Usage(5, output_tokens=5), tiered) is None
    for bucket in ("cache_read", "tool_use", "audio_input", "audio_output", "image_input", "image_output"):
        assert prices._plain_sum(Usage(5, output_tokens=5, **{f"{bucket}_tokens": 1}), PRICE) is None
    assert prices._plain_sum(Usage(5, 0, {"": 1}, output_tokens=5), PRICE) is None
    assert prices._plain_sum(Usage(5, output_tokens=5), TokenPrice(2)) is None
    for rate in range(1000):
        assert cost_of(Usage(10**6, output_tokens=0), TokenPrice(rate, 1)).usd == rate
    assert len(prices._plain) <= 256


@pytest.mark.parametrize("usage", [None, Usage(), Usage(5), Usage(output_tokens=5)])
def test_usage_that_was_not_reported_is_unknown(usage):
    cost = cost_of(usage, PRICE)
    assert (cost.usd, cost.known_usd, cost.resolution) == (None, 0, CostResolution.UNKNOWN)


def test_a_price_that_is_not_known_is_unpriced_and_never_free():
    cost = cost_of(Usage(5, output_tokens=5), None)
    assert (cost.usd, cost.resolution) == (None, CostResolution.UNPRICED)


@pytest.mark.parametrize(
    ("usage", "price", "known"),
    [
        (Usage(1_000_000, 1, output_tokens=0), TokenPrice(2, 8), 2),  # read from a cache at an unknown rate
        (Usage(1_000_000, None, {"1h": 1}, output_tokens=0), TokenPrice(2, 8, cache_write={"5m": 1}), 2),
        (Usage(1, output_tokens=1_000_000), TokenPrice(output=8), 8),
    ],
)
def test_one_rate_missing_leaves_the_sum_unknown_and_the_rest_known(usage, price, known):
    cost = cost_of(usage, price)
    assert (cost.usd, cost.known_usd, cost.resolution) == (None, known, CostResolution.UNPRICED)


def test_a_rate_nobody_needed_may_be_missing():
    assert cost_of(Usage(1_000_000, 0, {}, output_tokens=0), TokenPrice(2, 8)).usd == 2


def test_the_hosts_own_sum_is_trusted():
    cost = cost_of(Usage(1, output_tokens=1, cost_usd=Decimal("0.42")), PRICE)
    assert (cost.usd, cost.source, cost.resolution) == (Decimal("0.42"), "host", CostResolution.RESOLVED)


def test_the_hosts_own_sum_needs_no_tokens():
    assert cost_of(Usage(cost_usd=Decimal("0.42")), None).usd == Decimal("0.42")


def test_a_hosts_sum_of_nothing_is_known():
    """A free model says 0, and that is no missing number."""
    cost = cost_of(Usage(cost_usd=Decimal(0)), None)
    assert (cost.usd, cost.resolution) == (0, CostResolution.RESOLVED)


def test_a_price_for_this_very_call_beats_the_hosts_sum():
    usage = Usage(1_000_000, output_tokens=0, cost_usd=Decimal("0.42"))
    assert cost_of(usage, PRICE, price_wins=True).usd == 2
    assert cost_of(usage, None, price_wins=True).usd == Decimal("0.42")


def test_sound_and_pictures_have_rates_of_their_own():
    """They are parts of the counts they came in, and are not billed twice."""
    usage = Usage(
        1_000_000,
        output_tokens=1_000_000,
        audio_input_tokens=400_000,
        audio_output_tokens=500_000,
        image_input_tokens=100_000,
    )
    price = TokenPrice(1, 10, audio_input=100, audio_output=200, image_input=2)
    assert cost_of(usage, price).usd == Decimal("0.5") + 40 + Decimal("0.2") + 5 + 100


def test_pictures_cost_what_text_costs_unless_said_and_sound_is_unknown():
    assert cost_of(Usage(10, output_tokens=0, image_input_tokens=10), TokenPrice(1, 1)).usd == Decimal("0.00001")
    cost = cost_of(Usage(10, output_tokens=0, audio_input_tokens=4), TokenPrice(1, 1))
    assert (cost.usd, cost.known_usd, cost.resolution) == (None, Decimal("0.000006"), CostResolution.UNPRICED)


def test_parts_that_are_more_than_the_whole_are_cut():
    usage = Usage(10, output_tokens=0, audio_input_tokens=8, image_input_tokens=8)
    assert cost_of(usage, TokenPrice(0, 0, audio_input=1, image_input=10)).usd == Decimal("0.000028")


def test_the_whole_prompt_reaches_a_tier_with_what_the_cache_held():
    price = TokenPrice(1, 1, cache_read=1, tiers=(PriceTier(200_000, TokenPrice(2, 3, cache_read=1)),))
    assert cost_of(Usage(100_000, 100_000, output_tokens=0), price).usd == Decimal("0.2")
    assert cost_of(Usage(100_000, 100_001, output_tokens=10), price).usd == Decimal("0.300031")


def test_a_price_out_of_a_table_is_told_as_such():
    cost = cost_of(Usage(1, output_tokens=1), TokenPrice(1, 1, table="mine.toml", date="2026-11-01"))
    assert (cost.source, cost.price.table, cost.price.date) == ("table", "mine.toml", "2026-11-01")


@pytest.mark.parametrize(
    ("rates", "ttl", "usd"),
    [
        ({"5m": "1.25", "1h": 2}, "1h", 2),
        ({"5m": "1.25"}, "", "1.25"),
        ({"5m": "1.25", "1h": "1.25"}, "", "1.25"),
        ({"": 3}, "5m", 3),
        ({"": 3, "1h": 4}, "1h", 4),
        ({"5m": "1.25", "1h": 2}, "", None),
        ({"5m": "1.25"}, "1h", None),
        ({}, "", None),
    ],
)
def test_tokens_written_are_billed_by_lifetime(rates, ttl, usd):
    """A host that tells none is billed by the one rate there is; a rate that is not known stays unknown."""
    usage = Usage(uncached_tokens=0, cache_write_tokens={ttl: 1_000_000}, output_tokens=0)
    bill = cost_of(usage, TokenPrice(input=1, output=1, cache_write=rates))
    assert bill.usd == (None if usd is None else Decimal(usd))
