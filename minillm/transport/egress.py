"""What may leave this machine: no key in the clear, no header that smuggles another, and nothing at all
where a program says so (:func:`block_network`)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from ..errors import ConfigurationError

__all__ = [
    "Destination",
    "NetworkBlock",
    "block_network",
    "carries_credentials",
    "check_egress",
    "check_headers",
    "is_loopback",
    "is_public",
]

_CREDENTIAL_HEADERS = frozenset(
    {
        "api-key",  # Azure
        "authorization",
        "cf-aig-authorization",  # Cloudflare's gateway
        "cookie",
        "proxy-authorization",
        "x-api-key",  # Anthropic
        "x-goog-api-key",  # Gemini
    }
)

_is_token = lru_cache(maxsize=256)(re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch)

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Destination(NamedTuple):
    """Where a URL points, and nothing of its path, query or user information: fit for error texts."""

    scheme: str
    host: str
    port: int
    loopback: bool
    userinfo: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class NetworkBlock:
    """Keeps the program on this machine from its making until :meth:`lift`, or the end of its ``with`` block."""

    _standing: "set[NetworkBlock]" = set()  # noqa: RUF012  # one process, one network

    def __init__(self) -> None:
        self._standing.add(self)

    def lift(self) -> None:
        """Allow the network again, unless another block still stands."""
        self._standing.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.lift()


def block_network() -> NetworkBlock:
    """From now on a request to any host but this machine is a :class:`ConfigurationError`, before anything is sent.

    For tests that must stay offline. For the rest of the program::

        minillm.block_network()

    or for a while::

        with minillm.block_network():
            ...

    Only literal loopback addresses and ``localhost`` pass; no name is looked up. It binds what minillm sends,
    by a session of yours too, and nothing else.
    """
    return NetworkBlock()


@lru_cache(maxsize=1024)
def destination(url: str) -> Destination:
    """Where ``url`` points.

    Raises:
        ConfigurationError: it is no http or https URL with a host.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        parts, scheme, host, port = None, "", None, None
    # The URL is not shown: a key may stand in its query.
    if parts is None or scheme not in _DEFAULT_PORTS or not host:
        raise ConfigurationError("a URL must read http://host[:port]/... or https://host[:port]/...: check base_url")
    userinfo = parts.username is not None or parts.password is not None
    return Destination(scheme, host, port or _DEFAULT_PORTS[scheme], is_loopback(host), userinfo)


def check_egress(url: str, headers_carry_credentials: bool = False) -> None:
    """Whether a request may go to ``url`` at all.

    Args:
        url: where to; user information in it counts as a credential.
        headers_carry_credentials: whether a key goes along.

    Raises:
        ConfigurationError: the network is blocked and this is another machine; a key would cross the network
            over plain http; or it is no http URL.
    """
    target = destination(url)
    if target.loopback:
        return
    if NetworkBlock._standing:
        raise ConfigurationError(
            f"block_network() is in force, and {target} is not this machine: "
            "use a MockTransport or MockModel, or a server on 127.0.0.1"
        )
    if target.scheme == "http" and (headers_carry_credentials or target.userinfo):
        raise ConfigurationError(
            f"a key would go to {target} over plain http, readable on the way: use https, or send no key"
        )


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse header names and values that would end the line and begin another (RFC 9110, section 5.5).

    Raises:
        ConfigurationError: CR, LF or NUL in one of them; the message names the header and never shows its value.
    """
    for name, value in headers.items():
        if not isinstance(value, str):
            raise ConfigurationError(f"the value of header {name!r} is a {type(value).__name__}, not a str")
        if "\n" in value or "\r" in value or "\0" in value:
            raise ConfigurationError(
                f"the value of header {name!r} holds a line break or a NUL: was a key read with its newline?"
            )
        if not _is_token(name):
            raise ConfigurationError(f"{name!r} is no name for a header")


def carries_credentials(headers: Mapping[str, str]) -> bool:
    """Whether one of the headers is of those that vendors take keys in."""
    return any(name.lower() in _CREDENTIAL_HEADERS for name in headers)


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether ``host`` is spelt as this machine: 127.0.0.0/8, ::1, ``localhost`` or a name under it (RFC 6761)."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:127.0.0.1
    return (mapped or address).is_loopback


# IPv6 addresses whose last four bytes are an IPv4 address: translated (RFC 6052, RFC 8215), and the oldest form
# (RFC 4291, 2.5.5.1). The standard library tells the others.
_EMBEDDING = tuple(ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))


# The standard library's list has holes here, which differ from version to version (RFC 6890).
_INNER_TOO = ip_network("192.0.0.0/24")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public net: not private, local to a link, shared, reserved or multicast, and
    no IPv6 spelling of an IPv4 address that is (mapped, 6to4, Teredo, NAT64).

    Raises:
        ValueError: it is no IP address.
    """
    return _is_public(ip_address(address.partition("%")[0]))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    inner: IPv4Address | None = None
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and any(address in net for net in _EMBEDDING):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address in _INNER_TOO)
