"""Answers whose end is still to come: released, given up, and closed with their loop."""

import asyncio
import gc
from typing import Any

import pytest

from minillm import loop_local
from minillm.transport import AiohttpTransport, HTTPRequest, Timeouts, unfinished
from minillm.transport.aiohttp import AiohttpResponse
from minillm.transport.unfinished import OpenBody, Unfinished


def post(url: str) -> HTTPRequest:
    return HTTPRequest("POST", url, {}, b"{}", Timeouts(connect=20.0, first_byte=20.0, idle=20.0))


async def stream_two(connection: Any) -> None:
    while await connection.request():
        await connection.start_stream()
        await connection.chunk(b"data: 1\n\n")
        await connection.chunk(b"data: [DONE]\n\n")
        await connection.end_stream()


async def test_release_before_the_http_end_keeps_the_connection_and_waits_for_nothing(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "_LINGER", 60.0)  # collecting the garbage of all tests may take a while
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
    assert len(waiting.bodies) == 1
    del response
    gc.collect()
    may_end.set()
    async with asyncio.timeout(20):
        while waiting.bodies:
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
    assert len(loop_local.get(Unfinished, Unfinished).bodies) == 0


async def test_release_drops_what_fills_the_buffer_so_that_the_end_can_come(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "_LINGER", 60.0)

    size, may_end = 1, asyncio.Event()

    async def handler(connection: Any) -> None:
        while await connection.request():
            await connection.start_stream()
            await connection.chunk(b"x" * size)
            await may_end.wait()
            await connection.end_stream()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert isinstance(response, AiohttpResponse)
    size = response._content.get_read_buffer_limits()[1] * 5 // 4  # it fills, and what is left would fit
    may_end.set()
    await response.read()
    may_end.clear()
    response = await AiohttpTransport().send(post(server.url))
    async with asyncio.timeout(20):
        assert isinstance(response, AiohttpResponse)
        assert response._open is not None
        while response._open._receiving():
            await asyncio.sleep(0)
        may_end.set()
        response.release()
        while loop_local.get(Unfinished, Unfinished).bodies:
            await asyncio.sleep(0)
    await (await AiohttpTransport().send(post(server.url))).read()
    assert len(server.connections) == 1


async def test_an_end_that_does_not_come_closes_the_connection(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "_LINGER", 0.01)
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
    monkeypatch.setattr(unfinished, "_LINGER_AT_MOST", 1)
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
    assert len(loop_local.get(Unfinished, Unfinished).bodies) == 1
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
    assert len(loop_local.get(Unfinished, Unfinished).bodies) == 1
    may_end.set()
    assert await response.read() == b"data: 1\n\n"
    assert len(loop_local.get(Unfinished, Unfinished).bodies) == 0


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


# -- silence, by a clock of our own -------------------------------------------------------------------------------


class Clock:
    """A loop's clock that moves when it is told to, and the one timer that is set on it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timer: Any = None
        self.looks = 0

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Any) -> "Clock":
        self.timer = (self.now + seconds, callback)
        return self

    def cancel(self) -> None:
        self.timer = None

    def is_closed(self) -> bool:
        return False

    def run_until(self, moment: float) -> None:
        while self.timer is not None and self.timer[0] <= moment:
            (self.now, callback), self.timer = self.timer, None
            self.looks += 1
            callback()
        self.now = moment


class Response:
    """As much of an aiohttp response as its timing needs."""

    def __init__(self) -> None:
        self.content = self
        self.connection = self
        self.transport = self
        self.total_bytes = 0
        self.reading = True
        self.failure: BaseException | None = None
        self.done: list[str] = []

    def abort(self) -> None:
        self.done.append("abort")

    def close(self) -> None:
        self.done.append("close")

    def on_eof(self, callback: Any) -> None:
        self.end = callback

    def is_reading(self) -> bool:
        return self.reading

    def set_exception(self, failure: BaseException) -> None:
        self.failure = failure


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: clock)
    return clock


def timed(first_byte: float | None, idle: float | None) -> Response:
    response = Response()
    OpenBody(response, Unfinished(), first_byte, idle)
    return response


def test_no_first_byte_fails_when_its_time_is_over(clock: Clock) -> None:
    response = timed(20.0, 8.0)
    clock.run_until(19.9)
    assert response.failure is None
    clock.run_until(20.1)
    assert isinstance(response.failure, TimeoutError)
    assert clock.timer is None


def test_silence_counts_from_the_last_byte_that_was_seen(clock: Clock) -> None:
    response = timed(20.0, 8.0)
    for moment in range(0, 100, 5):
        clock.run_until(moment)
        response.total_bytes += 1
    assert response.failure is None
    clock.run_until(102.9)
    assert response.failure is None, "8 s after 95 s have not passed"
    clock.run_until(104.1)
    assert isinstance(response.failure, TimeoutError), "it is noticed an eighth too late at most"


def test_silence_is_looked_for_only_now_and_then(clock: Clock) -> None:
    response = timed(None, 80.0)
    for moment in range(1, 801):
        clock.run_until(moment)
        response.total_bytes += 1
    assert clock.looks <= 80


def test_a_pause_of_our_own_reader_is_no_silence(clock: Clock) -> None:
    response = timed(20.0, 8.0)
    response.total_bytes, response.reading = 100_000, False
    clock.run_until(1000)
    assert response.failure is None
    response.reading = True
    clock.run_until(1007)
    assert response.failure is None
    clock.run_until(1009.1)
    assert isinstance(response.failure, TimeoutError)


@pytest.mark.parametrize(("first_byte", "idle", "limit"), [(5.0, None, 5.0), (None, 8.0, None), (None, None, None)])
def test_no_limit_is_no_limit(clock: Clock, first_byte: float | None, idle: float | None, limit: float | None) -> None:
    response = timed(first_byte, idle)
    clock.run_until(10_000)
    assert (response.failure is None) == (limit is None)


def test_after_the_first_byte_without_an_idle_limit_nothing_is_timed(clock: Clock) -> None:
    response = timed(5.0, None)
    response.total_bytes = 1
    clock.run_until(10_000)
    assert response.failure is None
    assert clock.timer is None


def test_close_flushes_nothing_and_says_no_goodbye(clock: Clock) -> None:
    """A plain close of a TLS connection waits for the peer's answer, and of one that is still sending, to send it."""
    response = Response()
    body = OpenBody(response, Unfinished(), None, None)
    body.close()
    body.close()
    assert response.done == ["abort", "close"]


def test_the_end_stops_the_clock(clock: Clock) -> None:
    response = timed(20.0, 8.0)
    response.end()
    assert clock.timer is None
