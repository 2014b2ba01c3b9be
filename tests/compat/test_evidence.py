"""What went over the line is kept byte for byte, and no key with it."""

import json

import pytest

from minillm.compat import evidence
from minillm.compat.evidence import KEPT, Exchange, Recorder, body_json
from minillm.errors import ConnectError, StreamInterrupted
from minillm.transport import HTTPRequest, MockResponse, MockTransport

KEY = "a-secret-key-5823"
HEADERS = {"authorization": f"Bearer {KEY}", "content-type": "application/json", "x-team": "search-team"}


def request(body: bytes = b"{}", url: str = "http://127.0.0.1:1/v1/chat/completions") -> HTTPRequest:
    return HTTPRequest("POST", url, HEADERS, body)


async def kept(answer: MockResponse, sent: HTTPRequest | None = None) -> Exchange:
    recorder = Recorder(MockTransport(answer))
    response = await recorder.send(sent or request())
    await response.read()
    return recorder.exchanges[0]


async def test_bytes_times_and_status_are_kept() -> None:
    exchange = await kept(MockResponse(200, {"Content-Type": "text/event-stream", "set-cookie": "x"}, [b"ab", b"c"]))
    assert (exchange.status, exchange.body) == (200, b"abc")
    assert [size for size, _ in exchange.times] == [2, 3]
    assert exchange.headers == {"content-type": "text/event-stream"}


async def test_a_key_is_kept_nowhere() -> None:
    """Not from headers, addresses, a body that holds it, or an answer that echoes it, even in two pieces."""
    sent = request(f'{{"user":"{KEY}"}}'.encode(), f"http://127.0.0.1:1/v1?key={KEY}&alt=sse")
    exchange = await kept(MockResponse(401, {}, [b'{"error":"wrong: a-secr', b'et-key-5823 of search-team"}']), sent)
    text = json.dumps(exchange.to_json())
    assert KEY not in text
    assert "search-team" not in text
    assert exchange.body == b'{"error":"wrong: *** of ***"}'
    assert exchange.url == "http://127.0.0.1:1/v1?key=***&alt=sse"
    assert exchange.request_headers == {"content-type": "application/json"}


async def test_another_request_is_sent_where_one_is_asked_for() -> None:
    inner = MockTransport(MockResponse(200, {}, b"{}"))
    recorder = Recorder(inner, lambda sent: HTTPRequest("GET", sent.url + "/models", sent.headers))
    await (await recorder.send(request())).read()
    assert (inner.requests[0].method, recorder.exchanges[0].url) == ("GET", inner.requests[0].url)


async def test_what_broke_is_kept_too() -> None:
    recorder = Recorder(MockTransport(ConnectError("nobody listens")))
    with pytest.raises(ConnectError):
        await recorder.send(request())
    assert recorder.exchanges[0].error == "ConnectError: nobody listens"
    recorder = Recorder(MockTransport(MockResponse(200, {}, b"abcdef", cut_after=3)))
    response = await recorder.send(request())
    with pytest.raises(StreamInterrupted):
        await response.read()
    assert recorder.exchanges[0].body == b"abc"
    assert recorder.exchanges[0].error.startswith("StreamInterrupted")


@pytest.mark.parametrize("body", [b"", b"plain", "grüße 🦘".encode(), b"\xff\x00\x80"])
def test_it_comes_back_from_a_file(body: bytes) -> None:
    exchange = Exchange("POST", "http://x", {"accept": "y"}, body, 200, {"retry-after": "1"}, body, [(1, 0.5)], 0.5)
    again = Exchange.from_json(json.loads(json.dumps(exchange.to_json())))
    assert again == exchange


@pytest.mark.parametrize("sign", ["x", "ü", "🦘"])
def test_a_long_body_is_cut_in_a_file_and_says_so(sign: str) -> None:
    """Also where the cut goes through a character."""
    said = Exchange("POST", "u", {}, b"", 200, {}, b"." + (sign * KEPT).encode()).to_json()
    assert said["cut"] is True
    assert KEPT - 4 < len(said["body"]["text"].encode()) <= KEPT


@pytest.mark.parametrize(
    "value",
    [{}, {"method": 1}, {"method": "G", "url": "u", "times": 3}, {"method": "G", "url": "u", "body": {"base64": "%"}}],
)
def test_what_is_no_exchange_is_refused(value) -> None:
    with pytest.raises(ValueError, match="no exchange"):
        Exchange.from_json(value)


def test_a_body_that_is_no_json_is_none() -> None:
    assert body_json(Exchange("G", "u", {}, b"", 200, {}, b"<html>")) is None
    assert body_json(Exchange("G", "u", {}, b"", 200, {}, b'{"a":1}')) == {"a": 1}


async def test_a_long_answer_in_many_pieces_is_cleaned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not all of it again with each piece, which would take minutes for a host that never ends."""
    cleaned = []
    without = evidence._without
    monkeypatch.setattr(evidence, "_without", lambda body, keys: (cleaned.append(len(body)), without(body, keys))[1])
    exchange = await kept(MockResponse(200, {}, [b"x" * 100] * 500))
    assert len(exchange.body) == sum(size for size in cleaned if size > 2) == 50_000


@pytest.mark.parametrize("leave", ["release", "close"])
async def test_what_came_of_an_answer_that_was_left_is_kept(leave: str) -> None:
    recorder = Recorder(MockTransport(MockResponse(200, {}, [b"abc", b"def"])))
    response = await recorder.send(request())
    await response.read_some()
    getattr(response, leave)()
    assert recorder.exchanges[0].body == b"abc"
