"""Answers whose end is still to come: released, given up, and closed with their loop."""

import asyncio
import gc
from typing import Any

import pytest

from minillm import loop_local
from minillm.transport import AiohttpTransport, HTTPRequest, Timeouts, unfinished
from minillm.transport.unfinished import Unfinished


def post(url: str) -> HTTPRequest:
    return HTTPRequest("POST", url, {}, b"{}", Timeouts(connect=20.0, first_byte=20.0, idle=20.0))


async def stream_two(connection: Any) -> None:
    while await connection.request():
        await connection.start_stream()
        await connection.chunk(b"data: 1\n\n")
        await connection.chunk(b"data: [DONE]\n\n")
        await connection.end_stream()


async def test_release_before_the_http_end_keeps_the_connection_and_waits_for_nothing(serve: Any) -> None:
    may_end = asyncio.Event()

    async def handler(connection: Any) -> None:
        while await connection.request():
            await connection.start_stream()
            await connection.chunk(b"data: [DONE]\n\n")
            await may_end.wait()
            await connection.end_stream()

    server = await serve(handler)
    transport = AiohttpTransport()
    response = await transport.send(post(server.url))
    assert await response.read_some() == b"data: [DONE]\n\n"
    tasks = asyncio.all_tasks()
    response.release()
    response.close()  # what a context manager does on its way out: a released answer is left alone
    assert asyncio.all_tasks() == tasks
    waiting = loop_local.get(Unfinished, Unfinished)
    assert len(waiting) == 1
    del response
    gc.collect()
    may_end.set()
    while len(waiting):
        await asyncio.sleep(0)
    await (await transport.send(post(server.url))).read()
    assert len(server.connections) == 1


async def test_release_of_a_finished_answer_leaves_nothing_behind(serve: Any) -> None:
    server = await serve(stream_two)
    for _ in range(3):
        response = await AiohttpTransport().send(post(server.url))
        while await response.read_some():
            pass
        response.release()
    assert len(server.connections) == 1
    assert len(loop_local.get(Unfinished, Unfinished)) == 0


async def test_an_end_that_does_not_come_closes_the_connection(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "_SECONDS", 0.01)
    seen_closed = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.chunk(b"data: [DONE]\n\n")
        await connection.gone()
        seen_closed.set()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    await response.read_some()
    response.release()
    await asyncio.wait_for(seen_closed.wait(), 20)


async def test_only_so_many_answers_are_waited_for(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "_AT_MOST", 1)
    closed: list[int] = []
    one_closed = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.chunk(b"data: [DONE]\n\n")
        await connection.gone()
        closed.append(connection.number)
        one_closed.set()

    server = await serve(handler)
    responses = [await AiohttpTransport().send(post(server.url)) for _ in range(2)]
    for response in responses:
        await response.read_some()
    for response in responses:
        response.release()
    assert len(loop_local.get(Unfinished, Unfinished)) == 1
    await asyncio.wait_for(one_closed.wait(), 20)
    assert closed == [1]


async def test_an_open_answer_is_known_until_it_ends(serve: Any) -> None:
    may_end = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.chunk(b"data: 1\n\n")
        await may_end.wait()
        await connection.end_stream()
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert len(loop_local.get(Unfinished, Unfinished)) == 1
    may_end.set()
    assert await response.read() == b"data: 1\n\n"
    assert len(loop_local.get(Unfinished, Unfinished)) == 0


async def test_aclose_ends_what_is_open_and_what_is_released(serve: Any) -> None:
    closed: list[int] = []
    both_closed = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.gone()
        closed.append(connection.number)
        if len(closed) == 2:
            both_closed.set()

    server = await serve(handler)
    opened, released = [await AiohttpTransport().send(post(server.url)) for _ in range(2)]
    released.release()
    await loop_local.aclose()
    await asyncio.wait_for(both_closed.wait(), 20)
    opened.close()
    released.close()
    assert sorted(closed) == [0, 1]


def test_closing_when_the_loop_is_gone_does_nothing() -> None:
    """A response that outlives its loop may still be closed, by a finaliser or a context manager."""

    async def main() -> Any:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
            await reader.read()
            writer.close()
            done.set()

        done = asyncio.Event()
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        response = await AiohttpTransport().send(post(f"http://127.0.0.1:{port}/"))
        await loop_local.aclose()
        server.close()
        await done.wait()
        return response

    response = asyncio.run(main())
    response.close()
    response.release()
