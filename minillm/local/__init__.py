"""A real model on this machine: llama.cpp's own HTTP server in a child process.

Nothing starts before the first request. The process is shared by all generators of the program with
the same settings, listens on 127.0.0.1 only, behind a random key, and goes with the program.
"""

from .settings import LocalServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .process import RunningServer as RunningServer
    from .server import server_for as server_for
    from .server import stop_all as stop_all
    from .weights import CHATML_TOOLS as CHATML_TOOLS

__all__ = ["CHATML_TOOLS", "LocalServer", "RunningServer", "server_for", "stop_all"]

# Settings are part of a generator; subprocesses are not, until one is needed.
_LAZY = {"CHATML_TOOLS": "weights", "RunningServer": "process", "server_for": "server", "stop_all": "server"}


def __getattr__(name: str) -> object:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{module}"), name)
