"""A whole answer out of a stream: its beginning is told, its end is what counts."""

import pytest

from minillm import ChatRequest, Message, MockModel, Role, ServerError, StreamInterrupted
from minillm.policies.options import CallOptions
from minillm.policies.retry import Retry
from minillm.policies.streamed import Streamed
from minillm.types import Finish, MessageEnd, MessageStart, StreamFailed, TextDelta

REQUEST = ChatRequest("m", (Message(Role.USER, "Hi"),))
WHOLE = [MessageStart("id"), TextDelta(0, "a"), TextDelta(0, "b"), Finish(), MessageEnd()]


def cut():
    error = StreamInterrupted("cut", retryable=True)
    return [MessageStart("id"), TextDelta(0, "a"), StreamFailed(error)]


async def test_the_answer_is_whole_and_its_beginning_is_told_once():
    told = []
    response = await Streamed(MockModel([WHOLE]), lambda _: told.append(1)).complete(REQUEST)
    assert (response.text, response.id, told) == ("ab", "id", [1])


async def test_what_does_not_begin_is_not_told():
    told = []
    with pytest.raises(ServerError):
        await Streamed(MockModel([ServerError("down")]), lambda _: told.append(1)).complete(REQUEST)
    assert told == []


async def test_a_cut_stream_is_a_failed_call_like_any_other():
    """Nobody has seen its pieces, so it may be asked again."""
    told = []
    streamed = Streamed(MockModel([cut(), WHOLE]), lambda _: told.append(1))
    response = await Retry(streamed, CallOptions(back_off_time=0)).complete(REQUEST)
    assert (response.text, told) == ("ab", [1, 1])


async def test_a_stream_is_the_models_own():
    async with Streamed(MockModel([WHOLE]), lambda _: None).stream(REQUEST) as stream:
        assert (await stream.collect()).text == "ab"


async def test_who_was_told_may_look_at_what_has_come():
    """The stream itself is told of, so that a display can show it while it grows."""
    told = []
    await Streamed(MockModel([WHOLE]), told.append).complete(REQUEST)
    assert told[0].collector.text() == "ab"
