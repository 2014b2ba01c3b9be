"""The deadline: one moment for a whole call, held across nothing."""

import asyncio

import pytest

from minillm import MockModel, RateLimitError, TimeoutExceeded
from minillm.policies.deadline import Deadline, RouteDeadline, Timed
from minillm.types import Attempt

from .models import REQUEST, streamed, whole

FAR = 3600.0


async def test_what_comes_in_time_is_given():
    async def answer():
        await asyncio.sleep(0)
        return 42

    assert await Deadline(FAR).within(answer) == 42


async def test_what_does_not_come_is_cancelled():
    cancelled = []

    async def hang():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(TimeoutExceeded, match=r"the deadline of 0\.01 s for this call passed") as caught:
        await Deadline(0.01).within(hang)
    assert cancelled == [True]
    assert caught.value.__context__ is None  # the frames of what was cancelled may hold keys
    assert not caught.value.retryable


async def test_after_its_moment_nothing_is_begun():
    async def never():
        pytest.fail("it must not be asked")

    with pytest.raises(TimeoutExceeded):
        await Deadline(0).within(never)


@pytest.mark.parametrize(
    "error", [TimeoutExceeded("idle_timeout", retryable=True), TimeoutError("other"), KeyError("x")]
)
async def test_an_error_of_the_call_is_its_own(error):
    """A timeout of another kind names itself, and may be worth another try."""

    async def fail():
        raise error

    with pytest.raises(type(error)) as caught:
        await Deadline(FAR).within(fail)
    assert caught.value is error


async def test_cancellation_from_outside_stays_cancellation():
    async def hang():
        await asyncio.Event().wait()

    task = asyncio.ensure_future(Deadline(FAR).within(hang))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_it_never_has_less_than_nothing_left():
    assert Deadline(0).left() == 0
    assert 0 < Deadline(FAR).left() <= FAR


def test_its_error_keeps_what_the_last_failure_knew():
    attempt = Attempt("h", "m", "w", 0.0)
    error = Deadline(5).passed(RateLimitError("slow down", retry_at=99.0, attempts=[attempt]))
    assert "the last failure was RateLimitError" in str(error)
    assert (error.retry_at, error.attempts) == (99.0, (attempt,))


async def test_a_route_has_its_own_time_to_begin_and_then_that_of_the_call():
    route = RouteDeadline(0.0, None)
    with pytest.raises(TimeoutExceeded, match=r"the time of 0 s for this route \(timeout\) passed"):
        await route.within(_nothing)
    route.begun()
    assert await route.within(_nothing) is None
    whole = Deadline(60)
    late = RouteDeadline(5, whole)
    late.begun()
    assert 5 < late.left() <= 60


async def test_the_calls_own_deadline_counts_where_it_is_earlier():
    with pytest.raises(TimeoutExceeded, match="the deadline of 0 s for this call passed"):
        await RouteDeadline(60, Deadline(0.0)).within(_nothing)


async def _nothing():
    return None


async def test_a_model_that_knows_no_deadline_is_cut_off_all_the_same():
    """Whole, at its opening, and between two events."""

    async def hang(request):
        await asyncio.Event().wait()

    for ask in (whole, streamed):
        with pytest.raises(TimeoutExceeded):
            await ask(Timed(MockModel(hang), Deadline(0.01)))
    assert (await whole(Timed(MockModel(["Yes."]), Deadline(9)))).text == "Yes."
    deadline = Deadline(9)
    async with Timed(MockModel(["Yes."]), deadline).stream(REQUEST) as stream:
        deadline.ends = 0.0
        while stream.take() is not None:  # what was read ahead is there
            pass
        with pytest.raises(TimeoutExceeded):
            await stream.fill()


async def test_items_are_waited_for_one_by_one():
    """What came in time is given; the next is waited for no longer, and an end is an end."""
    deadline = Deadline(9)

    async def items():
        yield 1
        yield 2

    assert [item async for item in deadline.each(items())] == [1, 2]
    late = deadline.each(items())
    assert await anext(late) == 1
    deadline.ends = 0.0
    with pytest.raises(TimeoutExceeded):
        await anext(late)
