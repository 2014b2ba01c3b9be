"""Hedges, over real sockets: who begins first answers, and of the others nothing stays but their bill."""

import asyncio

import pytest

from minillm import (
    AllRoutesFailed,
    BadRequestError,
    Budget,
    ChatNode,
    CostLedger,
    MockModel,
    TimeoutExceeded,
    hedge,
)
from minillm.policies.latency import latencies

from .faulty_hosts import faulty_hosts
from .models import Tracked
from .test_fallback import CENTS, WELL, answer, table


@pytest.fixture
async def hosts():
    async with faulty_hosts() as hosts:
        yield hosts


both = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])


def plan_of(hosts, faults, **rules):
    return hedge(map(hosts.gen, faults.split()), **{"after": 0.03, "retry": 0, **rules})


TABLE = [
    ("well other", "Paris of well.", [WELL]),
    ("hang well", "Paris of well.", ["hang - cancelled", WELL]),
    ("slow9 well", "Paris of well.", ["slow9 - cancelled", WELL]),
    ("hang hang well", "Paris of well.", ["hang - cancelled", "hang - cancelled", WELL]),
    ("500 well", "Paris of well.", ["500 500 failed ServerError", WELL]),
    ("429 500 well", "Paris of well.", ["429 429 failed RateLimitError", "500 500 failed ServerError", WELL]),
    ("slow0.2 500", "Paris of slow0.2.", ["500 500 failed ServerError", "slow0.2 200 accepted"]),
    ("hang drop well", "Paris of well.", ["drop - failed TransportError", "hang - cancelled", WELL]),
]


@both
@pytest.mark.parametrize(("faults", "said", "attempts"), TABLE, ids=[row[0] for row in TABLE])
async def test_every_fault_has_its_text_and_its_attempts(hosts, faults, said, attempts, streamed):
    """And when it is over no request hangs at any host, and no task is left here."""
    after = 0.03 if faults.startswith(("hang", "slow")) else 60.0  # on a busy machine the others are slow, too
    seen, reply = await answer(plan_of(hosts, faults, after=after), streamed=streamed)
    assert (seen, reply.text) == (said, said)
    assert table(reply.attempts) == attempts
    assert reply.attempts[-1].cost.usd == CENTS
    await hosts.until(lambda: hosts.hanging == 0)
    assert not [task for task in asyncio.all_tasks() if "_Race" in repr(task)]


@both
async def test_a_stream_that_stalls_before_content_is_hedged_too(hosts, streamed):
    """What counts is the first content, not the first byte."""
    seen, _ = await answer(plan_of(hosts, "slow9 well", commit="end"), streamed=streamed)
    assert seen == "Paris of well."


@both
async def test_the_loser_is_on_the_bill_as_unknown(hosts, streamed):
    ledger = CostLedger()
    _, reply = await answer(plan_of(hosts, "hang well"), streamed=streamed, cost_callback=ledger)
    assert reply.attempts[0].cost.usd is None
    assert (reply.cost.usd, reply.cost.known_usd) == (None, CENTS)
    assert table(ledger.attempts) == ["hang - cancelled", WELL]
    with Budget(calls=9) as purse:
        await answer(plan_of(hosts, "hang well"), streamed=streamed, max_tokens=5)
    assert purse.spent.calls == 2


@both
async def test_when_all_fail_all_are_told(hosts, streamed):
    with pytest.raises(AllRoutesFailed) as caught:
        await answer(plan_of(hosts, "500 429 404"), streamed=streamed)
    assert caught.value.routes == ("500:m", "429:m", "404:m")
    assert [one.status for one in caught.value.attempts] == [500, 429, 404]


@both
async def test_an_error_that_does_not_move_on_ends_the_race(hosts, streamed):
    """The others are cancelled, and on the bill of the error."""
    with pytest.raises(BadRequestError) as caught:
        await answer(plan_of(hosts, "hang 400 well"), streamed=streamed)
    assert table(caught.value.attempts) == ["400 400 failed BadRequestError", "hang - cancelled"]
    await hosts.until(lambda: hosts.left["hang"] == 1)


@both
async def test_a_fault_of_a_program_comes_out_bare(hosts, streamed):
    def broken(request):
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        await answer(hedge([hosts.gen("hang"), MockModel(broken)], after=0.01), streamed=streamed)
    await hosts.until(lambda: hosts.left["hang"] == 1)


