"""What the policies around a call cost while they have nothing to do, as ratios to bare aiohttp and orjson.

    python tests/benchmarks/stack.py [--rounds 5] [--requests 1500] [--each] [--check]

``every policy`` has all that one call can have at a time: a plan of one route, correction, retry, an output judge, a
transform, pacing with limits never reached, a purse never empty, the price and a callback for the bill. No hook is set
to observe, and no started answer is sent (prefill), since that is never idle. ``--each`` measures each of them alone,
too. Every figure is CPU time (user and system) of a fresh process, one run of ours between two of the floor, and the
median of the rounds. ``--check`` ends with 1 where a goal is missed by more than a quarter (machines are noisy).
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

GOALS = {"request": 1.25, "chunk": 1.6}
PROMPT = "Say something short about trees."
CHUNKS, CHUNKS_A_WRITE = 20_000, 16

HEAD = {"id": "chatcmpl-1", "created": 1741569952, "model": "m"}
USAGE = {
    "prompt_tokens": 19,
    "completion_tokens": 210,
    "total_tokens": 229,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
}


def answer() -> bytes:
    message = {"role": "assistant", "content": "A tree keeps every turn. " * 40, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = json.dumps({**HEAD, "object": "chat.completion", "choices": [choice], "usage": USAGE}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: r\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def stream() -> list[bytes]:
    """The writes of a streamed answer."""

    def frame(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        said = {**HEAD, "object": "chat.completion.chunk", "choices": [choice], "usage": None}
        return b"data: " + json.dumps(said).encode() + b"\n\n"

    def chunk(data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data)

    words = [f" word{i % 97}" for i in range(CHUNKS)]
    writes = [b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"]
    for i in range(0, CHUNKS, CHUNKS_A_WRITE):
        writes.append(chunk(b"".join(frame({"content": word}) for word in words[i : i + CHUNKS_A_WRITE])))
    last = json.dumps({**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}).encode()
    writes.append(chunk(frame({}, "stop") + b"data: " + last + b"\n\ndata: [DONE]\n\n") + b"0\r\n\r\n")
    return writes


class Host(asyncio.Protocol):
    """Answers whatever comes, as cheaply as Python can: it runs beside what is measured."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        head, end, body = self.seen.partition(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        if not end or len(body) < int(length.split(b":")[1]):
            return
        self.seen = b""
        if b'"stream":true' in body:
            self.writing = asyncio.ensure_future(self.write())
        else:
            self.transport.write(ANSWER)

    async def write(self) -> None:
        for piece in STREAM:
            self.transport.write(piece)
            await asyncio.sleep(0)


ANSWER, STREAM = answer(), stream()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Host, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Floor:
    """Bare aiohttp and orjson."""

    def __init__(self, base: str) -> None:
        import aiohttp
        import orjson

        self.json = orjson
        self.url = base + "/chat/completions"
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    def body(self, **more: Any) -> bytes:
        return self.json.dumps({"model": "m", "messages": [{"role": "user", "content": PROMPT}], **more})

    async def request(self) -> None:
        headers = {"content-type": "application/json", "authorization": "Bearer sk-x"}
        async with self.session.post(self.url, data=self.body(), headers=headers) as response:
            assert self.json.loads(await response.read())["choices"][0]["message"]["content"]

    async def stream(self) -> int:
        count, rest = 0, b""
        headers = {"content-type": "application/json", "authorization": "Bearer sk-x"}
        async with self.session.post(self.url, data=self.body(stream=True), headers=headers) as response:
            async for data in response.content.iter_any():
                *frames, rest = (rest + data).split(b"\n\n")
                for frame in frames:
                    if frame != b"data: [DONE]":
                        choices = self.json.loads(frame[6:])["choices"]
                        count += bool(choices and choices[0]["delta"].get("content"))
        return count

    async def close(self) -> None:
        await self.session.close()


