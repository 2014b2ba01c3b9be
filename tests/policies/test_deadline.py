"""The deadline: one moment for a whole call, held across nothing."""

import asyncio

import pytest

from minillm import RateLimitError, TimeoutExceeded
from minillm.policies.deadline import Deadline
from minillm.types import Attempt

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
