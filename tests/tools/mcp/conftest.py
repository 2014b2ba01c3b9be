"""Real MCP servers: one made with the official package, over stdio and HTTP, and a strange one."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from minillm import ToolCallPart
from minillm.tools import mcp

HERE = Path(__file__).parent
LIGHTHOUSE = HERE / "lighthouse.py"
STRANGE = HERE / "strange.py"


def lighthouse(**options):
    """The official package's server as a child process, not opened yet."""
    return mcp.stdio(sys.executable, LIGHTHOUSE, name="lighthouse", **options)


def strange(mode="", **options):
    """The strange server, likewise."""
    return mcp.stdio(sys.executable, STRANGE, mode, name="strange", **options)


def call_of(name, arguments="{}", call_id="call_1"):
    return ToolCallPart(call_id, name, arguments)


def tool_of(server, name):
    return next(tool for tool in server.tools() if tool.remote_name == name)


async def until(condition):
    """Wait until it holds; the test's own time limit is what ends a condition that never does."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def is_alive(pid):
    """Whether the process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
async def nothing_left():
    """After the test: the processes, tasks, threads and open files of before."""

    def count():
        pids = {int(pid) for pid in os.listdir("/proc") if pid.isdigit() and _parent(pid) == os.getpid()}
        return pids, asyncio.all_tasks(), {t for t in threading.enumerate() if "waitpid" in t.name}

    before = count()
    yield
    await until(lambda: count()[2] <= before[2])
    after = count()
    assert after[0] <= before[0], "a child process is left"
    assert after[1] <= before[1] | {asyncio.current_task()}, "a task is left"


def _parent(pid):
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


@contextlib.contextmanager
def running_http_server(folder, **env):
    """The official package's server over HTTP on a free port; gives its URL and its process."""
    port_file = folder / "port"
    process = subprocess.Popen(
        [sys.executable, LIGHTHOUSE, "--http", port_file], env={**os.environ, **env}, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not (port_file.exists() and port_file.read_text()):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port_file.read_text()}/mcp", process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def http_log(tmp_path_factory):
    return tmp_path_factory.mktemp("lighthouse") / "log"


@pytest.fixture(scope="session")
def http_url(http_log):
    """A server that all tests may ask."""
    with running_http_server(http_log.parent, LIGHTHOUSE_LOG=str(http_log)) as (url, _):
        yield url
