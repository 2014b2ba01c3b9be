"""Hosts for the client: Chat Completions by script, and real aiohttp servers on 127.0.0.1."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from minillm import loop_local

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """``await serve(handler)``: a server that gives every POST to the handler; its base URL."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(handler: Handler) -> str:
            app = web.Application()
            app.router.add_post("/{tail:.*}", handler)
            server = TestServer(app, host="127.0.0.1")
            # A handler that hangs is cancelled when its client goes, and does not hold up the end of the test.
            await server.start_server(shutdown_timeout=0.01)
            stack.push_async_callback(server.close)
            return f"http://127.0.0.1:{server.port}/v1"

        yield start
        await loop_local.aclose()
