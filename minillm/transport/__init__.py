"""Bytes over HTTP: the transports, and what may leave this machine.

Only the values of ``base.py`` load at once; aiohttp and the rest when they are first asked for.
"""

from importlib import import_module

from .base import HTTPRequest, HTTPResponse, Timeouts, Transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .aiohttp import AiohttpTransport as AiohttpTransport
    from .egress import NetworkBlock as NetworkBlock
    from .egress import block_network as block_network
    from .mock import MockResponse as MockResponse
    from .mock import MockTransport as MockTransport

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

_HOMES = {
    "AiohttpTransport": "aiohttp",
    "MockResponse": "mock",
    "MockTransport": "mock",
    "NetworkBlock": "egress",
    "block_network": "egress",
}


def default_transport() -> Transport:
    """The transport of whoever names none: stateless, and one for the program."""
    from .aiohttp import AiohttpTransport

    global _default  # noqa: PLW0603
    if _default is None:
        _default = AiohttpTransport()
    return _default


_default: Transport | None = None


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
