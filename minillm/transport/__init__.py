"""Bytes over HTTP: the transports, and what may leave this machine.

``AiohttpTransport`` and the shared :func:`default_transport` load aiohttp when they are first asked for.
"""

from typing import Any

from .base import HTTPRequest, HTTPResponse, Timeouts, Transport
from .egress import NetworkBlock, block_network
from .mock import MockResponse, MockTransport

__all__ = [
    "AiohttpTransport",
    "HTTPRequest",
    "HTTPResponse",
    "MockResponse",
    "MockTransport",
    "NetworkBlock",
    "Timeouts",
    "Transport",
    "block_network",
    "default_transport",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .aiohttp import AiohttpTransport


def default_transport() -> Transport:
    """The transport of whoever names none: stateless, and one for the program."""
    from .aiohttp import AiohttpTransport

    global _default  # noqa: PLW0603
    if _default is None:
        _default = AiohttpTransport()
    return _default


_default: Transport | None = None


def __getattr__(name: str) -> Any:
    if name == "AiohttpTransport":
        from .aiohttp import AiohttpTransport

        return AiohttpTransport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
