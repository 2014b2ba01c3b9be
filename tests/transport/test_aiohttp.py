"""The aiohttp transport against real sockets: what it sends, what it hands back, and how it fails."""

import asyncio
import gzip
import inspect
import itertools
import ssl
import subprocess
import sys
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from minillm import loop_local
from minillm.errors import (
    ConfigurationError,
    ConnectError,
    MiniLLMError,
    StreamInterrupted,
    TimeoutExceeded,
    TransportError,
)
from minillm.transport import (
    AiohttpTransport,
    HTTPRequest,
    HTTPResponse,
    Timeouts,
    Transport,
    default_transport,
)
from minillm.transport import aiohttp as module
from minillm.transport.aiohttp import AiohttpResponse
from minillm.transport.direct import Sending
from minillm.transport.egress import block_network

# Put together here, so that the source lines of a traceback do not hold it.
SECRET = "sk-" + "canary"
SOON = Timeouts(connect=20.0, first_byte=20.0, idle=20.0)


def post(url: str, body: bytes | None = b"{}", **changes: Any) -> HTTPRequest:
    headers = {"content-type": "application/json", "authorization": f"Bearer {SECRET}"}
    return HTTPRequest("POST", url, headers, body, **{"timeouts": SOON, **changes})


async def echo(connection: Any) -> None:
    while await connection.request():
        await connection.answer(connection.bodies[-1])


async def test_an_answer_comes_with_status_headers_and_body(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.answer(b"teapot", "418 I'm a teapot", "X-Request-ID: r1\r\nX-Two: a\r\nX-Two: b\r\n")

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url, b'{"a": 1}'))
    assert isinstance(response, HTTPResponse)
    assert response.status == 418
    assert response.headers["x-request-id"] == "r1"
    assert dict(response.headers) == {"x-request-id": "r1", "x-two": "a, b", "content-length": "6"}
    assert len(response.headers) == 3
    assert "x-two" in response.headers
    assert response.headers.get("x-none") is None
    assert "r1" not in repr(response.headers)
    assert await response.read() == b"teapot"
    assert await response.read_some() == b""


async def test_what_goes_out_is_what_was_asked_for(serve: Any) -> None:
    """Method, path and query, headers and body reach the host unchanged; no cookie and no surprise goes along."""
    server = await serve(echo)
    url = server.url + "?alt=sse&x=a%26b"
    response = await AiohttpTransport().send(post(url, b'{"model": "m"}'))
    assert await response.read() == b'{"model": "m"}'
    line, *headers = server.requests[0].strip().split("\r\n")
    assert line == "POST /v1/chat/completions?alt=sse&x=a%26b HTTP/1.1"
    sent = dict(header.split(": ", 1) for header in headers)
    assert sent["content-type"] == "application/json"
    assert sent["authorization"] == "Bearer sk-canary"
    assert {name.lower() for name in sent} == {
        "accept", "accept-encoding", "authorization", "content-length", "content-type", "host", "user-agent",
    }  # fmt: skip


async def test_a_request_without_a_body_has_none(serve: Any) -> None:
    server = await serve(echo)
    response = await AiohttpTransport().send(HTTPRequest("GET", server.url, timeouts=SOON))
    assert await response.read() == b""
    assert server.requests[0].startswith("GET ")


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_000])
async def test_a_body_of_any_size_arrives_whole(serve: Any, size: int) -> None:
    """Over a megabyte aiohttp would warn about plain bytes; over 64 KiB they go out in pieces."""
    body = bytes(itertools.islice(itertools.cycle(range(251)), size))
    server = await serve(echo)
    response = await AiohttpTransport().send(post(server.url, body))
    assert await response.read() == body


async def test_chunks_are_handed_on_as_they_come(serve: Any) -> None:
    """The second chunk is sent only after the first was read."""
    read_first = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.chunk(b"data: 1\n\n")
        await read_first.wait()
        await connection.chunk(b"data: 2\n\n")
        await connection.end_stream()
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert await response.read_some() == b"data: 1\n\n"
    read_first.set()
    assert await response.read() == b"data: 2\n\n"
    assert await response.read_some() == b""


