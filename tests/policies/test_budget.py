"""Calls under a purse: nothing is sent that it cannot pay for, and what was sent is settled."""

import asyncio
import json
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import (
    BranchFailed,
    Budget,
    BudgetExceeded,
    ChatNode,
    ConfigurationError,
    CostInfo,
    GeneratorInfo,
    MockModel,
    MockTransport,
    RateLimitError,
    ServerError,
    TimeoutExceeded,
    TokenPrice,
)
from minillm.cost import estimate_request
from minillm.cost.budget import Needed, reserve
from minillm.policies.budget import Budgeted, _settle, _settle_all
from minillm.policies.cost import Cost
from minillm.policies.options import CallOptions
from minillm.policies.retry import Retry
from minillm.transport import MockResponse
from minillm.types import (
    Attempt,
    ChatRequest,
    CompletionParameters,
    CostResolution,
    Message,
    MessageEnd,
    PartStart,
    TextDelta,
    TextPart,
    Usage,
)

from .models import failed, response, streamed, whole

REQUEST = ChatRequest("m", (Message("user", "Hi"),), parameters=CompletionParameters(max_tokens=1_000_000))
PRICE = TokenPrice(input=0, output=1)  # so that a request may cost a dollar
HALF = Usage(10, output_tokens=500_000)


def spending(model, *budgets, price=PRICE):
    return Budgeted(Cost(model, price), budgets, partial(estimate_request, price=price))


async def asked(model, ask=whole, request=REQUEST):
    return await ask(model, request)


both_ways = pytest.mark.parametrize("ask", [whole, streamed])


@both_ways
async def test_the_rest_is_given_back_when_the_answer_is_there(ask):
    purse = Budget(usd=1)
    await asked(spending(MockModel([response(usage=HALF)]), purse), ask)
    assert (purse.spent.usd, purse.spent.tokens, purse.remaining.usd) == (Decimal("0.5"), 500_010, Decimal("0.5"))
    assert purse.running == 0


@both_ways
async def test_what_may_cost_more_is_not_sent(ask):
    model = MockModel([response(usage=HALF)])
    with pytest.raises(BudgetExceeded, match="may take \\$1"):
        await asked(spending(model, Budget(usd="0.99")), ask)
    assert model.requests == []


async def test_all_purses_are_charged():
    purses = Budget(usd=3), Budget(usd=1), Budget(calls=1)
    await asked(spending(MockModel([response(usage=HALF)]), *purses))
    assert [purse.spent.usd for purse in purses] == [Decimal("0.5")] * 3


@both_ways
@pytest.mark.parametrize(
    ("error", "spent", "uncertain"),
    [
        (failed(RateLimitError, 429), 0, 0),
        (failed(ServerError, 500), 0, 1),
        (failed(ServerError, 500, usage=HALF), Decimal("0.5"), 0),
        (ConfigurationError("no key"), 0, 0),
    ],
    ids=["refused", "unknown", "told", "unsent"],
)
async def test_what_failed_is_settled_by_what_is_known(ask, error, spent, uncertain):
    purse = Budget(usd=2)
    with pytest.raises(type(error)):
        await asked(spending(MockModel([error]), purse), ask)
    assert (purse.spent.usd, purse.uncertain.usd, purse.running) == (spent, uncertain, 0)
    assert purse.spent.calls == (0 if isinstance(error, ConfigurationError) else 1)


async def test_what_was_cancelled_may_have_been_billed():
    purse, begun = Budget(usd=2), asyncio.Event()

    async def answer(_):
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(asked(spending(MockModel(answer), purse)))
    await begun.wait()
    assert purse.reserved.usd == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (purse.uncertain.usd, purse.reserved.usd, purse.running) == (1, 0, 0)


async def test_a_stream_left_early_is_settled():
    purse = Budget(usd=2)
    events = [PartStart(0, TextPart("")), TextDelta(0, "So"), TextDelta(0, " far"), MessageEnd()]
    async with spending(MockModel([events]), purse).stream(REQUEST) as stream:
        await stream.__anext__()
        assert purse.reserved.usd == 1
    assert (purse.uncertain.usd, purse.running) == (1, 0)


def waiting():
    """A model whose second request never ends, and that it is under way."""
    begun = asyncio.Event()

    async def answer(request):
        if request.messages[-1].text == "wait":
            begun.set()
            await asyncio.Event().wait()
        await begun.wait()
        return response(usage=Usage(1, output_tokens=2_000_000))

    return MockModel(answer), begun


WAITING = ChatRequest("m", (Message("user", "wait"),), parameters=REQUEST.parameters)


@both_ways
async def test_those_that_run_are_stopped_when_the_purse_is_empty(ask):
    """One that costs more than could be foreseen leaves nothing for its siblings."""
    purse = Budget(usd=2, name="p")
    model, _ = waiting()
    wrapped = spending(model, purse)
    stopped, paid = await asyncio.gather(asked(wrapped, ask, WAITING), asked(wrapped), return_exceptions=True)
    assert paid.usage.output_tokens == 2_000_000
    assert isinstance(stopped, BudgetExceeded)
    assert "'p'" in str(stopped)
    assert (purse.spent.usd, purse.uncertain.usd, purse.running) == (2, 1, 0)


