"""Calls that are paced: each waits for its turn, and tells its limiter what became of it."""

import asyncio

import pytest

from minillm import ConfigurationError, MockModel, RateLimitError, ServerError
from minillm.policies.limiter import Limiter
from minillm.policies.pacing import Pacing, rough_size
from minillm.types import (
    ChatRequest,
    CompletionParameters,
    ImagePart,
    Message,
    RateLimit,
    RateLimits,
    TextPart,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
    Usage,
)

from .models import REQUEST, failed, response, streamed, whole

both_ways = pytest.mark.parametrize("ask", [whole, streamed])


def paced(model, limiter, **more):
    return Pacing(model, lambda: limiter, **more)


def limiter_of(**limits):
    return Limiter(RateLimits(**limits), "host:m")


@both_ways
async def test_a_place_is_taken_while_a_call_runs(ask):
    limiter, most = limiter_of(concurrency=2), []

    async def answer(_):
        most.append(limiter._running)
        await asyncio.sleep(0)
        return response()

    model = paced(MockModel(answer), limiter)
    await asyncio.gather(*(ask(model) for _ in range(20)))
    assert max(most) == 2
    assert limiter.idle


@both_ways
@pytest.mark.parametrize("error", [failed(ServerError), ConfigurationError("no key"), KeyError("program")])
async def test_a_call_that_failed_gives_its_place_back(ask, error):
    limiter = limiter_of(concurrency=1)
    with pytest.raises(type(error)):
        await ask(paced(MockModel([error]), limiter))
    assert limiter.idle


async def test_a_call_that_is_cancelled_gives_its_place_back():
    limiter, begun = limiter_of(concurrency=1), asyncio.Event()

    async def answer(_):
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(whole(paced(MockModel(answer), limiter)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert limiter.idle


async def test_a_stream_that_is_left_gives_its_place_back():
    limiter = limiter_of(concurrency=1)
    async with paced(MockModel([response()]), limiter).stream(REQUEST) as stream:
        await stream.__anext__()
        assert not limiter.idle
    assert limiter.idle


@both_ways
async def test_what_it_really_took_is_put_right(ask):
    limiter = limiter_of(tokens_per_minute=100_000)
    await ask(paced(MockModel([response(usage=Usage(1000, output_tokens=500))]), limiter))
    assert limiter._buckets["tokens"].level == pytest.approx(97_000 - 1500, abs=50)


@both_ways
async def test_what_the_host_says_is_heeded(ask):
    limiter = limiter_of()
    answer = response()
    answer.attempts[0].rate_limits = {"requests": RateLimit(100, 50)}
    await ask(paced(MockModel([answer]), limiter))
    assert limiter._buckets["requests"].level == pytest.approx(47, abs=1)


@both_ways
async def test_a_429_holds_all_that_wait(ask):
    import time

    limiter = limiter_of(concurrency=9)
    refused = failed(RateLimitError, 429, retry_at=time.time() + 3600, retryable=True)
    model = paced(MockModel([refused, response()]), limiter, patience=60)
    with pytest.raises(RateLimitError, match="no"):
        await ask(model)
    with pytest.raises(RateLimitError, match="has asked all requests to wait"):
        await ask(model)


async def test_calls_wait_in_their_lanes():
    limiter, order = limiter_of(concurrency=1), []

    async def answer(request):
        order.append(request.messages[0].text)
        await asyncio.sleep(0)
        return response()

    model = MockModel(answer)

    def call(name):
        request = ChatRequest("m", (Message("user", name),))
        return asyncio.ensure_future(paced(model, limiter, lane=lambda: (name, 0)).complete(request))

    await asyncio.gather(*(call("big") for _ in range(10)), call("small"))
    assert order.index("small") <= 2


def size(*messages, **more):
    parameters = CompletionParameters(max_tokens=more.pop("max_tokens", 7))
    return rough_size(ChatRequest("m", messages, parameters=parameters, **more))


def test_a_size_is_that_of_all_that_is_said():
    text = "x" * 400
    plain = size(Message("user", text))
    assert plain.ceiling == 7
    assert plain.prompt == pytest.approx(105)
    assert size(Message("user", (TextPart(text),))).prompt == plain.prompt
    assert size(Message("assistant", (ToolCallPart("1", "f", text),))).prompt == plain.prompt
    assert size(Message("tool", (ToolResultPart("1", "f", text),))).prompt == plain.prompt
    assert size(Message("tool", (ToolResultPart("1", "f", (TextPart(text),)),))).prompt == plain.prompt
    assert size(Message("user", text), tools=(ToolDefinition("f", "", {}),)).prompt > plain.prompt
    assert size(Message("user", (TextPart(text), ImagePart(url="https://a.test/x.png")))).prompt > 1000
