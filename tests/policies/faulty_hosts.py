"""One server that is many hosts: the first part of the path says what is wrong with each. It counts the lines."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from minillm import GeneratorInfo, TokenPrice, loop_local

__all__ = ["FaultyHosts", "faulty_hosts"]

PIECES = ["Pa", "ris ", "of ", "{host}."]
USAGE = {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}


@dataclass
class FaultyHosts:
    """Where they are, what they were asked, and who is connected."""

    url: str = ""
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    hanging: int = 0
    left: Counter[str] = field(default_factory=Counter)  # hung up upon, by fault
    runner: web.AppRunner | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def gen(self, fault: str, name: str = "", price: int = 1, **settings: object) -> GeneratorInfo:
        """A generator whose host has this fault."""
        return GeneratorInfo.custom(
            "m",
            base_url=f"{self.url}/{fault}",
            name=name or fault,
            api_key="k-12345678",
            price=TokenPrice(price, price),
            **settings,
        )

    def connections(self) -> int:
        """Those that the server has open."""
        assert self.runner is not None and self.runner.server is not None
        return len(self.runner.server.connections)

    async def until(self, condition) -> None:
        """Wait until what is seen here fulfils the condition."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    def change(self) -> None:
        self._changed.set()


def _chunk(text=None, finish=None, **more):
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}


def _frame(data):
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


async def _answer(hosts: FaultyHosts, http: web.Request) -> web.StreamResponse:
    fault = http.match_info["fault"]
    body = await http.json()
    hosts.asked.append((fault, body))
    hosts.change()
    if fault.isdigit():
        headers = {"retry-after": "0"} if fault == "429" else {}
        return web.json_response({"error": {"message": "no"}}, status=int(fault), headers=headers)
    if fault.startswith("later"):
        seconds = fault.removeprefix("later") or "30"
        return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"retry-after": seconds})
    if fault == "hang":
        await asyncio.Event().wait()
    if fault.startswith("slow"):
        await asyncio.sleep(float(fault.removeprefix("slow")))
    if fault == "drop" or (fault.startswith("drop") and not body.get("stream")):
        assert http.transport is not None
        http.transport.abort()
        return web.Response()
    said = body["messages"][-1]
    start = said["content"] if said["role"] == "assistant" else ""
    pieces = [piece.format(host=fault) for piece in PIECES]
    whole = "".join(pieces)
    if start:
        pieces = [whole[len(start) :]]  # it goes on where the answer was begun
    if not body.get("stream"):
        message = {"role": "assistant", "content": "".join(pieces)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return web.json_response({"id": "c", "model": "m", "choices": [choice], "usage": USAGE})
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(http)
    if fault == "dropstart":
        await response.write(_frame(_chunk("")))
        http.transport.abort()  # type: ignore[union-attr]
        return response
    for number, piece in enumerate(pieces):
        if fault == "dropafter" and number == 2:
            await asyncio.sleep(0.002)  # what was written is read
            http.transport.abort()  # type: ignore[union-attr]
            return response
        if fault == "stall" and number == 2:
            await asyncio.Event().wait()
        await response.write(_frame(_chunk(piece)))
    await response.write(_frame(_chunk(finish="stop", usage=USAGE)))
    await response.write(_frame("[DONE]"))
    await response.write_eof()
    return response


@asynccontextmanager
async def faulty_hosts() -> AsyncIterator[FaultyHosts]:
    """The hosts: a status such as ``429`` or ``500``, ``later7`` (Retry-After), ``drop``, ``dropstart``, ``dropafter``
    (the first content), ``hang``, ``stall`` (after content), ``slow0.1``, and whatever else answers well."""
    hosts = FaultyHosts()

    async def handle(http: web.Request) -> web.StreamResponse:
        hosts.hanging += 1
        try:
            return await _answer(hosts, http)
        except asyncio.CancelledError:
            hosts.left[http.match_info["fault"]] += 1
            raise
        except ConnectionError:
            return web.Response()  # the client had gone while we wrote
        finally:
            hosts.hanging -= 1
            hosts.change()

    app = web.Application()
    app.router.add_post("/{fault}/{tail:.*}", handle)
    hosts.runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
    await hosts.runner.setup()
    try:
        await web.TCPSite(hosts.runner, "127.0.0.1", 0).start()
        hosts.url = f"http://127.0.0.1:{hosts.runner.addresses[0][1]}"
        yield hosts
    finally:
        await loop_local.aclose()
        await hosts.runner.cleanup()
