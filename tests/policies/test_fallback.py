"""Fallback under faults, on real sockets: the user's stream is right in every case, and so is its table of attempts."""

import asyncio
import time
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from minillm import (
    AllRoutesFailed,
    BadRequestError,
    Budget,
    ChatNode,
    CostLedger,
    InvalidOutput,
    MiniLLMError,
    ServerError,
    StreamInterrupted,
    TimeoutExceeded,
    fallback,
    hedge,
)
from minillm.policies.health import board
from minillm.types import FinishReason, Outcome

from .faulty_hosts import faulty_hosts

CENTS = Decimal("0.000014")  # 14 tokens at a dollar a million


@pytest.fixture
async def hosts():
    async with faulty_hosts() as hosts:
        yield hosts


def table(attempts):
    return [f"{one.host} {one.status or '-'} {one.outcome}{f' {one.error}' if one.error else ''}" for one in attempts]


async def answer(plan, *, streamed, node=None, seen=None, **options):
    """Text as the reader saw it, and the reply; each piece of the text is put into ``seen``."""
    node = node or ChatNode.root("Be terse.")
    if not streamed:
        reply = await node.chat("Capital?", plan, **options)
        return reply.text, reply
    seen = [] if seen is None else seen
    async with node.stream(plan, user="Capital?", **options) as stream:
        async for chunk in stream:
            seen.append(chunk.delta)  # what came before a failure counts
    return "".join(seen), stream.node


@dataclass
class Case:
    faults: str  # of the routes, in order
    said: str = ""
    attempts: list[str] = field(default_factory=list)
    error: type[MiniLLMError] | None = None
    only: bool | None = None  # streamed, or not; None is both
    options: dict[str, object] = field(default_factory=dict)
    rules: dict[str, object] = field(default_factory=dict)


WELL = "well 200 accepted"
TABLE = [
    Case("well other", "Paris of well.", [WELL]),
    Case("429 well", "Paris of well.", ["429 429 failed RateLimitError", WELL]),
    Case("500 well", "Paris of well.", ["500 500 failed ServerError", WELL]),
    Case("401 well", "Paris of well.", ["401 401 failed AuthenticationError", WELL]),
    Case("402 well", "Paris of well.", ["402 402 failed QuotaError", WELL]),
    Case("404 well", "Paris of well.", ["404 404 failed NotFoundError", WELL]),
    Case("400 well", "", ["400 400 failed BadRequestError"], BadRequestError),
    Case(
        "400 well",
        "Paris of well.",
        ["400 400 failed BadRequestError", WELL],
        rules={"move_on": {BadRequestError: True}},
    ),
    Case("later30 well", "Paris of well.", ["later30 429 failed RateLimitError", WELL]),
    Case("drop well", "Paris of well.", ["drop - failed TransportError", WELL]),
    Case("dropstart well", "Paris of well.", ["dropstart 200 failed StreamInterrupted", WELL], only=True),
    Case(
        "dropstart well",
        "",
        ["dropstart 200 failed StreamInterrupted"],
        StreamInterrupted,
        only=True,
        rules={"commit": "start"},
    ),
    Case("500 well", "Paris of well.", ["500 500 failed ServerError", WELL], rules={"commit": "start"}),
    Case("dropafter well", "Paris ", ["dropafter 200 failed StreamInterrupted"], StreamInterrupted, only=True),
    Case("dropafter well", "Paris of well.", ["dropafter - failed TransportError", WELL], only=False),
    Case(
        "dropafter well",
        "Paris of well.",
        ["dropafter 200 failed StreamInterrupted", WELL],
        only=True,
        rules={"commit": "end"},
    ),
    Case(
        "dropafter well",
        "Paris of well.",
        ["dropafter 200 failed StreamInterrupted", WELL],
        only=True,
        rules={"commit": lambda event: getattr(event, "delta", "") == "of "},
    ),
    Case(
        "dropafter well",
        "Paris ",
        ["dropafter 200 failed StreamInterrupted"],
        StreamInterrupted,
        only=True,
        rules={"commit": "text"},
    ),
    Case("hang well", "Paris of well.", ["hang - failed TimeoutExceeded", WELL], rules={"timeout": 0.1}),
    Case(
        "hang well",
        "Paris of well.",
        ["hang - failed TimeoutExceeded", WELL],
        options={"first_byte_timeout": 0.1},
    ),
    Case(
        "stall well",
        "Paris ",
        ["stall 200 failed TimeoutExceeded"],
        TimeoutExceeded,
        only=True,
        options={"idle_timeout": 0.1},
    ),
    Case("hang well", "", ["hang - failed TimeoutExceeded"], TimeoutExceeded, options={"deadline": 0.1}),
    Case(
        "500 429 drop",
        "",
        ["500 500 failed ServerError", "429 429 failed RateLimitError", "drop - failed TransportError"],
        AllRoutesFailed,
    ),
    Case(
        "500 well",
        "Paris of well.",
        ["500 500 failed ServerError", "500 500 failed ServerError", WELL],
        rules={"retry": 1},
        options={"back_off_time": 0},
    ),
]
CASES = [
    pytest.param(case, streamed, id=f"{case.faults}-{'stream' if streamed else 'whole'}-{number}")
    for number, case in enumerate(TABLE)
    for streamed in (False, True)
    if case.only in (None, streamed)
]


