"""The servers of this program, one for each settings; started by the first request, gone with the program."""

import copy
import os
import threading

from ..errors import MiniLLMError
from .process import ChildProcess, RunningServer
from .settings import LocalServer

__all__ = ["server_for", "stop_all"]

# Processes belong to the program, not to an event loop or thread: this is its one list of them.
_children: dict[LocalServer, ChildProcess] = {}
_lock = threading.Lock()
_exit_registered = False


async def server_for(settings: LocalServer) -> RunningServer:
    """The running server with these settings; the first caller starts it, others wait for the same one.

    It may be awaited in any number of threads and event loops at once and blocks none of them. A server
    that has died is started again.

    Raises:
        ConfigurationError: a package, the model or the template is missing or cannot be used.
        ConnectError: the process ended while it was starting.
        TimeoutExceeded: it was not ready after ``settings.start_timeout``.
    """
    child = _child_for(settings)
    if child.started.done():
        result = child.started.result()
    else:
        import asyncio

        result = await asyncio.wrap_future(child.started)
    if isinstance(result, MiniLLMError):
        # A copy for each: an exception raised in several tasks would collect the traces of all.
        raise copy.copy(result)
    return result


def stop_all() -> None:
    """End all servers and return when they are gone; the next request starts its own again."""
    with _lock:
        children = list(_children.values())
        _children.clear()
    for child in children:
        child.stop()


def _child_for(settings: LocalServer) -> ChildProcess:
    global _exit_registered  # noqa: PLW0603  once a program
    with _lock:
        child = _children.get(settings)
        if child is None or child.ended:
            child = _children[settings] = ChildProcess(settings)
            child.start()
            if not _exit_registered:
                import atexit

                atexit.register(stop_all)
                _exit_registered = True
        return child


def _after_fork() -> None:
    """A fork starts servers of its own: those of the original end with the original."""
    global _lock  # noqa: PLW0603  the inherited one may be held by a thread that does not exist here
    _lock = threading.Lock()
    for child in _children.values():
        child.disown()
    _children.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
