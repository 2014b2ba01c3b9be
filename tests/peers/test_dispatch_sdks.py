"""Official SDKs through gateways of ours: what they read is what a host on any wire said, whole and streamed.

The gateway is ``minillm.dispatch`` behind a few routes; the hosts are those of ``sdk_server``. The model that a client
names says which wire the host behind speaks, and which answer it gives.
"""

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from minillm import GeneratorInfo, MiniLLMError, loop_local
from minillm.dispatch import dispatch_request, dispatch_stream_events
from minillm.report import Report
from minillm.wire import WIRES, get_codec
from tests.import_graph import REPOSITORY
from tests.peers.sdk_expected import expected, plainly
from tests.peers.sdk_run import SDKS
from tests.peers.sdk_scenarios import ERRORS, SCENARIOS, events
from tests.peers.sdk_server import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    Asked,
    Reply,
    encoded,
    frames,
    read,
    refused,
    serving,
    streamed,
)

pytestmark = pytest.mark.peers

FRONTS = [(name, wire) for name in ("openai-py", "anthropic-py", "google-py") for wire in SDKS[name].ways]
ASKED = ("conversation", "parallel-tools", "text-and-tools", "after-tools", "usage")
WAYS = ("whole", "chunks")
#: Counts are in a stream of Chat for those who ask for them; ids of calls are Gemini's to leave out.
CHECKED = ("text", "calls", "finish", "usage")


def host(asked: Asked) -> Reply:
    """What stands behind the gateway."""
    name = (asked.request.model or "").split(".")[-1]
    if name in ERRORS:
        return refused(asked.wire, ERRORS[name])
    answer = SCENARIOS[name].answer
    return streamed(frames(asked.wire, events(answer))) if asked.request.stream else encoded(asked.wire, answer)


def behind(url: str, wire: str, model: str) -> GeneratorInfo:
    version = "v1beta" if wire == GEMINI else "v1"
    return GeneratorInfo.custom(model, base_url=f"{url}/{version}", wire=wire, api_key="k-12345678")


def gateway(url: str) -> web.Application:
    """All four wires in front; ``model`` is the host's wire, and what it is to answer."""

    async def handle(http: web.Request) -> web.StreamResponse:
        body = await http.json()
        front = read(http.path, body)
        model = front.request.model or ""
        gen = behind(url, model.split(".")[0], model)
        try:
            if not front.request.stream:
                made = await dispatch_request(body, gen, wire=front.wire, report=Report(), retry=0)
                return web.json_response(made)
            async with dispatch_stream_events(body, gen, wire=front.wire, report=Report(), retry=0) as stream:
                response = web.StreamResponse(headers={"content-type": "text/event-stream"})
                await response.prepare(http)
                async for piece in stream:
                    await response.write(piece)
                return response
        except MiniLLMError as error:
            status, said = get_codec(front.wire).encode_error(error)
            return web.json_response(said, status=status)

    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/{tail:.*}", handle)
    return app


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await loop_local.aclose()
        await runner.cleanup()


async def readings(sdk: str, url: str, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the SDK made of each answer."""
    process = await asyncio.create_subprocess_exec(
        *map(str, (*SDKS[sdk].command(), url)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 26,
    )
    try:
        output, complaints = await process.communicate(json.dumps(jobs).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complaints.decode()[-2000:]
    found: list[dict[str, Any]] = json.loads(output)
    return found


def differing(wire: str, way: str, name: str, reading: dict[str, Any]) -> dict[str, Any]:
    """Field -> (said, read), of those that any host can say to any client."""
    if "error" in reading:
        return {"error": reading}
    said, found = expected(wire, name), plainly(reading)
    for each in (said, found):
        each["calls"] = [{**call, "id": None} for call in each["calls"]]
    keys = [key for key in CHECKED if (key, wire, way) != ("usage", CHAT, "chunks")]
    return {key: (said[key], found[key]) for key in keys if said[key] != found[key]}


@pytest.mark.parametrize(("sdk", "wire"), FRONTS, ids=[f"{sdk}-{wire}" for sdk, wire in FRONTS])
async def test_an_sdk_reads_through_a_gateway_what_any_host_said(sdk, wire):
    """Text, calls with their arguments, the reason, the counts; from hosts on all four wires."""
    told = [(of, way, name) for of in WIRES for way in WAYS for name in ASKED]
    jobs = [{"wire": wire, "way": way, "model": f"{of}.{name}", "ask": SCENARIOS[name].ask} for of, way, name in told]
    async with serving(host) as server, listening(gateway(server.url)) as url:
        found = await readings(sdk, url, jobs)
    assert server.faults == []
    wrong = {
        key: bad for key, reading in zip(told, found, strict=True) if (bad := differing(wire, key[1], key[2], reading))
    }
    assert wrong == {}


async def test_the_example_serves_the_official_anthropic_sdk():
    """examples/28: Anthropic Messages in front, OpenAI Chat behind; answers, streams, refusals."""
    spec = importlib.util.spec_from_file_location("gateway_example", REPOSITORY / "examples" / "28_gateway.py")
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    ways, said = ("whole", "chunks", "helper", "text_stream"), ("text-and-tools", "error-429")
    told = [(name, way) for name in said for way in ways]
    # The SDK asks one thing after another, and the client's model is not what the host is asked for.
    due = iter(told)

    def next_one(asked: Asked) -> Reply:
        assert (asked.wire, asked.request.model) == (CHAT, "m")
        name, _ = next(due)
        return host(Asked(asked.wire, replace(asked.request, model=name), asked.body))

    ask = SCENARIOS["text-and-tools"].ask
    jobs = [{"wire": ANTHROPIC, "way": way, "model": "claude-sonnet-5", "ask": ask} for _, way in told]
    async with serving(next_one) as server, listening(example.gateway(behind(server.url, CHAT, "m"))) as url:
        found = await readings("anthropic-py", url, jobs)
    assert server.faults == []
    assert [differing(ANTHROPIC, way, "text-and-tools", each) for way, each in zip(ways, found, strict=False)] == [
        {}
    ] * 4
    assert [(each["error"], each["status"]) for each in found[4:]] == [("RateLimitError", 429)] * 4