async def test_a_line_of_a_megabyte_is_no_trouble(serve: Any) -> None:
    line = b"data: " + b"x" * 1_000_000 + b"\n\n"

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.chunk(line)
        await connection.end_stream()
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    parts = []
    while part := await response.read_some():
        parts.append(part)
    assert b"".join(parts) == line


async def test_one_connection_serves_request_after_request(serve: Any) -> None:
    server = await serve(echo)
    for transport in (AiohttpTransport(), AiohttpTransport(), default_transport()):
        assert await (await transport.send(post(server.url))).read() == b"{}"
    assert len(server.connections) == 1


async def test_two_hundred_requests_run_at_once(serve: Any) -> None:
    """No limit of the pool holds any of them back: none is answered before all have arrived."""
    all_here = asyncio.Event()
    arrived = itertools.count(1)

    async def handler(connection: Any) -> None:
        await connection.request()
        if next(arrived) == 200:
            all_here.set()
        await all_here.wait()
        await connection.answer(b"{}")
        await connection.gone()

    server = await serve(handler)
    transport = AiohttpTransport()

    async def ask() -> bytes:
        return await (await transport.send(post(server.url))).read()

    assert await asyncio.gather(*[ask() for _ in range(200)]) == [b"{}"] * 200


async def test_the_shared_transport_is_one_and_says_little() -> None:
    assert default_transport() is default_transport()
    assert isinstance(default_transport(), Transport)
    assert repr(AiohttpTransport()) == "AiohttpTransport()"


# -- a connection that the peer has closed ------------------------------------------------------------------------


class ClosesAfter:
    """Answers ``answers`` requests on each connection as keep-alive, takes one more and ends without a word."""

    def __init__(self, how: str, answers: int = 1) -> None:
        self.how, self.answers, self.refused = how, answers, 0

    async def __call__(self, connection: Any) -> None:
        for _ in range(self.answers):
            if not await connection.request():
                return
            await connection.answer(b"{}", headers="Connection: keep-alive\r\n")
        if await connection.request():
            self.refused += 1
            if self.how == "reset":
                connection.reset()
            elif self.how == "half a head":
                await connection.send(b"HTTP/1.1 200 OK\r\nContent-")


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_send_that_meets_a_stale_connection_is_repeated_on_a_fresh_one(serve: Any, how: str) -> None:
    handler = ClosesAfter(how)
    server = await serve(handler)
    transport = AiohttpTransport()
    for _ in range(4):
        assert await (await transport.send(post(server.url))).read() == b"{}"
    assert handler.refused == 3
    assert len(server.connections) == 4


async def test_three_stale_connections_in_a_row_are_survived(serve: Any) -> None:
    together = asyncio.Barrier(3)
    refused = 0

    async def handler(connection: Any) -> None:
        nonlocal refused
        await connection.request()
        if connection.number < 3:
            await together.wait()
        await connection.answer(b"{}")
        if await connection.request():
            refused += 1

    server = await serve(handler)
    transport = AiohttpTransport()

    async def ask() -> bytes:
        return await (await transport.send(post(server.url))).read()

    await asyncio.gather(ask(), ask(), ask())
    assert await ask() == b"{}"
    assert refused == 3
    assert len(server.connections) == 4


async def test_a_fresh_connection_that_breaks_is_an_error_and_is_not_repeated(serve: Any) -> None:
    handler = ClosesAfter("close", answers=0)
    server = await serve(handler)
    with pytest.raises(TransportError, match="closed the connection without an answer") as caught:
        await AiohttpTransport().send(post(server.url))
    assert caught.value.retryable
    assert type(caught.value) is TransportError
    assert handler.refused == 1


async def test_an_answer_that_had_begun_is_not_asked_for_again(serve: Any) -> None:
    handler = ClosesAfter("half a head")
    server = await serve(handler)
    transport = AiohttpTransport()
    await (await transport.send(post(server.url))).read()
    with pytest.raises(TransportError):
        await transport.send(post(server.url))
    assert handler.refused == 1
    assert len(server.connections) == 1