@pytest.mark.parametrize(("case", "streamed"), CASES)
async def test_every_fault_has_its_text_and_its_attempts(hosts, case, streamed):
    plan = fallback(map(hosts.gen, case.faults.split()), **{"retry": 0, **case.rules})
    if case.error is None:
        seen, reply = await answer(plan, streamed=streamed, **case.options)
        assert (seen, reply.text) == (case.said, case.said)
        assert table(reply.attempts) == case.attempts
        assert reply.response.attempts[-1].host == "well"
        assert reply.attempts[-1].cost.usd == CENTS
        return
    node, seen = ChatNode.root("Be terse."), []
    with pytest.raises(case.error) as caught:
        await answer(plan, streamed=streamed, node=node, seen=seen, **case.options)
    assert type(caught.value) is case.error
    assert "".join(seen) == case.said
    assert table(caught.value.attempts) == table(node.attempts) == case.attempts
    assert node.children == ()


async def stalled(stream, seconds):
    """It waits for more as long as that, and has not failed."""
    with pytest.raises(TimeoutError) as caught:
        await asyncio.wait_for(stream.finish(), seconds)
    assert caught.type is TimeoutError
    assert stream.text == "Paris "


async def test_a_stalled_stream_is_no_part_of_the_time_to_begin(hosts):
    """``timeout`` is for the beginning: what has begun has all the time of the call."""
    plan = fallback([hosts.gen("stall"), hosts.gen("well")], timeout=0.15, retry=0)
    async with ChatNode.root("x").stream(plan, user="Hi") as stream:
        await stalled(stream, 0.2)


async def test_each_route_has_its_own_model_key_defaults_and_price(hosts):
    from minillm.types import CompletionParameters

    first = hosts.gen("500", price=100, defaults=CompletionParameters(temperature=0.1))
    second = hosts.gen("well", price=3, defaults=CompletionParameters(temperature=0.9, top_p=0.5)).replace(
        model="other"
    )
    reply = await ChatNode.root("x").chat("Hi", fallback([first, second], retry=0), max_tokens=7, top_p=None)
    bodies = [body for _, body in hosts.asked]
    assert [(body["model"], body["temperature"], body["max_tokens"]) for body in bodies] == [
        ("m", 0.1, 7),
        ("other", 0.9, 7),
    ]
    assert all("top_p" not in body for body in bodies)  # deliberately not sent
    assert reply.attempts[-1].cost.usd == 3 * CENTS
    assert reply.response.message.origin == ("well", "other")


async def test_the_bill_is_told_once_with_all_routes(hosts):
    ledger, told = CostLedger(), []
    plan = fallback([hosts.gen("429"), hosts.gen("well")], retry=0)
    await ChatNode.root("x").chat("Hi", plan, cost_callback=ledger)
    await ChatNode.root("x").chat("Hi", plan, cost_callback=told.append)
    assert (ledger.total.usd, [cost.usd for cost in told]) == (CENTS, [CENTS])
    assert table(ledger.attempts) == ["429 429 failed RateLimitError", WELL]


async def test_purses_pay_for_each_exchange_once(hosts):
    own = Budget(calls=5, name="own")
    plan = fallback([hosts.gen("500"), hosts.gen("well", budget=own)], retry=0)
    for streamed in (False, True):
        with Budget(calls=9) as purse:
            await answer(plan, streamed=streamed, max_tokens=20)
        assert purse.spent.calls == 2
    assert own.spent.calls == 2


