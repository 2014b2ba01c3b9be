"""A thousand calls at once under one purse, at a server that bills what it likes: the law of budgets."""

import asyncio
import random
from decimal import Decimal

import pytest
from aiohttp import web

from minillm import (
    Budget,
    BudgetExceeded,
    ChatNode,
    ConfigurationError,
    GeneratorInfo,
    MiniLLMError,
    TokenPrice,
    loop_local,
)
from minillm.policies.budget import Budgeted

CALLS = 1000
MOST = 100  # max_tokens of each
PRICE = TokenPrice(input=1, output=1000)  # USD per million: an answer of 100 tokens is a dime


class Billing:
    """Answers with a random number of tokens, sometimes more than were allowed, and keeps the bill."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.billed = {}  # question -> USD, of each request that was understood
        self.refused = 0

    async def answer(self, http):
        body = await http.json()
        question = body["messages"][-1]["content"]
        chance = self.random.random()
        if chance < 0.05:
            self.refused += 1
            return web.json_response({"error": {"message": "slow down"}}, status=429)
        prompt, tokens = self.random.randint(1, 40), self.random.randint(0, MOST)
        if chance > 0.97:
            tokens *= 3  # more than was allowed
        self.billed[question] = (Decimal(prompt) * PRICE.input + Decimal(tokens) * PRICE.output) / 1_000_000
        await asyncio.sleep(self.random.random() * 0.05)
        if chance < 0.10:
            return web.json_response({"error": {"message": "down"}}, status=500)
        choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": prompt, "completion_tokens": tokens}
        return web.json_response({"id": "x", "choices": [choice], "usage": usage})


@pytest.fixture
async def listening():
    runners = []

    async def listen(server):
        app = web.Application()
        app.router.add_post("/{tail:.*}", server.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.01)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    yield listen
    await loop_local.aclose()
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize("cancelling", [False, True], ids=["undisturbed", "cancelled"])
@pytest.mark.parametrize("usd", [3, 30, 110])
async def test_a_thousand_calls_under_one_purse(listening, monkeypatch, usd, cancelling):
    """Billed <= budget + the sum of max(0, actual - reserved); every cent is accounted for; nobody waits forever."""
    server, reserved, reserve = Billing(usd), {}, Budgeted._reserve

    def keeping(self, request, task=None):
        # By the estimate also where a rough bound was good enough: that must not make the law any weaker.
        reserved[request.messages[-1].text] = self._needed(request).usd
        return reserve(self, request, task)

    monkeypatch.setattr(Budgeted, "_reserve", keeping)
    url = await listening(server)
    gen = GeneratorInfo.custom("m", base_url=url, api_key="k-123456", price=PRICE)
    told = {}

    async def call(number):
        await asyncio.sleep(number % 10 / 50)  # so that what is given back is spent again
        reply = await ChatNode.root("Be terse.").chat(f"question {number}", gen, max_tokens=MOST, retry=0)
        told[f"question {number}"] = reply.cost.usd

    with Budget(usd=usd) as purse:
        tasks = [asyncio.ensure_future(call(number)) for number in range(CALLS)]
        if cancelling:
            for task in random.Random(0).sample(tasks, CALLS // 5):
                asyncio.get_running_loop().call_later(random.Random(usd).random() * 0.2, task.cancel)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    kinds = {type(outcome) for outcome in outcomes if outcome is not None}
    assert all(issubclass(kind, MiniLLMError | asyncio.CancelledError) for kind in kinds)
    assert ConfigurationError not in kinds
    assert (BudgetExceeded in kinds) is (usd < 100)
    # What is told is what was billed; what was billed and not told is covered by what is kept back.
    assert all(server.billed[question] == cost for question, cost in told.items())
    untold = {question: bill for question, bill in server.billed.items() if question not in told}
    assert purse.spent.usd == sum(told.values(), Decimal(0))
    beyond = sum(max(Decimal(0), bill - reserved[question]) for question, bill in server.billed.items())
    assert sum(untold.values(), Decimal(0)) <= purse.uncertain.usd + beyond
    billed = sum(server.billed.values(), Decimal(0))
    assert billed <= purse.usd + beyond
    assert purse.running == 0
    assert purse.reserved.usd == 0
    assert purse.spent.usd + purse.uncertain.usd + purse.remaining.usd == purse.usd
