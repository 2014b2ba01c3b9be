"""Sending with aiohttp, loaded when the first request is made.

It stays close to bare aiohttp, and below it where it can (see ``direct.py``): little is made per request but the
answer, nothing at all per chunk.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from functools import lru_cache
from math import inf
from typing import Any

import aiohttp
from aiohttp import payload
from aiohttp.http_exceptions import HttpProcessingError
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
from .base import HTTPRequest, HTTPResponse, Timeouts
from .direct import Answer, Sending
from .egress import Destination
from .failure_text import failure_text, why
from .headers import Headers
from .line import Line
from .pool import WRITE_AT_ONCE, Pool
from .unfinished import OpenBody, Unfinished

__all__ = ["AiohttpResponse", "AiohttpTransport"]

# A pooled connection that the peer closed while it lay idle says so within a round trip of our sending. A
# connection that breaks later may well have carried the request to a model that is at work on it.
_STALE_WITHIN = 5.0

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

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send and wait for the headers of the answer, whatever its status.

        Raises:
            ConfigurationError: the URL, a header or the user's session cannot be used; nothing was sent.
            ConnectError: no connection; nothing was sent.
            TimeoutExceeded: ``connect`` or ``first_byte`` passed.
            TransportError: the connection broke before an answer.
        """
        pool = None if self._session is not None else loop_local.get(Pool, Pool, Pool.close)
        route = None if pool is None else pool.known(request)
        target = _fit_to_go(request) if route is None else route.target
        timeouts = request.timeouts
        while True:
            line: Line | None = None
            sending: Sending | Line | None = None
            try:
                if route is None and pool is not None:
                    route = pool.route(request, target, _parsed(request.url))
                if route is None or pool is None or request.body is None:
                    sending = Sending()
                    return AiohttpResponse(await self._by_client(request, target, sending), request, target, sending)
                line = sending = pool.connector.take(route.key)
                if line is None:
                    line = sending = await pool.connector.make(route, timeouts.connect)
                coming = line.ask(route.head, request.body, route.pattern, request.max_bytes)
                if timeouts.first_byte is not None:
                    line.until = until = line.at + timeouts.first_byte
                    if until < pool.watch.looks_at:
                        pool.watch.sooner(until)
                answer = await coming
                if answer is None:
                    return AiohttpResponse(await pool.answer(line, route), request, target, line)
                pool.connector.keep(line)
            except BaseException as error:
                if line is not None and pool is not None:
                    pool.connector.drop(line)
                if not isinstance(error, Exception):
                    raise
                if _went_stale(error, sending) and not (pool is not None and pool.connector.closed):
                    continue
                failure = _sending_failure(error, sending, target, timeouts)
                if failure is None:
                    raise
            else:
                return answer
            finally:
                if line is not None:
                    line.until = inf
            # Raised out here so that aiohttp's error, whose text may show the URL, is no context of ours.
            raise failure

    def _by_client(
        self, request: HTTPRequest, target: Destination, sending: Sending
    ) -> Awaitable[aiohttp.ClientResponse]:
        """Send by aiohttp's client: the user's session, through a proxy, or what is too large for one write."""
        session, proxy = self._session, None
        if session is None:
            pool = loop_local.get(Pool, Pool, Pool.close)
            session, proxy = pool.session, pool.proxy(target)
        else:
            _check_session(session)
        egress.check_headers(request.headers)
        timeouts = request.timeouts
        answer = session.request(
            request.method,
            _parsed(request.url),
            headers=request.headers,
            data=None if request.body is None else _Body(request.body, sending),
            allow_redirects=False,
            raise_for_status=False,
            auto_decompress=True,
            proxy=proxy,
            timeout=_client_timeout(timeouts.connect, timeouts.first_byte),
        )
        if request.body is None or _is_small(request.body) or timeouts.first_byte is None:
            return answer
        return _within(timeouts.first_byte + (timeouts.connect or 0.0), answer)


class AiohttpResponse:
    """An answer whose headers have come. Leave it by reading to the end, :meth:`release` or :meth:`close`."""

    __slots__ = ("_content", "_left", "_left_by_us", "_open", "_request", "_target", "headers", "status")

    def __init__(
        self,
        response: aiohttp.ClientResponse | Answer,
        request: HTTPRequest,
        target: Destination,
        sending: Sending | Line,
    ) -> None:
        self.status: int = response.status
        self._left_by_us = False
        self._content = response.content
        self.headers: Mapping[str, str] = Headers.of(response.raw_headers)
        self._open: OpenBody | None = None  # stays so where the whole answer came at once
        self._left = request.max_bytes
        self._request = request
        self._target = target
        if response.connection is not None:  # at the end it is given back
            self._await_body(response, request.timeouts, sending)

    def _await_body(
        self, response: aiohttp.ClientResponse | Answer, timeouts: Timeouts, sending: Sending | Line
    ) -> None:
        """The rest is still to come: from here on its silence is timed by :class:`OpenBody`."""
        protocol: Any = response.connection and response.connection.protocol
        if protocol is None:
            return
        if response.content.is_eof():  # an upgrade, which nobody asked for: aiohttp leaves the connection to us
            response.close()
            return
        protocol.read_timeout = None
        protocol.start_timeout()  # stops the one that waited for the headers
        first_byte = timeouts.first_byte
        if first_byte is not None and sending.at:
            first_byte += sending.at - asyncio.get_running_loop().time()
        unfinished = loop_local.get(Unfinished, Unfinished, Unfinished.aclose)
        self._open = OpenBody(response, unfinished, first_byte, timeouts.idle)

    async def read(self) -> bytes:
        """The whole (rest of the) body.

        Raises:
            StreamInterrupted: it was cut.
            TransportError: it timed out, or is larger than ``max_bytes``.
        """
        content = self._content
        if content.is_eof() and content.exception() is None and content.total_bytes <= self._left:
            return content.read_nowait()  # the usual small answer, which came at once
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
            return TimeoutExceeded(failure_text(text, target, timeouts, error), retryable=True)
        if self._left_by_us:
            return TransportError(f"the answer of {target} was closed here and cannot be read any more")
        if isinstance(error, aiohttp.ClientError | OSError):
            return StreamInterrupted(
                f"the answer of {target} was cut after {self._content.total_bytes} bytes: {why(error)}",
                retryable=True,
            )
        return None


