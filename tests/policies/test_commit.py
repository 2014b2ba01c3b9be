"""A route's stream, read until it is committed, and given out as the plan's."""

import pytest

from minillm import MockModel, ServerError, StreamInterrupted
from minillm.policies.candidates import Candidates, Route
from minillm.policies.commit import Committed, opened, whole
from minillm.policies.health import board
from minillm.policies.routes import Rules
from minillm.types import ChatResponse, MessageStart, StreamFailed, TextDelta

from .models import REQUEST, Tracked, failed


def route(*answers):
    """A route that answers so, and what knows of its streams."""
    model = Tracked(MockModel(answers))
    return Route(0, "a", "a", model, [], None), model


def candidates(**rules):
    return Candidates(None, Rules(**rules), REQUEST, attempts=[], deadline=None, streamed=True)


def is_text(event):
    return type(event) is TextDelta


async def test_without_a_condition_nothing_is_read_ahead():
    asked, model = route("Yes.")
    answer = await opened(asked, REQUEST, None)
    assert model.open == 1
    assert answer.stream.response() == ChatResponse()
    await answer.close()
    assert model.open == 0


async def test_what_fails_before_it_is_committed_is_left():
    asked, model = route([MessageStart("id", "m"), StreamFailed(StreamInterrupted("cut"))])
    with pytest.raises(StreamInterrupted):
        await opened(asked, REQUEST, is_text)
    assert model.open == 0


async def test_what_was_read_ahead_is_read_again():
    asked, _ = route("Yes, indeed.")
    answer = await opened(asked, REQUEST, is_text)
    assert (await answer.stream.collect()).text == "Yes, indeed."
    await answer.close()


async def test_an_answer_is_left_once():
    asked, model = route("Yes.")
    answer = await opened(asked, REQUEST, None)
    await answer.close()
    assert await answer.close(ValueError()) is False
    assert model.open == 0


async def test_a_stream_that_is_read_whole_is_over_before_it_is_given():
    asked, model = route("Yes.")
    answer = await whole(asked, REQUEST)
    assert model.open == 0
    assert (await answer.stream.collect()).text == "Yes."


async def test_the_attempts_of_other_routes_come_first():
    plan, (asked, model) = candidates(), route("Yes.")
    lost = failed(ServerError)
    plan.spent = lost.attempts
    async with Committed(plan, await opened(asked, REQUEST, None)) as stream:
        assert stream.attempts[:1] == tuple(lost.attempts)
        assert (await stream.collect()).text == "Yes."
    assert model.open == 0


async def read(asked, error):
    """Read it as a plan's stream, and raise the error meanwhile."""
    async with Committed(candidates(), await opened(asked, REQUEST, None)) as stream:
        async for _ in stream:
            if error is not None:
                raise error


async def test_a_cut_counts_against_its_route():
    asked, model = route([MessageStart("id", "m"), TextDelta(0, "Y"), StreamFailed(StreamInterrupted("cut"))])
    with pytest.raises(StreamInterrupted):
        await read(asked, None)
    assert board().look("a").failures == 1
    assert model.open == 0


async def test_the_callers_own_error_does_not():
    asked, model = route("Yes.")
    with pytest.raises(KeyError):
        await read(asked, KeyError())
    assert board().look("a") is None
    assert model.open == 0
