"""Idle connections are found without aiohttp's client, by its own rules and one more."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from minillm import loop_local
from minillm.errors import TransportError
from minillm.transport import AiohttpTransport, HTTPRequest, Timeouts, block_network
from minillm.transport import pool as module
from minillm.transport.aiohttp import AiohttpResponse
from minillm.transport.pattern import WholeAnswer
from minillm.transport.pool import Pool

SOON = Timeouts(connect=20.0, first_byte=20.0, idle=20.0)


async def polite(connection: Any) -> None:
    while await connection.request():
        await connection.answer(b"{}")


def post(url: str, body: bytes = b"{}") -> HTTPRequest:
    return HTTPRequest("POST", url, {"x-a": "1"}, body, SOON)


def the_pool() -> Pool:
    return loop_local.get(Pool, Pool, Pool.close)


async def ask(request: HTTPRequest) -> tuple[type, bytes]:
    answer = await AiohttpTransport().send(request)
    return type(answer), await answer.read()


async def test_plain_answers_are_soon_read_without_a_parser(serve: Any) -> None:
    server = await serve(polite)
    seen = [await ask(post(server.url)) for _ in range(10)]
    assert {body for _, body in seen} == {b"{}"}
    assert seen[0][0] is AiohttpResponse
    assert seen[-1][0] is WholeAnswer
    assert len(server.connections) == 1
    connector = the_pool().connector
    assert not connector._acquired
    assert sum(map(len, connector._conns.values())) == 1


async def test_a_larger_answer_than_allowed_is_refused_where_others_are_cut_by_hand(serve: Any) -> None:
    server = await serve(polite)
    for _ in range(10):
        await ask(post(server.url))
    with pytest.raises(Exception, match="max_bytes"):
        await ask(replace(post(server.url), max_bytes=1))


async def test_a_connection_that_lay_idle_for_long_is_closed(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve(polite)
    await ask(post(server.url))
    now = module.monotonic()
    monkeypatch.setattr(module, "monotonic", lambda: now + 56.0)
    await ask(post(server.url))
    assert len(server.connections) == 2


async def test_a_connection_with_bytes_that_nobody_asked_for_is_closed(serve: Any) -> None:
    """They would be taken for the answer to the next request."""

    async def talkative(connection: Any) -> None:
        await connection.request()
        await connection.answer(b"{}")
        await said.wait()
        await connection.answer(b"worse")
        await polite(connection)

    said = asyncio.Event()
    for before in (0, 9):  # read by the parser, and by hand
        said.clear()
        quiet, server = await serve(polite), await serve(talkative)
        for _ in range(before):
            await ask(post(quiet.url))
        await ask(post(server.url))
        said.set()
        async with asyncio.timeout(20):
            while not any(
                line._buffer or line._tail for idle in the_pool().connector._conns.values() for line, _ in idle
            ):
                await asyncio.sleep(0.001)
        assert (await ask(post(server.url)))[1] == b"{}"
        assert len(server.connections) == 2


@pytest.mark.parametrize("before", [0, 9])  # read by the parser, and by hand
async def test_nor_is_a_large_request_sent_by_it(serve: Any, before: int) -> None:
    """Which aiohttp's own client sends, by an idle connection that it finds itself."""

    async def talkative(connection: Any) -> None:
        while len(connection.heads) <= before and await connection.request():
            await connection.answer(b"{}")
        await said.wait()
        await connection.answer(b"worse")
        await polite(connection)

    said = asyncio.Event()
    server = await serve(talkative)
    for _ in range(before + 1):
        await ask(post(server.url))
    said.set()
    async with asyncio.timeout(20):
        while not any(line._buffer or line._tail for idle in the_pool().connector._conns.values() for line, _ in idle):
            await asyncio.sleep(0.001)
    assert (await ask(post(server.url, b" " * 100_000)))[1] == b"{}"
    assert len(server.connections) == 2


async def test_what_was_closed_here_is_not_asked_again(serve: Any) -> None:
    """A request on a used connection, which is repeated only where it was the host that closed."""

    async def busy(connection: Any) -> None:
        await connection.request()
        await connection.answer(b"{}")
        await connection.request()
        asked.set()
        await connection.gone()

    asked = asyncio.Event()
    server = await serve(busy)
    await ask(post(server.url))
    asking = asyncio.create_task(ask(post(server.url)))
    await asked.wait()
    await loop_local.aclose()
    with pytest.raises(TransportError, match="closed the connection without an answer"):
        await asking
    assert len(server.connections) == 1


async def test_only_the_like_of_the_last_request_is_known(serve: Any) -> None:
    server = await serve(polite)
    request = post(server.url)
    assert the_pool().known(request) is None
    await ask(request)
    pool = the_pool()
    route = pool.known(request)
    assert route is not None
    assert pool.known(post(server.url)) is route
    assert pool.known(replace(request, headers={"x-a": "2"})) is None
    assert pool.known(replace(request, headers={**request.headers, "x-b": "2"})) is None
    assert pool.known(replace(request, method="PUT")) is None
    assert pool.known(replace(request, body=None)) is None
    assert pool.known(replace(request, body=b"x" * (64 * 1024 + 1))) is None
    route.target = route.target._replace(loopback=False)
    assert pool.known(request) is route
    with block_network():
        assert pool.known(request) is None
