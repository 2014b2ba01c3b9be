"""What goes out over a pooled connection directly is what aiohttp's own client sends, and comes back the same."""

import asyncio
import gzip
from typing import Any

import pytest

from minillm import loop_local
from minillm.errors import ConfigurationError, MiniLLMError, TransportError
from minillm.transport import AiohttpTransport, HTTPRequest, Timeouts
from minillm.transport import pool as module

SOON = Timeouts(connect=20.0, first_byte=20.0, idle=20.0)
REQUESTS = [
    HTTPRequest("POST", "", {"content-type": "application/json", "authorization": "Bearer k"}, b'{"a": 1}', SOON),
    HTTPRequest("POST", "?alt=sse&x=a%26b&y=%C3%A9", {"Content-Type": "application/json"}, b"{}", SOON),
    HTTPRequest("POST", "/with space/é", {"x-title": "café", "accept": "text/event-stream"}, b"", SOON),
    HTTPRequest("POST", "", {"user-agent": "mine", "host": "other.test", "Accept-Encoding": "identity"}, b"{}", SOON),
    HTTPRequest("PUT", "", {}, b"x" * 65_536, SOON),
    HTTPRequest("POST", "", {"content-length": "3"}, b"abc", SOON),
]


@pytest.fixture(params=[True, False], ids=["direct", "by aiohttp's client"])
def direct(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Everything here holds for both ways of sending."""
    monkeypatch.setattr(module, "DIRECT", request.param)
    return bool(request.param)


def at(server: Any, request: HTTPRequest) -> HTTPRequest:
    return HTTPRequest(request.method, server.url + request.url, request.headers, request.body, request.timeouts)


def test_the_installed_aiohttp_is_one_that_was_tried() -> None:
    """Where a newer one has just come: try it, and let it in."""
    assert module.DIRECT


@pytest.mark.parametrize("request_", REQUESTS, ids=range(len(REQUESTS)))
async def test_both_ways_send_the_same_bytes(
    serve: Any, request_: HTTPRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def echo(connection: Any) -> None:
        while await connection.request():
            await connection.answer(connection.bodies[-1])

    server = await serve(echo)
    for direct in (True, False):
        monkeypatch.setattr(module, "DIRECT", direct)
        answer = await AiohttpTransport().send(at(server, request_))
        assert await answer.read() == request_.body
    one, other = (head.lower().split("\r\n") for head in server.requests)
    assert one[0] == other[0]
    assert sorted(one) == sorted(other)
    assert len(server.connections) == 1  # both ways use one pool


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nRetry-After: 1\r\n\r\nbusy",
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
        % (len(gzip.compress(b"x" * 1000)), gzip.compress(b"x" * 1000)),
    ],
    ids=range(9),
)
async def test_both_ways_read_the_same(serve: Any, answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, and cut into single bytes; and the connection is used again."""
    pieces: list[bytes] = []

    async def handler(connection: Any) -> None:
        while await connection.request():
            for piece in pieces:
                await connection.send(piece)
                await asyncio.sleep(0)

    server = await serve(handler)
    seen = []
    for direct in (True, False):
        monkeypatch.setattr(module, "DIRECT", direct)
        for pieces[:] in ([answer], [answer[i : i + 1] for i in range(len(answer))]):
            response = await AiohttpTransport().send(at(server, REQUESTS[0]))
            seen.append((response.status, dict(response.headers), await response.read()))
    assert seen.count(seen[0]) == 4
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
    ids=["close", "HTTP/1.0", "until the end", "upgrade"],
)
async def test_a_connection_that_cannot_be_used_again_is_not(serve: Any, answer: bytes, direct: bool) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.send(answer)

    server = await serve(handler)
    for _ in range(2):
        response = await AiohttpTransport().send(at(server, REQUESTS[0]))
        if response.status == 200:
            assert await response.read() == b"{}"
        response.close()
    assert len(server.connections) == 2


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n", b"HTTP/1.1 2"])
async def test_what_is_not_http_fails_alike(serve: Any, answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.send(answer)

    server = await serve(handler)
    told = []
    for direct in (True, False):
        monkeypatch.setattr(module, "DIRECT", direct)
        with pytest.raises(TransportError) as caught:
            await AiohttpTransport().send(at(server, REQUESTS[0]))
        told.append((type(caught.value), str(caught.value), caught.value.retryable))
    assert told[0] == told[1]


async def test_a_cancelled_wait_closes_its_connection(serve: Any, direct: bool) -> None:
    gone = asyncio.Event()

    async def handler(connection: Any) -> None:
        await connection.request()
        await connection.gone()
        gone.set()

    server = await serve(handler)
    task = asyncio.ensure_future(AiohttpTransport().send(at(server, REQUESTS[0])))
    async with asyncio.timeout(20):
        while not server.requests:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone.wait()
    pool = loop_local.get(module.Pool, module.Pool)
    assert pool.session.connector is not None
    assert not pool.session.connector._acquired


async def test_a_key_that_changes_goes_out_changed(serve: Any, direct: bool) -> None:
    """What is kept of a request is kept for its own headers."""

    async def handler(connection: Any) -> None:
        while await connection.request():
            await connection.answer()

    server = await serve(handler)
    headers = {"authorization": "Bearer one"}
    for key in ("one", "two", "one"):
        headers["authorization"] = f"Bearer {key}"
        request = HTTPRequest("POST", server.url, headers, b"{}", SOON)
        await (await AiohttpTransport().send(request)).read()
        assert f"Bearer {key}\r\n" in server.requests[-1]


async def test_routes_are_kept_in_bounds(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(connection: Any) -> None:
        while await connection.request():
            await connection.answer()

    monkeypatch.setattr(module, "_MOST_ROUTES", 3)
    server = await serve(handler)
    for i in range(10):
        request = HTTPRequest("POST", f"{server.url}?{i}", {}, b"{}", SOON)
        await (await AiohttpTransport().send(request)).read()
        assert f"?{i} " in server.requests[-1]
    assert len(loop_local.get(module.Pool, module.Pool)._routes) <= 3


@pytest.mark.parametrize("headers", [{"x": "a\r\nb: c"}, {"x y": "a"}, {"x": "a\0"}])
async def test_a_header_that_smuggles_another_is_refused(serve: Any, headers: dict[str, str], direct: bool) -> None:
    async def handler(connection: Any) -> None:
        await connection.request()

    server = await serve(handler)
    with pytest.raises(ConfigurationError):
        await AiohttpTransport().send(HTTPRequest("POST", server.url, headers, b"{}", SOON))
    assert server.requests == []


async def test_user_information_in_a_url_becomes_a_header(serve: Any, direct: bool) -> None:
    async def handler(connection: Any) -> None:
        while await connection.request():
            await connection.answer()

    server = await serve(handler)
    url = server.url.replace("://", "://me:secret@")
    await (await AiohttpTransport().send(HTTPRequest("POST", url, {}, b"{}", SOON))).read()
    assert "Authorization: Basic bWU6c2VjcmV0\r\n" in server.requests[0]


async def test_no_route_is_a_connect_error_both_ways(direct: bool, unused_port: int) -> None:
    with pytest.raises(MiniLLMError, match="no connection to"):
        await AiohttpTransport().send(HTTPRequest("POST", f"http://127.0.0.1:{unused_port}/", {}, b"{}", SOON))


@pytest.fixture
async def unused_port() -> int:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return int(port)
