"""Completion records: answers as JSON and back."""

import json
from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import ThreadFormatError
from minillm.tree.record import attempts_to_json, read_attempts, read_response, response_to_json
from minillm.types import (
    Attempt,
    ChatResponse,
    Choice,
    CostInfo,
    CostResolution,
    FinishReason,
    Loss,
    Message,
    Native,
    Outcome,
    PriceTier,
    RateLimit,
    Role,
    Severity,
    TokenPrice,
    Usage,
)

MESSAGE = Message(Role.ASSISTANT, "hi")

words = st.text(max_size=8)
counts = st.none() | st.integers(0, 10**9)
money = st.decimals(0, 1000, places=6)
usages = st.builds(
    Usage,
    counts,
    counts,
    st.none() | st.dictionaries(words, st.integers(0, 9), max_size=2),
    counts,
    counts,
    counts,
    cost_usd=st.none() | money,
    audio_input_tokens=counts,
    image_output_tokens=counts,
    native=st.none() | st.builds(Native, words, st.dictionaries(words, st.none() | st.integers())),
)
prices = st.builds(
    TokenPrice,
    st.none() | money,
    st.none() | money,
    st.none() | money,
    st.none() | st.dictionaries(words, money),
    money,
    audio_input=st.none() | money,
    tiers=st.lists(st.builds(PriceTier, st.integers(0, 10**6), st.builds(TokenPrice, money)), max_size=2).map(tuple),
    table=words,
    date=words,
)
costs = st.builds(
    CostInfo, st.none() | money, money, st.sampled_from(CostResolution), words, st.none() | prices, st.none() | usages
)
seconds = st.floats(0, 2e9)
limits = st.dictionaries(words, st.builds(RateLimit, counts, counts, st.none() | seconds), max_size=2)
attempts = st.builds(
    Attempt,
    words,
    words,
    words,
    seconds,
    st.none() | seconds,
    st.none() | seconds,
    st.sampled_from(Outcome),
    st.none() | st.integers(100, 599),
    st.none() | words,
    st.none() | words,
    st.none() | usages,
    st.none() | costs,
    limits,
)
responses = st.builds(
    ChatResponse,
    words,
    words,
    st.builds(
        lambda reason, raw: (Choice(0, MESSAGE, reason, raw),),
        st.none() | st.sampled_from(FinishReason),
        st.none() | words,
    ),
    st.none() | usages,
    st.none() | seconds,
    attempts=st.lists(attempts, max_size=2).map(tuple),
    losses=st.lists(st.builds(Loss, words, words, words, st.sampled_from(Severity)), max_size=2).map(tuple),
    rate_limits=limits,
    raw_text=st.none() | words,
    repaired=st.booleans(),
)

BESIDE = ("attempts", "losses", "rate_limits", "raw_text", "repaired")


@given(responses)
def test_everything_but_raw_bodies_survives(response):
    again = read_response(json.loads(json.dumps(response_to_json(response))), MESSAGE)
    assert again == response
    for name in BESIDE:
        assert getattr(again, name) == getattr(response, name)
    if response.usage is not None:
        assert again.usage.native == response.usage.native


@given(st.lists(attempts, max_size=3))
def test_a_bill_survives(bill):
    assert read_attempts(json.loads(json.dumps(attempts_to_json(bill))), "bill") == bill


def test_no_field_is_forgotten():
    """A new field of a response, attempt, usage or bill is written; this test asks that it is read too."""
    usage = Usage(1, 2, {"": 3}, 4, 5, 6, Decimal(7), 8, 9, 10, 11)
    rates = TokenPrice(*[Decimal(2)] * 3, {"": 1}, *[Decimal(3)] * 6)
    price = replace(rates, tiers=(PriceTier(9, rates),), table="t 1", date="2026-11-22")
    cost = CostInfo(Decimal(1), Decimal(1), CostResolution.RESOLVED, "table", price, usage)
    attempt = Attempt(
        "h", "m", "w", 1.0, 2.0, 3.0, Outcome.ACCEPTED, 200, "q", "E", usage, cost, {"r": RateLimit(1, 2, 3)}
    )
    for value in (usage, price, cost, attempt):
        assert [each.name for each in fields(value) if getattr(value, each.name) in (None, (), "")] in ([], ["native"])
    response = ChatResponse("r", "m", (Choice(0, MESSAGE),), usage, 1.0, attempts=(attempt,))
    again = read_response(response_to_json(response), MESSAGE)
    assert (again, again.attempts) == (response, (attempt,))
    beside = {"choices", "output", "native", *response_to_json(response), *BESIDE}
    assert {each.name for each in fields(ChatResponse)} <= beside


def test_host_and_wire_stand_where_a_reader_looks():
    attempt = Attempt("groq", "m", "openai_chat_completions", 1.0)
    record = response_to_json(ChatResponse("r", "m", usage=Usage(cost_usd=Decimal("0.10")), attempts=(attempt,)))
    assert (record["host"], record["wire"], record["model"]) == ("groq", "openai_chat_completions", "m")
    assert record["usage"] == {"cost_usd": "0.10"}


def test_what_is_unknown_is_left_out():
    assert response_to_json(ChatResponse("r", "m")) == {"id": "r", "model": "m"}


def test_words_of_a_newer_version_are_taken_as_unknown():
    response = read_response({"finish_reason": "bored", "new": 1, "attempts": []}, MESSAGE)
    assert response.finish_reason is FinishReason.UNKNOWN


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"id": 1}, "record.id"),
        ({"usage": {"output_tokens": "many"}}, "record.usage.output_tokens"),
        ({"usage": {"cost_usd": 0.1}}, "record.usage.cost_usd"),
        ({"usage": {"cost_usd": "a lot"}}, "record.usage.cost_usd"),
        ({"usage": {"cost_usd": "NaN"}}, "record.usage.cost_usd"),
        ({"usage": {"cost_usd": "1e999999999"}}, "record.usage.cost_usd"),
        ({"attempts": [{"host": "h"}]}, "record.attempts[0]"),
        ({"attempts": {}}, "record.attempts"),
        ({"losses": [{"path": "p"}]}, "record.losses[0].what"),
        ({"repaired": "yes"}, "record.repaired"),
    ],
)
def test_a_bad_record_is_refused_by_place(record, place):
    with pytest.raises(ThreadFormatError) as caught:
        read_response(record, MESSAGE)
    assert caught.value.place == place
