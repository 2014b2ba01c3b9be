"""The public mock transport: answers from a script, timings and faults included."""

import asyncio
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from minillm.errors import ConfigurationError, ConnectError, TimeoutExceeded, TransportError
from minillm.transport import HTTPRequest, HTTPResponse, MockResponse, MockTransport, Timeouts, Transport

REQUEST = HTTPRequest("POST", "https://api.example.test/v1", {"authorization": "Bearer sk-canary"}, b"{}")


def hurried(**timeouts: float | None) -> HTTPRequest:
    return HTTPRequest("POST", REQUEST.url, timeouts=Timeouts(**timeouts))


async def chunks(transport: MockTransport, request: HTTPRequest = REQUEST) -> list[bytes]:
    response = await transport.send(request)
    read = []
    while chunk := await response.read_some():
        read.append(chunk)
    return read


async def test_it_is_a_transport_and_its_answers_are_answers() -> None:
    transport = MockTransport(MockResponse(204))
    assert isinstance(transport, Transport)
    response = await transport.send(REQUEST)
    assert isinstance(response, HTTPResponse)
    assert (response.status, dict(response.headers), await response.read()) == (204, {}, b"")


async def test_json_answers_every_request_with_a_value() -> None:
    transport = MockTransport.json({"id": "é"}, status=201, headers={"X-Request-Id": "r1"})
    for _ in range(2):
        response = await transport.send(REQUEST)
        assert response.status == 201
        assert response.headers == {"content-type": "application/json", "x-request-id": "r1"}
        assert json.loads(await response.read()) == {"id": "é"}
    assert transport.requests == [REQUEST, REQUEST]


async def test_sse_answers_with_one_chunk_an_event() -> None:
    transport = MockTransport.sse([{"a": 1}, 0, "[DONE]"])
    assert await chunks(transport) == [b'data: {"a":1}\n\n', b"data: [DONE]\n\n"]
    assert transport.exchanges[0].headers["content-type"] == "text/event-stream"
    assert transport.exchanges[0].ended


async def test_sse_takes_recorded_bytes_as_they_are() -> None:
    assert await chunks(MockTransport.sse(b"event: x\r\ndata: 1\r\n\r\n")) == [b"event: x\r\ndata: 1\r\n\r\n"]


async def test_a_sequence_gives_one_answer_a_request_and_then_says_that_it_is_over() -> None:
    transport = MockTransport([MockResponse(500), ConnectError("no route", retryable=True), MockResponse(200)])
    assert (await transport.send(REQUEST)).status == 500
    with pytest.raises(ConnectError, match="no route"):
        await transport.send(REQUEST)
    assert (await transport.send(REQUEST)).status == 200
    with pytest.raises(ConfigurationError, match="has 3 answers, and this is request 4"):
        await transport.send(REQUEST)
    assert len(transport.exchanges) == 2


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_a_function_sees_the_request(kind: str) -> None:
    def plain(request: HTTPRequest) -> MockResponse:
        return MockResponse(body=request.body or b"")

    async def later(request: HTTPRequest) -> MockResponse:
        await asyncio.sleep(0)
        return plain(request)

    transport = MockTransport(plain if kind == "plain" else later)
    assert await (await transport.send(REQUEST)).read() == b"{}"


async def test_an_exception_is_the_transports_own_failure() -> None:
    with pytest.raises(TimeoutExceeded):
        await MockTransport(TimeoutExceeded("connect_timeout")).send(REQUEST)


@pytest.mark.parametrize(
    ("cut", "before"), [(0, []), (2, [b"ab"]), (3, [b"abc"]), (4, [b"abc", b"d"]), (9, [b"abc", b"def"])]
)
async def test_a_cut_body_breaks_after_so_many_bytes(cut: int, before: list[bytes]) -> None:
    response = await MockTransport(MockResponse(body=[b"abc", b"def"], cut_after=cut)).send(REQUEST)
    for chunk in before:
        assert await response.read_some() == chunk
    with pytest.raises(TransportError, match=f"cut after {min(cut, 6)} bytes") as caught:
        await response.read_some()
    assert caught.value.retryable
    assert not response.ended


async def test_a_body_over_max_bytes_is_refused_as_by_a_real_one() -> None:
    request = HTTPRequest("GET", REQUEST.url, max_bytes=4)
    assert await chunks(MockTransport(MockResponse(body=[b"ab", b"cd"])), request) == [b"ab", b"cd"]
    with pytest.raises(TransportError, match="max_bytes"):
        await chunks(MockTransport(MockResponse(body=[b"ab", b"cde"])), request)


async def test_a_host_that_never_answers_runs_into_the_first_byte_timeout() -> None:
    with pytest.raises(TimeoutExceeded, match=r"0\.01 s \(first_byte_timeout\)") as caught:
        await MockTransport(MockResponse(delay=math.inf)).send(hurried(first_byte=0.01))
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("body", "name"), [([math.inf, b"a"], "first_byte_timeout"), ([b"a", math.inf, b"b"], "idle_timeout")]
)
async def test_a_pause_runs_into_the_timeout_that_counts_then(body: list[bytes | float], name: str) -> None:
    transport = MockTransport(MockResponse(body=body))
    with pytest.raises(TimeoutExceeded, match=name):
        await chunks(transport, hurried(first_byte=0.01, idle=0.01))


async def test_a_pause_shorter_than_the_timeout_is_only_a_pause() -> None:
    transport = MockTransport(MockResponse(body=[b"a", 0.001, b"b"], delay=0.001))
    assert await chunks(transport, hurried(first_byte=None, idle=30.0)) == [b"a", b"b"]


async def test_an_endless_pause_can_be_cancelled() -> None:
    response = await MockTransport(MockResponse(body=[b"a", math.inf])).send(hurried(idle=None))
    await response.read_some()
    reading = asyncio.create_task(response.read_some())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


@pytest.mark.parametrize("leave", ["close", "release"])
async def test_an_exchange_tells_how_it_was_left(leave: str) -> None:
    transport = MockTransport(MockResponse(body=[b"ab", b"c"]))
    response = await transport.send(REQUEST)
    await response.read_some()
    getattr(response, leave)()
    exchange: Any = transport.exchanges[0]
    assert (exchange.bytes_read, exchange.ended, exchange.closed, exchange.released) == (
        2,
        False,
        leave == "close",
        leave == "release",
    )
    with pytest.raises(TransportError, match="closed here"):
        await response.read_some()


async def test_nothing_it_shows_of_itself_holds_a_key() -> None:
    transport = MockTransport.json({})
    await transport.send(REQUEST)
    assert "sk-canary" not in repr(transport) + repr(transport.requests) + repr(transport.exchanges)


def test_it_needs_no_aiohttp() -> None:
    script = """
import sys, minillm.transport
transport = minillm.transport.MockTransport.json({})
assert "aiohttp" not in sys.modules and "asyncio" not in sys.modules, sorted(sys.modules)
"""
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True, timeout=60)
