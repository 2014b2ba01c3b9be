"""The connections of one event loop: aiohttp's pool, in which idle ones are found without its client."""

import asyncio
from functools import partial
from time import monotonic
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from .base import HTTPRequest
from .direct import Answer, head_of
from .egress import Destination, NetworkBlock, check_headers
from .line import Line
from .pattern import Pattern, pattern_of
from .proxy import environment_proxies, proxy_for
from .watch import Watch

__all__ = ["DIRECT", "WRITE_AT_ONCE", "Pool", "Route"]

# Parts of aiohttp that are used here are not promised to stay: with versions that were not tried, its own client sends.
DIRECT = aiohttp.__version__.startswith("3.14.")

# What goes out in one write: it fits the socket's buffer and cannot get stuck in it.
WRITE_AT_ONCE = 64 * 1024

# Idle connections are kept a little shorter than the 60 s after which the commonest load balancers drop them;
# aiohttp's own 15 s would mean a new TLS handshake for most turns of a conversation with a human.
_KEEP_ALIVE = 55.0

_MOST_ROUTES = 256


class Connector(aiohttp.TCPConnector):
    """A connector that gives out idle connections at once, and does not complain when its loop is gone.

    A loop that was ended by hand, or that ends with the process (a notebook's), closes nothing. aiohttp then logs
    "Unclosed client session" from ``__del__``, which helps nobody: sockets are closed with the objects that own them.
    """

    def __init__(self) -> None:
        # limit=0: no limit. A full pool makes requests wait where nobody sees it, on the time of the connect timeout;
        # how many requests run at once is for pacing to say, and the system's limit of open files for the rest.
        # The TLS context is aiohttp's own, one a process.
        super().__init__(limit=0, keepalive_timeout=_KEEP_ALIVE)
        if DIRECT:
            self._factory: Any = partial(Line, self._loop)

    def take(self, key: Any) -> Line | None:
        """An idle connection: what aiohttp's own ``_get`` does, but none with bytes in it that nobody asked for."""
        idle: Any = self._conns.get(key)
        while idle:
            line, since = idle.popleft()
            transport = line.transport
            if (
                transport is not None
                and not transport.is_closing()
                and monotonic() - since <= _KEEP_ALIVE
                and not (line._buffer or line._tail)
            ):
                self._acquired.add(line)
                line.key = key
                return line  # type: ignore[no-any-return]
            line.close()
        return None

    async def make(self, route: "Route", seconds: float | None) -> Line:
        """A new connection."""
        timeout = aiohttp.ClientTimeout(total=None, connect=seconds)
        connection = await self.connect(route.made, [], timeout)
        line: Any = connection.protocol
        connection._protocol = None  # it is given back by its key, as the idle ones are
        line.key = route.key
        return line  # type: ignore[no-any-return]

    def keep(self, line: Line) -> None:
        """Its answer has ended: what aiohttp's own ``_release`` does."""
        if self._closed or self._cleanup_handle is None or line._should_close:
            self._release(line.key, line)
        else:
            self._acquired.discard(line)
            self._conns[line.key].append((line, monotonic()))

    def drop(self, line: Line) -> None:
        """Close it."""
        self._release(line.key, line, should_close=True)

    @property
    def closed(self) -> bool:
        return self._closed or not self._loop.is_running()

    def __del__(self, _warnings: Any = None) -> None:
        pass


class Route:
    """What all requests to one URL with the same headers have in common."""

    __slots__ = ("head", "headers", "key", "made", "method", "pattern", "target")

    def __init__(self, request: HTTPRequest, made: aiohttp.ClientRequest, target: Destination) -> None:
        self.method = request.method
        self.headers = dict(request.headers)
        self.made = made
        self.key = made.connection_key
        self.head = head_of(made)
        self.target = target
        self.pattern: Pattern | None = None
        """Of the answers."""


class Pool:
    """One loop's session, what is known of where it sends, and the proxies its requests go through."""

    __slots__ = ("_latest", "_proxies", "_proxy_urls", "_routes", "connector", "session", "watch")

    def __init__(self) -> None:
        self.connector = Connector()
        self.watch = Watch(self.connector._acquired)
        self.session = aiohttp.ClientSession(connector=self.connector, cookie_jar=aiohttp.DummyCookieJar())
        self._routes: dict[Any, Route] = {}
        self._latest: dict[str, Route] = {}  # by URL
        self._proxy_urls = environment_proxies()
        self._proxies: dict[Destination, URL | None] = {}

    def proxy(self, target: Destination) -> URL | None:
        """The proxy for a destination."""
        if not self._proxy_urls:
            return None
        if target not in self._proxies:
            proxy = proxy_for(target, self._proxy_urls)
            self._proxies[target] = None if proxy is None else URL(proxy)
        return self._proxies[target]

    def known(self, request: HTTPRequest) -> Route | None:
        """The route of a request like the last one to its URL, if it may go out as that did."""
        route, body = self._latest.get(request.url), request.body
        if (
            route is None
            or route.headers != request.headers
            or route.method != request.method
            or body is None
            or len(body) > WRITE_AT_ONCE
            or (NetworkBlock._standing and not route.target.loopback)
            or not DIRECT
        ):
            return None
        return route

    def route(self, request: HTTPRequest, target: Destination, url: URL) -> Route | None:
        """The route of any request that was found fit to go out; None if it must go by aiohttp's client."""
        body = request.body
        if not DIRECT or body is None or len(body) > WRITE_AT_ONCE or target.userinfo or self.proxy(target) is not None:
            return None
        key = request.method, request.url, *request.headers.items()
        route = self._routes.get(key)
        if route is None:
            check_headers(request.headers)
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
                self._latest.clear()
            loop = asyncio.get_running_loop()
            made = aiohttp.ClientRequest(request.method, url, headers=request.headers, loop=loop, session=self.session)
            route = self._routes[key] = Route(request, made, target)
        self._latest[request.url] = route
        return route

    async def answer(self, line: Line, route: Route) -> Answer:
        """The answer on a line whose parser has read a head."""
        message, content = await line.read()
        while 100 <= message.code < 200 and message.code != 101:  # RFC 9110, section 15.2: more is to come
            message, content = await line.read()
        if content.is_eof() and not message.chunked:
            route.pattern = pattern_of(message.code, message.raw_headers)
        return Answer(message, content, Connection(self.connector, line.key, line, line._loop))

    async def close(self) -> None:
        """With all connections."""
        await self.session.close()