class Ours:
    """minillm, with these policies around each call."""

    def __init__(self, base: str, names: list[str]) -> None:
        from minillm import ChatNode, GeneratorInfo, NodeCompletionParameters

        self.root = ChatNode.root
        made = [POLICIES[name]() for name in names]
        generator = {name: value for gen, _ in made for name, value in gen.items()}
        params = {name: value for _, call in made for name, value in call.items()}
        wrap = generator.pop("wrap", lambda gen: gen)
        self.gen = wrap(GeneratorInfo.custom("m", base_url=base, api_key="sk-x-12345", **generator))
        self.params = NodeCompletionParameters(**{"retry": 0, **params})

    async def request(self) -> None:
        assert (await self.root().chat(PROMPT, self.gen, self.params)).text

    async def stream(self) -> int:
        count = 0
        async with self.root().stream(self.gen, self.params, user=PROMPT) as stream:
            async for _ in stream:
                count += 1
        return count

    async def close(self) -> None:
        from minillm import aclose

        await aclose()


Settings = tuple[dict[str, Any], dict[str, Any]]  # of the generator, of the call


def _plan() -> Settings:
    from minillm import fallback

    return {"wrap": lambda gen: fallback([gen])}, {}


def _pacing() -> Settings:
    from minillm import RateLimits

    return {"limits": RateLimits(requests_per_minute=1e9, tokens_per_minute=1e12, concurrency=10**6)}, {}


def _budget() -> Settings:
    from minillm import Budget, CompletionParameters

    return _cost()[0], {
        "budget": Budget(usd=10**9, tokens=10**15),
        "params": CompletionParameters(max_tokens=1000),
    }


def _cost() -> Settings:
    from minillm import TokenPrice

    return {"price": TokenPrice(Decimal(1), Decimal(2))}, {"cost_callback": _told}


def _told(bill: object) -> None:
    pass


def _accept(text: object) -> None:
    pass


def _transform() -> Settings:
    from minillm import Transform

    return {}, {"transforms": (Transform(),)}


POLICIES: dict[str, Callable[[], Settings]] = {
    "retry": lambda: ({}, {"retry": 4}),
    "output": lambda: ({}, {"crash_on_refusal": True, "crash_on_empty_response": True}),
    "correction": lambda: ({}, {"validate": _accept, "correction": 2}),
    "transform": _transform,
    "pacing": _pacing,
    "budget": _budget,
    "cost": _cost,
    "plan": _plan,
}


async def measure(what: str, base: str, names: str, count: int) -> float:
    """Microseconds of CPU a request, or a chunk."""
    client: Any = Floor(base) if names == "floor" else Ours(base, [name for name in names.split(",") if name])
    try:
        if what == "chunk":
            await client.stream()
            start = time.process_time()
            assert await client.stream() == CHUNKS
            return (time.process_time() - start) / CHUNKS * 1e6
        for _ in range(50):
            await client.request()
        start = time.process_time()
        for _ in range(count):
            await client.request()
        return (time.process_time() - start) / count * 1e6
    finally:
        await client.close()


def child(what: str, base: str, names: str, count: int) -> float:
    command = [sys.executable, __file__, "--child", what, base, names, str(count)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1])


def cases(each: bool) -> dict[str, str]:
    alone = {f"only {name}": name for name in POLICIES} if each else {}
    return {"no policy": "", **alone, "every policy": ",".join(POLICIES)}


def run(rounds: int, count: int, each: bool, check: bool) -> int:
    on_core(1)
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    on_core(0)
    missed = 0
    try:
        assert server.stdout is not None
        base = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        for what, goal in GOALS.items():
            for name, policies in cases(each).items():
                runs = []
                for _ in range(rounds):
                    before, ours, after = (child(what, base, of, count) for of in ("floor", policies, "floor"))
                    runs.append((2 * ours / (before + after), ours, (before + after) / 2))
                ratio, ours, floor = (statistics.median(column) for column in zip(*runs, strict=True))
                spread = f"{min(runs)[0]:.2f} to {max(runs)[0]:.2f}"
                verdict = f"goal {goal}" if name == "every policy" else ""
                print(f"{what:8} {name:16} {ratio:5.2f}  ({spread})  {ours:7.2f} us, floor {floor:7.2f}  {verdict}")
                missed += name == "every policy" and ratio > goal * 1.25
    finally:
        server.terminate()
        server.wait()
    return int(check and missed > 0)


def on_core(core: int) -> None:
    """What is measured and its server each have their own, where there are two."""
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {core})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1500)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
    elif options.child:
        what, base, names, count = options.child
        print(asyncio.run(measure(what, base, names, int(count))))
    else:
        return run(options.rounds, options.requests, options.each, options.check)
    return 0


if __name__ == "__main__":
    sys.exit(main())