async def test_a_stream_that_is_being_read_is_stopped_with_its_part():
    from minillm.chat_model import EventStream

    class Endless:
        def stream(self, request):
            from contextlib import asynccontextmanager

            @asynccontextmanager
            async def opened():
                batches = [[TextDelta(0, "So far")], [PartStart(0, TextPart(""))]]

                async def read():
                    if not batches:
                        await asyncio.Event().wait()
                    return batches.pop()

                stream = EventStream(read)
                yield stream
                stream.end(None)

            return opened()

        async def complete(self, request):
            return response(usage=Usage(1, output_tokens=2_000_000))

    purse = Budget(usd=2)
    wrapped = spending(Endless(), purse)

    async def read():
        async with wrapped.stream(REQUEST) as stream:
            first.set()
            return await stream.collect()

    first = asyncio.Event()
    task = asyncio.ensure_future(read())
    await first.wait()
    await asyncio.sleep(0)
    await asked(wrapped)
    with pytest.raises(BudgetExceeded) as caught:
        await task
    assert caught.value.partial.text == "So far"
    assert purse.running == 0


async def test_a_stop_does_not_swallow_a_cancellation():
    purse = Budget(usd=2)
    model, begun = waiting()
    wrapped = spending(model, purse)
    task = asyncio.ensure_future(asked(wrapped, request=WAITING))
    await begun.wait()
    task.cancel()
    await asked(wrapped)
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("ending", ["answers", "fails"])
async def test_a_call_that_ends_by_itself_while_it_is_stopped_leaves_no_cancellation_behind(ending):
    """Something inside may catch the cancellation; the task must not count it as one that still stands."""
    purse = Budget(usd=2)

    async def answer(request):
        if request.messages[-1].text != "wait":
            return response(usage=Usage(1, output_tokens=2_000_000))
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if ending == "fails":
                raise failed(ServerError, 500) from None
        return response(usage=HALF)

    wrapped = spending(MockModel(answer), purse)

    async def call():
        try:
            return await asked(wrapped, request=WAITING)
        finally:
            assert asyncio.current_task().cancelling() == 0
            await asyncio.sleep(0)

    task = asyncio.ensure_future(call())
    await asyncio.sleep(0)
    await asked(wrapped)
    if ending == "fails":
        with pytest.raises(ServerError):
            await task
    else:
        assert (await task).usage == HALF
    assert purse.running == 0


# ---------------------------------------------------------------- through the tree

BODY = {
    "id": "x",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 500_000},
}


def gen(answers=None, **changes):
    transport = MockTransport.json(BODY) if answers is None else MockTransport(answers)
    made = GeneratorInfo.custom("m", base_url="http://127.0.0.1:9/v1", price=PRICE)
    return made.replace(transport=transport, **changes)


def ask(generator, **options):
    return ChatNode.root("Be terse.").chat("Hi", generator, max_tokens=1_000_000, **options)


async def test_a_block_an_option_and_a_generator_name_purses():
    block, option, own = Budget(usd=9), Budget(usd=9), Budget(usd=9)
    with block:
        await ask(gen(budget=own), budget=option)
    await ask(gen())
    assert [purse.spent.calls for purse in (block, option, own)] == [1, 1, 1]


async def test_one_purse_named_twice_pays_once():
    with Budget(usd=9) as purse:
        await ask(gen(budget=purse), budget=purse)
    assert purse.spent.calls == 1


async def test_every_attempt_is_looked_at():
    """The first, of unknown cost, leaves too little for a second."""
    down = MockResponse.json({"error": {"message": "down"}}, status=500)
    with pytest.raises(BudgetExceeded) as caught, Budget(usd="1.5"):
        await ask(gen(down), back_off_time=0)
    assert [attempt.status for attempt in caught.value.attempts] == [500]


async def test_siblings_that_a_purse_does_not_pay_for_do_not_take_the_others():
    root = ChatNode.root("Be terse.")
    slow = MockResponse(200, {"content-type": "application/json"}, json.dumps(BODY).encode(), delay=0.01)
    with Budget(usd="2.2") as purse:
        branch = await root.branch(gen(slow), user="Hi", n=4, max_tokens=1_000_000)
    assert len(branch) == 2
    assert [type(error) for error in branch.errors] == [BudgetExceeded] * 2
    assert purse.spent.usd == 1


async def test_nothing_in_the_purse_is_no_answer():
    with pytest.raises(BranchFailed) as caught, Budget(usd=0):
        await ChatNode.root("Be terse.").branch(gen(), user="Hi", n=2, max_tokens=1_000_000)
    assert all(isinstance(error, BudgetExceeded) for error in caught.value.errors)


