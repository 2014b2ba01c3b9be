"""Estimates: three numbers for tokens and USD, honest about what cannot be known."""

import base64
from decimal import Decimal

import pytest

from minillm.cost.calibration import Calibration
from minillm.cost.estimate import Bounds, estimate_request
from minillm.types import (
    AudioPart,
    CacheBreakpoint,
    ChatRequest,
    CompletionParameters,
    FilePart,
    Message,
    PriceTier,
    TextPart,
    TokenPrice,
    Usage,
)

PRICE = TokenPrice(2, 8, cache_read="0.2", cache_write={"5m": "2.5", "1h": 4})
TEXT = "word " * 1000


def ask(content=TEXT, max_tokens=100, **more):
    settings = {"price": PRICE, "calibration": Calibration(), **more}
    parameters = CompletionParameters(max_tokens=max_tokens) if max_tokens else CompletionParameters()
    return estimate_request(ChatRequest("gpt-5.4", (Message("user", content),), parameters=parameters), **settings)


def test_tokens_and_money_come_in_threes():
    estimate = ask()
    assert estimate.input.lower <= 1000 <= estimate.input.upper
    assert estimate.input.likely == pytest.approx(1000, rel=0.1)
    assert (estimate.output.lower, estimate.output.upper) == (0, 100)
    assert estimate.usd.lower < estimate.usd.likely < estimate.usd.upper
    assert (estimate.model, estimate.price, estimate.unseen) == ("gpt-5.4", PRICE, ())


def test_the_sum_is_exact():
    """The upper sum is the upper counts at the dearest rates that may apply, the lower one all out of a cache."""
    estimate = ask(price=TokenPrice(2, 8, cache_read="0.2", per_request="0.01"))
    upper = (2 * Decimal(estimate.input.upper) + 8 * 100) / 1_000_000 + Decimal("0.01")
    assert estimate.usd.upper == upper.quantize(Decimal("0.0000001"))
    lower = Decimal("0.2") * estimate.input.lower / 1_000_000 + Decimal("0.01")
    assert estimate.usd.lower == lower.quantize(Decimal("0.0000001"))


def test_a_request_that_may_write_to_a_cache_may_cost_what_that_costs():
    marked = (TextPart(TEXT, cache=CacheBreakpoint("1h")),)
    assert ask(marked).usd.upper > ask((TextPart(TEXT),)).usd.upper * Decimal("1.5")
    # Hosts without lifetimes write unasked.
    assert ask(price=TokenPrice(2, 8, cache_write={"": 3})).usd.upper > ask().usd.upper


def test_a_long_prompt_reaches_the_dearer_tier():
    tiers = (PriceTier(900, TokenPrice(4, 16)),)
    assert ask(price=TokenPrice(2, 8, tiers=tiers)).usd.likely > ask().usd.likely * Decimal("1.9")


def test_without_a_price_there_is_no_sum():
    assert ask(price=None).usd == Bounds(None, None, None)
    assert ask(price=TokenPrice(2)).usd.likely is None
    assert "no price known" in str(ask(price=None))


def test_an_answer_is_bounded_by_the_request_then_by_the_model_then_not_at_all():
    assert ask(max_tokens=50, max_output=900).output.upper == 50
    assert ask(max_tokens=None, max_output=900).output.upper == 900
    open_end = ask(max_tokens=None)
    assert (open_end.output.upper, open_end.usd.upper) == (None, None)
    assert open_end.usd.likely is not None


def test_several_answers_are_paid_each():
    request = ChatRequest("m", (Message("user", "x"),), parameters=CompletionParameters(max_tokens=50, n=3))
    assert estimate_request(request, calibration=Calibration()).output.upper == 150


def test_what_cannot_be_seen_leaves_no_upper_bound_and_says_why():
    estimate = ask((FilePart(file_id="f"),))
    assert (estimate.input.upper, estimate.usd.upper) == (None, None)
    assert estimate.input.likely > 0
    assert estimate.unseen == ("a file given by reference",)
    assert "unbounded: a file given by reference" in str(estimate)


def test_sound_at_an_unknown_rate_has_no_sum():
    sound = (AudioPart(mime="audio/mpeg", data=base64.b64encode(bytes(80_000)).decode()),)
    assert ask(sound).usd.likely is None
    assert ask(sound, price=TokenPrice(2, 8, audio_input=40)).usd.likely > ask("x", price=PRICE).usd.likely * 4


def test_experience_is_used():
    calibration = Calibration()
    request = ChatRequest("gpt-5.4", (Message("user", TEXT),))
    for _ in range(10):
        calibration.learn(request, Usage(2000, output_tokens=7), host="h", model="gpt-5.4")
    estimate = ask(host="h", calibration=calibration)
    assert estimate.input.likely == pytest.approx(2000, rel=0.15)
    assert estimate.output.likely == 7


def test_an_estimate_is_shown_in_one_line():
    assert str(Bounds(1, 2, None)) == "2 (1 to ?)"
    assert str(ask("Hi.")).startswith("gpt-5.4: ")
