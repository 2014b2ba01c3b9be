"""Retries: what may pass is asked again, in time, and never after content has come."""

import asyncio
import subprocess
import sys
import time

import pytest

from minillm import EmptyResponse, MockModel, RateLimitError, ServerError, StreamInterrupted, TimeoutExceeded
from minillm.policies.cost import Cost
from minillm.policies.deadline import Deadline
from minillm.policies.options import CallOptions
from minillm.policies.output import Output
from minillm.policies.retry import Retry
from minillm.types import MessageEnd, StreamFailed, TextDelta
from tests.import_graph import REPOSITORY

from .models import REQUEST, failed, response, streamed, whole

both = pytest.mark.parametrize("ask", [whole, streamed])


@pytest.fixture
def waits(monkeypatch):
    """How long was slept, without sleeping."""
    slept = []
    sleep = asyncio.sleep

    async def record(seconds, result=None):
        if seconds:
            slept.append(seconds)
        return await sleep(0, result)

    monkeypatch.setattr(asyncio, "sleep", record)
    return slept


def down(**more):
    return failed(ServerError, retryable=True, **more)


@both
async def test_what_may_pass_is_asked_again(ask, waits):
    model = MockModel([down(), down(), response("Up.")])
    answer = await ask(Retry(model, CallOptions()))
    assert answer.text == "Up."
    assert len(model.requests) == 3
    assert len(waits) == 2


@both
async def test_every_attempt_is_on_the_answer_in_order(ask, waits):
    first, second, last = down(), down(), response("Up.")
    answer = await ask(Cost(Retry(MockModel([first, second, last]), CallOptions()), None))
    assert answer.attempts == (*first.attempts, *second.attempts, *last.attempts)
    assert len(last.attempts) == 1  # the model's own value was not filled in


@both
async def test_the_same_request_is_sent_every_time(ask, waits):
    model = MockModel([down(), response()])
    await ask(Retry(model, CallOptions()))
    assert all(request is REQUEST for request in model.requests)


@both
async def test_it_gives_up_after_its_retries_with_the_last_error_bare(ask, waits):
    errors = [down() for _ in range(3)]
    attempts = [error.attempts[0] for error in errors]
    model = MockModel(errors)
    with pytest.raises(ServerError) as caught:
        await ask(Retry(model, CallOptions(retry=2)))
    assert caught.value is errors[-1]
    assert [id(attempt) for attempt in caught.value.attempts] == [id(attempt) for attempt in attempts]
    assert len(model.requests) == 3


@both
async def test_what_will_not_pass_is_raised_at_once(ask, waits):
    model = MockModel([failed(ServerError, retryable=False), response()])
    with pytest.raises(ServerError):
        await ask(Retry(model, CallOptions()))
    assert (len(model.requests), waits) == (1, [])


@both
async def test_errors_of_other_kinds_are_not_retried(ask, waits):
    """A fault in a program does not pass."""
    model = MockModel([KeyError("bug"), response()])
    with pytest.raises(KeyError):
        await ask(Retry(model, CallOptions()))
    assert len(model.requests) == 1


@both
async def test_a_host_that_says_when_is_obeyed(ask, waits):
    at = time.time() + 30
    await ask(Retry(MockModel([failed(RateLimitError, 429, retryable=True, retry_at=at), response()]), CallOptions()))
    assert len(waits) == 1
    assert 25 < waits[0] <= 30


@both
async def test_a_moment_that_has_passed_is_now(ask, waits):
    await ask(Retry(MockModel([down(retry_at=time.time() - 5), response()]), CallOptions()))
    assert waits == []


@both
async def test_a_wait_that_is_too_long_fails_at_once_and_says_when(ask, waits):
    at = time.time() + 90
    model = MockModel([down(retry_at=at), response()])
    with pytest.raises(ServerError) as caught:
        await ask(Retry(model, CallOptions(max_retry_after=10)))
    assert caught.value.retry_at == at
    assert (len(model.requests), waits) == (1, [])


