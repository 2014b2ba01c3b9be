"""What a pattern cuts is what aiohttp's own parser reads; anything that it could read otherwise is left to it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp.client_exceptions import ClientPayloadError
from aiohttp.http_parser import HttpResponseParser
from hypothesis import given
from hypothesis import strategies as st

from minillm.transport import pattern as module
from minillm.transport.pattern import Pattern, WholeAnswer, pattern_of

BODY = b'{"id": "1"}'
HEADS = [
    b"Content-Type: application/json\r\nContent-Length: 11\r\n",
    b"date: Sat, 01 Nov 2025 10:00:00 GMT\r\nserver: uvicorn\r\ncontent-length: 11\r\ncontent-type: a/b\r\n",
    b"Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100\r\nContent-Length: 11\r\nX-Request-ID: r: 1\r\n",
]
NASTY = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b"\t",
    b" ",
    b":",
    b"\x7f",
    b"\x80",
    b"\xc3\xa9",
    b"0",
    b"1",
    b"a",
    b"\x0b",
    b"-",
]


def whole(head: bytes, status: bytes = b"200 OK", body: bytes = BODY) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\n" + body


def names_of(head: bytes) -> tuple[bytes, ...]:
    return tuple(line.split(b":")[0] for line in head.split(b"\r\n")[:-1])


class Protocol:
    """Enough of one for the parser."""

    connected = True

    def pause_reading(self) -> None: ...

    def resume_reading(self, resume_parser: bool = True) -> None: ...


def parsed(data: bytes) -> tuple[Any, ...] | None:
    """What aiohttp's parser makes of the bytes, if they are one answer that is whole and leaves its connection open."""
    loop: Any = asyncio.new_event_loop()
    try:
        parser = HttpResponseParser(
            Protocol(),  # type: ignore[arg-type]
            loop,
            2**16,
            payload_exception=ClientPayloadError,
            read_until_eof=True,
        )
        try:
            messages, upgraded, _ = parser.feed_data(data)
        except Exception:
            return None
        if len(messages) != 1 or upgraded:
            return None
        message, content = messages[0]
        if message.should_close or message.upgrade or not content.is_eof() or content.exception() is not None:
            return None
        return message.code, message.raw_headers, content.read_nowait()
    finally:
        loop.close()


async def told(answer: WholeAnswer) -> tuple[Any, ...]:
    pairs = tuple((name.encode(), answer.headers[name].encode()) for name in answer.headers.names())
    return answer.status, pairs, await answer.read()


def agrees(pattern: Pattern, data: bytes) -> bool:
    """Whether the pattern takes the bytes; and what it takes is what the parser reads."""
    answer = pattern.cut(data)
    if answer is None:
        return False
    assert asyncio.run(told(answer)) == parsed(data)
    return True


@pytest.mark.parametrize("head", HEADS)
def test_a_plain_answer_is_cut_as_the_parser_reads_it(head: bytes) -> None:
    assert agrees(Pattern(names_of(head)), whole(head))


@pytest.mark.parametrize("head", HEADS)
def test_nothing_but_the_whole_is_cut(head: bytes) -> None:
    """Not at any place where the bytes may have been parted, and not with more behind it."""
    pattern, data = Pattern(names_of(head)), whole(head)
    assert not any(pattern.cut(data[:end]) for end in range(len(data)))
    assert pattern.cut(data + b"x") is None
    assert pattern.cut(data + data) is None
    assert pattern.cut(b"\r\n" + data) is None


def spoilt(data: bytes) -> Iterator[bytes]:
    for place in range(len(data) - len(BODY)):
        yield data[:place] + data[place + 1 :]
        for nasty in NASTY:
            yield data[:place] + nasty + data[place:]
            yield data[:place] + nasty + data[place + 1 :]


@pytest.mark.parametrize("head", HEADS)
def test_of_spoilt_heads_only_those_are_cut_that_the_parser_reads_alike(head: bytes) -> None:
    pattern = Pattern(names_of(head))
    taken = sum(agrees(pattern, data) for data in spoilt(whole(head)))
    assert taken > 50  # a letter more in a value is none the less plain


FRAMING = [b"Content-Length", b"content-length", b"Connection", b"Transfer-Encoding", b"Content-Encoding", b"Upgrade"]
OTHERS = [
    b"Date",
    b"X-A",
    b"x-a",
    b"Set-Cookie",
    b"Bad Name",
    b"bad:name",
    b"",
    b"\xc3\xa9",
    b"Proxy-Connection",
    b"a\0",
]
NAMES = st.sampled_from(FRAMING + OTHERS)
VALUES = st.one_of(
    st.sampled_from([b"11", b"011", b"+11", b"1_1", b"11 ", b" 11", b"12", b"close", b"Keep-Alive", b"keep-alive, x"]),
    st.sampled_from([b"chunked", b"gzip", b"h2c", b"", b" ", b"a\tb", b"\xc3\xa9", b"a\r b", b"a\r\n b", b"a\0"]),
    st.binary(max_size=5),
)
STATUSES = st.sampled_from(
    [b"200 OK", b"200", b"200 ", b"200 \xc3\xa9", b"2000 OK", b"201 OK", b"204 N", b"100 C", b"200\tOK"]
)
COLONS = st.sampled_from([b": ", b": ", b": ", b":", b" : ", b":  ", b":\t"])


@given(st.lists(st.tuples(NAMES, COLONS, VALUES), max_size=6), STATUSES, st.sampled_from([BODY, b"", b"x" * 12]))
def test_of_any_heads_only_those_are_cut_that_the_parser_reads_alike(
    lines: list[tuple[bytes, bytes, bytes]], status: bytes, body: bytes
) -> None:
    """With a pattern of the very same names, wherever there may be one."""
    module._sort_of.cache_clear()
    pairs = [(name, value) for name, _, value in lines] + [(b"Content-Length", b"%d" % len(body))]
    pattern = [pattern_of(200, pairs) for _ in range(10)][-1]
    if pattern is not None:
        head = b"".join(b"".join(line) + b"\r\n" for line in lines)
        agrees(pattern, whole(head + b"Content-Length: %d\r\n" % len(body), status, body))


def test_a_pattern_is_made_for_what_comes_again_and_is_plain() -> None:
    module._sort_of.cache_clear()
    plain = [(b"Date", b"now"), (b"Content-Length", b"2")]
    assert [pattern_of(200, plain) is not None for _ in range(6)] == [False] * 3 + [True] * 3
    assert pattern_of(200, plain) is pattern_of(200, plain)
    assert pattern_of(500, plain) is None
    for more in (b"Transfer-Encoding", b"Content-Encoding", b"Upgrade", b"date", b"a b", b"Content-length"):
        assert not any(pattern_of(200, [*plain, (more, b"x")]) for _ in range(6)), more
    assert not any(pattern_of(200, plain[:1]) for _ in range(6))


def test_a_head_that_is_too_long_is_left_to_the_parser() -> None:
    head = b"X: %b\r\nContent-Length: 11\r\n"
    pattern = Pattern((b"X", b"Content-Length"))
    assert pattern.cut(whole(head % (b"x" * 8000))) is not None
    assert pattern.cut(whole(head % (b"x" * 8200))) is None


async def test_a_whole_answer_is_read_once_in_either_way() -> None:
    for how in ("read", "read_some"):
        answer = Pattern((b"Content-Length",)).cut(whole(b"Content-Length: 11\r\n"))
        assert answer is not None
        answer.release()
        answer.close()
        assert await getattr(answer, how)() == BODY
        assert await answer.read() == b"" == await answer.read_some()