async def test_a_connection_that_breaks_long_after_sending_is_not_stale(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then the host may be at work on the request: whether to pay for another is for the retry policy to say."""
    monkeypatch.setattr(module, "_STALE_WITHIN", -1.0)
    handler = ClosesAfter("close")
    server = await serve(handler)
    transport = AiohttpTransport()
    await (await transport.send(post(server.url))).read()
    with pytest.raises(TransportError, match="without an answer"):
        await transport.send(post(server.url))
    assert handler.refused == 1


class ClosingTransport(aiohttp.ClientConnectionError, ConnectionResetError):
    """What newer versions of aiohttp call ClientConnectionResetError."""


STALE = [
    (aiohttp.ServerDisconnectedError(), True),
    (ConnectionResetError(104, "reset"), True),
    (BrokenPipeError(32, "broken pipe"), True),
    (aiohttp.ClientOSError(104, "reset"), True),
    (aiohttp.ClientOSError(32, "broken pipe"), True),
    (aiohttp.ClientOSError(None, "Can not write request body for http://host/"), True),
    (ClosingTransport("Cannot write to closing transport"), True),
    (aiohttp.ServerDisconnectedError(object()), False),  # type: ignore[arg-type]  # an answer had begun
    (aiohttp.ClientOSError(110, "timed out"), False),
    (aiohttp.ClientOSError(113, "no route"), False),
    (aiohttp.SocketTimeoutError(), False),
    (TimeoutError(), False),
    (aiohttp.ClientPayloadError(), False),
    (ValueError(), False),
]


@pytest.mark.parametrize(("error", "stale"), STALE, ids=[repr(error)[:60] for error, _ in STALE])
@pytest.mark.parametrize("reused", [True, False])
async def test_only_a_close_by_the_peer_makes_a_used_connection_stale(
    error: Exception, stale: bool, reused: bool
) -> None:
    sending = Sending()
    sending.reused, sending.at = reused, asyncio.get_running_loop().time()
    assert module._went_stale(error, sending) is (stale and reused)


async def test_a_body_in_pieces_is_repeated_whole(serve: Any) -> None:
    body = b"x" * 300_000
    handler = ClosesAfter("close")
    server = await serve(handler)
    transport = AiohttpTransport()
    for _ in range(2):
        assert await (await transport.send(post(server.url, body))).read() == b"{}"
    assert server.connections[-1].bodies == [body]


async def test_two_hundred_streams_in_a_row_with_a_host_that_lies_about_keep_alive(serve: Any) -> None:
    """llama.cpp's server closes the connection after each streamed answer while promising to keep it."""

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream("Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100\r\n")
        await connection.chunk(b"data: [DONE]\n\n")
        await connection.end_stream()

    server = await serve(handler)
    transport = AiohttpTransport()
    for _ in range(200):
        response = await transport.send(post(server.url))
        assert await response.read() == b"data: [DONE]\n\n"
    assert len(server.requests) == 200


# -- timeouts -----------------------------------------------------------------------------------------------------


async def test_no_headers_in_time_is_the_first_byte_timeout(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.gone()

    server = await serve(handler)
    with pytest.raises(TimeoutExceeded, match=r"within 0\.05 s \(first_byte_timeout\)") as caught:
        await AiohttpTransport().send(post(server.url, timeouts=Timeouts(first_byte=0.05)))
    assert caught.value.retryable


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_headers_without_a_body_do_not_stop_the_first_byte_timeout(serve: Any, method: str) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.gone()

    server = await serve(handler)
    body = None if method == "GET" else b"{}"
    request = HTTPRequest(method, server.url, {}, body, Timeouts(first_byte=0.2, idle=None))
    response = await AiohttpTransport().send(request)
    with pytest.raises(TimeoutExceeded, match="first_byte_timeout"):
        await response.read_some()


async def test_the_time_until_the_headers_counts_towards_the_first_byte(serve: Any) -> None:
    """And aiohttp's own timer, which waited for them, is stopped: it would go on to fail a pause shorter than idle."""

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert isinstance(response, AiohttpResponse)
    assert response._open is not None
    assert 0.0 < (response._open._first_byte or 0.0) < SOON.first_byte  # type: ignore[operator]
    protocol = response._open._response.connection.protocol
    assert protocol.read_timeout is None
    assert protocol._read_timeout_handle is None


@pytest.mark.parametrize("together", [True, False], ids=["with the headers", "after the headers"])
async def test_silence_after_the_first_byte_is_the_idle_timeout(serve: Any, together: bool) -> None:
    """The first byte may come with the headers, in one segment, or later: from then on idle counts, not first_byte."""
    got_headers = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        first = b"9\r\ndata: 1\n\n\r\n"
        if together:
            await connection.send(head + first)
        else:
            await connection.send(head)
            await got_headers.wait()
            await connection.send(first)
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url, timeouts=Timeouts(first_byte=30.0, idle=0.05)))
    got_headers.set()
    assert await response.read_some() == b"data: 1\n\n"
    with pytest.raises(TimeoutExceeded, match=r"nothing more for 0\.05 s \(idle_timeout\)") as caught:
        await response.read_some()
    assert caught.value.retryable


