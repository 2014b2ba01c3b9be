"""A server on this machine that answers with given bytes, in order, and keeps what it was asked, unread."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from minillm import loop_local


@dataclass(frozen=True)
class Asked:
    """One request as it came over the socket."""

    path: str  # with its query
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class ScriptedServer:
    """Where it listens, and what it was asked."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def scripted(*answers: bytes) -> AsyncIterator[ScriptedServer]:
    """The server, one answer for each request; bytes that begin like JSON are JSON, others a stream of events.

    A stream is written in pieces of 97 bytes, which end anywhere.
    """
    server, left = ScriptedServer(), iter(answers)

    async def answer(http: web.Request) -> web.StreamResponse:
        server.asked.append(Asked(http.raw_path, {**http.headers}, await http.read()))
        body = next(left)
        if body.lstrip()[:1] in (b"{", b"["):
            return web.Response(body=body, content_type="application/json")
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(http)
        for start in range(0, len(body), 97):
            await response.write(body[start : start + 97])
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_post("/{tail:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await loop_local.aclose()
        await runner.cleanup()


def events(*data: Mapping[str, Any], done: bool = False) -> bytes:
    """Frames of a stream, named by their ``type`` where they have one."""
    frames = []
    for each in data:
        name = f"event: {each['type']}\n" if "type" in each else ""
        frames.append(f"{name}data: {json.dumps(each)}\n\n")
    return "".join(frames).encode() + (b"data: [DONE]\n\n" if done else b"")
