"""Branches over real sockets, judged by what the server counts; no clock has a say."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from minillm import BadRequestError, BranchFailed, ChatNode, ServerError, TransportError
from tests.chat.counting_server import CountingServer, counting
from tests.chat.four_wires import CHAT, MESSAGES, WIRES, at, streamed, whole

# A test that waits for ever has failed.
LONGEST = 60


def user() -> ChatNode:
    return ChatNode.root("Be terse.").add_user("Hi")


def answer_of(wire: str, text: str = "Hello.") -> web.Response:
    return web.Response(body=json.dumps(whole(wire, text)).encode(), content_type="application/json")


@pytest.mark.parametrize("wire", WIRES)
async def test_eight_requests_are_in_flight_at_once(wire: str) -> None:
    """The host answers none before it has all eight."""

    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        await server.until(lambda: len(server.bodies) == 8)
        return answer_of(wire, f"answer {number}")

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        branch = await user().branch(at(wire, server.url), n=8, temperature=1)
        assert server.most_in_flight == 8
    assert sorted(reply.text for reply in branch) == [f"answer {number}" for number in range(8)]
    assert all(body == server.bodies[0] for body in server.bodies)


async def test_no_more_than_the_limit_are_in_flight() -> None:
    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        await server.until(lambda: server.in_flight == 3 or len(server.bodies) > 6)
        return answer_of(CHAT)

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        await user().branch(at(CHAT, server.url), n=8, limit=3)
        assert (server.most_in_flight, len(server.bodies)) == (3, 8)


async def test_several_generators_are_asked_at_once_and_stand_in_their_order() -> None:
    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        await server.until(lambda: len(server.bodies) == 4)
        wire = CHAT if "completions" in http.path else MESSAGES
        return answer_of(wire, wire)

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        gens = [at(MESSAGES, server.url), at(CHAT, server.url)]
        branch = await user().branch(gens, n=2)
    assert [reply.text for reply in branch] == [MESSAGES, MESSAGES, CHAT, CHAT]


def siblings() -> list[str]:
    """The tasks of branches that are alive."""
    return [task.get_name() for task in asyncio.all_tasks() if "BranchRun" in task.get_name() and not task.done()]


async def _leave_by_break(node: ChatNode, server: CountingServer) -> None:
    async with node.branch(at(CHAT, server.url), n=4) as run:
        async for _ in run:
            await server.until(lambda: len(server.bodies) == 4)
            assert len(siblings()) == 3
            break


async def _leave_by_cancelling(node: ChatNode, server: CountingServer) -> None:
    async def ask() -> None:
        await node.branch(at(CHAT, server.url), n=4)

    task = asyncio.create_task(ask())
    await server.until(lambda: len(server.bodies) == 4)
    while not node.children:
        await asyncio.sleep(0.001)
    assert len(siblings()) == 3
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


Leave = Callable[[ChatNode, CountingServer], Awaitable[None]]


@pytest.mark.parametrize("leave", [_leave_by_break, _leave_by_cancelling])
async def test_leaving_hangs_up_and_leaves_no_task(leave: Leave) -> None:
    """The server sees three hang up; the finished one stays on the tree."""

    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        if number:
            await asyncio.Event().wait()
        return answer_of(CHAT)

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        node = user()
        await leave(node, server)
        assert siblings() == []
        await server.until(lambda: server.hung_up == 3 and server.in_flight == 0)
    assert [child.text for child in node.children] == ["Hello."]
    assert [attempt.outcome for attempt in node.attempts] == ["cancelled"] * 3


async def test_one_that_fails_does_not_take_the_others() -> None:
    """One is refused for good, one is cut off each time it is asked."""

    async def answer(server: CountingServer, number: int, http: web.Request) -> web.StreamResponse:
        await server.until(lambda: len(server.bodies) >= 4)
        if number == 1:
            return web.json_response({"error": {"message": "no"}}, status=400)
        if number == 2 or number > 3:
            assert http.transport is not None
            http.transport.abort()
        return answer_of(CHAT)

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        branch = await user().branch(at(CHAT, server.url), n=4, retry=1, back_off_time=0)
    assert len(branch) == 2
    assert sorted(isinstance(error, TransportError) for error in branch.errors) == [False, True]
    assert sorted(isinstance(error, BadRequestError) for error in branch.errors) == [False, True]
    assert [type(one).__name__ for one in branch.outcomes].count("Reply") == 2


async def test_when_all_fail_every_exchange_is_told() -> None:
    async def answer(server: CountingServer, number: int, http: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "down"}}, status=503)

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        with pytest.raises(BranchFailed) as caught:
            await user().branch(at(CHAT, server.url), n=3, retry=1, back_off_time=0)
    assert [type(error) for error in caught.value.errors] == [ServerError] * 3
    assert len(caught.value.attempts) == len(server.bodies) == 6


@pytest.mark.parametrize("wire", WIRES)
async def test_with_cache_marks_the_first_is_alone_until_its_first_content(wire: str) -> None:
    """It writes the cache; the others come when its first words are there, not when it has ended."""
    others = asyncio.Event()

    async def answer(server: CountingServer, number: int, http: web.Request) -> web.StreamResponse:
        if number:
            others.set()
            return answer_of(wire)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(http)
        frames = streamed(wire).split(b"\n\n")
        for _ in range(50):  # whoever did not wait would be here by now
            await asyncio.sleep(0)
        assert len(server.bodies) == 1
        start = next(at for at, frame in enumerate(frames) if b"Hel" in frame)
        await response.write(b"\n\n".join(frames[: start + 1]) + b"\n\n")
        await others.wait()
        await response.write(b"\n\n".join(frames[start + 1 :]))
        return response

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        node = ChatNode.root("A long prompt.").cache_breakpoint().add_user("Hi")
        branch = await node.branch(at(wire, server.url), n=4, unsupported="drop")
    assert [reply.text for reply in branch] == ["Hello."] * 4
    assert len(server.bodies) == 4


async def test_a_leader_that_is_cut_is_asked_again_and_the_others_go_on() -> None:
    """Its pieces were shown to nobody."""

    async def answer(server: CountingServer, number: int, http: web.Request) -> web.StreamResponse:
        body = server.bodies[number]
        if not body.get("stream"):
            return answer_of(CHAT)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(http)
        frames = streamed(CHAT)
        await response.write(frames if number else frames[: frames.index(b"lo.")])
        if not number:
            await server.until(lambda: len(server.bodies) == 3)
            assert http.transport is not None
            http.transport.abort()
        return response

    async with asyncio.timeout(LONGEST), counting(answer) as server:
        branch = await user().branch(at(CHAT, server.url), n=3, warm=True, back_off_time=0)
    assert [reply.text for reply in branch] == ["Hello."] * 3
    assert [len(reply.attempts) for reply in branch] == [2, 1, 1]
    assert [attempt.outcome for attempt in branch[0].attempts] == ["failed", "accepted"]
