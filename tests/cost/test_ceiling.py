"""The rough bound: never below what the estimate says, and silent where only that can say."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.cost import ceiling
from minillm.cost.budget import Budget, Reservation, reserve_roughly
from minillm.cost.calibration import Calibration
from minillm.cost.ceiling import rough_need
from minillm.cost.estimate import estimate_request
from minillm.cost.size import measure
from minillm.cost.tokens import count_text
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    CompletionParameters,
    ImagePart,
    Message,
    Native,
    NativePart,
    NativeTool,
    PriceTier,
    ReasoningConfig,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    TextPart,
    TokenPrice,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)

PRICE = TokenPrice(2, 8)
CEILING = CompletionParameters(max_tokens=100)


def asking(*content, model="gpt-5.4", parameters=CEILING, **more):
    return ChatRequest(model, tuple(Message("user", each) for each in content), parameters=parameters, **more)


# ---------------------------------------------------------------- never below the estimate

CHARACTERS = st.one_of(
    st.characters(),
    st.sampled_from("A1a \n\t.{\u00df\u0391\u0410\u05d0\u0627\u0e01\u3042\u4e00\uac00\U0001f600\u2003\u00e9"),
    st.characters(max_codepoint=127),
)
TEXT = st.text(CHARACTERS, max_size=60)
SCHEMA = st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.lists(TEXT, max_size=3)), max_size=3)
PARTS = st.one_of(
    st.builds(TextPart, TEXT, cache=st.sampled_from((None, CacheBreakpoint(), CacheBreakpoint("1h")))),
    st.builds(RefusalPart, TEXT),
    st.builds(ToolCallPart, st.just("c"), TEXT, TEXT),
    st.builds(ToolResultPart, st.just("c"), content=TEXT),
)
MESSAGES = st.builds(
    Message, st.sampled_from(("user", "assistant", "tool")), st.one_of(TEXT, st.lists(PARTS, max_size=4).map(tuple))
)
TOOLS = st.builds(ToolDefinition, TEXT, st.one_of(st.none(), TEXT), st.one_of(st.none(), SCHEMA))
PARAMETERS = st.builds(
    CompletionParameters,
    max_tokens=st.integers(1, 10**6),
    n=st.sampled_from((1, 3, None)),
    reasoning=st.sampled_from((None, ReasoningConfig("high"))),
    response_format=st.one_of(st.none(), st.builds(ResponseFormat, st.just("json_schema"), SCHEMA)),
)
MODELS = st.sampled_from(
    (
        "gpt-5.4",
        "gpt-4o",
        "gpt-oss-20b",
        "claude-opus-4-7",
        "claude-haiku-4-5",
        "gemini-3-pro",
        "grok-4.3",
        "glm-5",
        "mistral-large",
        "llama-4",
        "deepseek-v4",
        "sonar",
        "mine",
    )
)
REQUESTS = st.builds(
    ChatRequest,
    MODELS,
    st.lists(MESSAGES, max_size=4).map(tuple),
    st.lists(TOOLS, max_size=2).map(tuple),
    parameters=PARAMETERS,
)
RATES = st.integers(0, 10**6).map(lambda n: Decimal(n) / 1000)
WRITES = st.one_of(st.none(), st.dictionaries(st.sampled_from(("", "5m", "1h")), RATES))
PRICES = st.builds(
    TokenPrice,
    RATES,
    RATES,
    cache_write=WRITES,
    per_request=RATES,
    tiers=st.lists(
        st.builds(PriceTier, st.integers(0, 200), st.builds(TokenPrice, RATES, RATES, cache_write=WRITES))
    ).map(tuple),
)
SEEN = st.lists(
    st.tuples(st.sampled_from(("plain", "tools", "schema")), st.booleans(), st.floats(1, 1e4), st.integers(1, 10**5)),
    max_size=12,
)


@settings(max_examples=150)
@given(REQUESTS, PRICES, SEEN)
def test_it_is_never_below_the_estimate(request, price, seen):
    """Whatever the text, the tools, the price and the experience, of this model and of others of its family."""
    calibration = Calibration()
    for shape, own, likely, reported in seen:
        calibration.observe(likely, reported, host="h" if own else "other", model=request.model, shape=shape)
    exact = estimate_request(request, host="h", price=price, calibration=calibration)
    rough = rough_need(request, host="h", price=price, calibration=calibration)
    assert rough.tokens >= exact.input.upper + exact.output.upper
    assert rough.usd >= exact.usd.upper


@given(st.text(CHARACTERS, max_size=200))
def test_no_text_has_more_tokens_than_its_characters_allow(text):
    assert count_text(text).upper <= ceiling._most_of(text)


def test_what_a_calibration_has_forgotten_counts_still():
    """A bound may only be too high: what was seen once is heeded as long as its model is kept."""
    calibration = Calibration()
    calibration.observe(10, 1000, host="h", model="mine", shape="plain")
    for _ in range(100):
        calibration.observe(10, 10, host="h", model="mine", shape="plain")
    assert calibration.worst(host="h", model="mine", shape="plain") == 100
    loaded = Calibration.from_json({"version": 1, "inputs": {"h:mine plain": [[10, 70]]}})
    assert loaded.worst(host="h", model="mine", shape="plain") == 7


# ---------------------------------------------------------------- what it leaves to the estimate


@pytest.mark.parametrize(
    "request_",
    [
        asking("Hi", parameters=CompletionParameters()),
        asking("Hi", extra={"plugins": []}),
        asking("Hi", parameters=CompletionParameters(max_tokens=1, extra={"conversation": "c"})),
        asking("Hi", native=Native("openai_responses", {"prompt": {}})),
        asking("Hi", model="gpt-4o-search-preview"),
        asking((ImagePart(url="https://example.org/a.png"),)),
        asking((NativePart("anthropic_messages", {"type": "search_result"}),)),
        asking((ReasoningPart("Hm"),)),
        asking((ToolResultPart("c", content=(ImagePart(url="https://example.org/a.png"),)),)),
        asking("Hi", tools=(NativeTool("openai_responses", {"type": "web_search"}),)),
    ],
)
def test_what_cannot_be_bounded_fast_is_not_bounded(request_):
    assert rough_need(request_, price=PRICE) is None


def test_without_a_price_there_are_tokens():
    assert rough_need(asking("Hi")).usd is None
    assert rough_need(asking("Hi"), price=TokenPrice(2)).usd is None
    assert rough_need(asking("Hi")).tokens > 100


def test_names_of_those_who_speak_count():
    named = ChatRequest("m", (Message("user", "Hi", name="x" * 1000),), parameters=CEILING)
    assert rough_need(named).tokens > rough_need(asking("Hi", model="m")).tokens + 1000


def test_tools_and_schemas_are_measured_once(monkeypatch):
    """Those of an agent are the same objects in each of its requests, and may be long."""
    measured = []
    monkeypatch.setattr(ceiling, "measure", lambda request: measured.append(request) or measure(request))
    schema = {"type": "object", "properties": {"p": {"type": "string"}}}
    tools = (ToolDefinition("look", "up", schema),)
    parameters = CompletionParameters(max_tokens=1, response_format=ResponseFormat("json_schema", schema))
    first, *later = [rough_need(asking("Hi", tools=tools, parameters=parameters)) for _ in range(5)]
    assert later == [first] * 4
    assert len(measured) == 2
    for i in range(200):  # what is kept is bounded, and what comes again is measured again
        rough_need(asking("Hi", tools=(ToolDefinition(f"tool{i}"),)))
    assert rough_need(asking("Hi", tools=tools, parameters=parameters)) == first
    assert len(measured) == 2 + 200 + 1


def test_what_a_prompt_needs_is_rounded_up_and_worked_out_once():
    """Whatever precision the first who asks computes with; and what is kept of a price is bounded."""
    price = TokenPrice("1.2345678901", "9.8765432101", per_request="0.00001")
    with localcontext() as context:
        context.prec = 3
        coarse = rough_need(asking("Hi"), price=price)
    assert rough_need(asking("Ho"), price=price) is coarse
    assert (coarse.tokens - 100) % 256 == 255
    assert coarse.usd >= (price.input * (coarse.tokens - 100) + price.output * 100) / 10**6 + price.per_request
    for most in range(1, 1000):
        rough_need(asking("Hi", parameters=CompletionParameters(max_tokens=most)), price=price)
    assert len(ceiling._NEEDS.found[id(price)][1]) <= 64


def test_a_purse_gives_back_exactly_what_it_set_aside_at_a_price_of_many_digits():
    purse, price = Budget(usd=1_000_000), TokenPrice(Decimal(1) / 3, Decimal(2) / 7, per_request=Decimal(1) / 7)
    calls = [Reservation() for _ in range(20)]
    for size, call in enumerate(calls):
        assert reserve_roughly([purse], rough_need(asking("a" * size * 99), price=price), call)
    for call in calls:
        call.settle(Decimal(0), 0)
    assert purse.reserved == (0, 0, 0)


def test_experience_that_grows_is_heeded_at_once():
    """What was worked out before knows less."""
    calibration = Calibration()
    before = rough_need(asking("Hi"), host="h", calibration=calibration)
    calibration.observe(10, 10_000, host="h", model="gpt-5.4", shape="plain")
    assert rough_need(asking("Hi"), host="h", calibration=calibration).tokens > 100 * before.tokens
