"""The first route of a plan is asked at once where all are well: what comes of it is what the full way makes of it."""

import asyncio
import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm import AuthenticationError, BadRequestError, BudgetExceeded, MiniLLMError, RateLimitError, ServerError
from minillm.policies.deadline import Deadline
from minillm.policies.fallback import Fallback
from minillm.policies.health import ailing, board
from minillm.policies.routes import Rules
from minillm.types import Attempt

from .models import REQUEST, failed, response

ENDS = {
    "yes": lambda: response("Yes."),
    "500": lambda: failed(ServerError),
    "401": lambda: failed(AuthenticationError, 401),
    "400": lambda: failed(BadRequestError, 400),
    "429": lambda: failed(RateLimitError, 429, retryable=True, retry_at=5e9),
    "purse": lambda: BudgetExceeded("empty"),
    "bug": lambda: KeyError("bug"),
}


class Scripted:
    """A route that ends as it is told, after ``before`` exchanges that the error may not know of."""

    def __init__(self, end, attempts, before=0):
        self.end, self.attempts, self.before = end, attempts, before

    async def complete(self, request):
        for number in range(self.before):
            self.attempts.append(Attempt("host", "m", "wire", float(number)))
        end = ENDS[self.end]()
        for attempt in getattr(end, "attempts", ()):
            self.attempts.append(attempt)
        if isinstance(end, BaseException):
            raise end
        return end


class Routes:
    def __init__(self, ends, before):
        self.names = self.keys = tuple("abc"[: len(ends)])
        self.ends, self.before, self.built = ends, before, []

    def model(self, index, attempts, deadline, *, last, prefix):
        self.built.append((self.names[index], last))
        return Scripted(self.ends[index], attempts, self.before)

    def price(self, index, request):
        return None


async def told_of(calls, rules, deadline):
    """All that can be known of some calls in one loop."""
    told = []
    for ends, before in calls:
        routes, listed = Routes(ends, before), []
        model = Fallback(routes, rules, listed, Deadline(0.0) if deadline else None)
        try:
            answer = await model.complete(REQUEST)
            told.append((answer.text, seen(answer.attempts)))
        except (MiniLLMError, KeyError) as error:
            told.append((type(error), str(error), type(error.__cause__), type(error.__context__)))
            if isinstance(error, MiniLLMError):
                told.append((seen(error.attempts), error.retryable, error.retry_at, getattr(error, "routes", None)))
        told.append((routes.built, seen(listed)))
        told.extend((key, board().state(key), getattr(board().look(key), "failures", 0)) for key in "abc")
    return told


def seen(attempts):
    return [(one.started_at, one.status, one.outcome) for one in attempts]


@given(
    st.lists(st.tuples(st.lists(st.sampled_from([*ENDS]), min_size=1, max_size=3), st.integers(0, 2)), max_size=4),
    st.fixed_dictionaries(
        {},
        optional={
            "cooldown": st.sampled_from((None, 0.0, 30.0)),
            "failures": st.integers(1, 2),
            "move_on": st.sampled_from(({ServerError: False}, {BadRequestError: True})),
        },
    ),
    st.booleans(),
)
def test_whatever_becomes_of_it_is_what_the_full_way_gives(calls, rules, deadline):
    at_once, fully = Rules(**rules), Rules(**rules, on_route=lambda event: None)
    assert at_once.plain
    assert not fully.plain
    assert asyncio.run(told_of(calls, at_once, deadline)) == asyncio.run(told_of(calls, fully, deadline))


@pytest.mark.parametrize("rule", [{"timeout": 5.0}, {"order": "fastest"}, {"after": 1.0}, {"on_route": print}], ids=str)
def test_what_asks_for_more_goes_the_full_way(rule):
    assert Rules().plain
    assert Rules(order="ordered", cooldown=None, retry=3, patience=9.0).plain
    assert not Rules(**rule).plain


@pytest.fixture
def nobody_ailing():
    gc.collect()  # loops of other tests
    assert not ailing


async def test_while_a_route_is_ill_the_board_is_asked(nobody_ailing):
    await told_of([(["500", "yes"], 0)], Rules(), deadline=False)
    assert len(ailing) == 1
    assert (await told_of([(["500", "yes"], 0)], Rules(), deadline=False))[-3][-1] == 2
    await told_of([(["yes"], 0)], Rules(), deadline=False)
    assert not ailing


def test_what_was_ill_goes_with_its_loop(nobody_ailing):
    asyncio.run(told_of([(["500", "yes"], 0)], Rules(), deadline=False))
    gc.collect()
    assert not ailing


async def test_a_route_that_another_call_has_found_ill_is_well_when_it_has_answered():
    class Slow(Scripted):
        async def complete(self, request):
            await asyncio.sleep(0)
            board().failed("a", failed(ServerError), cooldown=30.0, failures=1)
            return await super().complete(request)

    routes = Routes(["yes"], 0)
    routes.model = lambda index, attempts, deadline, *, last, prefix: Slow("yes", attempts)
    await Fallback(routes, Rules(), []).complete(REQUEST)
    assert not board()
