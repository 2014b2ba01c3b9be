"""A key that was refused and is another one by now."""

import pytest

from minillm import AuthenticationError, ChatNode, GeneratorInfo, MockTransport
from minillm.transport import MockResponse

from .hosts import PIECES, ok

REFUSED = MockResponse.json({"error": {"message": "token expired", "type": "authentication_error"}}, 401)


def asking(answers, keys):
    """A generator whose key is the next of these, and what was sent."""
    left = iter(keys)
    transport = MockTransport(answers)
    return GeneratorInfo.openai("m", api_key=lambda: next(left, keys[-1]), transport=transport), transport


@pytest.mark.parametrize("streams", [False, True])
async def test_a_key_that_was_renewed_on_the_way_is_tried(streams):
    """Read again once for the 401: another key is another chance, and both exchanges are on the bill."""
    answer = MockResponse.sse(PIECES) if streams else ok()
    gen, transport = asking([REFUSED, answer], ["old-012345", "new-012345"])
    user = ChatNode.root("Hi").add_user("Hi")
    if streams:
        async with user.stream(gen, back_off_time=0) as stream:
            reply = await stream.finish()
    else:
        reply = await user.complete(gen, back_off_time=0)
    assert [request.headers["authorization"] for request in transport.requests] == [
        "Bearer old-012345",
        "Bearer new-012345",
    ]
    assert [attempt.status for attempt in reply.attempts] == [401, 200]


async def test_the_same_key_is_not_tried_again():
    """It was refused."""
    gen, transport = asking([REFUSED], ["old-012345"])
    with pytest.raises(AuthenticationError):
        await ChatNode.root("Hi").chat("Hi", gen, back_off_time=0)
    assert len(transport.requests) == 1


async def test_a_source_that_fails_leaves_the_refusal_as_it_is():
    """The host's word is the news."""
    keys = iter(["old-012345"])
    transport = MockTransport([REFUSED])
    gen = GeneratorInfo.openai("m", api_key=lambda: next(keys), transport=transport)
    with pytest.raises(AuthenticationError, match="token expired"):
        await ChatNode.root("Hi").chat("Hi", gen, back_off_time=0)


async def test_a_key_that_was_given_outright_is_not_looked_at_again():
    """There is nowhere to look."""
    transport = MockTransport([REFUSED])
    with pytest.raises(AuthenticationError):
        await ChatNode.root("Hi").chat("Hi", GeneratorInfo.openai("m", api_key="k-012345", transport=transport))
    assert len(transport.requests) == 1
