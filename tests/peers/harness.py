"""Starting third-party programs, waiting until they answer, and ending exactly them."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.required import demand, missing

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SETUP = "run tests/peers/setup.sh"

# Loopback must never go through a proxy, whatever the environment says.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def peers_root() -> Path:
    """Where setup.sh put everything; relative paths count from the repository's root."""
    return (REPOSITORY / os.environ.get("MINILLM_PEERS", ".peers")).resolve()


def program(*names: str) -> Path:
    """A program that setup.sh installed, such as ``program("llmock", "bin", "llmock")``."""
    path = peers_root().joinpath(*names)
    demand("peers", path.exists(), f"{path} is not there: {SETUP}")
    return path


def node() -> str:
    """The node on this machine."""
    found = shutil.which("node")
    if found is None:
        missing("peers", "node is not installed on this machine")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(url: str, body: Any = None, *, headers: Mapping[str, str] | None = None, method: str | None = None) -> bytes:
    """One request outside the library under test; raises URLError."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})}, method=method)
    with _open(request, timeout=30) as response:
        content: bytes = response.read()
        return content


def fetch_json(url: str, body: Any = None, **options: Any) -> Any:
    return json.loads(fetch(url, body, **options))


@contextmanager
def running(command: Sequence[str | Path], *, ready: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program, once ``ready`` answers; ended by its own pid, softly and then hard."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=_environment()
        )
        try:
            _wait(process, ready, log)
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[Any]) -> None:
    """Terminate, wait, kill: nothing outlives the tests."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        _close(stream)


def _close(stream: IO[Any] | None) -> None:
    if stream is not None:
        stream.close()


def _wait(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    """Until it answers; a program that ends first shows its own words."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            fetch(ready)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    words = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{process.args} does not answer at {ready} (exit {process.poll()}):\n{words}")


def _environment() -> dict[str, str]:
    """No key and no proxy for a stranger."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().endswith(("_API_KEY", "_TOKEN", "_PROXY")) and name != "PYTHONPATH"
    } | {"NO_PROXY": "*"}
