"""Several routes without a tree: under every fault the answer is right, whole, streamed, and in the client's wire."""

import pytest

from minillm import AllRoutesFailed, BadRequestError, ChatRequest, ConfigurationError, Message, Role, fallback
from minillm.dispatch import dispatch_stream_with_fallback, dispatch_with_fallback
from minillm.providers import tailored
from minillm.types import collect
from minillm.wire import Quirks
from tests.chat.four_wires import CHAT, MESSAGES, WIRES
from tests.dispatch.bodies import asking, read_stream, read_whole
from tests.policies.faulty_hosts import faulty_hosts

CONTINUING = tailored.custom("fine", "http://127.0.0.1:1/v1", CHAT, Quirks(prefill="trailing"))
REQUEST = ChatRequest("alias", (Message(Role.USER, "Hi?"),))
BEFORE = ["429", "500", "drop", "dropstart", "hang"]


@pytest.mark.parametrize("fault", BEFORE)
async def test_the_next_route_answers(fault):
    """Neutrally and in a client's wire, whole and streamed; the attempts tell who did."""
    options = {"retry": 0, "first_byte_timeout": 0.05}
    async with faulty_hosts() as hosts:
        routes = [hosts.gen(fault), hosts.gen("fine")]
        answer = await dispatch_with_fallback(REQUEST, routes, **options)
        body = await dispatch_with_fallback(asking(MESSAGES), iter(routes), wire=MESSAGES, **options)
        async with dispatch_stream_with_fallback(REQUEST, routes, **options) as stream:
            events = [event async for event in stream]
        async with dispatch_stream_with_fallback(asking(MESSAGES), routes, wire=MESSAGES, **options) as said:
            data = b"".join([piece async for piece in said])
        await hosts.until(lambda: hosts.hanging == 0)
    assert answer.text == "Paris of fine."
    assert [attempt.host for attempt in answer.attempts][-1] == "fine"
    assert {attempt.host for attempt in answer.attempts} <= {fault, "fine"}
    assert read_whole(MESSAGES, body)[0] == "Paris of fine."
    assert collect(events).text == "Paris of fine."
    assert read_stream(MESSAGES, data) == ("Paris of fine.", "message_stop")


@pytest.mark.parametrize("wire", WIRES)
async def test_behind_content_a_stream_is_its_routes(wire):
    """Its failure is said; a plan that continues goes on in the same stream."""
    async with faulty_hosts() as hosts:
        routes = [hosts.gen("dropafter"), hosts.gen("fine")]
        async with dispatch_stream_with_fallback(asking(wire), routes, wire=wire, retry=0) as stream:
            cut = b"".join([piece async for piece in stream])
        whole = fallback(routes, commit="end")
        async with dispatch_stream_with_fallback(asking(wire), whole, wire=wire, retry=0) as stream:
            data = b"".join([piece async for piece in stream])
    assert read_stream(wire, cut) == ("Paris ", None)
    assert read_stream(wire, data)[0] == "Paris of fine."
    assert read_stream(wire, data)[1] is not None


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_of_two_routes_is_one_stream_of_the_wire(wire):
    """One start, one end; also where a part is still open when the other route goes on."""
    async with faulty_hosts() as hosts:
        more = hosts.gen("fine").replace(provider=CONTINUING, base_url=f"{hosts.url}/fine")
        plan = fallback([hosts.gen("dropafter"), more], midstream="continue")
        async with dispatch_stream_with_fallback(asking(wire), plan, wire=wire, retry=0) as stream:
            data = b"".join([piece async for piece in stream])
    assert (stream.error, stream.text) == (None, "Paris of fine.")
    text, end = read_stream(wire, data)
    assert text == "Paris of fine."
    assert end is not None
    assert data.count(b'"message_start"') in (0, 1)


async def test_when_none_answers_each_is_named():
    """With all attempts; and what no route would do better ends it."""
    async with faulty_hosts() as hosts:
        with pytest.raises(AllRoutesFailed) as caught:
            await dispatch_with_fallback(REQUEST, [hosts.gen("500"), hosts.gen("429")], retry=0)
        assert len(caught.value.errors) == 2
        with pytest.raises(BadRequestError):
            await dispatch_with_fallback(REQUEST, [hosts.gen("400"), hosts.gen("fine")], retry=0)
        assert [fault for fault, _ in hosts.asked] == ["500", "429", "400"]


async def test_no_route_is_no_plan():
    """Told before anything is sent."""
    with pytest.raises(ConfigurationError, match="at least one route"):
        await dispatch_with_fallback(REQUEST, [])
    with pytest.raises(ConfigurationError, match="at least one route"):
        dispatch_stream_with_fallback(REQUEST, [])