def _is_small(body: bytes | None) -> bool:
    """Whether it goes out in one write: it fits the socket's buffer and cannot get stuck in it."""
    return body is not None and len(body) <= WRITE_AT_ONCE


class _Body(payload.Payload):
    """The request's body, where aiohttp's client sends it: it notes by what connection it went out, and when.

    aiohttp's own payload for bytes would do but for that, and for its warning about bodies over a megabyte, which
    a picture has; those are written here in pieces, so that TLS does not hold up the loop.
    """

    _autoclose = True
    _value: bytes

    def __init__(self, value: bytes, sending: Sending) -> None:
        super().__init__(value, content_type="application/octet-stream")
        self._size = len(value)
        self._sending = sending

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    async def write(self, writer: Any) -> None:
        self._sending.begins(writer.protocol, asyncio.get_running_loop().time())
        value = self._value
        if _is_small(value):
            await writer.write(value)
            return
        view = memoryview(value)
        for start in range(0, len(view), WRITE_AT_ONCE):
            await writer.write(view[start : start + WRITE_AT_ONCE])

    async def write_with_length(self, writer: Any, content_length: int | None) -> None:
        await self.write(writer)


def _went_stale(error: Exception, sending: Sending | Line | None) -> bool:
    """Whether the request met a pooled connection that the peer had closed, so that it is to be sent again.

    A POST is not idempotent, and RFC 9110, section 9.2.2, lets a client repeat one only when it can tell that it
    was not applied. It can here: the connection had been used before, so it lay idle in the pool; not one byte
    of an answer came; and it ended with a close or a reset, at once after we sent. That is a server that closed
    the connection while our request was on its way (llama.cpp's closes after each streamed answer while
    promising keep-alive). On a fresh connection the same is a failure of this request, and the caller is told.

    Each stale connection leaves the pool as it is found, so the repetitions end with a fresh one.
    """
    if sending is None or not sending.reused or asyncio.get_running_loop().time() - sending.at > _STALE_WITHIN:
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


def _fit_to_go(request: HTTPRequest) -> Destination:
    """Where the request goes, if it may."""
    _parsed(request.url)
    target = egress.destination(request.url)
    if not target.loopback:
        egress.check_egress(request.url, target.scheme == "http" and egress.carries_credentials(request.headers))
    return target


@lru_cache(maxsize=1024)
def _parsed(url: str) -> URL:
    """The URL as yarl reads it, for what is connected to: as the standard library does, by which it is checked."""
    target = egress.destination(url)
    try:
        parsed = URL(url)
        same = target.host in ((parsed.host or "").lower(), parsed.raw_host) and target.port == parsed.port
    except ValueError:
        parsed, same = URL(), False
    if not same:
        raise ConfigurationError("a URL can be read in two ways or not at all: check base_url")
    return parsed


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


def _sending_failure(
    error: Exception, sending: Sending | Line | None, target: Destination, timeouts: Timeouts
) -> MiniLLMError | None:
    """What a failed send means; None for what is no failure of the exchange. Texts of aiohttp's may show the URL."""
    if type(error) is TimeoutError and (sending is None or not sending.at):
        error = aiohttp.ConnectionTimeoutError()
    for kind, failure, text, retryable in _SENDING_FAILURES:
        if isinstance(error, kind):
            return failure(failure_text(text, target, timeouts, error), retryable=retryable)
    return None


_NO_FIRST_BYTE = "no answer from {target} within {first_byte} (first_byte_timeout)"
_NO_CONNECTION = "no connection to {target} within {connect} (connect_timeout)"
_NOT_TRUSTED = "no connection to {target}: its TLS certificate is not trusted ({why})"
_NO_HTTP = "what {target} answered is not HTTP: check scheme and port"
_NO_MORE_BYTES = "{target} sent nothing more for {idle} (idle_timeout)"

# From the particular to the general: the first that fits.
_SENDING_FAILURES: tuple[tuple[type[Exception], type[MiniLLMError], str, bool], ...] = (
    (aiohttp.ConnectionTimeoutError, TimeoutExceeded, _NO_CONNECTION, True),
    (TimeoutError, TimeoutExceeded, _NO_FIRST_BYTE, True),
    (aiohttp.ClientConnectorCertificateError, ConnectError, _NOT_TRUSTED, False),
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
    (aiohttp.ClientResponseError, TransportError, _NO_HTTP, False),
    (HttpProcessingError, TransportError, _NO_HTTP, False),
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
