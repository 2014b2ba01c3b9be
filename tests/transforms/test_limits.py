"""Ceilings that leave thinking its room, and parameters that stay at home."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import ChatNode, ConfigurationError, MockModel
from minillm.transforms import cap_tokens, omit
from minillm.types import ChatRequest, CompletionParameters, ReasoningConfig, ToolChoice
from minillm.wire import get_codec

ceilings = st.none() | st.integers(1, 100_000)
budgets = st.none() | st.integers(1024, 50_000)


def asked(max_tokens=None, budget=None, **more):
    reasoning = None if budget is None else ReasoningConfig(budget_tokens=budget)
    return ChatRequest(
        "claude-sonnet-4-5", (), parameters=CompletionParameters(max_tokens=max_tokens, reasoning=reasoning, **more)
    )


def limits(request):
    reasoning = request.parameters.get("reasoning")
    return request.parameters.get("max_tokens"), None if reasoning is None else reasoning.budget_tokens


@pytest.mark.parametrize(
    ("thinking", "given_", "expected"),
    [
        ("beside", (None, None), (2000, None)),
        ("beside", (5000, None), (2000, None)),
        ("beside", (500, None), (500, None)),
        ("beside", (None, 8000), (10_000, 8000)),
        ("beside", (9000, 8000), (9000, 8000)),
        ("within", (None, 8000), (2000, 1500)),
        ("within", (None, 1200), (2000, 1200)),
        ("within", (1500, 1200), (1500, 1200)),
    ],
)
def test_a_ceiling(thinking, given_, expected):
    assert limits(cap_tokens(2000, thinking=thinking).request(asked(*given_))) == expected


@given(st.integers(1, 50_000), ceilings, budgets)
def test_a_budget_beside_is_never_touched_and_always_fits(limit, ceiling, budget):
    """Unless the request was impossible before."""
    most, left = limits(cap_tokens(limit).request(asked(ceiling, budget)))
    assert left == budget
    assert most <= limit + (budget or 0)
    assert ceiling is None or most <= ceiling
    if budget is not None and (ceiling is None or ceiling > budget):
        assert most > budget


@given(st.integers(1400, 50_000), budgets)
def test_a_budget_within_leaves_room_for_the_answer(limit, budget):
    """And the wire that knows budgets takes it as it is."""
    request = cap_tokens(limit, thinking="within").request(asked(None, budget))
    most, left = limits(request)
    assert most == limit
    assert left is None or left < most
    body = get_codec("anthropic_messages").encode_request(request)
    assert body["max_tokens"] == most
    assert body.get("thinking", {}).get("budget_tokens") == left


def test_no_room_for_the_least_thinking_is_told():
    with pytest.raises(ConfigurationError, match="no room for 1024 tokens"):
        cap_tokens(1000, thinking="within").request(asked(None, 2000))


def test_what_fits_stays_the_very_same():
    request = asked(100)
    assert cap_tokens(2000).request(request) is request
    assert omit("temperature").request(request) is request


@pytest.mark.parametrize("wrong", [0, -1, True, 2.5, "9"])
def test_a_limit_is_a_number_of_tokens(wrong):
    with pytest.raises(ConfigurationError, match="whole number"):
        cap_tokens(wrong)
    with pytest.raises(ConfigurationError, match="'beside' or 'within'"):
        cap_tokens(10, thinking="above")


def test_parameters_are_left_out_for_some_models():
    request = ChatRequest("gpt-5-mini", parameters=CompletionParameters(temperature=0.0, top_p=None, seed=1))
    made = omit("temperature", "top_p", models="gpt-5*").request(request)
    assert made.parameters == CompletionParameters(top_p=None, seed=1)
    assert omit("temperature", models="o*").request(request) is request
    named = replace(request, model="openai/GPT-5")
    assert omit("temperature", models="gpt-5*").request(named).parameters.get("temperature") is None
    unnamed = replace(request, model=None)
    assert omit("temperature", models="gpt-5*").request(unnamed) is unnamed
    assert omit("tool_choice").request(ChatRequest(None, tool_choice=ToolChoice())).tool_choice is None


@pytest.mark.parametrize("names", [(), ("temprature",), ("seed", "messages")])
def test_only_parameters_can_be_left_out(names):
    with pytest.raises(ConfigurationError, match="names of parameters"):
        omit(*names)


async def test_they_stand_in_transforms_of_a_call():
    model = MockModel(["ok"])
    await ChatNode.root("Hi").complete(model, temperature=1, transforms=[cap_tokens(50), omit("temperature")])
    assert model.requests[0].parameters.set_fields() == {"max_tokens": 50}
    assert cap_tokens(50) == cap_tokens(50)
