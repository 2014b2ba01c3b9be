"""What lives as long as one event loop, and that it goes with it without a word on stderr."""

import asyncio
import gc
import subprocess
import sys
import textwrap
import threading
import weakref
from pathlib import Path

import pytest

from minillm import loop_local


class Thing:
    """Something that can be referred to weakly."""


async def test_a_value_is_made_once_a_loop() -> None:
    first = loop_local.get("thing", Thing)
    assert loop_local.get("thing", Thing) is first
    assert loop_local.get("other", Thing) is not first


async def test_a_value_may_be_none_and_is_still_made_once() -> None:
    made: list[int] = []
    for _ in range(2):
        assert loop_local.get("none", lambda: made.append(1)) is None
    assert made == [1]


def test_outside_a_loop_there_is_nothing_to_hold_on_to() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        loop_local.get("thing", Thing)
    with pytest.raises(RuntimeError, match="no running event loop"):
        loop_local.on_close(close_nothing)


async def close_nothing() -> None:
    pass


def test_two_loops_share_nothing() -> None:
    async def ask() -> Thing:
        return loop_local.get("thing", Thing)

    assert asyncio.run(ask()) is not asyncio.run(ask())


def test_threads_with_their_own_loops_do_not_meet() -> None:
    things: list[Thing] = []

    async def ask() -> None:
        thing = loop_local.get("thing", Thing)
        for _ in range(10):
            await asyncio.sleep(0)
            assert loop_local.get("thing", Thing) is thing
        things.append(thing)

    threads = [threading.Thread(target=asyncio.run, args=(ask(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, things))) == 8


@pytest.mark.parametrize("run", ["asyncio.run", "anyio.run", "asyncio.Runner"])
def test_the_end_of_the_loop_awaits_the_closers_last_made_first(run: str) -> None:
    import anyio

    closed: list[str] = []

    async def main() -> None:
        async def close(name: str) -> None:
            await asyncio.sleep(0)
            closed.append(name)

        loop_local.get("a", lambda: "a", close)
        loop_local.get("b", lambda: "b", close)
        loop_local.on_close(lambda: close("c"))
        await asyncio.sleep(0)
        assert closed == []

    if run == "asyncio.run":
        asyncio.run(main())
    elif run == "anyio.run":
        anyio.run(main)
    else:
        with asyncio.Runner() as runner:
            runner.run(main())
            assert closed == []
    assert closed == ["c", "b", "a"]


def test_the_end_of_the_loop_closes_after_a_failure_and_after_ctrl_c_too() -> None:
    closed: list[str] = []

    async def main(error: BaseException) -> None:
        async def close(value: str) -> None:
            closed.append(value)

        loop_local.get("a", lambda: type(error).__name__, close)
        raise error

    for error in (ValueError(), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            asyncio.run(main(error))
    assert closed == ["ValueError", "KeyboardInterrupt"]


async def test_aclose_closes_now_and_things_are_made_anew_afterwards() -> None:
    closed: list[Thing] = []

    async def close(thing: Thing) -> None:
        closed.append(thing)

    first = loop_local.get("thing", Thing, close)
    await loop_local.aclose()
    assert closed == [first]
    await loop_local.aclose()
    second = loop_local.get("thing", Thing, close)
    assert second is not first
    await loop_local.aclose()
    assert closed == [first, second]


async def test_a_closer_that_asks_again_gets_something_new_that_is_closed_too() -> None:
    """While closing, the old things are out of reach already."""
    closed: list[Thing] = []

    async def close(thing: Thing) -> None:
        closed.append(thing)
        if len(closed) == 1:
            closed.append(loop_local.get("thing", Thing, close))

    first = loop_local.get("thing", Thing, close)
    await loop_local.aclose()
    assert closed[0] is first
    assert closed[1] is closed[2] is not first
    again = loop_local.get("thing", Thing, close)
    assert again not in closed  # what was closed is not handed out any more
    await loop_local.aclose()


async def test_one_closer_that_fails_keeps_none_of_the_others_open() -> None:
    closed: list[str] = []

    async def fail() -> None:
        closed.append("failed")
        raise ValueError("first")

    async def close() -> None:
        closed.append("closed")

    for closer in (close, fail, fail, close):
        loop_local.on_close(closer)
    with pytest.raises(ValueError, match="first"):
        await loop_local.aclose()
    assert closed == ["closed", "failed", "failed", "closed"]


async def test_a_cancelled_aclose_still_closes_the_rest() -> None:
    closed: list[str] = []
    started = asyncio.Event()

    async def slow() -> None:
        started.set()
        await asyncio.Event().wait()

    async def close() -> None:
        closed.append("closed")

    loop_local.on_close(close)
    loop_local.on_close(slow)
    closing = asyncio.create_task(loop_local.aclose())
    await started.wait()
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert closed == ["closed"]


def test_a_value_that_cannot_be_made_is_tried_again() -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            loop_local.get("thing", lambda: 1 // 0)
        assert loop_local.get("thing", lambda: 1) == 1

    asyncio.run(main())


def test_a_loop_that_is_dropped_takes_its_things_along() -> None:
    """Although they refer back to it, and although nobody closed anything."""
    loop = asyncio.new_event_loop()

    class BoundToLoop:
        def __init__(self) -> None:
            self.loop = asyncio.get_running_loop()

    async def main() -> "weakref.ref[BoundToLoop]":
        async def close(_thing: BoundToLoop) -> None:
            raise AssertionError("nobody is left to await this")

        return weakref.ref(loop_local.get("thing", BoundToLoop, close))

    thing = loop.run_until_complete(main())
    gone = weakref.ref(loop)
    loop.close()
    assert thing() is not None
    del loop
    gc.collect()
    assert thing() is None
    assert gone() is None


def test_importing_it_loads_no_asyncio() -> None:
    out = run("import sys, minillm.loop_local; print('asyncio' in sys.modules)")
    assert (out.stdout, out.stderr) == ("False\n", "")


# -- with the real transport in it: nothing on stderr, whatever the user forgot -----------------------------------

PROLOGUE = """
import asyncio, gc, sys
from minillm import loop_local
from minillm.transport import HTTPRequest, default_transport

async def handler(reader, writer):
    try:
        while True:
            await reader.readuntil(b"\\r\\n\\r\\n")
            await reader.readexactly(2)
            writer.write(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2\\r\\nok\\r\\n")
            await asyncio.sleep(0.01)
            writer.write(b"0\\r\\n\\r\\n")
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()

def serve():
    # In a thread of its own, so that the client's loop is only the client's.
    import threading
    port = []
    ready = threading.Event()
    async def main():
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.Event().wait()
    threading.Thread(target=asyncio.run, args=(main(),), daemon=True).start()
    ready.wait()
    return f"http://127.0.0.1:{port[0]}/"

url = serve()

async def ask():
    return await default_transport().send(HTTPRequest("POST", url, {}, b"{}"))

async def use():
    await (await ask()).read()      # read to the end: pooled
    (await ask()).close()           # left early
    response = await ask()          # released before its end
    await response.read_some()
    response.release()
    await ask()                     # forgotten
    await (await ask()).read()
    print("used", flush=True)
"""

ENDINGS = {
    "asyncio.run": "asyncio.run(use())",
    "two runs": "asyncio.run(use()); asyncio.run(use())",
    "anyio.run": "import anyio; anyio.run(use)",
    "aclose, then a loop closed by hand": """
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use())
        loop.run_until_complete(loop_local.aclose())
        loop.close()
        del loop
        gc.collect()
    """,
    "Ctrl-C in the middle": """
        import os, signal
        async def main():
            await use()
            response = await ask()
            await response.read_some()
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            pass
    """,
    "a task left running": """
        async def main():
            await use()
            task = asyncio.create_task(use())
            await asyncio.sleep(0.005)
        asyncio.run(main())
    """,
    "an error": """
        async def main():
            await use()
            raise ZeroDivisionError
        try:
            asyncio.run(main())
        except ZeroDivisionError:
            pass
    """,
    "a session of the user's": """
        import aiohttp
        from minillm.transport import AiohttpTransport
        async def main():
            async with aiohttp.ClientSession() as session:
                transport = AiohttpTransport(session=session)
                await (await transport.send(HTTPRequest("POST", url, {}, b"{}"))).read()
                response = await transport.send(HTTPRequest("POST", url, {}, b"{}"))
                await response.read_some()
                response.release()
        asyncio.run(main())
        asyncio.run(use())
    """,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_printed_although_nobody_closed_anything(ending: str) -> None:
    """Every warning is an error, so that what is said in a finaliser shows on stderr."""
    out = run(PROLOGUE + textwrap.dedent(ENDINGS[ending]), "-W", "error")
    assert out.stderr == ""
    assert out.returncode == 0
    assert "used" in out.stdout


BY_HAND = {
    "closed without aclose": """
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use())
        loop.close()
        del loop
        gc.collect()
    """,
    "never closed": """
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use())
    """,
    "dropped": """
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use())
        del loop
        gc.collect()
    """,
    "running still, in a thread that ends with the process": """
        import threading
        done = threading.Event()
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(use(), loop).result()
    """,
}


@pytest.mark.parametrize("ending", BY_HAND)
def test_a_loop_ended_by_hand_is_quiet_too(ending: str) -> None:
    """Python's own warnings about open sockets are off by default; aiohttp's log lines are not."""
    out = run(PROLOGUE + textwrap.dedent(BY_HAND[ending]))
    assert out.stderr == ""
    assert out.returncode == 0


def run(script: str, *flags: str) -> "subprocess.CompletedProcess[str]":
    root = Path(__file__).parents[1]
    return subprocess.run(
        [sys.executable, *flags, "-c", script],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
