"""What stands at a web address, fetched through a transport: by the rules of what may leave this machine, and no
more of it than asked for."""

from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import ConfigurationError, MediaError
from ..transport import HTTPRequest, HTTPResponse, Timeouts, Transport, default_transport
from ..transport.egress import Destination, check_egress, destination, is_public
from ..types.media_source import MAX_BYTES, size
from ..types.media_type import canonical, guess_media_type

__all__ = ["Fetched", "fetch"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_TIMEOUTS = Timeouts(connect=10.0, first_byte=60.0, idle=30.0)
# The transport's own limit stands behind ours, which tells what to do: it may see more than one piece at once.
_SLACK = 16 * 1024 * 1024
# Servers say these of anything; the bytes and the name are better witnesses.
_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class Fetched(NamedTuple):
    """What stood at an address."""

    data: bytes
    media_type: str | None
    name: str | None


async def fetch(
    url: str,
    *,
    max_bytes: int = MAX_BYTES,
    transport: Transport | None = None,
    timeouts: Timeouts | None = None,
    public_only: bool = False,
) -> Fetched:
    """Fetch an http(s) address: ``(data, media type, name)``. No key or cookie goes along.

    Redirects are followed (five at most), never from https to http, and never from the public net to an inner address.
    Whoever may choose ``url`` decides whom this program asks, inner addresses of your network included: for what
    strangers give you say ``public_only=True``.

    Args:
        url: what to fetch.
        max_bytes: the largest body, decompressed; more is an error, and is not read.
        transport: what sends; None: the program's own.
        timeouts: in seconds; None: 10 for a connection, 60 for the first byte, 30 between bytes.
        public_only: ask no host with an address that is not of the public net, redirects included. Names are looked
            up before each request; a name that then gives another address to the connection is not caught, so where
            that matters let a proxy decide.

    Raises:
        MediaError: no http(s) address, an inner one, no such thing there, a bad redirect, nothing in it, or too large.
        TransportError: there was no answer, or it was cut.
        ConfigurationError: the network is blocked (``block_network``), and the address is not this machine.
    """
    sender = default_transport() if transport is None else transport
    address = url
    for _ in range(_MOST_REDIRECTS + 1):
        _check(address)
        if public_only:
            await _check_public(destination(address))
        # Asked for as they are: a compressed picture is no smaller, and its size would be unknown.
        headers = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "minillm"}
        request = HTTPRequest("GET", address, headers, None, timeouts or _TIMEOUTS, max_bytes + _SLACK)
        answer = await sender.send(request)
        try:
            if answer.status in _REDIRECTS:
                address = _next(address, answer)
                continue
            return await _body(address, answer, max_bytes)
        finally:
            answer.close()
    raise MediaError(f"{destination(url)}: more than {_MOST_REDIRECTS} redirects")


def _check(address: str) -> None:
    """Only the place is shown in errors: a signed address is a key to what stands there."""
    if urlsplit(address).scheme.lower() not in ("http", "https"):
        raise MediaError("only http and https addresses can be fetched; give the bytes, or an address the host fetches")
    try:
        destination(address)
    except ConfigurationError:
        raise MediaError("no web address: one reads https://host/path") from None
    check_egress(address)


def _next(address: str, answer: HTTPResponse) -> str:
    said = answer.headers.get("location")
    here = destination(address)
    if not said:
        raise MediaError(f"{here}: a redirect that does not say where to")
    following = urljoin(address, said)
    try:
        there = destination(following)
    except ConfigurationError:
        raise MediaError(f"{here}: redirects to what is no http(s) address") from None
    if _is_inner(there) and not _is_inner(here):
        raise MediaError(f"{here}: redirects to an inner address, {there}, which is not followed")
    if here.scheme == "https" and there.scheme != "https":
        raise MediaError(f"{here}: redirects from https to http, which is not followed")
    return following


def _is_inner(place: Destination) -> bool:
    """Whether it is this machine, or spelt as an address that is not of the public net."""
    try:
        return place.loopback or not is_public(place.host)
    except ValueError:
        return False


async def _check_public(place: Destination) -> None:
    import asyncio
    import socket

    inner = _is_inner(place)
    if not inner:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except OSError:
            raise MediaError(f"{place}: no such host") from None
        inner = not all(is_public(str(address[0])) for *_, address in found)
    if inner:
        raise MediaError(f"{place}: an inner address, which public_only= does not allow to be asked")


async def _body(address: str, answer: HTTPResponse, max_bytes: int) -> Fetched:
    where = destination(address)
    if answer.status != 200:
        raise MediaError(f"{where}: answered {answer.status}, so there is nothing to fetch: check the address")
    told = answer.headers.get("content-length", "")
    if told.isdigit() and int(told) > max_bytes:
        raise MediaError(_too_large(where, max_bytes))
    data = bytearray()
    while chunk := await answer.read_some():
        data += chunk
        if len(data) > max_bytes:
            raise MediaError(_too_large(where, max_bytes))
    if not data:
        raise MediaError(f"{where}: answered with nothing")
    raw, name = bytes(data), _name_of(address)
    return Fetched(raw, _type_of(raw, name, answer.headers.get("content-type", ""), where), name)


def _too_large(where: object, max_bytes: int) -> str:
    return f"{where}: larger than {size(max_bytes)}; give the host the address itself, or raise max_bytes"


def _name_of(address: str) -> str | None:
    return unquote(urlsplit(address).path.rpartition("/")[2]) or None


def _type_of(data: bytes, name: str | None, said: str, where: object) -> str | None:
    """By the bytes, then as the server says, then by the name."""
    by_bytes = guess_media_type(data)
    told = canonical(said)
    if by_bytes is not None:
        return guess_media_type(data, name)
    named = guess_media_type(None, name)
    if told == "text/html" and named not in (None, "text/html"):
        raise MediaError(f"{where}: answered with a web page instead of {named}: is a login needed?")
    return said if told not in _SAYS_NOTHING else named
