"""A host in a process of its own that answers at known times and writes down when it really did.

    python -m tests.benchmark.paced_server      prints its port, and ends with its standard input

The model's name says how: ``FIRST-EACH-TOKENS`` (milliseconds, milliseconds, count), such as ``50-10-20``. It speaks
all four wires, each by its path. ``GET /stamps`` tells of every answer since the last asking when the request had come,
and when each token went out, in seconds of the clock ``time.perf_counter``, which processes of one machine share.
``GET /stall/AFTER/FOR`` makes it stand still, in seconds from now.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from minillm.types import (
    Finish,
    FinishReason,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    TextDelta,
    TextPart,
    Usage,
    UsageUpdate,
)
from minillm.wire import get_codec
from minillm.wire.sse import encode_event

WIRES = {
    "/chat/completions": "openai_chat_completions",
    "/responses": "openai_responses",
    "/messages": "anthropic_messages",
    "streamGenerateContent": "gemini_generate_content",
}
PROMPT_TOKENS = 1000
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_MODEL = re.compile(rb'"model":"([^"]*)"')


@cache
def frames(wire: str, tokens: int) -> tuple[bytes, ...]:
    """A piece a token, and one more for what comes after the last; what comes before the first is with it."""
    encoder = get_codec(wire).stream_encoder()

    def said(*events: Any) -> bytes:
        return b"".join(encode_event(frame) for frame in encoder.feed(*events))

    head = said(MessageStart("1", "paced")) + said(PartStart(0, TextPart("")))
    pieces = [said(TextDelta(0, f" word{place}")) for place in range(tokens)]
    tail = said(PartEnd(0)) + said(UsageUpdate(Usage(uncached_tokens=PROMPT_TOKENS, output_tokens=tokens)))
    tail += said(Finish(0, FinishReason.STOP, None)) + said(MessageEnd())
    tail += b"".join(encode_event(frame) for frame in encoder.finish())
    return (head + pieces[0], *pieces[1:], tail)


class Host(asyncio.Protocol):
    """One connection."""

    stamps: list[dict[str, Any]] = []  # noqa: RUF012  of all connections
    stall = (0.0, 0.0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.data = b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, mark, body = self.data.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if not mark or len(body) < (int(length[1]) if length else 0):
            return
        came, self.data = time.perf_counter(), b""
        method, path, *_ = head.decode().split()
        if method == "GET":
            self._told(path)
        else:
            task = asyncio.ensure_future(self._answer(path, body, came))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    def _told(self, path: str) -> None:
        if path.startswith("/stall/"):
            after, during = (float(each) for each in path.split("/")[2:4])
            Host.stall = (time.perf_counter() + after, time.perf_counter() + after + during)
        body = json.dumps(Host.stamps).encode()
        Host.stamps = []
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async def _answer(self, path: str, body: bytes, came: float) -> None:
        wire = next(wire for mark, wire in WIRES.items() if mark in path)
        named = _MODEL.search(body)
        model = named[1].decode() if named else path.partition("/models/")[2].partition(":")[0]
        first, each, tokens = (int(number) for number in model.split("-"))
        pieces = frames(wire, tokens)
        sent: list[float] = []
        self.transport.write(_HEAD)
        at = came + first / 1000
        for place, piece in enumerate(pieces):
            if place < tokens:
                await _until(max(at, Host.stall[1] if Host.stall[0] <= at < Host.stall[1] else 0.0))
                sent.append(time.perf_counter())
                at = sent[-1] + each / 1000
            self.transport.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        ended = time.perf_counter()
        self.transport.write(b"0\r\n\r\n")
        Host.stamps.append({"model": model, "came": came, "sent": sent, "ended": ended})


tasks: set[Any] = set()


async def _until(at: float) -> None:
    """A millisecond late, as timers are: the stamp counts, and a host that spins takes its client's processor."""
    await asyncio.sleep(max(at - time.perf_counter(), 0.0))


@contextmanager
def paced_server() -> Iterator[str]:
    """The address of one, while it is needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmark.paced_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def stamps(address: str) -> list[dict[str, Any]]:
    """What it has written down since the last asking."""
    with urllib.request.urlopen(f"{address}/stamps") as answer:
        found: list[dict[str, Any]] = json.loads(answer.read())
        return found


def stall(address: str, after: float, during: float) -> None:
    """Have it stand still."""
    with urllib.request.urlopen(f"{address}/stall/{after}/{during}") as answer:
        answer.read()


async def serve() -> None:
    loop, parent_gone = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(Host, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(0, parent_gone.set)  # the pipe from whoever started it: it closes when they end, however they end
    await parent_gone.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
