"""One limiter for each key, host and model; none where there is nothing to heed."""

import asyncio

import pytest

from minillm import ChatNode, GeneratorInfo, MockTransport, RateLimitError, aclose
from minillm.client import paced
from minillm.client.paced import pacer_of
from minillm.policies.limiter import Limiter
from minillm.policies.options import CallOptions
from minillm.policies.pacing import Pacing
from minillm.stack import build
from minillm.transport import MockResponse
from minillm.types import RateLimits

LIMITS = RateLimits(requests_per_minute=60)
BODY = {
    "id": "x",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
}
TOLD = {"x-ratelimit-limit-requests": "600", "x-ratelimit-remaining-requests": "18"}


@pytest.fixture(autouse=True)
def forgotten():
    paced._told.clear()
    yield
    paced._told.clear()


def gen(model="m", told=None, **changes):
    transport = MockTransport.json(BODY, headers=told or {})
    made = GeneratorInfo.custom(model, base_url="http://127.0.0.1:9/v1", api_key="k-123456")
    return made.replace(**{"transport": transport, **changes})


def limiter_for(generator: GeneratorInfo) -> Limiter:
    """The one by which a call of this generator is paced, where it is."""
    return paced._pacer(generator).limiter()


def layers(generator):
    model, kinds = build(generator, CallOptions()), []
    while model is not None:
        kinds.append(type(model))
        model = getattr(model, "_model", None)
    return kinds


@pytest.mark.parametrize("limits", [None, RateLimits(), RateLimits(learn=False)])
async def test_nothing_given_and_nothing_told_costs_nothing(limits):
    assert Pacing not in layers(gen(limits=limits))


async def test_limits_that_are_given_are_obeyed_from_the_first_call():
    assert Pacing in layers(gen(limits=LIMITS))


async def test_limits_that_the_host_tells_are_obeyed_from_then_on():
    generator = gen(told=TOLD)
    await ChatNode.root("x").chat("Hi", generator)
    assert Pacing in layers(generator)
    assert Pacing in layers(gen())
    assert Pacing not in layers(gen("other"))
    assert Pacing not in layers(gen(limits=RateLimits(learn=False)))
    assert limiter_for(generator)._buckets["requests"].level < 2


async def test_a_generator_that_was_told_need_not_look_again():
    generator = gen(told=TOLD)
    await ChatNode.root("x").chat("Hi", generator)
    assert pacer_of(generator)
    paced._told.clear()  # too many have told
    assert Pacing not in layers(gen())
    paced._told.add("another")
    assert Pacing in layers(generator)


async def test_a_refusal_tells_them_too():
    transport = MockTransport([MockResponse.json({"error": {"message": "slow"}}, 429, TOLD)])
    generator = gen(transport=transport)
    with pytest.raises(RateLimitError):
        await ChatNode.root("x").chat("Hi", generator, retry=0)
    assert pacer_of(generator)


async def test_who_wants_none_of_it_learns_none():
    generator = gen(told=TOLD, limits=RateLimits(learn=False))
    await ChatNode.root("x").chat("Hi", generator)
    assert paced._told == set()


async def test_one_limiter_for_each_key_host_and_model():
    limiter = limiter_for(gen())
    assert limiter_for(gen(timeouts=gen().timeouts, defaults=gen().defaults)) is limiter
    assert limiter_for(gen("other")) is not limiter
    assert limiter_for(gen(api_key="another")) is not limiter
    assert limiter_for(gen(base_url="http://127.0.0.1:8/v1")) is not limiter
    assert limiter_for(gen(headers={"Authorization": "Bearer x"})) is not limiter


def test_a_generator_keeps_the_one_of_its_last_loop_only_for_that_loop():
    generator, found = gen(limits=LIMITS), []

    async def one():
        found.append(limiter_for(generator))
        assert limiter_for(generator) is found[-1]
        assert limiter_for(gen(limits=LIMITS)) is found[-1]

    asyncio.run(one())
    asyncio.run(one())
    assert found[0] is not found[1]


async def test_what_the_loop_has_closed_is_not_used_again():
    generator = gen(limits=LIMITS)
    before = limiter_for(generator)
    await aclose()
    assert limiter_for(generator) is limiter_for(gen(limits=LIMITS)) is not before


async def test_limits_given_later_hold_for_all():
    limiter = limiter_for(gen())
    assert limiter_for(gen(limits=LIMITS)) is limiter
    assert limiter.limits == LIMITS
    assert limiter_for(gen()).limits == LIMITS


def test_each_loop_has_its_own():
    async def one():
        return limiter_for(gen(limits=LIMITS))

    assert asyncio.run(one()) is not asyncio.run(one())


async def test_idle_limiters_are_forgotten_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr(paced, "_MOST", 3)
    limiters = [limiter_for(gen(f"m{number}")) for number in range(4)]
    assert limiter_for(gen("m3")) is limiters[3]
    assert limiter_for(gen("m0")) is not limiters[0]


async def test_a_generator_whose_limiter_was_forgotten_shares_the_new_one(monkeypatch):
    monkeypatch.setattr(paced, "_MOST", 3)
    first = gen("m0")
    before = limiter_for(first)
    for number in range(1, 4):
        limiter_for(gen(f"m{number}"))
    assert limiter_for(gen("m0")) is limiter_for(first) is not before


async def test_a_limiter_shows_no_key():
    limiter_for(gen(headers={"Authorization": "Bearer s3cret-value"}))
    assert "s3cret-value" not in repr(paced._key(gen(headers={"Authorization": "Bearer s3cret-value"})))
    assert "k-123456" not in repr(paced._key(gen()))