async def test_a_reader_that_is_slow_itself_is_not_timed(serve: Any) -> None:
    """What fills the buffer stops the socket; that pause is ours, not the peer's."""
    body = b"x" * 2_000_000

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.answer(body)
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url, timeouts=Timeouts(first_byte=30.0, idle=0.1)))
    await asyncio.sleep(0.3)
    assert await response.read() == body


async def test_no_connection_in_time_is_the_connect_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that accepts no more: its queue is full, so the handshake never ends."""

    async def never(*args: Any, **kwargs: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(aiohttp.TCPConnector, "_create_connection", never)
    with pytest.raises(TimeoutExceeded, match=r"no connection to 127\.0\.0\.1:9 within 0\.05 s \(connect_timeout\)"):
        await AiohttpTransport().send(post("http://127.0.0.1:9/", timeouts=Timeouts(connect=0.05)))


async def test_a_peer_that_takes_no_more_of_a_large_body_times_out(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        connection.writer.transport.pause_reading()
        await stop.wait()

    stop = asyncio.Event()
    server = await serve(handler)
    body = b"x" * 50_000_000
    try:
        with pytest.raises(TimeoutExceeded, match="first_byte_timeout"):
            await AiohttpTransport().send(post(server.url, body, timeouts=Timeouts(connect=0.1, first_byte=0.1)))
    finally:
        stop.set()


# -- broken answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["length", "chunked", "reset"])
async def test_a_cut_body_is_an_error_after_what_came(serve: Any, how: str) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        if how == "length":
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
        else:
            await connection.start_stream()
            await connection.chunk(b"0123456789")
        await got_it.wait()
        if how == "reset":
            connection.reset()

    got_it = asyncio.Event()
    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert await response.read_some() == b"0123456789"
    got_it.set()
    with pytest.raises(StreamInterrupted, match="was cut after 10 bytes") as caught:
        await response.read_some()
    assert caught.value.retryable
    assert "0123456789" not in str(caught.value)


async def test_what_is_not_http_says_so(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.send(b"SSH-2.0-OpenSSH_9.9\r\n")
        await connection.gone()

    server = await serve(handler)
    with pytest.raises(TransportError, match="is not HTTP") as caught:
        await AiohttpTransport().send(post(server.url))
    assert not caught.value.retryable


async def test_a_body_over_max_bytes_is_refused(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        while await connection.request():
            await connection.answer(b"x" * 1001)

    server = await serve(handler)
    transport = AiohttpTransport()
    assert len(await (await transport.send(post(server.url, max_bytes=1001))).read()) == 1001
    response = await transport.send(post(server.url, max_bytes=1000))
    with pytest.raises(TransportError, match=r"larger than 1000 bytes \(max_bytes\)") as caught:
        await response.read()
    assert not caught.value.retryable


@pytest.mark.parametrize("read", ["read", "read_some"])
async def test_a_compressed_bomb_is_stopped_by_its_decompressed_size(serve: Any, read: str) -> None:
    """A quarter of a gigabyte of zeros in some gzip: what is held never comes near it."""
    packer = zlib.compressobj(9, wbits=31)
    piece = b"\0" * 16_777_216
    bomb = b"".join(packer.compress(piece) for _ in range(16)) + packer.flush()
    assert len(bomb) < 300_000

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.answer(bomb, headers="Content-Encoding: gzip\r\n")
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url, max_bytes=5_000_000))
    largest = 0

    async def drain() -> None:
        nonlocal largest
        while data := await getattr(response, read)():
            largest = max(largest, len(data))

    with pytest.raises(TransportError, match="max_bytes"):
        await drain()
    assert largest < 5_000_000
    assert isinstance(response, AiohttpResponse)
    assert response._content.total_bytes < 20_000_000


async def test_a_compressed_answer_is_unpacked(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.answer(gzip.compress(b'{"id": 1}' * 1000), headers="Content-Encoding: gzip\r\n")
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert await response.read() == b'{"id": 1}' * 1000


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(serve: Any, status: int) -> None:
    """Following one would show the key and the prompt to a host that nobody named."""
    thief = await serve(echo)

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.answer(b"", f"{status} Moved", f"Location: {thief.url}\r\nSet-Cookie: a=b\r\n")
        await connection.gone()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert response.status == status
    assert response.headers["location"] == thief.url
    assert thief.connections == []


async def test_cookies_are_not_kept(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        while await connection.request():
            await connection.answer(headers="Set-Cookie: session=1\r\n")

    server = await serve(handler)
    url = server.url.replace("127.0.0.1", "localhost")  # a jar would take none from a bare address
    for _ in range(2):
        await (await AiohttpTransport().send(post(url))).read()
    assert "cookie" not in server.requests[1].lower()


# -- leaving ------------------------------------------------------------------------------------------------------


async def test_close_ends_the_connection_at_once(serve: Any) -> None:
    seen_closed = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.chunk(b"data: 1\n\n")
        await connection.gone()
        seen_closed.set()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    await response.read_some()
    assert not inspect.iscoroutine(response.close())
    await asyncio.wait_for(seen_closed.wait(), 20)
    with pytest.raises(TransportError, match="closed here"):
        await response.read_some()
    response.close()
    response.release()


async def test_close_after_the_end_keeps_the_connection(serve: Any) -> None:
    server = await serve(echo)
    for _ in range(3):
        response = await AiohttpTransport().send(post(server.url))
        await response.read()
        response.close()
    assert len(server.connections) == 1


async def test_a_cancelled_read_closes_the_connection(serve: Any) -> None:
    seen_closed = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.start_stream()
        await connection.chunk(b"x")
        await connection.gone()
        seen_closed.set()

    server = await serve(handler)
    response = await AiohttpTransport().send(post(server.url))
    assert isinstance(response, AiohttpResponse)
    reading = asyncio.create_task(response.read())
    while response._content._waiter is None:
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await asyncio.wait_for(seen_closed.wait(), 20)


# -- connecting, TLS, proxies -------------------------------------------------------------------------------------


async def test_nobody_listening_is_a_connect_error(free_port: int) -> None:
    with pytest.raises(ConnectError, match=rf"no connection to 127\.0\.0\.1:{free_port}: .*[Cc]onnect") as caught:
        await AiohttpTransport().send(post(f"http://127.0.0.1:{free_port}/v1?key={SECRET}"))
    assert caught.value.retryable
    assert shows_nothing_secret(caught.value)


async def test_an_unknown_host_is_a_connect_error() -> None:
    with pytest.raises(ConnectError, match=r"no connection to nowhere\.invalid:443") as caught:
        await AiohttpTransport().send(post("https://nowhere.invalid/v1?key=" + SECRET))
    assert caught.value.retryable
    assert shows_nothing_secret(caught.value)


def shows_nothing_secret(error: MiniLLMError) -> bool:
    """Neither the error nor its printed traceback, causes and contexts included, shows the key or the path."""
    text = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__context__) + repr(error.__cause__)
    return SECRET not in text


@pytest.mark.parametrize("fault", ["not HTTP", "no answer", "reset", "timeout"])
async def test_no_failure_shows_the_query(serve: Any, fault: str) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        if fault == "not HTTP":
            await connection.send(b"nonsense\r\n\r\n")
        elif fault == "reset":
            connection.reset()
        elif fault == "timeout":
            await connection.gone()

    server = await serve(handler)
    with pytest.raises(TransportError) as caught:
        await AiohttpTransport().send(post(server.url + "?key=" + SECRET, timeouts=Timeouts(first_byte=0.1)))
    assert shows_nothing_secret(caught.value)
    assert f"127.0.0.1:{server.port}" in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate and its key for 127.0.0.1, made by openssl."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    extensions = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(path)]
    subprocess.run([*command.split(), *extensions], check=True, capture_output=True)
    return path


@pytest.fixture
def tls_server(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_certificate_nobody_vouches_for_is_refused(serve: Any, tls_server: ssl.SSLContext) -> None:
    server = await serve(echo, ssl=tls_server)
    with pytest.raises(ConnectError, match=r"certificate is not trusted \(self-signed certificate\)") as caught:
        await AiohttpTransport().send(post(server.url))
    assert not caught.value.retryable


async def test_tls_to_a_plain_server_is_a_connect_error(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        await connection.reader.read(10)
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = await serve(handler)
    with pytest.raises(ConnectError, match="TLS handshake failed") as caught:
        await AiohttpTransport().send(post(server.url.replace("http:", "https:")))
    assert not caught.value.retryable


def test_tls_trusts_ssl_cert_file_and_makes_one_context_a_process(certificate: Path) -> None:
    """Two event loops, keep-alive and an early close over TLS; nothing is printed."""
    script = TLS_SCRIPT.format(certificate=str(certificate))
    result = run(script, SSL_CERT_FILE=str(certificate))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.split() == ["ok", "ok", "1"]


TLS_SCRIPT = """
import asyncio, ssl
import aiohttp
client_contexts = set()
wrap = ssl.SSLContext.wrap_bio
def counting(self, *args, **kwargs):
    if not kwargs.get("server_side"):
        client_contexts.add(id(self))
    return wrap(self, *args, **kwargs)
