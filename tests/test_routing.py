"""Plans of routes as values: what they are made of, what they refuse, and where they stand in a generator's place."""

import copy
import pickle
from decimal import Decimal

import pytest

import minillm
from minillm import (
    ChatNode,
    ConfigurationError,
    GeneratorInfo,
    MockModel,
    MockTransport,
    RoutePlan,
    ServerError,
    Timeouts,
    TokenPrice,
    fallback,
    hedge,
)
from minillm.policies.latency import latencies
from minillm.transport import MockResponse
from minillm.types import CompletionParameters

A = GeneratorInfo.openai("gpt-5.4", api_key="k-12345678", price=TokenPrice(3, 30))
B = GeneratorInfo.anthropic("claude-sonnet-5", api_key="k-87654321", price=TokenPrice(1, 10))


def test_a_plan_is_named_after_its_routes():
    plan = fallback([A, hedge([B, MockModel()], after=1)])
    assert plan.name == repr(plan) == "fallback(openai:gpt-5.4, hedge(anthropic:claude-sonnet-5, MockModel))"
    assert plan.generators == (A, B)
    assert not plan.tells_exchanges
    assert fallback([A, hedge([B, A])]).tells_exchanges
    assert isinstance(plan, RoutePlan)


def test_a_plan_shows_no_key():
    assert "12345678" not in repr(fallback([A])) + repr(fallback([A.replace(headers={"x-key": "12345678"})]).keys)


def test_one_model_at_one_host_with_one_key_is_one_route_whoever_makes_it():
    again = GeneratorInfo.openai("gpt-5.4", api_key="k-12345678", defaults=CompletionParameters(seed=1))
    mock = MockModel()
    keys = fallback([A, again, A.replace(api_key="k-other123"), A.replace(model="x"), mock, mock, MockModel()]).keys
    assert keys[0] == keys[1]
    assert keys[4] == keys[5]
    assert len(set(keys)) == 5


def test_a_plan_can_be_copied_and_sent_to_another_process():
    plan = fallback([A, hedge([A, B], after=3)], move_on={ServerError: False}, order="weighted", weights=[1, 2])
    for again in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan)):
        assert repr(again) == repr(plan)
        assert again.models[0].model == A.model
        assert (again.rules.weights, again.rules.moves_on(ServerError("no"))) == ((1, 2), False)


NO_ROUTES = [
    ([], "needs at least one route"),
    (A, "wants a list of generators"),
    (fallback([A]), "wants a list of generators"),
    ("openai:gpt-5.4", "wants a list of generators"),
    (["openai:gpt-5.4"], "str is no route"),
    ([A, None], "NoneType is no route"),
    ([GeneratorInfo], "type is no route"),
    (MockModel(), "wants a list of generators"),
]


@pytest.mark.parametrize(("routes", "words"), NO_ROUTES, ids=[words for _, words in NO_ROUTES])
@pytest.mark.parametrize("make", [fallback, hedge])
def test_what_is_no_route_is_told(make, routes, words):
    with pytest.raises(ConfigurationError, match=words):
        make(routes)


WRONG = [
    (fallback, {"order": "weighted"}, "weights belong to"),
    (fallback, {"weights": [1, 2]}, "weights belong to"),
    (fallback, {"order": "weighted", "weights": [1]}, "2 numbers of at least 0"),
    (fallback, {"order": "weighted", "weights": [1, -1]}, "2 numbers of at least 0"),
    (fallback, {"order": "weighted", "weights": [0, 0]}, "not all of them 0"),
    (fallback, {"order": "weighted", "weights": [1, float("nan")]}, "2 numbers of at least 0"),
    (fallback, {"commit": "end", "midstream": "restart"}, "has no midstream"),
    (fallback, {"timeout": -1}, "timeout must be"),
    (hedge, {"after": "p100"}, "a percentile from 'p50' to 'p99'"),
    (hedge, {"after": "95"}, "a percentile"),
    (hedge, {"after": -1}, "a percentile"),
    (hedge, {"after": None}, "a percentile"),
    (hedge, {"after": True}, "a percentile"),
    (hedge, {"unmeasured": -1}, "unmeasured must be"),
]


@pytest.mark.parametrize(("make", "rules", "words"), WRONG, ids=[str(row[1]) for row in WRONG])
def test_a_rule_that_cannot_be_is_told_when_the_plan_is_made(make, rules, words):
    with pytest.raises(ConfigurationError, match=words):
        make([A, B], **rules)


def test_a_hedge_wants_two():
    with pytest.raises(ConfigurationError, match="at least two routes; give the same generator twice"):
        hedge([A])
    assert hedge([A, A]).hedges


def test_a_call_that_sets_one_timeout_leaves_the_others_as_long_as_any_route_has_them():
    slow = A.replace(timeouts=Timeouts(1, 900, None))
    assert fallback([slow, B]).timeouts == Timeouts(10, 900, None)
    assert fallback([MockModel()]).timeouts == Timeouts()