async def test_a_branch_and_plans_within_plans(hosts):
    inner = fallback([hosts.gen("500"), hosts.gen("drop")], retry=0)
    plan = fallback([inner, hosts.gen("well")], retry=0)
    branch = await ChatNode.root("x").branch([plan, hosts.gen("other")], user="Hi", n=2)
    assert [reply.text for reply in branch] == ["Paris of well."] * 2 + ["Paris of other."] * 2
    assert table(branch[0].attempts) == ["500 500 failed ServerError", "drop - failed TransportError", WELL]
    with pytest.raises(AllRoutesFailed) as caught:
        await ChatNode.root("x").chat("Hi", fallback([inner, hosts.gen("404")], retry=0, cooldown=None))
    assert caught.value.routes == ("fallback(500:m, drop:m)", "404:m")
    assert isinstance(caught.value.errors[0], AllRoutesFailed)
    assert len(caught.value.attempts) == 3
    assert "fallback(500:m, drop:m): AllRoutesFailed, 404:m: NotFoundError 404" in str(caught.value)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
async def test_plans_of_both_kinds_stand_within_each_other(hosts, streamed):
    hedged = hedge([hosts.gen("hang"), hosts.gen("500")], after=0.01, retry=0, timeout=0.1)
    plan = fallback([hedged, hosts.gen("well")], retry=0)
    seen, reply = await answer(plan, streamed=streamed)
    assert seen == "Paris of well."
    assert table(reply.attempts) == ["hang - failed TimeoutExceeded", "500 500 failed ServerError", WELL]
    inner = fallback([hosts.gen("404"), hosts.gen("hang")], retry=0)
    seen, reply = await answer(hedge([inner, hosts.gen("well")], after=0.1, retry=0), streamed=streamed)
    assert seen == "Paris of well."
    assert table(reply.attempts) == ["404 404 failed NotFoundError", "hang - cancelled", WELL]


async def test_the_times_to_begin_of_plans_within_plans_end_with_the_beginning(hosts):
    inner = fallback([hosts.gen("stall")], timeout=0.1)
    async with ChatNode.root("x").stream(fallback([inner], timeout=0.1), user="Hi") as stream:
        await stalled(stream, 0.2)


async def test_a_cut_within_a_plan_is_begun_anew_by_the_plan_around_it(hosts):
    inner = hedge([hosts.gen("dropafter"), hosts.gen("drop")], after=9, retry=0)
    seen, reply = await answer(fallback([inner, hosts.gen("well")], retry=0, midstream="restart"), streamed=True)
    assert (seen, reply.text) == ("Paris Paris of well.", "Paris of well.")
    assert [node.text for node in reply.parent.children] == ["Paris ", "Paris of well."]


async def test_the_leader_of_a_warm_branch_may_be_a_plan(hosts):
    """It opens the gate for the others, whichever of its routes answers."""
    root = ChatNode.root("Be terse.")
    root.cache_breakpoint()
    branch = await root.branch(fallback([hosts.gen("500"), hosts.gen("well")], retry=0), user="Hi", n=3)
    assert [reply.text for reply in branch] == ["Paris of well."] * 3


async def test_an_answer_that_is_rejected_moves_on(hosts):
    """After the route's own corrections; a stream only where it is judged before it is given."""
    plan = fallback([hosts.gen("one"), hosts.gen("well")], retry=0, commit="end")
    for streamed in (False, True):
        seen, reply = await answer(plan, streamed=streamed, validate=lambda text: "well" in text)
        assert seen == "Paris of well."
        assert table(reply.attempts) == ["one 200 rejected InvalidOutput", WELL]
    with pytest.raises(InvalidOutput):
        await answer(fallback([hosts.gen("one"), hosts.gen("well")], retry=0), streamed=True, validate=lambda _: False)


async def test_a_host_that_says_when_is_not_asked_before(hosts):
    plan = fallback([hosts.gen("later30"), hosts.gen("well")], retry=0)
    for _ in range(3):
        await answer(plan, streamed=False)
    assert [fault for fault, _ in hosts.asked] == ["later30", "well", "well", "well"]
    alone = fallback([hosts.gen("later30")], retry=0)
    with pytest.raises(AllRoutesFailed, match="later30:m: RateLimitError") as caught:
        await answer(alone, streamed=False)
    assert caught.value.retryable
    assert 20 < caught.value.retry_at - time.time() <= 30
    assert caught.value.attempts == ()
    assert len(hosts.asked) == 4


