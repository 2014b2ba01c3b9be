"""Small HTTP servers on 127.0.0.1 that do exactly what a test says, bytes and all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from minillm import loop_local

Handler = Callable[["Connection"], Awaitable[None]]


@dataclass
class Connection:
    """One TCP connection as a handler sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def request(self) -> str | None:
        """Read one request with a Content-Length body; its head, or None at the end of the connection."""
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        length = 0
        for line in head.lower().split("\r\n"):
            if line.startswith("content-length:"):
                length = int(line.split(":", 1)[1])
        self.heads.append(head)
        self.bodies.append(await self.reader.readexactly(length))
        return head

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = b"ok", status: str = "200 OK", headers: str = "") -> None:
        await self.send(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    async def start_stream(self, headers: str = "") -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}Transfer-Encoding: chunked\r\n\r\n"
        await self.send(head.encode())

    async def chunk(self, data: bytes) -> None:
        await self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def end_stream(self) -> None:
        await self.send(b"0\r\n\r\n")

    async def gone(self) -> None:
        """Wait until the client closes."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """End with a TCP reset."""
        self.writer.transport.abort()


@dataclass
class Server:
    port: int
    connections: list[Connection]
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/v1/chat/completions"

    @property
    def requests(self) -> list[str]:
        return [head for connection in self.connections for head in connection.heads]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """``await serve(handler, ssl=None)``: a server whose every connection is given to ``handler``."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(handler: Handler, ssl: object = None) -> Server:
            connections: list[Connection] = []
            tasks: set[asyncio.Task[None]] = set()

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                connection = Connection(reader, writer, len(connections))
                connections.append(connection)
                task = asyncio.current_task()
                assert task is not None
                tasks.add(task)
                try:
                    await handler(connection)
                except (ConnectionError, asyncio.CancelledError):
                    pass
                finally:
                    tasks.discard(task)
                    writer.close()
                    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                        await writer.wait_closed()

            async def stop(server: asyncio.Server) -> None:
                server.close()
                await loop_local.aclose()
                for task in list(tasks):
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await server.wait_closed()

            server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=ssl)  # type: ignore[arg-type]
            stack.push_async_callback(stop, server)
            port = server.sockets[0].getsockname()[1]
            return Server(port, connections, "https" if ssl else "http")

        yield start