async def test_waits_are_even_unless_they_shall_grow(waits):
    await whole(Retry(MockModel([*(down() for _ in range(4)), response()]), CallOptions(back_off_time=4)))
    assert all(3 <= wait <= 4 for wait in waits)
    waits.clear()
    growing = CallOptions(retry=5, exp_back_off=True, back_off_time=1, max_back_off=5)
    await whole(Retry(MockModel([*(down() for _ in range(5)), response()]), growing))
    for wait, expected in zip(waits, [1, 2, 4, 5, 5], strict=True):
        assert 0.75 * expected <= wait <= expected


async def test_a_great_many_retries_do_not_overflow(waits):
    options = CallOptions(retry=1100, exp_back_off=True, max_back_off=1)
    assert (await whole(Retry(MockModel([*(down() for _ in range(1100)), response()]), options))).text == "Hello."


@both
async def test_nobody_waits_after_a_rejected_answer(ask, waits):
    """The host is well; only what it said was not."""
    options = CallOptions(crash_on_empty_response=True)
    model = MockModel([response(""), response(""), response("Here.")])
    if ask is whole:
        answer = await ask(Retry(Output(model, options), options))
        assert answer.text == "Here."
        assert [attempt.outcome for attempt in answer.attempts] == ["rejected", "rejected", "accepted"]
    else:
        with pytest.raises(EmptyResponse):  # judged at the end of a stream, and never replayed
            await ask(Retry(Output(model, options), options))
    assert waits == []


async def test_a_started_stream_is_never_replayed(waits):
    """The reader has seen the beginning: a second one would make it read twice."""
    model = MockModel([[TextDelta(0, "a"), StreamFailed(StreamInterrupted("cut", retryable=True))], response("again")])
    with pytest.raises(StreamInterrupted) as caught:
        await streamed(Retry(model, CallOptions()))
    assert caught.value.response.text == "a"
    assert len(model.requests) == 1


async def test_a_stream_that_failed_before_content_is_opened_again(waits):
    model = MockModel([[StreamFailed(ServerError("down", retryable=True))], response("Up.")])
    assert (await streamed(Retry(model, CallOptions()))).text == "Up."


async def test_a_stream_that_was_opened_again_is_closed():
    closed = []

    def answer(_):
        return down() if not closed else [TextDelta(0, "a"), TextDelta(0, "b"), MessageEnd()]

    model = MockModel([down(), [TextDelta(0, "a"), TextDelta(0, "b"), MessageEnd()]])
    async with Retry(model, CallOptions(back_off_time=0)).stream(REQUEST) as stream:
        stream.on_end(lambda *_: closed.append(True))
        await anext(stream)
    assert closed == [True]


async def test_the_callers_own_error_goes_through_a_reopened_stream():
    model = MockModel([down(), response()])
    with pytest.raises(KeyError):
        async with Retry(model, CallOptions(back_off_time=0)).stream(REQUEST):
            raise KeyError("mine")


@both
async def test_a_wait_that_would_pass_the_deadline_fails_at_once(ask, waits):
    error = down(retry_at=time.time() + 50)
    with pytest.raises(TimeoutExceeded, match="the last failure was ServerError") as caught:
        await ask(Retry(MockModel([error, response()]), CallOptions(), Deadline(20)))
    assert caught.value.attempts == error.attempts
    assert caught.value.retry_at == error.retry_at
    assert waits == []


async def test_cancellation_ends_the_waiting():
    model = MockModel(lambda _: down())
    task = asyncio.ensure_future(whole(Retry(model, CallOptions(back_off_time=1000, max_back_off=1000))))
    while not model.requests:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(model.requests) == 1


def test_without_a_failure_tenacity_is_not_loaded():
    """It takes as long to load as all the rest of a first call."""
    program = """
import asyncio, sys
from minillm import ChatNode, MockModel
asyncio.run(ChatNode.root().chat("Hi", MockModel(["Hello."])))
print("tenacity" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "False\n"
