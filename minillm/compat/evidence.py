"""What went over the line while a probe asked: kept byte for byte, without keys."""

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..errors import MiniLLMError
from ..transport import HTTPRequest, HTTPResponse, Transport

__all__ = ["KEPT", "Alter", "Exchange", "Recorder", "body_json"]

Alter = Callable[[HTTPRequest], HTTPRequest]

_REMOVED = b"***"
_SHORTEST = 4  # characters: shorter ones are words, and taking them out would spoil what is kept
# What is kept of headers is named: whatever else there is may be a key, a cookie or somebody's name.
_REQUEST_HEADERS = frozenset({"content-type", "accept", "anthropic-version", "anthropic-beta", "openai-beta"})
_RESPONSE_HEADERS = (
    "content-type",
    "retry-after",
    "x-ratelimit-",
    "anthropic-ratelimit-",
    "x-request-id",
    "request-id",
)
_KEY_WORDS = ("key", "token", "secret", "sig", "code")
#: So much of one body stands in a file of results; ``record`` keeps all of it.
KEPT = 64 * 1024


@dataclass(slots=True)
class Exchange:
    """One request and what came of it.

    Args:
        times: for each piece of the answer how many bytes had come with it, and after how many seconds.
        error: the failure's class and message, where no whole answer came.
    """

    method: str
    url: str
    request_headers: Mapping[str, str]
    request: bytes
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    times: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""
    removed: int = 0
    cut: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file of results; a long body is cut, and says so."""
        return {
            "method": self.method,
            "url": self.url,
            "request_headers": dict(self.request_headers),
            "request": _said(self.request),
            "status": self.status,
            "headers": dict(self.headers),
            "body": _said(self.body),
            "times": self.times[:500],
            "seconds": round(self.seconds, 4),
            "error": self.error,
            "removed": self.removed,
            "cut": self.cut or max(len(self.request), len(self.body)) > KEPT,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Exchange":
        """Out of a file of results.

        Raises:
            ValueError: it is none.
        """
        try:
            return cls(
                str(value["method"]),
                str(value["url"]),
                dict(value.get("request_headers") or {}),
                _meant(value.get("request")),
                value.get("status"),
                dict(value.get("headers") or {}),
                _meant(value.get("body")),
                [(int(size), float(after)) for size, after in value.get("times") or ()],
                float(value.get("seconds") or 0),
                str(value.get("error") or ""),
                int(value.get("removed") or 0),
                bool(value.get("cut")),
            )
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
            raise ValueError(f"no exchange: {type(error).__name__}") from None


def _said(body: bytes) -> dict[str, str]:
    kept = body[:KEPT]
    try:
        return {"text": kept.decode()}
    except UnicodeDecodeError as error:
        if len(body) > KEPT and error.start >= KEPT - 4:  # the cut has gone through a character
            return {"text": kept[: error.start].decode()}
        return {"base64": base64.b64encode(kept).decode()}


def _meant(value: Any) -> bytes:
    said = value if isinstance(value, Mapping) else {}
    if "base64" in said:
        return base64.b64decode(said["base64"], validate=True)
    return str(said.get("text", "")).encode("utf-8", "surrogatepass")


def body_json(exchange: Exchange) -> Any:
    """The answer as JSON; None where it is none."""
    from ..errors import DecodeError
    from ..json import loads

    try:
        return loads(exchange.body)
    except DecodeError:
        return None


class Recorder:
    """A transport that hands on to another and keeps everything in ``exchanges``.

    Args:
        alter: what is really sent, out of what would be; for requests that a client of ours never makes.
    """

    def __init__(self, inner: Transport, alter: Alter | None = None) -> None:
        self._inner = inner
        self._alter = alter
        self.exchanges: list[Exchange] = []

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """Send and keep. Raises as the inner transport does."""
        secrets = _secrets(request)
        if self._alter is not None:
            request = self._alter(request)
            secrets += _secrets(request)
        exchange = Exchange(
            request.method,
            _public(request.url),
            {name: value for name, value in request.headers.items() if name.lower() in _REQUEST_HEADERS},
            request.body or b"",
        )
        exchange.request, count = _without(exchange.request, secrets)
        exchange.removed = count + len(request.headers) - len(exchange.request_headers)
        self.exchanges.append(exchange)
        start = time.perf_counter()
        try:
            response = await self._inner.send(request)
        except MiniLLMError as error:
            exchange.seconds = time.perf_counter() - start
            exchange.error = f"{type(error).__name__}: {error}"
            raise
        exchange.status = response.status
        exchange.headers = {
            name: value for name, value in response.headers.items() if name.lower().startswith(_RESPONSE_HEADERS)
        }
        return _Kept(response, exchange, secrets, start)


class _Kept:
    """An answer of which everything that is read is kept."""

    def __init__(self, inner: HTTPResponse, exchange: Exchange, secrets: list[bytes], start: float) -> None:
        self._inner = inner
        self._exchange = exchange
        self._secrets = secrets
        self._start = start
        self._raw = bytearray()

    @property
    def status(self) -> int:
        return self._inner.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._inner.headers

    async def read(self) -> bytes:
        chunks = []
        while chunk := await self.read_some():
            chunks.append(chunk)
        return b"".join(chunks)

    async def read_some(self) -> bytes:
        try:
            chunk = await self._inner.read_some()
        except BaseException as error:
            self._keep()
            if isinstance(error, MiniLLMError):
                self._exchange.error = f"{type(error).__name__}: {error}"
            raise
        self._raw += chunk
        if chunk:
            self._exchange.times.append((len(self._raw), round(time.perf_counter() - self._start, 6)))
        else:
            self._keep()
        return chunk

    def _keep(self) -> None:
        # At the end, all at once: a key that a host echoes may come in two pieces, and a long answer in thousands.
        self._exchange.seconds = time.perf_counter() - self._start
        self._exchange.body, _ = _without(bytes(self._raw), self._secrets)

    def release(self) -> None:
        self._keep()
        self._inner.release()

    def close(self) -> None:
        self._keep()
        self._inner.close()


def _secrets(request: HTTPRequest) -> list[bytes]:
    """What must not be kept: the values of all headers that are not named above, and of keys in the address."""
    values = [value for name, value in request.headers.items() if name.lower() not in _REQUEST_HEADERS]
    values += [value for name, value in parse_qsl(urlsplit(request.url).query) if _may_be_key(name)]
    forms = {form.strip() for value in values for form in (value, value.removeprefix("Bearer "))}
    spelt = {other for form in forms for other in (form, form.replace("/", "\\/"))}
    return sorted((form.encode() for form in spelt if len(form) >= _SHORTEST), key=len, reverse=True)


def _may_be_key(name: str) -> bool:
    return any(word in name.lower() for word in _KEY_WORDS)


def _public(url: str) -> str:
    parts = urlsplit(url)
    if not parts.query:
        return url
    query = [(name, "***" if _may_be_key(name) else value) for name, value in parse_qsl(parts.query)]
    return urlunsplit(parts._replace(query=urlencode(query, safe="*")))


def _without(body: bytes, secrets: list[bytes]) -> tuple[bytes, int]:
    count = 0
    for secret in secrets:
        found = body.count(secret)
        if found:
            count += found
            body = body.replace(secret, _REMOVED)
    return body, count
