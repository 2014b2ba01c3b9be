"""A host that counts: who is in flight, who comes when, who hangs up; it answers when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from minillm import loop_local

__all__ = ["CountingServer", "counting"]


@dataclass
class CountingServer:
    """What it sees. ``answer(number, http)`` says what request ``number`` gets."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    hung_up: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what it sees fulfils the condition."""
        async with self._changed:
            await self._changed.wait_for(condition)

    async def change(self, in_flight: int = 0, hung_up: int = 0) -> None:
        async with self._changed:
            self.in_flight += in_flight
            self.hung_up += hung_up
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            self._changed.notify_all()


Answer = Callable[[CountingServer, int, web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def counting(answer: Answer) -> AsyncIterator[CountingServer]:
    """The server; its handler is cancelled where its client goes, so that hanging up can be counted."""
    server = CountingServer()

    async def handle(http: web.Request) -> web.StreamResponse:
        await server.change(in_flight=1)
        try:
            body = await http.json()
            number = len(server.bodies)
            server.bodies.append(body)
            await server.change()
            return await answer(server, number, http)
        except (asyncio.CancelledError, ConnectionError):
            # Shielded: the handler itself is being cancelled.
            asyncio.get_running_loop().call_soon(asyncio.ensure_future, server.change(hung_up=1))
            raise
        finally:
            asyncio.get_running_loop().call_soon(asyncio.ensure_future, server.change(in_flight=-1))

    app = web.Application()
    app.router.add_post("/{tail:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await loop_local.aclose()
        await runner.cleanup()
