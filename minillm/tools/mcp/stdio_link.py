"""A server as a child process: JSON-RPC by lines over its pipes.

The SDK has such a transport too; this one bounds a message, keeps what it says on stderr, and tells how it ended.
https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
"""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

from ...errors import ConnectError
from .limits import one_line

__all__ = ["StdioLink"]

_CHUNK = 65536
_STDERR_LINES = 200
_POLITE = 2.0  # seconds between closing its input and SIGTERM, and between that and SIGKILL
_POLL = 0.01

_Incoming = SessionMessage | Exception
_CLOSED = (anyio.ClosedResourceError, anyio.BrokenResourceError)


class StdioLink:
    """How to start the server, and what is known of it.

    The child sees the variables of :func:`mcp.client.stdio.get_default_environment` (``PATH``, ``HOME`` and the like)
    and those given, and no other of this program's: there are keys among them.
    """

    grace = 3 * _POLITE + 1

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: str | os.PathLike[str] | None, message_bytes: int
    ) -> None:
        self._command = command
        self._env = env
        self._cwd = cwd
        self._message_bytes = message_bytes
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._transport: asyncio.SubprocessTransport | None = None
        self._why: str | None = None
        self._epitaph: str | None = None
        self._closing = False
        self.ended = False
        self.on_end: Callable[[], None] = lambda: None

    @property
    def pid(self) -> int | None:
        """Its process while it runs."""
        if self._transport is None or self._transport.get_returncode() is not None:
            return None
        return self._transport.get_pid()

    @property
    def stderr(self) -> str:
        """The last lines it wrote there, without the values it was given as environment."""
        text = "\n".join(self._stderr)
        for value in sorted((value for value in self._env.values() if len(value) >= 6), key=len, reverse=True):
            text = text.replace(value, "***")
        return text

    async def epitaph(self) -> str:
        """How it ended, for error texts; always the same words, though afterwards we end it ourselves."""
        transport = self._transport
        exited = transport is not None and await _exited(transport, 1.0)
        if self._epitaph is None:
            status = transport.get_returncode() if transport is not None and exited else None
            if self._why is not None:
                self._epitaph = f"was ended: {self._why}"
            elif status is None:
                self._epitaph = "has closed its output"
            elif status < 0:
                self._epitaph = f"was ended by signal {-status}"
            else:
                self._epitaph = f"has ended with exit status {status}"
        return self._epitaph

    @asynccontextmanager
    async def connect(
        self,
    ) -> AsyncIterator[tuple[MemoryObjectReceiveStream[_Incoming], MemoryObjectSendStream[SessionMessage]]]:
        """Start the child, for the SDK's session; leaving ends it, politely at first, in bounded time."""
        transport, process = await self._spawn()
        arriving, incoming = anyio.create_memory_object_stream[_Incoming](0)
        outgoing, leaving = anyio.create_memory_object_stream[SessionMessage](0)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._read, process, arriving)
                group.start_soon(self._write, process, leaving, arriving)
                group.start_soon(self._listen, process)
                try:
                    yield incoming, outgoing
                finally:
                    self._closing = True
                    with anyio.CancelScope(shield=True):
                        incoming.close()  # what it still says is read and dropped, so that it does not wait for us
                        outgoing.close()
                        await _end(transport, process)
                    group.cancel_scope.cancel()
        finally:
            for stream in (arriving, incoming, outgoing, leaving):
                stream.close()
            if transport.get_returncode() is None:  # cancelled once more while it was being ended
                _signal(transport, "SIGKILL")
            transport.close()

    async def _spawn(self) -> tuple[asyncio.SubprocessTransport, Process]:
        loop = asyncio.get_running_loop()
        env = {**get_default_environment(), **self._env}
        program = shutil.which(self._command[0], path=env.get("PATH")) or self._command[0]
        try:
            # As create_subprocess_exec() does; the transport itself is what can be closed for certain.
            transport, protocol = await loop.subprocess_exec(
                lambda: SubprocessStreamProtocol(limit=_CHUNK, loop=loop),
                program,
                *self._command[1:],
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=env,
                cwd=self._cwd,
                start_new_session=True,  # Ctrl-C is for us: the server is asked to go
            )
        except (OSError, ValueError) as error:
            raise ConnectError(
                f"the MCP server cannot be started: {one_line(self._command[0])!r}: "
                f"{getattr(error, 'strerror', None) or type(error).__name__}"
            ) from error
        self._transport = transport
        return transport, Process(transport, protocol, loop)

    async def _read(self, process: Process, arriving: MemoryObjectSendStream[_Incoming]) -> None:
        assert process.stdout is not None
        buffer = bytearray()
        try:
            while chunk := await process.stdout.read(_CHUNK):
                start = len(buffer)
                buffer += chunk
                while (end := buffer.find(b"\n", start)) >= 0:
                    line = bytes(buffer[:end])
                    del buffer[: end + 1]
                    start = 0
                    await self._hand_over(line, arriving)
                if len(buffer) > self._message_bytes:
                    self._why = f"it sent a message of more than {self._message_bytes:,} bytes"
                    assert self._transport is not None
                    _signal(self._transport, "SIGKILL")
                    break
        finally:
            self._over(arriving)
        while await process.stdout.read(_CHUNK):
            pass

    async def _hand_over(self, line: bytes, arriving: MemoryObjectSendStream[_Incoming]) -> None:
        if not line.strip():
            return
        try:
            message = SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:  # it prints to its output, as careless servers do
            self._stderr.append(_kept(line))
            return
        with suppress(*_CLOSED):  # nobody listens any more
            await arriving.send(message)

    def _over(self, arriving: MemoryObjectSendStream[_Incoming]) -> None:
        arriving.close()
        if not self._closing:
            self.ended = True
            self.on_end()

    async def _write(
        self,
        process: Process,
        leaving: MemoryObjectReceiveStream[SessionMessage],
        arriving: MemoryObjectSendStream[_Incoming],
    ) -> None:
        assert process.stdin is not None
        try:
            async for message in leaving:
                process.stdin.write(message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                await process.stdin.drain()
        except OSError:
            self._over(arriving)  # no answer can come to what it does not read
        finally:
            process.stdin.close()

    async def _listen(self, process: Process) -> None:
        assert process.stderr is not None
        rest = b""
        while chunk := await process.stderr.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            self._stderr.extend(_kept(line) for line in lines)
            rest = rest[:_CHUNK]
        if rest:
            self._stderr.append(_kept(rest))


def _kept(line: bytes) -> str:
    return one_line(line.decode("utf-8", "replace"), 1000)


async def _exited(transport: asyncio.SubprocessTransport, timeout: float) -> bool:  # noqa: ASYNC109  a poll, bounded
    """Whether it has ended. By asking: ``wait()`` also waits for its pipes, which its own children may hold."""
    deadline = anyio.current_time() + timeout
    while transport.get_returncode() is None:
        if anyio.current_time() >= deadline:
            return False
        await anyio.sleep(_POLL)
    return True


async def _end(transport: asyncio.SubprocessTransport, process: Process) -> None:
    """Close its input, then SIGTERM, then SIGKILL, each with time to obey: the order of the specification
    (https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#shutdown)."""
    if await _exited(transport, _POLITE / 4):  # the writer closes its input when all is written
        return
    if process.stdin is not None:
        process.stdin.close()
    for name in ("SIGTERM", "SIGKILL"):
        if await _exited(transport, _POLITE):
            return
        _signal(transport, name)
    await _exited(transport, _POLITE)


def _signal(transport: asyncio.SubprocessTransport, name: str) -> None:
    """To the child and its own children: it leads a process group, where there are such."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(transport.get_pid(), getattr(signal, name))
        else:
            transport.kill()
