"""The onion: which policies a call gets, and in which order."""

from dataclasses import replace

import pytest

from minillm import (
    Budget,
    ConfigurationError,
    EmptyResponse,
    GeneratorInfo,
    MockModel,
    MockTransport,
    ServerError,
    TokenPrice,
)
from minillm.client import HTTPModel
from minillm.policies.budget import Budgeted
from minillm.policies.correction import Correction
from minillm.policies.cost import Cost
from minillm.policies.options import CallOptions, Transform
from minillm.policies.output import Output
from minillm.policies.pacing import Pacing
from minillm.policies.prefill import Prefill
from minillm.policies.retry import Retry
from minillm.policies.transform import Transform as Transforming
from minillm.providers import Capabilities
from minillm.stack import build
from minillm.types import Attempt, ChatRequest, ChatResponse, Choice, Message, Outcome, RateLimits, Usage

REQUEST = ChatRequest("m", (Message("user", "Hi"),))

ALL = CallOptions(
    expect="object",
    force_prepend="{",
    transforms=(Transform(),),
    crash_on_empty_response=True,
)


def layers(model):
    """From the outside in."""
    kinds = []
    while model is not None:
        kinds.append(type(model))
        model = getattr(model, "_model", None)
    return kinds


def test_every_policy_has_its_place():
    options, limits = replace(ALL, budget=Budget(usd=1)), RateLimits(requests_per_minute=60)
    assert layers(build(GeneratorInfo.openai("m", limits=limits), options)) == [
        *(Correction, Retry, Output, Prefill, Transforming, Pacing, Budgeted, Cost, HTTPModel),
    ]


def test_only_what_a_call_needs_is_built():
    assert layers(build(GeneratorInfo.openai("m"), CallOptions(retry=0))) == [Cost, HTTPModel]
    assert layers(build(GeneratorInfo.openai("m"), CallOptions())) == [Retry, Cost, HTTPModel]


@pytest.mark.parametrize(
    "options",
    [
        CallOptions(retry=0, expect="any"),
        CallOptions(retry=0, output=int),
        CallOptions(retry=0, crash_on_refusal=True),
        CallOptions(retry=0, crash_on_empty_response=True),
    ],
)
def test_every_wish_for_the_answer_is_judged(options):
    assert layers(build(MockModel(), options)) == [Output, Cost, MockModel]


@pytest.mark.parametrize("nothing", [None, "openai:gpt", 3, object(), GeneratorInfo])
def test_what_cannot_answer_is_told(nothing):
    with pytest.raises(ConfigurationError, match="cannot answer: give a GeneratorInfo"):
        build(nothing, CallOptions())


def answer(text, usage=None):
    attempt = Attempt("h", "m", "w", 0.0, outcome=Outcome.ACCEPTED, usage=usage)
    return ChatResponse("id", "m", (Choice(0, Message("assistant", text)),), usage, attempts=(attempt,))


MILLION = Usage(1_000_000, output_tokens=1_000_000)


async def test_every_attempt_is_priced_rejected_ones_too():
    options = CallOptions(crash_on_empty_response=True, token_price=TokenPrice(1, 1), back_off_time=0)
    model = build(MockModel([answer("", MILLION), answer("Here.", MILLION)]), options)
    response = await model.complete(REQUEST)
    assert [(attempt.outcome, attempt.cost.usd) for attempt in response.attempts] == [
        (Outcome.REJECTED, 2),
        (Outcome.ACCEPTED, 2),
    ]


async def test_an_empty_answer_can_be_asked_again():
    """The judge sits inside the retry."""
    model = MockModel(lambda _: answer(""))
    with pytest.raises(EmptyResponse) as caught:
        await build(model, CallOptions(crash_on_empty_response=True, retry=2)).complete(REQUEST)
    assert len(model.requests) == len(caught.value.attempts) == 3


async def test_a_start_and_the_json_behind_it_are_judged_together():
    options = CallOptions(force_prepend='{"a":', expect="object")
    response = await build(MockModel([" 1}"]), options).complete(REQUEST)
    assert response.output == {"a": 1}


async def test_a_price_for_the_call_beats_the_generators():
    from minillm import MockTransport

    body = {
        "choices": [{"index": 0, "message": {"content": "x"}}],
        "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 0},
    }
    gen = GeneratorInfo.openai("m", api_key="k-123456", price=TokenPrice(3, 3), transport=MockTransport.json(body))
    for options, usd in ((CallOptions(), 3), (CallOptions(token_price=TokenPrice(5, 5)), 5)):
        response = await build(gen, options).complete(REQUEST)
        assert response.attempts[0].cost.usd == usd


async def test_a_start_is_continued_only_where_the_row_says_so():
    model = build(GeneratorInfo.openai("m", api_key="k"), CallOptions(force_prepend="x"))
    with pytest.raises(ConfigurationError, match="openai:m cannot continue"):
        await model.complete(REQUEST)


async def test_without_retries_the_first_error_is_final():
    model = MockModel([ServerError("down", retryable=True), "never"])
    with pytest.raises(ServerError):
        await build(model, CallOptions(retry=0)).complete(REQUEST)
    assert len(model.requests) == 1


@pytest.mark.parametrize(("changes", "usd"), [({}, 3), ({"base_url": "https://gateway.test/v1"}, None)])
async def test_a_published_price_holds_at_the_hosts_own_address(monkeypatch, changes, usd):
    """A gateway that is called by a vendor's name need not ask the vendor's prices."""
    from minillm.cost import published, tables

    class Listed:
        name = "list"

        def price(self, host, model, at=None, service_tier=None):
            return TokenPrice(1, 2, table="list") if (host, model) == ("openai", "m") else None

    monkeypatch.setattr(published, "published", Listed)
    monkeypatch.setattr(tables, "_known", tables.Known())
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000}
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}}], "usage": usage}
    gen = GeneratorInfo.openai("m", api_key="k-123456", transport=MockTransport.json(body)).replace(**changes)
    response = await build(gen, CallOptions()).complete(REQUEST)
    assert response.attempts[0].cost.usd == usd


@pytest.mark.parametrize(
    ("gen", "formats"),
    [
        (GeneratorInfo.openai("m"), {"text", "json", "json_schema"}),
        (GeneratorInfo.anthropic("m"), {"text", "closed_json_schema"}),
        (GeneratorInfo.openai("m", takes=Capabilities(structured_output=False)), {"text", "json"}),
        (MockModel(), None),
    ],
)
def test_the_judge_knows_which_forms_can_be_asked_for(gen, formats):
    """By the host's row, and by what is known of the model."""
    judging = build(gen, CallOptions(retry=0, output=int))
    assert judging._formats == (formats and frozenset(formats))
