"""One call's way through its routes: whose turn it is, and what an end of each means for the whole."""

import asyncio

import pytest

from minillm import AllRoutesFailed, BudgetExceeded, MockModel, RateLimitError, ServerError, TimeoutExceeded
from minillm.policies.candidates import Candidates
from minillm.policies.deadline import Deadline, RouteDeadline
from minillm.policies.health import board
from minillm.policies.routes import Rules
from minillm.types import Attempt

from .models import REQUEST, failed, response


class Models:
    """Routes that are mocks; what each was built with."""

    def __init__(self, *models):
        self.models = models
        self.names = tuple("abcdef"[: len(models)])
        self.keys = self.names
        self.built = []

    def model(self, index, attempts, deadline, *, last, prefix):
        self.built.append((self.names[index], deadline, last, prefix))
        return None if prefix is not None and index % 2 else self.models[index]

    def price(self, index, request):
        return None


def candidates(*answers, attempts=None, deadline=None, streamed=False, **rules):
    models = Models(*(MockModel([answer]) for answer in answers))
    made = Candidates(
        models,
        Rules(**rules),
        REQUEST,
        attempts=[] if attempts is None else attempts,
        deadline=deadline,
        streamed=streamed,
    )
    return made, models


async def ask(route):
    return await route.model.complete(REQUEST)


def down(status=500, **more):
    return failed(ServerError, status, **more)


async def test_a_route_is_built_when_its_turn_has_come():
    made, models = candidates("One.", "Two.")
    assert (await made.first(ask)).text == "One."
    assert [name for name, *_ in models.built] == ["a"]
    assert (made.spent, made.asked) == ((), 1)


async def test_only_the_last_is_told_that_it_is():
    made, models = candidates(down(), down(), response())
    await made.first(ask)
    assert [(name, last) for name, _, last, _ in models.built] == [("a", False), ("b", False), ("c", True)]
    assert len(made.spent) == 2


async def test_the_error_of_all_says_who_failed_how():
    errors = [down(), failed(RateLimitError, 429, retryable=True, retry_at=5e9), down(retry_at=4e9)]
    made, _ = candidates(*errors)
    with pytest.raises(AllRoutesFailed) as caught:
        await made.first(ask)
    error = caught.value
    assert str(error) == "no route answered: a: ServerError, b: RateLimitError, c: ServerError"
    assert (error.routes, list(error.errors)) == (("a", "b", "c"), errors)
    assert (error.retryable, error.retry_at) == (True, 4e9)
    assert len(error.attempts) == 3
    assert error.__cause__ is errors[-1]


async def test_an_error_that_stays_is_raised_as_it_is_with_all_attempts():
    first, purse = down(), BudgetExceeded("empty")
    made, _ = candidates(first, purse, "Two.")
    with pytest.raises(BudgetExceeded) as caught:
        await made.first(ask)
    assert caught.value is purse
    assert caught.value.__cause__ is first
    assert len(caught.value.attempts) == 1


async def test_faults_of_a_program_pass_through():
    made, _ = candidates(KeyError("bug"), "Two.")
    with pytest.raises(KeyError):
        await made.first(ask)


async def test_when_the_deadline_has_passed_nobody_else_is_asked():
    made, models = candidates(down(), "Two.", deadline=Deadline(0.0))
    with pytest.raises(TimeoutExceeded, match=r"the deadline of 0 s .* the last failure was ServerError") as caught:
        await made.first(ask)
    assert len(models.built) == len(caught.value.attempts) == 1
    assert not board()  # it says nothing of the host


async def test_each_route_has_its_own_time_within_the_calls():
    made, models = candidates(down(), "Two.", timeout=9, deadline=Deadline(5))
    await made.first(ask)
    given = [deadline for _, deadline, *_ in models.built]
    assert given[0] is not given[1]
    assert all(isinstance(deadline, RouteDeadline) for deadline in given)
    assert all(deadline.left() <= 5 for deadline in given)


async def test_what_cannot_go_on_with_a_started_answer_is_passed_over():
    told = []
    made, models = candidates("One.", "Two.", "Three.", on_route=lambda event: told.append((event.news, event.route)))
    assert (await made.first(ask)).text == "One."
    assert (await made.first(ask, prefix="On")).text == "Three."
    assert told == [("selected", "a"), ("skipped", "b"), ("selected", "c")]
    assert made.asked == 2
    assert [prefix for *_, prefix in models.built] == [None, "On", "On"]


async def test_what_was_opened_is_undone_where_the_listener_is_cancelled():
    undone = []

    async def undo(answer):
        undone.append(answer.text)

    async def listen(event):
        call.cancel()
        await asyncio.Event().wait()

    made, _ = candidates("One.", on_route=listen)
    call = asyncio.create_task(made.first(ask, undo=undo))
    with pytest.raises(asyncio.CancelledError):
        await call
    assert undone == ["One."]


async def test_every_exchange_is_on_the_calls_list_as_it_starts():
    listed = []
    made, _ = candidates("One.", attempts=listed)
    route = await made.next()
    attempt = Attempt("h", "m", "w", 0.0)
    route.attempts.append(attempt)
    assert route.spent() == (attempt,)
    assert listed == [attempt]


async def test_an_abandoned_route_that_tells_of_no_exchange_is_unknown():
    made, _ = candidates("One.")
    route = await made.next()
    await made.abandoned(route)
    assert [(one.outcome, one.cost.usd, one.duration) for one in made.spent] == [("cancelled", None, None)]


async def test_a_committed_start_ends_the_search():
    """Only for streams, and only where a host had begun."""
    for status, streamed, texts in ((200, True, None), (200, False, "Two."), (500, True, "Two.")):
        made, _ = candidates(down(status), "Two.", commit="start", streamed=streamed)
        if texts is None:
            with pytest.raises(ServerError):
                await made.first(ask)
        else:
            assert (await made.first(ask)).text == texts
