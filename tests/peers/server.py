"""A small server of ours: the codec's server side behind real HTTP, for other people's clients.

The model name in a request picks the answer; what was asked is decoded with the codec as well and
kept in ``requests``.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from minillm import errors
from minillm.report import Report
from minillm.types import (
    ChatRequest,
    ChatResponse,
    Choice,
    Finish,
    FinishReason,
    Message,
    MessageEnd,
    MessageStart,
    Part,
    PartEnd,
    PartStart,
    RefusalDelta,
    RefusalPart,
    Role,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    Usage,
    UsageUpdate,
)
from minillm.wire import get_codec
from minillm.wire.sse import encode_event

USAGE = Usage(uncached_tokens=11, output_tokens=7)
CREATED = 1_790_000_000

WEATHER = ToolCallPart("call_lisbon", "get_weather", '{"city":"Lisbon"}')
TIME = ToolCallPart("call_time", "get_time", '{"city":"Porto"}')


def answer(
    *parts: Part, finish: FinishReason = FinishReason.STOP, raw: str | None = None, usage: Usage | None = USAGE
) -> ChatResponse:
    choice = Choice(0, Message(Role.ASSISTANT, parts), finish, raw)
    return ChatResponse("chatcmpl-ours", "ours", (choice,), usage, CREATED)


ANSWERS: dict[str, ChatResponse] = {
    "text": answer(TextPart("Hello, wörld: 你好 👋\nand a second line.")),
    "structured": answer(TextPart('{"city":"Lisbon","degrees":21.5,"sunny":true}')),
    "length": answer(TextPart("This was cut by the lim"), finish=FinishReason.LENGTH),
    "refusal": answer(RefusalPart("I cannot help with that."), finish=FinishReason.REFUSAL),
    "call": answer(WEATHER, finish=FinishReason.TOOL_CALLS),
    "parallel_call": answer(WEATHER, TIME, finish=FinishReason.TOOL_CALLS),
    "text_and_call": answer(TextPart("I will look."), WEATHER, finish=FinishReason.TOOL_CALLS),
    "usage": answer(
        TextPart("Counted."),
        usage=Usage(
            uncached_tokens=70,
            cache_read_tokens=20,
            cache_write_tokens={"": 10},
            output_tokens=30,
            reasoning_tokens=12,
        ),
    ),
    "usage_unknown": answer(TextPart("Nobody counted."), usage=None),
}

ERRORS: dict[str, errors.APIError] = {
    "error_401": errors.AuthenticationError("no such key", status=401, code="invalid_api_key"),
    "error_404": errors.NotFoundError("no such model", status=404, code="model_not_found"),
    "error_400": errors.BadRequestError("no such parameter", status=400, param="speed"),
    "error_429": errors.RateLimitError("slow down", status=429, code="rate_limit_exceeded"),
    "error_503": errors.ServerError("busy", status=503),
}

# Fail after the first piece of text: in a stream only.
BREAKS: dict[str, Exception] = {
    "break_error": errors.ServerError("the model fell over", status=500, code="server_error"),
    "break_cut": errors.StreamInterrupted("the upstream line was cut"),
}


@dataclass
class Server:
    """Where it listens, and what it was asked."""

    base_url: str = ""
    requests: list[ChatRequest] = field(default_factory=list)


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """The server on a free port of this machine, gone at the end."""
    server = Server()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", _handler(server))
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        server.base_url = f"http://127.0.0.1:{port}/v1"
        yield server
    finally:
        await runner.cleanup()


def _handler(server: Server) -> Callable[[web.Request], Any]:
    codec = get_codec("openai_chat_completions")

    async def chat(http: web.Request) -> web.StreamResponse:
        report = Report(strict=True)
        asked = codec.decode_request(await http.json(), report=report)
        server.requests.append(asked)
        name = asked.model or ""
        if name in ERRORS:
            status, body = codec.encode_error(ERRORS[name])
            return web.json_response(body, status=status)
        if not asked.stream:
            return web.json_response(codec.encode_response(ANSWERS[name], report=report))
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(http)
        encoder = codec.stream_encoder(report=report)
        for event in events(name, with_usage=bool(asked.include_usage)):
            for frame in encoder.feed(event):
                await response.write(encode_event(frame))
        for frame in encoder.finish():
            await response.write(encode_event(frame))
        await response.write_eof()
        return response

    return chat


def events(name: str, *, with_usage: bool) -> Iterator[StreamEvent]:
    """An answer in pieces of a few characters."""
    response = ANSWERS.get(name, ANSWERS["text"])
    yield MessageStart(response.id, response.model, response.created)
    for index, part in enumerate(response.message.parts):
        yield from _pieces(index, part)
        if name in BREAKS:
            yield StreamFailed(BREAKS[name])
            return
    yield Finish(0, response.finish_reason, response.raw_finish_reason)
    if with_usage and response.usage is not None:
        yield UsageUpdate(response.usage)
    yield MessageEnd()


def _pieces(index: int, part: Part) -> Iterator[StreamEvent]:
    if isinstance(part, TextPart):
        yield PartStart(index, TextPart(""))
        yield from (TextDelta(index, piece) for piece in _cut(part.text))
    elif isinstance(part, RefusalPart):
        yield PartStart(index, RefusalPart(""))
        yield from (RefusalDelta(index, piece) for piece in _cut(part.text))
    elif isinstance(part, ToolCallPart):
        yield PartStart(index, ToolCallPart(part.id, part.name))
        yield from (ToolCallDelta(index, piece) for piece in _cut(part.arguments))
    yield PartEnd(index)


def _cut(text: str, size: int = 3) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
