"""A server of ours on all four wires, for other people's clients: real HTTP, our decoders, our encoders.

The model a client asks for names what it is answered; what it asked is decoded and kept.
"""

import itertools
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from minillm.errors import APIError
from minillm.json import dumps
from minillm.report import Report
from minillm.types import ChatRequest, ChatResponse, StreamEvent
from minillm.wire import WIRES, get_codec
from minillm.wire.sse import ServerSentEvent, encode_event

CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES

# Where each wire is asked for, as the SDKs spell it; google-genai names the version "v1" or "v1beta".
_PATHS = (
    (re.compile(r"/v1/chat/completions"), CHAT),
    (re.compile(r"/v1/responses"), RESPONSES),
    (re.compile(r"/v1/messages"), ANTHROPIC),
    (re.compile(r"/v1(?:beta)?/models/(?P<model>[^:]+):(?P<verb>generateContent|streamGenerateContent)"), GEMINI),
)


@dataclass(frozen=True)
class Reply:
    """An answer's status and bytes."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_stream: bool = False


@dataclass(frozen=True)
class Asked:
    """One request: on which wire, as it was decoded, and its JSON."""

    wire: str
    request: ChatRequest
    body: Any


@dataclass
class SDKServer:
    """Where it listens, what it was asked, and what went wrong inside."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@asynccontextmanager
async def serving(reply: Callable[[Asked], Reply]) -> AsyncIterator[SDKServer]:
    """The server on a free port of this machine; ``reply`` makes each answer."""
    server = SDKServer()

    async def handle(http: web.Request) -> web.StreamResponse:
        raw = await http.read()
        try:
            asked = read(http.path, await http.json())
            server.asked.append(asked)
            made = reply(asked)
        except Exception as error:  # told to the tests: a client would only see a 500
            server.faults.append(f"{http.path} {raw[:60]!r}: {error!r}")
            return web.Response(status=500)
        if not made.is_stream:
            return web.Response(
                body=made.body, status=made.status, headers=made.headers, content_type="application/json"
            )
        response = web.StreamResponse(headers={"content-type": "text/event-stream", **made.headers})
        await response.prepare(http)
        with suppress(ConnectionError):  # a client that gives up leaves
            for piece in cut_anywhere(made.body):
                await response.write(piece)
            await response.write_eof()
        return response

    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/{tail:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()


def read(path: str, body: Any) -> Asked:
    """The request, decoded by the wire its path belongs to."""
    for pattern, wire in _PATHS:
        found = pattern.fullmatch(path)
        if found is not None:
            in_path = found.groupdict()
            stream = None if wire != GEMINI else in_path["verb"] == "streamGenerateContent"
            request = get_codec(wire).decode_request(
                body, model=in_path.get("model"), stream=stream, report=Report(strict=True)
            )
            return Asked(wire, request, body)
    raise LookupError(f"no wire is asked at {path}")


def cut_anywhere(body: bytes) -> Iterable[bytes]:
    """Pieces of one byte and of many, which end inside lines, names and characters."""
    sizes, start = itertools.cycle((1, 7, 64, 3, 509, 4099)), 0
    while start < len(body):
        size = next(sizes)
        yield body[start : start + size]
        start += size


def encoded(wire: str, response: ChatResponse) -> Reply:
    """A whole answer."""
    return Reply(dumps(get_codec(wire).encode_response(response, report=Report())))


def frames(wire: str, events: Iterable[StreamEvent]) -> list[ServerSentEvent]:
    """A streamed answer, event by event."""
    encoder = get_codec(wire).stream_encoder(report=Report())
    return [frame for event in events for frame in encoder.feed(event)] + encoder.finish()


def streamed(sent: Iterable[ServerSentEvent]) -> Reply:
    return Reply(b"".join(encode_event(frame) for frame in sent), is_stream=True)


def refused(wire: str, error: APIError) -> Reply:
    """An error before any content."""
    status, body = get_codec(wire).encode_error(error)
    headers = {}
    if error.retry_at is not None:
        headers["retry-after"] = str(max(1, round(error.retry_at - time.time())))
    return Reply(dumps(body), status=status, headers=headers)
