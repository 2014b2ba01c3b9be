"""A connection that is asked directly: whole answers past the parser, all others through it."""

import asyncio
from typing import Any

import aiohttp
import pytest

from minillm.transport.line import Line
from minillm.transport.pattern import Pattern, WholeAnswer

HEAD = b"POST / HTTP/1.1\r\nContent-Length: "
ANSWER = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n{}"
PATTERN = Pattern((b"X-A", b"Content-Length"))


class Transport(asyncio.Transport):
    """Notes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: Any) -> None:
        self.written += data

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...


@pytest.fixture
async def line() -> Line:
    line = Line(loop=asyncio.get_running_loop())
    line.connection_made(Transport())
    return line


async def read(line: Line) -> tuple[Any, ...]:
    message, content = await line.read()
    return message.code, message.raw_headers, await content.read()


READ = (200, ((b"X-A", b"1"), (b"Content-Length", b"2")), b"{}")


async def test_a_whole_answer_of_the_pattern_leaves_the_parser_out(line: Line) -> None:
    for again in (False, True):
        coming = line.ask(HEAD, b"{}", PATTERN, 1000)
        assert line.transport.written.endswith(HEAD + b"2\r\n\r\n{}")  # type: ignore[union-attr]
        assert line.reused is again
        line.data_received(ANSWER)
        answer = await coming
        assert isinstance(answer, WholeAnswer)
        assert (answer.status, dict(answer.headers), await answer.read()) == (
            200,
            {"x-a": "1", "content-length": "2"},
            b"{}",
        )
        assert line._parser is None
        assert not line.should_close


@pytest.mark.parametrize("cut", range(1, len(ANSWER)))
async def test_an_answer_in_pieces_is_the_parsers(line: Line, cut: int) -> None:
    coming = line.ask(HEAD, b"{}", PATTERN, 1000)
    line.data_received(ANSWER[:cut])
    line.data_received(ANSWER[cut:])
    assert await coming is None
    assert await read(line) == READ
    line.ask(HEAD, b"{}", PATTERN, 1000)
    line.data_received(ANSWER)
    assert line._parser is None  # and the next is none of its business


@pytest.mark.parametrize(
    ("pattern", "at_most"), [(None, 1000), (Pattern((b"Content-Length",)), 1000), (PATTERN, len(ANSWER) - 1)]
)
async def test_what_fits_no_pattern_or_is_large_is_the_parsers(
    line: Line, pattern: Pattern | None, at_most: int
) -> None:
    coming = line.ask(HEAD, b"{}", pattern, at_most)
    line.data_received(ANSWER)
    assert await coming is None
    assert await read(line) == READ


async def test_the_end_of_the_connection_is_told(line: Line) -> None:
    coming = line.ask(HEAD, b"{}", PATTERN, 1000)
    line.connection_lost(None)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await coming


async def test_a_connection_that_is_lost_at_once_is_told(line: Line) -> None:
    line.connection_lost(None)
    with pytest.raises(aiohttp.ClientConnectionResetError):
        line.ask(HEAD, b"{}", PATTERN, 1000)


@pytest.mark.parametrize("pattern", [None, PATTERN])
async def test_what_a_host_said_before_it_was_asked_is_heard(line: Line, pattern: Pattern | None) -> None:
    """Some refuse while a connection is made; the request goes out none the less."""
    early = b"HTTP/1.1 503 Full\r\nContent-Length: 4\r\n\r\nfull"
    line.data_received(early[:9])
    line.data_received(early[9:])
    coming = line.ask(HEAD, b"{}", pattern, 1000)
    assert coming.done()
    assert await coming is None
    assert await read(line) == (503, ((b"Content-Length", b"4"),), b"full")
    assert not line._tail


@pytest.mark.parametrize("pattern", [None, PATTERN])
async def test_one_with_bytes_that_nobody_asked_for_is_not_to_be_used_again(
    line: Line, pattern: Pattern | None
) -> None:
    coming = line.ask(HEAD, b"{}", pattern, 1000)
    line.data_received(ANSWER)
    if await coming is None:
        await read(line)
    assert line.is_connected()
    line.data_received(ANSWER)
    assert not line.is_connected()


async def test_an_answer_to_nobody_is_no_error(line: Line) -> None:
    coming = line.ask(HEAD, b"{}", PATTERN, 1000)
    coming.cancel()
    line.data_received(ANSWER)
    assert coming.cancelled()


async def test_a_reader_of_the_last_answer_does_not_disturb_the_next(line: Line) -> None:
    """When it takes bytes out, aiohttp's stream has its connection go on, with no bytes."""
    coming = line.ask(HEAD, b"{}", PATTERN, 1000)
    line.resume_reading()
    line.data_received(ANSWER)
    assert isinstance(await coming, WholeAnswer)
