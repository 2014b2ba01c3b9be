"""One server for equal settings, whoever asks, from wherever, however often."""

import asyncio
import os
import signal
import subprocess
import sys
import threading

import pytest

from minillm.errors import ConfigurationError
from minillm.local import LocalServer, server_for, stop_all
from tests.local.conftest import REPOSITORY, is_running, wait_until_gone
from tests.local.test_process import READY

# Says that it was started, then waits for a file before it gets ready.
SLOW = """
import json, os, sys, time
settings = json.loads(sys.stdin.readline())
open(f"{sys.argv[0]}.{os.getpid()}", "w").close()
while not os.path.exists(sys.argv[0] + ".go"): time.sleep(0.01)
print(json.dumps({"ready": "http://127.0.0.1:1"}), flush=True)
sys.stdin.read()
"""


async def test_nothing_is_started_by_settings(program, monkeypatch):
    """Making a generator costs nothing and needs nothing installed."""
    monkeypatch.setattr("minillm.local.server._children", started := {})
    program(READY)
    assert started == {}


async def test_two_concurrent_starters_share_one_child(program, tmp_path):
    """Both ask before it is ready; the event loop goes on in the meantime."""
    settings = program(SLOW)
    starters = [asyncio.create_task(server_for(settings)) for _ in range(8)]
    await asyncio.sleep(0)
    (tmp_path / "child.py.go").touch()
    servers = await asyncio.gather(*starters)
    assert len({server.pid for server in servers}) == 1
    assert len(list(tmp_path.glob("child.py.[0-9]*"))) == 1


async def test_threads_with_loops_of_their_own_share_it_too(program, tmp_path):
    """The process belongs to the program, not to a loop."""
    settings = program(SLOW)
    pids = []
    threads = [threading.Thread(target=lambda: pids.append(asyncio.run(server_for(settings)).pid)) for _ in range(8)]
    for thread in threads:
        thread.start()
    (tmp_path / "child.py.go").touch()
    pids.append((await server_for(settings)).pid)
    for thread in threads:
        thread.join()
    assert len(set(pids)) == 1
    assert len(pids) == 9


async def test_a_waiter_that_gives_up_takes_nothing_from_the_others(program, tmp_path):
    """Its cancellation ends its own wait at once, and no more."""
    settings = program(SLOW)
    leaving, staying = (asyncio.create_task(server_for(settings)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    (tmp_path / "child.py.go").touch()
    assert is_running((await staying).pid)


def test_a_loop_that_ends_while_the_server_starts_leaves_no_trouble(program, tmp_path):
    """The start goes on in its thread and finds that loop closed; the next loop gets the server."""
    settings = program(SLOW)

    async def give_up():
        task = asyncio.create_task(server_for(settings))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(give_up())
    (tmp_path / "child.py.go").touch()
    assert is_running(asyncio.run(server_for(settings)).pid)


async def test_other_settings_get_another_child(program):
    """They could not be the same process."""
    settings = program(READY)
    one = await server_for(settings)
    other = await server_for(LocalServer(model_path=settings.model_path, threads=2))
    assert one.pid != other.pid
    assert one.api_key != other.api_key


async def test_a_child_that_died_is_started_again(program):
    """By the next request, with another key."""
    settings = program(READY)
    first = await server_for(settings)
    os.kill(first.pid, signal.SIGKILL)
    wait_until_gone(first.pid)
    second = await server_for(settings)
    assert second.pid != first.pid
    assert second.api_key != first.api_key


async def test_a_failed_start_is_tried_again(program):
    """The user may have mended it in the meantime, in a notebook for example."""
    broken = program("import sys; sys.exit(1)")
    with pytest.raises(Exception, match="exit status 1"):
        await server_for(broken)
    program(READY)
    assert is_running((await server_for(broken)).pid)


async def test_every_waiter_gets_an_error_of_its_own(program):
    """One exception object raised in several tasks would gather the traces of all of them."""
    settings = program("import json, sys\nsys.stdin.readline()\nprint(json.dumps({'failed': 'x'}), flush=True)")
    errors = await asyncio.gather(*(server_for(settings) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in errors] == [ConfigurationError] * 3
    assert len({str(error) for error in errors}) == 1
    assert len(set(map(id, errors))) == 3


async def test_stop_all_ends_them_and_the_next_request_starts_anew(program):
    """It returns when they are gone."""
    settings = program(READY)
    first = await server_for(settings)
    stop_all()
    assert not is_running(first.pid)
    assert (await server_for(settings)).pid != first.pid


async def test_a_child_that_will_not_go_is_killed(program):
    """Closing its input is a request; after two seconds it is no longer one."""
    settings = program(READY.replace("sys.stdin.read()", "import time; time.sleep(600)"))
    server = await server_for(settings)
    stop_all()
    assert not is_running(server.pid)


async def test_stopping_while_it_starts_ends_the_wait(program, tmp_path):
    """Waiters are told, rather than left."""
    settings = program(SLOW)
    waiter = asyncio.create_task(server_for(settings))
    while not list(tmp_path.glob("child.py.[0-9]*")):
        await asyncio.sleep(0.01)
    await asyncio.to_thread(stop_all)
    with pytest.raises(Exception, match="stopped while it was starting"):
        await waiter


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_fork_leaves_the_servers_of_the_original_alone(tmp_path):
    """It ends normally, its exit handlers run, and the original's server is still there."""
    (tmp_path / "child.py").write_text(READY)
    source = f"""
import asyncio, os, warnings
from pathlib import Path
warnings.simplefilter("error")
from minillm.local import LocalServer, process, server_for
from minillm.local.weights import Pieces
process._PROGRAM = Path({str(tmp_path / "child.py")!r})
process.find_pieces = lambda settings: Pieces(Path("/"), Path("/m.gguf"), "")
server = asyncio.run(server_for(LocalServer(model_path="/m.gguf")))
fork = os.fork()
if fork == 0:
    own = asyncio.run(server_for(LocalServer(model_path="/m.gguf")))
    assert own.pid != server.pid
    raise SystemExit(7)
assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 7
again = asyncio.run(server_for(LocalServer(model_path="/m.gguf")))
print("same" if again == server else "another")
"""
    # The fork of a process with threads is what is tested: newer Pythons warn about any.
    command = [
        sys.executable,
        "-W",
        "ignore::DeprecationWarning",
        "-c",
        source.replace('("error")', '("error", ResourceWarning)'),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert (done.stdout, done.stderr) == ("same\n", "")


@pytest.mark.local
async def test_the_real_one_is_shared_and_comes_back(real_server):
    """The whole way once with the real program."""
    one, other = await asyncio.gather(server_for(real_server), server_for(LocalServer()))
    assert one is other
    os.kill(one.pid, signal.SIGKILL)
    wait_until_gone(one.pid)
    assert (await server_for(real_server)).pid != one.pid