async def test_a_route_that_cools_is_asked_behind_the_others_and_then_tried(hosts):
    plan = fallback([hosts.gen("500"), hosts.gen("well")], retry=0, failures=1)
    await answer(plan, streamed=False)
    clock = board().clock
    await answer(plan, streamed=True)
    assert [fault for fault, _ in hosts.asked] == ["500", "well", "well"]
    board().clock = lambda: clock() + 31
    await answer(plan, streamed=True)  # the trial fails
    await answer(plan, streamed=True)
    assert [fault for fault, _ in hosts.asked][3:] == ["500", "well", "well"]
    with pytest.raises(AllRoutesFailed):  # in need it is asked all the same
        await answer(fallback([hosts.gen("500"), hosts.gen("404")], retry=0), streamed=False)
    assert [fault for fault, _ in hosts.asked][6:] == ["404", "500"]


async def test_a_trial_that_is_cancelled_leaves_the_next_one_to_try(hosts):
    hang = hosts.gen("hang")
    plan = fallback([hang, hosts.gen("well")], retry=0, failures=1)
    board().failed(plan.keys[0], ServerError("no"), cooldown=30, failures=1)
    clock = board().clock
    board().clock = lambda: clock() + 31
    task = asyncio.ensure_future(answer(plan, streamed=False))
    await hosts.until(lambda: len(hosts.asked) == 1)
    await answer(plan, streamed=False)  # one trial at a time
    assert [fault for fault, _ in hosts.asked] == ["hang", "well"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    health = board().look(plan.keys[0])
    assert health is not None
    assert not health.trying


async def test_everything_is_told(hosts):
    told = []
    rules = {"retry": 0, "on_route": lambda event: told.append((event.news, event.route, event.index, event.until))}
    await answer(fallback([hosts.gen("500"), hosts.gen("later9"), hosts.gen("well")], **rules), streamed=True)
    assert [(news, route, index) for news, route, index, _ in told] == [
        ("failed", "500:m", 0),
        ("failed", "later9:m", 1),
        ("selected", "well:m", 2),
    ]
    assert told[0][3] is None
    assert 5 < told[1][3] - time.time() <= 9
    told.clear()
    await answer(fallback([hosts.gen("later9"), hosts.gen("well")], **rules), streamed=True)
    assert [(news, route) for news, route, *_ in told] == [
        ("selected", "well:m")
    ]  # it stands behind those that are well


@pytest.mark.parametrize("make", [fallback, hedge])
async def test_cancelled_while_the_listener_waits_nothing_stays_open(hosts, make):
    reached = asyncio.Event()

    async def wait(event):
        reached.set()
        await asyncio.Event().wait()

    plan = make([hosts.gen("stall"), hosts.gen("well")], on_route=wait)
    task = asyncio.ensure_future(answer(plan, streamed=True))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await hosts.until(lambda: hosts.left["stall"] == 1)


@pytest.mark.parametrize("rules", [{}, {"commit": "text"}, {"midstream": "restart"}], ids=str)
async def test_a_stream_may_be_left_in_another_task_than_it_was_opened_in(hosts, rules):
    plan = fallback([hosts.gen("500"), hosts.gen("stall")], retry=0, **rules)
    manager = ChatNode.root("x").stream(plan, user="Hi")
    stream = await asyncio.create_task(manager.__aenter__())
    assert (await anext(aiter(stream))).delta == "Pa"
    await asyncio.create_task(manager.__aexit__(None, None, None))
    await hosts.until(lambda: hosts.left["stall"] == 1)


async def test_nobody_waits_for_the_last_route_less_than_the_call_says(hosts):
    """Patience is for routes that have another behind them."""
    plan = fallback([hosts.gen("later1"), hosts.gen("500")], retry=1, patience=0.5, cooldown=None)
    began = time.monotonic()
    with pytest.raises(AllRoutesFailed) as caught:
        await answer(plan, streamed=False, back_off_time=0)
    assert time.monotonic() - began < 0.9
    assert table(caught.value.attempts)[0] == "later1 429 failed RateLimitError"
    assert len(caught.value.attempts) == 3


async def test_partial_answers_survive_all_failures(hosts):
    plan = fallback([hosts.gen("dropafter"), hosts.gen("500")], retry=0, commit="end")
    with pytest.raises(AllRoutesFailed) as caught:
        await answer(plan, streamed=True)
    assert caught.value.partial.text == "Paris "


async def test_a_call_left_early_keeps_its_route(hosts):
    plan = fallback([hosts.gen("500"), hosts.gen("stall")], retry=0)
    async with ChatNode.root("x").stream(plan, user="Hi", on_cancel="keep") as stream:
        assert (await anext(aiter(stream))).delta == "Pa"
    reply = stream.node
    assert reply.response.finish_reason is FinishReason.INTERRUPTED
    assert table(reply.attempts) == ["500 500 failed ServerError", "stall 200 cancelled"]
    assert reply.attempts[-1].outcome is Outcome.CANCELLED
