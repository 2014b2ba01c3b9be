"""The parent's side of the child process: start it, wait until it is ready, end it."""

import contextlib
import json
import secrets
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ..errors import ConfigurationError, ConnectError, MiniLLMError, TimeoutExceeded
from .environment import child_environment
from .settings import LocalServer
from .weights import find_pieces

__all__ = ["ChildProcess", "RunningServer"]

_PROGRAM = Path(__file__).with_name("child.py")
_LOG_LINES = 12
_LOG_WIDTH = 400
_LINE_BYTES = 65536


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that takes requests.

    Args:
        base_url: with the ``/v1`` of OpenAI's protocol.
        api_key: without it the server answers nothing: any web page can reach a port of this machine.
        alias: the name under which it knows its model.
        pid: its process.
    """

    base_url: str
    api_key: str = field(repr=False)
    alias: str
    pid: int

    def __reduce__(self) -> NoReturn:
        raise TypeError("a running server holds a key and belongs to this program: it cannot be pickled")


class ChildProcess:
    """One server process with the one thread that starts it and reads its output to the end.

    ``started`` is done once: with the server, or with the error that kept it from starting, as a value,
    so that every waiter can raise a copy of its own.
    """

    def __init__(self, settings: LocalServer) -> None:
        self.settings = settings
        self.started: Future[RunningServer | MiniLLMError] = Future()
        # A running future cannot be cancelled: a waiter that gives up does not take it from the others.
        self.started.set_running_or_notify_cancel()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()  # between launching and stopping
        self._stopped = False
        self._timed_out = False
        self._silent = False  # its output has ended, and so has it
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        # The kernel ends the child with the *thread* that launched it (see child.py), so this one stays.
        self._thread = threading.Thread(target=self._run, name="minillm-local-server", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether it can no longer answer."""
        if not self.started.done():
            return False
        if isinstance(self.started.result(), MiniLLMError) or self._process is None:
            return True
        # In this order: while the other thread collects the status, poll() cannot tell, but then the output
        # has ended before.
        return self._process.poll() is not None or self._silent

    def _run(self) -> None:
        try:
            result: RunningServer | MiniLLMError = self._launch()
        except MiniLLMError as error:
            result = error
        except Exception as error:
            result = ConnectError(f"the local server could not be started: {type(error).__name__}: {error}")
        if isinstance(result, MiniLLMError):
            self.stop()
        self.started.set_result(result)
        self._drain()

    def _launch(self) -> RunningServer:
        pieces = find_pieces(self.settings)
        api_key = secrets.token_urlsafe(32)
        settings = {
            "model_path": str(pieces.model),
            "template": pieces.template,
            "alias": self.settings.alias,
            "api_key": api_key,
            "threads": self.settings.threads,
            "parallel": self.settings.parallel,
            "context_length": self.settings.context_length,
            "max_tokens": self.settings.max_tokens,
            "sampling": pieces.sampling,
            "python_path": [str(pieces.engine)],
        }
        process = self._spawn()
        timer = threading.Timer(min(self.settings.start_timeout, threading.TIMEOUT_MAX), self._time_out)
        timer.daemon = True
        timer.start()
        try:
            url = self._handshake(process, settings)
        finally:
            timer.cancel()
        # What it says from here on is read and forgotten: it could speak of requests.
        self._log.clear()
        return RunningServer(f"{url}/v1", api_key, self.settings.alias, process.pid)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        if not sys.executable:
            raise ConfigurationError("local: sys.executable is empty: there is no Python interpreter to start")
        with self._lock:
            if self._stopped:
                raise ConnectError("the local server was stopped while it was starting")
            # -P: the child's own folder must not hide modules of the standard library. Pipes without
            # buffers have no lock that a fork of this program could inherit in the locked state.
            self._process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-P", str(_PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=child_environment(),
                bufsize=0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            return self._process

    def _handshake(self, process: "subprocess.Popen[bytes]", settings: dict[str, Any]) -> str:
        """Send the settings and read until the answer; the server's address."""
        assert process.stdin is not None and process.stdout is not None  # both are pipes
        with contextlib.suppress(OSError):  # it may have ended already; its output says why
            rest = memoryview(json.dumps(settings).encode() + b"\n")
            while rest:
                rest = rest[process.stdin.write(rest) or 0 :]
        while line := process.stdout.readline(_LINE_BYTES):
            text = line.decode("utf-8", "replace").strip()
            if text.startswith('{"ready": '):
                return str(json.loads(text)["ready"])
            if text.startswith('{"failed": '):
                reason = str(json.loads(text)["failed"])
                raise ConfigurationError(self._told(f"llama.cpp cannot serve {settings['model_path']}: {reason}"))
            if text:
                self._log.append(text[:_LOG_WIDTH])
        status = process.wait()
        if self._timed_out:
            raise TimeoutExceeded(
                self._told(f"the local server was not ready after {self.settings.start_timeout:g} s (start_timeout)")
            )
        if self._stopped:
            raise ConnectError("the local server was stopped while it was starting")
        raise ConnectError(self._told(f"the local server ended while it was starting (exit status {status})"))

    def _told(self, message: str) -> str:
        """The message with the end of the log; nothing has been asked of the server yet, so no prompt is in it."""
        return "\n    ".join((message, *self._log))

    def _time_out(self) -> None:
        self._timed_out = True
        if self._process is not None:
            self._process.kill()

    def _drain(self) -> None:
        """Read its output to the end, so that it never waits for us, and take note of its end."""
        process = self._process
        if process is None or process.stdout is None:
            return
        while process.stdout.read(65536):
            pass
        self._silent = True
        process.wait()
        self._close_pipes()

    def stop(self) -> None:
        """End it, and return when it is gone."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is None:
            return
        # Closing its input is the polite way: then it goes by itself.
        with self._lock:
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=2)

    def disown(self) -> None:
        """In a fork of the program: let go of what belongs to the original."""
        self._lock = threading.Lock()  # the inherited one may be held by a thread that does not exist here
        self._close_pipes()
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for, nor to warn about

    def _close_pipes(self) -> None:
        with self._lock:
            for pipe in (self._process.stdin, self._process.stdout) if self._process is not None else ():
                if pipe is not None:
                    pipe.close()