async def test_an_answer_without_a_ceiling_cannot_be_bounded():
    with pytest.raises(ConfigurationError, match="set max_tokens"), Budget(usd=1):
        await ChatNode.root("Be terse.").chat("Hi", gen())
    with Budget(usd=1, unpriced="allow") as purse:
        await ChatNode.root("Be terse.").chat("Hi", gen())
    assert purse.spent.usd == Decimal("0.5")


async def test_a_model_without_a_price_is_refused_unless_the_purse_counts_no_money():
    with pytest.raises(ConfigurationError, match="no price of m is known"), Budget(usd=1):
        await ask(gen(price=None))
    with Budget(tokens=2_000_000) as purse:
        await ask(gen(price=None))
    assert purse.spent.tokens == 500_010


async def test_a_price_of_the_call_is_what_is_set_aside():
    with pytest.raises(BudgetExceeded), Budget(usd=1):
        await ask(gen(), token_price=TokenPrice(0, 2))


async def test_what_is_no_budget_is_told():
    with pytest.raises(ConfigurationError, match="budget must be a Budget"):
        await ask(gen(), budget=5)


async def test_a_timeout_is_still_a_timeout():
    slow = MockResponse(200, {"content-type": "application/json"}, json.dumps(BODY).encode(), delay=60)
    with pytest.raises(TimeoutExceeded), Budget(usd=1):
        await ask(gen(slow), deadline=0.01)


async def test_a_retried_stream_settles_each_try_once():
    """The tries before it are on the attempts of the stream that came in the end, and had been settled."""
    purse = Budget(calls=9)
    model = MockModel([failed(ServerError, 500, retryable=True), response()])
    inner = Budgeted(Cost(model, None), (purse,), estimate_request)
    async with Retry(inner, CallOptions(back_off_time=0)).stream(REQUEST) as stream:
        await stream.collect()
    assert len(stream.attempts) == 2
    assert purse.spent.calls == 2


async def test_with_plenty_in_the_purse_nothing_is_estimated(monkeypatch):
    """A rough bound is set aside, which is never below the estimate; what is spent is what was billed."""
    estimated, aside, purse = [], [], Budget(usd=10**6)
    monkeypatch.setattr(GeneratorInfo, "estimate", lambda *_, **__: estimated.append(1))

    def answer(_):
        aside.append(purse.reserved.usd)
        return MockResponse.json(BODY)

    await ChatNode.root().chat("Hi", gen(answer), max_tokens=500_000, budget=purse)
    assert aside[0] >= Decimal("0.5")
    assert not estimated
    assert (purse.spent.usd, purse.reserved.usd) == (Decimal("0.5"), 0)


async def test_of_a_call_that_broke_off_the_estimate_is_kept_however_rough_the_bound_was():
    purse = Budget(usd=10**6)
    price = TokenPrice(input=1, output=1)
    generator = gen([MockResponse(500, body=b"{}")] * 2).replace(price=price)
    for narrow in (purse, Budget(usd=2)):
        with pytest.raises(ServerError):
            await ChatNode.root().chat("Hi", generator, max_tokens=500_000, budget=narrow, retry=0)
    assert purse.uncertain.usd == narrow.uncertain.usd > Decimal("0.5")


async def test_a_price_of_the_call_bounds_it_roughly_too():
    aside, purse = [], Budget(usd=10**6)

    def answer(_):
        aside.append(purse.reserved.usd)
        return MockResponse.json(BODY)

    generator = gen(answer)
    for price in (TokenPrice(0, 1), TokenPrice(0, 3), None):
        await ChatNode.root().chat("Hi", generator, max_tokens=1_000_000, budget=purse, token_price=price)
    assert [round(usd) for usd in aside] == [1, 3, 1]


AMOUNTS = st.one_of(st.none(), st.integers(0, 300).map(lambda n: Decimal(n) / 100))
BILLS = st.one_of(
    st.none(),
    st.builds(CostInfo, AMOUNTS, AMOUNTS.filter(lambda usd: usd is not None), st.sampled_from(CostResolution)),
)
COUNTED = st.one_of(
    st.none(),
    st.builds(Usage, st.one_of(st.none(), st.integers(0, 99)), output_tokens=st.one_of(st.none(), st.integers(0, 99))),
)
ATTEMPTS = st.builds(Attempt, *map(st.just, ("h", "m", "w", 0.0)), usage=COUNTED, cost=BILLS)


@given(ATTEMPTS)
def test_one_attempt_is_settled_like_several(attempt):
    """What is short for the usual case books the same: spent, uncertain and given back."""
    short, full = Budget(usd=5, unpriced="allow"), Budget(usd=5, unpriced="allow")
    for purse, settle in ((short, _settle), (full, _settle_all)):
        settle(reserve([purse], Needed(Decimal(2), 50)), [attempt])
    assert (short.spent, short.uncertain, short.reserved) == (full.spent, full.uncertain, full.reserved)