ssl.SSLContext.wrap_bio = counting
from minillm.transport import HTTPRequest, default_transport

async def handler(reader, writer):
    try:
        while True:
            await reader.readuntil(b"\\r\\n\\r\\n")
            await reader.readexactly(2)
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()

async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain({certificate!r})
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    for _ in range(3):
        request = HTTPRequest("POST", f"https://127.0.0.1:{{port}}/", {{}}, b"{{}}")
        response = await default_transport().send(request)
        text = (await response.read()).decode()
    (await default_transport().send(request)).close()
    print(text)
    server.close()

asyncio.run(main())
asyncio.run(main())
print(len(client_contexts))
"""


def run(script: str, *flags: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-W", "error", *flags, "-c", script],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def proxy(connection: Any) -> None:
    await connection.request()
    await connection.answer(b"by proxy")
    await connection.gone()


async def test_a_proxy_of_the_environment_is_used(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve(proxy)
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", f"http://user:p%40ss@127.0.0.1:{server.port}")
    request = HTTPRequest("POST", "http://api.example.test/v1?a=b", {}, b"{}", SOON)
    response = await AiohttpTransport().send(request)
    assert await response.read() == b"by proxy"
    assert server.requests[0].startswith("POST http://api.example.test/v1?a=b HTTP/1.1\r\n")
    assert "proxy-authorization: basic dxnlcjpwqhnz" in server.requests[0].lower()


async def test_https_goes_through_a_tunnel_that_sees_no_key(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(connection: Any) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await connection.gone()

    server = await serve(refuse)
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{server.port}")
    with pytest.raises(ConnectError, match=r"proxy refused to connect to api\.example\.test:443: status 407"):
        await AiohttpTransport().send(post("https://api.example.test/v1"))
    assert server.requests[0].startswith("CONNECT api.example.test:443 HTTP/1.1\r\n")
    assert "sk-canary" not in server.requests[0]


async def test_an_unreachable_proxy_is_named_without_its_password(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("ALL_PROXY", f"http://user:{SECRET}@127.0.0.1:{free_port}")
    with pytest.raises(ConnectError, match=r"no connection to the proxy for api\.example\.test:443") as caught:
        await AiohttpTransport().send(post("https://api.example.test/v1"))
    assert shows_nothing_secret(caught.value)


async def test_this_machine_is_never_asked_for_through_a_proxy(
    serve: Any, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(echo)
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port}")
    assert await (await AiohttpTransport().send(post(server.url))).read() == b"{}"


async def test_a_password_of_netrc_is_not_sent(serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password hidden\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = await serve(echo)
    await (await AiohttpTransport().send(post(server.url))).read()
    await (await AiohttpTransport().send(HTTPRequest("POST", server.url, {}, b"{}", SOON))).read()
    assert "Basic" not in "".join(server.requests)


# -- what is refused before sending -------------------------------------------------------------------------------

REFUSED: list[tuple[str, Callable[[], HTTPRequest], str]] = [
    ("scheme", lambda: post("ftp://host/sk-canary"), "http://"),
    ("no scheme", lambda: post("api.example.test/v1?key=" + SECRET), "http://"),
    ("port", lambda: post("http://host:99999/sk-canary"), "http://"),
    ("two readings", lambda: post("http://127.0.0.1\\@evil.test/sk-canary"), "base_url|over plain http"),
    ("plain http", lambda: post("http://api.example.test/v1"), "over plain http"),
    ("line break", lambda: HTTPRequest("GET", "http://127.0.0.1:9", {"x-key": "sk-canary\n"}), "'x-key' holds"),
    ("header name", lambda: HTTPRequest("GET", "http://127.0.0.1:9", {"x y": "1"}), "'x y' is no name"),
]


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
async def test_a_request_that_must_not_go_out_is_refused(make: Callable[[], HTTPRequest], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        await AiohttpTransport().send(make())
    assert "sk-canary" not in str(caught.value)


async def test_a_blocked_network_lets_only_this_machine_through(serve: Any) -> None:
    server = await serve(echo)
    with block_network():
        with pytest.raises(ConfigurationError, match=r"block_network\(\) is in force"):
            await AiohttpTransport().send(post("https://api.example.test/v1"))
        assert await (await AiohttpTransport().send(post(server.url))).read() == b"{}"


# -- a session of the user's own ----------------------------------------------------------------------------------


async def test_a_users_session_is_used_as_it_is_and_left_open(serve: Any) -> None:
    server = await serve(echo)
    async with aiohttp.ClientSession(headers={"X-Team": "blue"}, raise_for_status=True) as session:
        transport = AiohttpTransport(session=session)
        for _ in range(2):
            response = await transport.send(post(server.url))
            assert await response.read() == b"{}"
        await loop_local.aclose()
        assert not session.closed
        assert "X-Team: blue" in server.requests[0]
        assert repr(transport) == "AiohttpTransport(session=...)"
    assert len(server.connections) == 1


async def test_a_users_session_gets_over_stale_connections_too(serve: Any) -> None:
    handler = ClosesAfter("close")
    server = await serve(handler)
    async with aiohttp.ClientSession() as session:
        transport = AiohttpTransport(session=session)
        for _ in range(3):
            assert await (await transport.send(post(server.url))).read() == b"{}"
    assert handler.refused == 2


async def test_a_users_session_that_raises_for_status_still_gives_the_answer(serve: Any) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.answer(b'{"error": {}}', "429 Too Many Requests")
        await connection.gone()

    server = await serve(handler)
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        response = await AiohttpTransport(session=session).send(post(server.url))
        assert response.status == 429
        assert await response.read() == b'{"error": {}}'


async def test_a_closed_session_is_named() -> None:
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(ConfigurationError, match="session given to AiohttpTransport is closed"):
        await AiohttpTransport(session=session).send(post("http://127.0.0.1:9/"))


def test_a_session_of_another_loop_is_named() -> None:
    async def make() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    async def use() -> None:
        with pytest.raises(ConfigurationError, match="made in another event loop"):
            await AiohttpTransport(session=session).send(post("http://127.0.0.1:9/"))

    with asyncio.Runner() as runner:
        session = runner.run(make())
        asyncio_run_elsewhere(use)
        runner.run(session.close())


def asyncio_run_elsewhere(function: Callable[[], Any]) -> None:
    import threading

    failures: list[BaseException] = []

    def target() -> None:
        try:
            asyncio.run(function())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


@pytest.fixture
def free_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
