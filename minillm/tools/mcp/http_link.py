"""A server at an address: streamable HTTP, by the SDK over httpx2, with our rules of what may leave and arrive.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from ...errors import ConfigurationError
from ...json.serialization import dumps
from ...transport.egress import carries_credentials, check_egress, check_headers, destination
from ...transport.proxy import environment_proxies, proxy_for

__all__ = ["GONE", "HTTPLink"]

#: Of errors made here, where no answer of the server is to be had.
GONE = -31999


class HTTPLink:
    """Where the server is, and what is sent along."""

    grace = 3.0
    pid = None
    stderr = ""

    def __init__(self, url: str, *, headers: Mapping[str, str], message_bytes: int, connect_timeout: float) -> None:
        if destination(url).userinfo:
            raise ConfigurationError("the URL holds a name or a password: send them in headers={'Authorization': ...}")
        check_headers(headers)
        check_egress(url, bool(headers))
        self._url, _, self._query = url.partition("#")[0].partition("?")
        self._headers = dict(headers)
        self._message_bytes = message_bytes
        self._connect_timeout = connect_timeout
        self.ended = False
        self.on_end: Callable[[], None] = lambda: None

    async def epitaph(self) -> str:
        """How it ended, for error texts."""
        return "cannot be reached"

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        """The streams of a connection, for the SDK's session."""
        client = httpx2.AsyncClient(
            # What is compressed could be larger than it looks.
            headers={"accept-encoding": "identity", **self._headers},
            transport=_Guard(
                self._query,
                self._message_bytes,
                credentials=bool(self._headers),
                proxy=proxy_for(destination(self._url), environment_proxies()),
            ),
            # A call may take long, and has its own timeout.
            timeout=httpx2.Timeout(self._connect_timeout, read=None),
            trust_env=False,  # else a proxy of the environment would be mounted past the guard
        )
        async with (
            client,
            streamable_http_client(self._url, http_client=client, max_sse_event_size=self._message_bytes) as streams,
        ):
            yield streams


class _Guard(httpx2.AsyncBaseTransport):
    """What is asked goes where it may, and what fails is an answer: to the SDK an exception is the session's end.

    A query is added here, below what logs the address: some servers take a key in it.
    """

    def __init__(self, query: str, message_bytes: int, *, credentials: bool, proxy: str | None) -> None:
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False, proxy=proxy)
        self._query = query
        self._message_bytes = message_bytes
        self._credentials = credentials

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            check_egress(str(request.url), self._credentials or carries_credentials(request.headers))
        except ConfigurationError as error:
            return _failed(error.message)
        shown = request.url
        try:
            if self._query:
                request.url = request.url.copy_with(query=self._query.encode())
            response = await self._inner.handle_async_request(request)
        except httpx2.TransportError as error:
            return _failed(f"no answer came: {_words(error)}")
        finally:
            request.url = shown
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            return _failed("it compresses its answers, unasked", gone=False)
        if "text/event-stream" in response.headers.get("content-type", ""):
            return response  # bounded by event
        return await self._whole(response)

    async def _whole(self, response: httpx2.Response) -> httpx2.Response:
        """The answer, read to its end."""
        body = bytearray()
        try:
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > self._message_bytes:
                    return _failed(f"it sent a message of more than {self._message_bytes:,} bytes", gone=False)
        except httpx2.TransportError as error:
            return _failed(f"the answer broke off: {_words(error)}")
        finally:
            await response.aclose()
        is_json = response.headers.get("content-type", "").lower().startswith("application/json")
        if response.status_code >= 400 and response.status_code != 404 and not is_json:
            return _failed(f"it answered with HTTP status {response.status_code}", response.status_code, gone=False)
        return httpx2.Response(response.status_code, headers=response.headers, content=bytes(body))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _failed(message: str, status: int = 502, *, gone: bool = True) -> httpx2.Response:
    error = {"code": GONE if gone else GONE - 1, "message": message}
    body = dumps({"jsonrpc": "2.0", "id": None, "error": error})
    return httpx2.Response(status, headers={"content-type": "application/json"}, content=body)
