"""The tools of MCP servers, usable like local ones (extra ``mcp``; https://modelcontextprotocol.io).

    connecting   stdio() and http()
    server       MCPServer: one connection, in a task of its own
    remote       what a server lists -> our tools
    content      what a call gave -> our parts
    session      the SDK's session over a link
    link         what carries the messages
    stdio_link   a server as a child process
    http_link    a server at an address
    limits       how much a server may send

Names load when they are first used, and the ``mcp`` package when a server is connected.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .connecting import http, stdio
    from .limits import Limits
    from .remote import Hints, MCPTool
    from .server import MCPServer, Progress

__all__ = ["Hints", "Limits", "MCPServer", "MCPTool", "Progress", "http", "stdio"]

_HOMES = {
    **dict.fromkeys(("http", "stdio"), "connecting"),
    "Limits": "limits",
    **dict.fromkeys(("Hints", "MCPTool"), "remote"),
    **dict.fromkeys(("MCPServer", "Progress"), "server"),
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