def test_an_estimate_has_the_bounds_of_all():
    node = ChatNode.root("Be terse.").add_user("Capital of France?")
    one, two = (node.estimate(gen, max_tokens=50) for gen in (A, B))
    plan = node.estimate(fallback([A, B]), max_tokens=50)
    assert plan.model == "fallback(openai:gpt-5.4, anthropic:claude-sonnet-5)"
    assert plan.usd.likely == one.usd.likely
    assert (plan.usd.lower, plan.usd.upper) == (min(one.usd.lower, two.usd.lower), max(one.usd.upper, two.usd.upper))
    both = node.estimate(hedge([A, B]), max_tokens=50)
    assert both.usd.upper == one.usd.upper + two.usd.upper
    assert both.output.upper == 100
    unknown = node.estimate(fallback([A, MockModel()]), max_tokens=50)
    assert (unknown.usd.likely, unknown.usd.upper) == (one.usd.likely, None)


async def test_what_belongs_to_one_host_is_refused_clearly():
    node = ChatNode.root("Be terse.").add_user("Capital of France?")
    with pytest.raises(ConfigurationError, match="each with a cache of its own: call ensure_cached with a generator"):
        await node.ensure_cached(fallback([A, B]))
    with pytest.raises(ConfigurationError, match="count otherwise: ask with a generator"):
        await node.count_tokens(fallback([A, B]))


def test_a_request_for_a_plan_is_that_of_no_route():
    """Each fills in its own model and defaults when its turn has come."""
    plan = fallback([A.replace(defaults=CompletionParameters(seed=1)), B])
    request = ChatNode.root("Be terse.").add_user("Hi").build_request(plan, temperature=0)
    assert request.model is None
    assert request.parameters == CompletionParameters(temperature=0)


def test_defaults_that_are_none_are_told_before_anything_is_sent():
    wrong = A.replace(defaults=CompletionParameters(temperature="hot"))  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"default of openai:gpt-5\.4"):
        ChatNode.root("x").add_user("Hi").build_request(fallback([B, wrong]))


def answering(gen, text):
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
    return gen.replace(transport=MockTransport.json(body))


async def said(plan, **options):
    return (await ChatNode.root("Be terse.").chat("Hi", plan, **options)).text


async def test_the_cheapest_is_asked_first():
    dear, cheap = answering(A, "dear"), answering(A.replace(price=TokenPrice(1, 1)), "cheap")
    unknown = answering(A.replace(price=None, model="nobody"), "unknown")
    assert await said(fallback([unknown, dear, cheap], order="cheapest"), max_tokens=9) == "cheap"
    assert await said(fallback([unknown, dear], order="cheapest"), max_tokens=9) == "dear"
    nested = fallback([fallback([dear]), fallback([cheap])], order="cheapest")
    assert await said(nested, max_tokens=9) == "cheap"
    assert await said(nested, max_tokens=9, token_price=TokenPrice(5, 5)) == "dear"  # all cost the same then


async def test_the_fastest_is_asked_first_once_all_were():
    one, two = answering(A, "one"), answering(A.replace(model="b"), "two")
    plan = fallback([one, two], order="fastest")
    assert [await said(plan), await said(plan)] == ["one", "two"]
    for key, seconds in zip(plan.keys, (3.0, 0.0), strict=True):
        for _ in range(9):
            latencies().note((key, "whole"), seconds)
    assert await said(plan) == "two"


async def test_weights_draw_for_each_call():
    plan = fallback([answering(A, "one"), answering(A, "two")], order="weighted", weights=[0, 2])
    assert {await said(plan) for _ in range(9)} == {"two"}


async def test_a_saved_reply_names_the_route_that_answered(tmp_path):
    down = A.replace(transport=MockTransport(MockResponse.json({"error": {"message": "no"}}, status=500)))
    well = answering(GeneratorInfo.groq("llama", api_key="k-12345678"), "Yes.")
    reply = await ChatNode.root("x").chat("Hi", fallback([down, well], retry=0))
    reply.save_thread(tmp_path / "thread.json")
    loaded = minillm.ChatNode.from_thread_file(tmp_path / "thread.json").leaf
    assert loaded.message.origin == ("groq", "llama")
    assert [(one.host, one.status, one.outcome) for one in loaded.attempts] == [
        ("openai", 500, "failed"),
        ("groq", 200, "accepted"),
    ]


async def test_the_calls_options_reach_every_route():
    """Judges, prefixes and transforms work behind each route as with a generator."""
    mock = MockModel(['{"a": 1', '{"a": 1}'])
    plan = fallback([MockModel([ServerError("no")]), mock], retry=0)
    reply = await ChatNode.root("x").chat("Hi", plan, expect="object", force_prepend="{", correction=0)
    assert reply.output == {"a": 1}
    assert mock.requests[0].messages[-1].text == "{"


async def test_nothing_sent_costs_nothing():
    """A plan of generators knows all its exchanges; one with other models does not."""
    told = []
    for models, usd in (([A], Decimal(0)), ([A, MockModel()], None)):
        with pytest.raises(minillm.BudgetExceeded), minillm.Budget(calls=0):
            await said(fallback(models), cost_callback=told.append, max_tokens=9)
        assert told.pop().usd == usd


async def test_the_plans_own_retries_stand_in_for_the_calls():
    model = MockModel([ServerError("no", retryable=True), "Yes."])
    assert await said(fallback([model], retry=1), retry=0, back_off_time=0) == "Yes."
