"""All jobs of all six official SDKs against our server, done once: one child process for each package.

Starting an SDK costs a second of CPU, reading an answer milliseconds: so everything is asked in one go, and
each test looks at its own readings.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.peers import sdk_recorded, sdk_traps
from tests.peers.harness import HERE, node, peers_root, program
from tests.peers.sdk_scenarios import BREAKS, ERRORS, PLAIN, SCENARIOS, events
from tests.peers.sdk_server import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    RESPONSES,
    Asked,
    Reply,
    SDKServer,
    encoded,
    frames,
    refused,
    serving,
    streamed,
)

Reading = dict[str, Any]


@dataclass(frozen=True)
class SDK:
    """One package: its reader, and the doors it offers on each wire, the whole answer's before the streams'."""

    reader: str
    package: str
    ways: dict[str, tuple[str, ...]]

    def command(self) -> tuple[str | Path, ...]:
        if self.reader.endswith(".py"):
            return program("sdk", "bin", "python"), HERE / "judges" / self.reader
        program("npm", "node_modules", *self.package.split("/"), "package.json")
        return node(), HERE / "judges" / self.reader, peers_root() / "npm"


OPENAI_PY = ("whole", "parse", "chunks", "async_chunks", "helper")
OPENAI_JS = ("whole", "chunks", "helper")
SDKS: dict[str, SDK] = {
    "openai-py": SDK("sdk_openai.py", "openai", {CHAT: OPENAI_PY, RESPONSES: OPENAI_PY}),
    "openai-js": SDK("sdk_openai.cjs", "openai", {CHAT: OPENAI_JS, RESPONSES: OPENAI_JS}),
    "anthropic-py": SDK(
        "sdk_anthropic.py",
        "anthropic",
        {ANTHROPIC: ("whole", "parse", "chunks", "helper", "async_helper", "text_stream")},
    ),
    "anthropic-js": SDK("sdk_anthropic.cjs", "@anthropic-ai/sdk", {ANTHROPIC: ("whole", "parse", "chunks", "helper")}),
    "google-py": SDK(
        "sdk_google.py",
        "google-genai",
        {GEMINI: ("whole", "parse", "async_whole", "chat", "chunks", "async_chunks", "chat_chunks")},
    ),
    "google-js": SDK("sdk_google.cjs", "@google/genai", {GEMINI: ("whole", "chat", "chunks", "chat_chunks")}),
}
WHOLE = frozenset({"whole", "parse", "async_whole", "chat"})

#: The strictest door to a stream that each SDK has.
STRICT = {CHAT: "helper", RESPONSES: "helper", ANTHROPIC: "helper", GEMINI: "chunks"}


def doors() -> Iterator[tuple[str, str, str]]:
    """Every SDK, wire and way."""
    for name, sdk in SDKS.items():
        for wire, ways in sdk.ways.items():
            for way in ways:
                yield name, wire, way


@dataclass(frozen=True)
class Job:
    """One call of one SDK: ``exchange`` names what it is answered."""

    sdk: str
    wire: str
    way: str
    exchange: str

    def told(self) -> dict[str, Any]:
        ask = SCENARIOS[self.exchange].ask if self.exchange in SCENARIOS else PLAIN
        if self.exchange in sdk_traps.TRAPS:
            ask = SCENARIOS[sdk_traps.TRAPS[self.exchange].scenario].ask
        return {"wire": self.wire, "way": self.way, "model": f"{self.sdk}.{self.way}.{self.exchange}", "ask": ask}


def jobs() -> Iterator[Job]:
    """Everything there is to ask."""
    for sdk, wire, way in doors():
        names = [*SCENARIOS, *ERRORS, *(() if way in WHOLE else BREAKS)]
        yield from (Job(sdk, wire, way, name) for name in names)
        for name, trap in sdk_traps.TRAPS.items():
            if trap.wire == wire and f"{sdk}.{way}" in trap.springs:
                yield Job(sdk, wire, way, name)
        if way in ("whole", STRICT[wire]):
            yield from (Job(sdk, wire, way, name) for name in sdk_recorded.exchanges(wire, whole=way in WHOLE))


@dataclass
class Run:
    """What each SDK read, what it had asked, and what went wrong inside the server."""

    readings: dict[Job, Reading] = field(default_factory=dict)
    asked: dict[Job, Asked] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def read(self, sdk: str, wire: str, way: str, exchange: str) -> Reading:
        return self.readings[Job(sdk, wire, way, exchange)]


def reply(run: Run) -> Callable[[Asked], Reply]:
    """What the server answers: the model's name says who asks for what."""

    def made(asked: Asked) -> Reply:
        sdk, way, exchange = (asked.request.model or "").split(".", 2)
        run.asked[Job(sdk, asked.wire, way, exchange)] = asked
        if exchange in ERRORS:
            return refused(asked.wire, ERRORS[exchange])
        if exchange in BREAKS:
            return streamed(frames(asked.wire, events(SCENARIOS["plain"].answer, BREAKS[exchange])))
        if exchange in sdk_traps.TRAPS:
            return sdk_traps.TRAPS[exchange].reply()
        if exchange not in SCENARIOS:
            return sdk_recorded.reply(asked.wire, exchange)
        answer = SCENARIOS[exchange].answer
        return streamed(frames(asked.wire, events(answer))) if asked.request.stream else encoded(asked.wire, answer)

    return made


async def everything() -> Run:
    """Ask it all, two packages at a time."""
    run, turn = Run(), asyncio.Semaphore(2)
    wanted = list(jobs())
    async with serving(reply(run)) as server:

        async def child(name: str) -> None:
            async with turn:
                mine = [job for job in wanted if job.sdk == name]
                run.readings |= zip(mine, await _ask(SDKS[name], server, mine), strict=True)

        await asyncio.gather(*(child(name) for name in SDKS))
    run.faults = server.faults
    return run


async def _ask(sdk: SDK, server: SDKServer, mine: Iterable[Job]) -> list[Reading]:
    process = await asyncio.create_subprocess_exec(
        *map(str, (*sdk.command(), server.url)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 26,
    )
    try:
        output, complaints = await process.communicate(json.dumps([job.told() for job in mine]).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"{sdk.reader} ended with {process.returncode}: {complaints.decode()[-2000:]}")
    read: list[Reading] = json.loads(output)
    return read
