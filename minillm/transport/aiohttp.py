"""Sending with aiohttp: the one file that imports it, loaded when the first request is made.

It stays close to bare aiohttp: nothing is made per request but the request body's own object and the
response, nothing at all per chunk.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from functools import lru_cache
from typing import Any

import aiohttp
from aiohttp import payload
from yarl import URL

from .. import loop_local
from ..errors import (
    ConfigurationError,
    ConnectError,
    MiniLLMError,
    StreamInterrupted,
    TimeoutExceeded,
    TransportError,
)
from . import egress
from .base import HTTPRequest, Timeouts
from .egress import Destination
from .headers import Headers
from .proxy import environment_proxies, proxy_for
from .unfinished import OpenBody, Unfinished

__all__ = ["AiohttpResponse", "AiohttpTransport"]

# A pooled connection that the peer closed while it lay idle says so within a round trip of our sending. A
# connection that breaks later may well have carried the request to a model that is at work on it.
_STALE_WITHIN = 5.0

# Idle connections are kept a little shorter than the 60 s after which the commonest load balancers drop them;
# aiohttp's own 15 s would mean a new TLS handshake for most turns of a conversation with a human.
_KEEP_ALIVE = 55.0

# Bodies up to this size go out in one write: they fit the socket's buffer and cannot get stuck in it.
_WRITE_AT_ONCE = 64 * 1024
_READ_AHEAD = 1024 * 1024


class AiohttpTransport:
    """Sends by aiohttp: one pooled session an event loop, made when first used and shared by all instances.

    Args:
        session: send by this session instead, with its connector, TLS, proxies, cookies and default headers. It is
            never closed here and serves only the event loop it was made in. Its timeouts do not count, and its
            redirects are not followed: those of the request do, and those never are.

    Redirects are answers like any other: following one would carry the key and the prompt to a host nobody named.
    Cookies are off. ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` count (see ``proxy.py``), as they
    were when the loop's session was made; ``~/.netrc`` does not. TLS trusts what Python's default context trusts
    (``SSL_CERT_FILE``, ``SSL_CERT_DIR``).
    """

    __slots__ = ("_session",)

    def __init__(self, *, session: aiohttp.ClientSession | None = None) -> None:
        self._session = session

    def __repr__(self) -> str:
        return "AiohttpTransport()" if self._session is None else "AiohttpTransport(session=...)"

    async def send(self, request: HTTPRequest) -> "AiohttpResponse":
        """Send and wait for the headers of the answer, whatever its status.

        Raises:
            ConfigurationError: the URL, a header or the user's session cannot be used; nothing was sent.
            ConnectError: no connection; nothing was sent.
            TimeoutExceeded: ``connect`` or ``first_byte`` passed.
            TransportError: the connection broke before an answer.
        """
        target, url = _target(request.url)
        headers = request.headers
        egress.check_headers(headers)
        if not target.loopback:
            egress.check_egress(request.url, target.scheme == "http" and egress.carries_credentials(headers))
        if self._session is None:
            pool = loop_local.get(_Pool, _Pool, _Pool.close)
            session, proxy = pool.session, pool.proxy(target)
        else:
            session, proxy = self._session, None
            _check_session(session)
        body = None if request.body is None else _Body(request.body)
        timeouts = request.timeouts
        while True:
            try:
                exchange = session.request(
                    request.method,
                    url,
                    headers=headers,
                    data=body,
                    allow_redirects=False,
                    raise_for_status=False,
                    auto_decompress=True,
                    proxy=proxy,
                    timeout=_client_timeout(timeouts.connect, timeouts.first_byte),
                )
                if body is None or body.small or timeouts.first_byte is None:
                    response = await exchange
                else:
                    response = await _within(timeouts.first_byte + (timeouts.connect or 0.0), exchange)
            except Exception as error:
                if body is not None and body.went_stale(error):
                    continue
                failure = _sending_failure(error, target, timeouts)
                if failure is None:
                    raise
            else:
                return AiohttpResponse(response, request, target, body)
            # Raised out here so that aiohttp's error, whose text may show the URL, is no context of ours.
            raise failure


class AiohttpResponse:
    """An answer whose headers have come. Leave it by reading to the end, :meth:`release` or :meth:`close`."""

    __slots__ = ("_content", "_left", "_left_by_us", "_open", "_request", "_target", "headers", "status")

    def __init__(
        self, response: aiohttp.ClientResponse, request: HTTPRequest, target: Destination, body: "_Body | None"
    ) -> None:
        self.status: int = response.status
        self._left_by_us = False
        self._content = response.content
        self.headers: Mapping[str, str] = Headers(response.headers)
        self._open: OpenBody | None = None  # stays so where the whole answer came at once
        self._left = request.max_bytes
        self._request = request
        self._target = target
        self._await_body(response, request.timeouts, body)

    def _await_body(self, response: aiohttp.ClientResponse, timeouts: Timeouts, body: "_Body | None") -> None:
        """The rest is still to come: from here on its silence is timed by :class:`OpenBody`."""
        connection = response.connection
        if connection is None or (protocol := connection.protocol) is None:
            return  # at the end aiohttp gives the connection back
        protocol.read_timeout = None
        protocol.start_timeout()  # stops the one that waited for the headers
        first_byte = timeouts.first_byte
        if first_byte is not None and body is not None:
            first_byte += body.sent_at - asyncio.get_running_loop().time()
        unfinished = loop_local.get(Unfinished, Unfinished, Unfinished.aclose)
        self._open = OpenBody(response, unfinished, first_byte, timeouts.idle)

    async def read(self) -> bytes:
        """The whole (rest of the) body.

        Raises:
            StreamInterrupted: it was cut.
            TransportError: it timed out, or is larger than ``max_bytes``.
        """
        content = self._content
        try:
            content.set_read_chunk_size(_READ_AHEAD)  # else the socket is paused and resumed all along a large body
            chunk = await self.read_some()
            if content.at_eof():  # the usual small answer: one piece
                return chunk
            chunks = [chunk]
            while chunk := await self.read_some():
                chunks.append(chunk)
            return b"".join(chunks)
        except BaseException:
            self.close()
            raise

    async def read_some(self) -> bytes:
        """The next bytes as they come, ``b""`` at the end. Raises as :meth:`read` does."""
        try:
            data = await self._content.readany()
        except Exception as error:
            failure = self._reading_failure(error)
            if failure is None:
                raise
        else:
            self._left -= len(data)
            if self._left >= 0:
                return data
            failure = TransportError(
                f"the answer of {self._target} is larger than {self._request.max_bytes} bytes (max_bytes)"
            )
        self.close()
        raise failure

    def release(self) -> None:
        """What is left (of a finished stream: the HTTP end) is read in the background, so that the connection can be
        used again; if it does not come within a second, the connection is closed. Waits for nothing."""
        self._left_by_us = True
        open_body, self._open = self._open, None
        if open_body is not None:
            open_body.release()

    def close(self) -> None:
        """Close the connection at once, unless the body was read to its end or was released. Waits for nothing."""
        self._left_by_us = True
        open_body, self._open = self._open, None
        if open_body is not None:
            open_body.close()

    def _reading_failure(self, error: Exception) -> MiniLLMError | None:
        """What a failed read means; None for what is no failure of the exchange."""
        timeouts, target = self._request.timeouts, self._target
        if isinstance(error, TimeoutError):
            text = _NO_MORE_BYTES if self._content.total_bytes else _NO_FIRST_BYTE
            return TimeoutExceeded(_text(text, target, timeouts, error), retryable=True)
        if self._left_by_us:
            return TransportError(f"the answer of {target} was closed here and cannot be read any more")
        if isinstance(error, aiohttp.ClientError | OSError):
            return StreamInterrupted(
                f"the answer of {target} was cut after {self._content.total_bytes} bytes: {_why(error)}",
                retryable=True,
            )
        return None


class _Connector(aiohttp.TCPConnector):
    """A connector that does not complain when its loop is gone.

    A loop that was ended by hand, or that ends with the process (a notebook's), closes nothing. aiohttp then logs
    "Unclosed client session" from ``__del__``, which helps nobody: sockets are closed with the objects that own them.
    """

    @property
    def closed(self) -> bool:
        return self._closed or not self._loop.is_running()

    def __del__(self, _warnings: Any = None) -> None:
        pass


class _Pool:
    """One loop's session, and the proxies its requests go through."""

    __slots__ = ("_proxies", "_proxy_urls", "session")

    def __init__(self) -> None:
        # limit=0: no limit. A full pool makes requests wait where nobody sees it, on the time of the connect timeout;
        # how many requests run at once is for pacing to say, and the system's limit of open files for the rest.
        # The TLS context is aiohttp's own, one a process.
        connector = _Connector(limit=0, keepalive_timeout=_KEEP_ALIVE)
        self.session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        self._proxy_urls = environment_proxies()
        self._proxies: dict[Destination, URL | None] = {}

    def proxy(self, target: Destination) -> URL | None:
        if not self._proxy_urls:
            return None
        if target not in self._proxies:
            proxy = proxy_for(target, self._proxy_urls)
            self._proxies[target] = None if proxy is None else URL(proxy)
        return self._proxies[target]

    async def close(self) -> None:
        await self.session.close()


class _Body(payload.Payload):
    """The request's body: it knows by what connection it went out, and when.

    aiohttp's own payload for bytes would do but for that, and for its warning about bodies over a megabyte, which
    a picture has; those are written here in pieces, so that TLS does not hold up the loop.
    """

    _autoclose = True
    _value: bytes

    def __init__(self, value: bytes) -> None:
        super().__init__(value, content_type="application/octet-stream")
        self._size = len(value)
        self.small = len(value) <= _WRITE_AT_ONCE
        self.reused = False
        self.sent_at = 0.0

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    async def write(self, writer: Any) -> None:
        # The mark is left on the protocol object, which lives as long as the connection.
        protocol = writer.protocol
        self.reused = getattr(protocol, "_minillm_used", False)
        protocol._minillm_used = True
        self.sent_at = asyncio.get_running_loop().time()
        value = self._value
        if self.small:
            await writer.write(value)
            return
        view = memoryview(value)
        for start in range(0, len(view), _WRITE_AT_ONCE):
            await writer.write(view[start : start + _WRITE_AT_ONCE])

    async def write_with_length(self, writer: Any, content_length: int | None) -> None:
        await self.write(writer)

    def went_stale(self, error: Exception) -> bool:
        """Whether the request met a pooled connection that the peer had closed, so that it is to be sent again.

        A POST is not idempotent, and RFC 9110, section 9.2.2, lets a client repeat one only when it can tell that it
        was not applied. It can here: the connection had been used before, so it lay idle in the pool; not one byte
        of an answer came; and it ended with a close or a reset, at once after we sent. That is a server that closed
        the connection while our request was on its way (llama.cpp's closes after each streamed answer while
        promising keep-alive). On a fresh connection the same is a failure of this request, and the caller is told.

        Each stale connection leaves the pool as it is found, so the repetitions end with a fresh one.
        """
        reused, self.reused = self.reused, False
        if not reused or asyncio.get_running_loop().time() - self.sent_at > _STALE_WITHIN:
            return False
        if isinstance(error, aiohttp.ServerDisconnectedError):
            return isinstance(error.message, str)  # else it is the start of an answer
        # Writing to a connection seen closed is a ClientOSError without a number.
        return isinstance(error, ConnectionError) or (
            isinstance(error, aiohttp.ClientOSError)
            and not isinstance(error, aiohttp.ClientConnectorError)
            and (error.errno is None or type(OSError(error.errno, "")) in _CLOSED)
        )


_CLOSED = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


@lru_cache(maxsize=1024)
def _target(url: str) -> tuple[Destination, URL]:
    """The URL read twice: by the standard library, for what is checked, and by yarl, for what is connected to."""
    target = egress.destination(url)
    try:
        parsed = URL(url)
        same = target.host in ((parsed.host or "").lower(), parsed.raw_host) and target.port == parsed.port
    except ValueError:
        parsed, same = URL(), False
    if not same:
        raise ConfigurationError("a URL can be read in two ways or not at all: check base_url")
    return target, parsed


@lru_cache(maxsize=64)
def _client_timeout(connect: float | None, first_byte: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=connect, sock_read=first_byte)


async def _within(seconds: float, exchange: Awaitable[aiohttp.ClientResponse]) -> aiohttp.ClientResponse:
    """aiohttp has no timeout for writing: a peer that takes no more of a large body would hold it for ever."""
    async with asyncio.timeout(seconds):
        return await exchange


def _check_session(session: aiohttp.ClientSession) -> None:
    if session.closed:
        raise ConfigurationError("the session given to AiohttpTransport is closed")
    if getattr(session, "_loop", None) not in (None, asyncio.get_running_loop()):
        raise ConfigurationError(
            "the session given to AiohttpTransport was made in another event loop: make it in the running one"
        )


def _sending_failure(error: Exception, target: Destination, timeouts: Timeouts) -> MiniLLMError | None:
    """What a failed send means; None for what is no failure of the exchange. Texts of aiohttp's may show the URL."""
    for kind, failure, text, retryable in _SENDING_FAILURES:
        if isinstance(error, kind):
            return failure(_text(text, target, timeouts, error), retryable=retryable)
    return None


def _text(text: str, target: Destination, timeouts: Timeouts, error: Exception) -> str:
    # A deadline cuts timeouts to odd lengths: three digits tell enough.
    seconds = {name: f"{getattr(timeouts, name) or 0:.3g} s" for name in ("connect", "first_byte", "idle")}
    return text.format(target=target, why=_why(error), **seconds)


def _why(error: BaseException) -> str:
    """The system's own words, the status, or the class's name."""
    certificate = getattr(error, "certificate_error", None)
    cause = certificate or getattr(error, "os_error", None) or error
    for fact in ("verify_message", "strerror", "status"):
        if words := getattr(cause, fact, None):
            return str(words)
    return type(error).__name__


_NO_FIRST_BYTE = "no answer from {target} within {first_byte} (first_byte_timeout)"
_NO_MORE_BYTES = "{target} sent nothing more for {idle} (idle_timeout)"

# From the particular to the general: the first that fits.
_SENDING_FAILURES: tuple[tuple[type[Exception], type[MiniLLMError], str, bool], ...] = (
    (
        aiohttp.ConnectionTimeoutError,
        TimeoutExceeded,
        "no connection to {target} within {connect} (connect_timeout)",
        True,
    ),
    (TimeoutError, TimeoutExceeded, _NO_FIRST_BYTE, True),
    (
        aiohttp.ClientConnectorCertificateError,
        ConnectError,
        "no connection to {target}: its TLS certificate is not trusted ({why})",
        False,
    ),
    (aiohttp.ClientSSLError, ConnectError, "no connection to {target}: the TLS handshake failed ({why})", False),
    (aiohttp.ClientProxyConnectionError, ConnectError, "no connection to the proxy for {target}: {why}", True),
    (aiohttp.ClientHttpProxyError, ConnectError, "the proxy refused to connect to {target}: status {why}", False),
    (aiohttp.ClientConnectorError, ConnectError, "no connection to {target}: {why}", True),
    (
        aiohttp.ServerFingerprintMismatch,
        ConnectError,
        "{target} has another TLS certificate than the session asks for",
        False,
    ),
    (aiohttp.ClientResponseError, TransportError, "what {target} answered is not HTTP: check scheme and port", False),
    (aiohttp.ServerDisconnectedError, TransportError, "{target} closed the connection without an answer", True),
    # InvalidURL is one.
    (
        ValueError,
        ConfigurationError,
        "the request to {target} has a malformed URL or header ({why}); nothing was sent",
        False,
    ),
    (aiohttp.ClientError, TransportError, "the connection to {target} broke before an answer: {why}", True),
    (OSError, TransportError, "the connection to {target} broke before an answer: {why}", True),
)