@both
async def test_cancelled_from_outside_all_are_left(hosts, streamed):
    task = asyncio.ensure_future(answer(plan_of(hosts, "hang slow9"), streamed=streamed))
    await hosts.until(lambda: len(hosts.asked) == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await hosts.until(lambda: hosts.hanging == 0)
    assert sum(hosts.left.values()) == 2


@both
async def test_a_route_that_is_cancelled_from_within_is_a_failure(hosts, streamed):
    """Whoever does that: nobody waits for it for ever."""

    async def cancelled(request):
        raise asyncio.CancelledError

    plan = hedge([MockModel(cancelled), hosts.gen("well")], after=9)
    seen, _ = await answer(plan, streamed=streamed)
    assert seen == "Paris of well."


async def test_two_that_begin_together_leave_one(hosts):
    """The stream that came second is closed, and booked as cancelled."""
    gate = asyncio.Event()
    entered = []

    class Together:
        def __init__(self, name):
            self.model = MockModel([name])
            self.name = name
            self.open = None

        def stream(self, request):
            from contextlib import asynccontextmanager

            @asynccontextmanager
            async def opened():
                entered.append(self.name)
                if len(entered) == 2:
                    gate.set()
                await gate.wait()
                async with self.model.stream(request) as stream:
                    self.open = True
                    try:
                        yield stream
                    finally:
                        self.open = False

            return opened()

        async def complete(self, request):
            raise AssertionError

    first, second = Together("one"), Together("two")
    seen, reply = await answer(hedge([first, second], after=0), streamed=True)
    assert seen in ("one", "two")
    assert (first.open, second.open) == (False, False)
    assert sorted(one.outcome for one in reply.attempts) == ["accepted", "cancelled"]


async def test_a_winner_nobody_waits_for_any_more_is_closed():
    async def listen(event):
        call.cancel()
        await asyncio.Event().wait()

    model = Tracked(MockModel(["Yes."]))
    call = asyncio.create_task(answer(hedge([model, MockModel()], on_route=listen), streamed=True))
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (len(model.held), model.open) == (1, 0)


async def test_the_deadline_is_for_all_of_them(hosts):
    with pytest.raises(TimeoutExceeded) as caught:
        await answer(plan_of(hosts, "hang slow9"), streamed=False, deadline=0.1)
    assert len(caught.value.attempts) == 2
    await hosts.until(lambda: hosts.hanging == 0)


async def test_a_percentile_is_measured_before_it_counts(hosts):
    """Until then the second route waits ``unmeasured`` seconds, or for ever."""
    plan = hedge([hosts.gen("slow0.05"), hosts.gen("well")], after="p95")
    assert (await answer(plan, streamed=True))[0] == "Paris of slow0.05."
    eager = hedge([hosts.gen("slow0.05"), hosts.gen("well")], after="p95", unmeasured=0.01)
    assert (await answer(eager, streamed=True))[0] == "Paris of well."
    for _ in range(100):
        latencies().note((plan.keys[0], "stream"), 0.01)
    assert (await answer(plan, streamed=True))[0] == "Paris of well."
    assert (
        latencies().percentile((plan.keys[0], "stream"), 0.99) > 0.01
    )  # the cancelled ones count, as long as they ran


async def test_what_is_told_of_a_hedge(hosts):
    told = []
    await answer(
        plan_of(hosts, "hang well", on_route=lambda event: told.append((event.news, event.route))), streamed=True
    )
    assert told == [("hedged", "well:m"), ("abandoned", "hang:m"), ("selected", "well:m")]


async def test_a_hedged_stream_may_be_left_in_another_task(hosts):
    manager = ChatNode.root("x").stream(plan_of(hosts, "hang stall"), user="Hi")
    stream = await asyncio.create_task(manager.__aenter__())
    assert (await anext(aiter(stream))).delta == "Pa"
    await asyncio.create_task(manager.__aexit__(None, None, None))
    await hosts.until(lambda: hosts.hanging == 0)
    assert hosts.left == {"hang": 1, "stall": 1}


async def test_models_that_tell_of_no_exchanges_are_booked_as_unknown():
    async def slow(request):
        await asyncio.Event().wait()

    _, reply = await answer(hedge([MockModel(slow), MockModel(["Yes."])], after=0.01), streamed=False)
    assert [(one.host, one.model, one.outcome, one.cost.usd) for one in reply.attempts] == [
        ("unknown", "MockModel", "cancelled", None),
        ("unknown", "mock", "accepted", None),
    ]
