"""A transport that answers from a script: bytes, timings and faults, without a socket.

Answers come one a request; exceptions are raised as the transport's own::

    transport = MockTransport(
        [
            MockResponse.json({"error": {"message": "slow down"}}, status=429, headers={"retry-after": "2"}),
            MockResponse.sse([{"choices": [{"delta": {"content": "Hel"}}]}, 0.2, "[DONE]"]),
            MockResponse(body=b'{"id": "chatcmpl-1", "cho', cut_after=10),
            ConnectError("no route to host", retryable=True),
        ]
    )
    gen = GeneratorInfo.openai("gpt-5.4", api_key="sk-test", transport=transport)
    ...
    assert transport.requests[0].url == "https://api.openai.com/v1/chat/completions"
"""

import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import ConfigurationError, StreamInterrupted, TimeoutExceeded, TransportError
from .base import HTTPRequest

__all__ = ["MockExchange", "MockResponse", "MockTransport"]

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MockResponse:
    """What the mock host answers.

    Args:
        status: the HTTP status.
        headers: of the answer; names in any case.
        body: the bytes, all at once; or a sequence of chunks, with a number for a pause of so many seconds.
        delay: seconds until the headers come. Longer than the request's ``first_byte`` timeout, and the request
            fails with :class:`TimeoutExceeded` when that has passed; the same for a pause and ``idle``. ``math.inf``
            is a host that never answers.
        cut_after: the connection breaks after so many bytes of the body.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Sequence[bytes | float] = b""
    delay: float = 0.0
    cut_after: int | None = None

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] = _NO_HEADERS) -> "MockResponse":
        """An answer whose body is ``value`` as JSON."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, {"content-type": "application/json", **headers}, body)

    @classmethod
    def sse(
        cls, events: bytes | Iterable[Mapping[str, Any] | str | float], headers: Mapping[str, str] = _NO_HEADERS
    ) -> "MockResponse":
        """A stream of server-sent events.

        Args:
            events: the bytes as they are; or one item an event, each a chunk of its own: a mapping is its data as
                JSON, a string its data as it is (such as ``"[DONE]"``), a number a pause in seconds.
            headers: added to ``content-type: text/event-stream``.
        """
        body = events if isinstance(events, bytes) else tuple(_event(event) for event in events)
        return cls(200, {"content-type": "text/event-stream", **headers}, body)


def _event(event: Mapping[str, Any] | str | float) -> bytes | float:
    if isinstance(event, float | int):
        return event
    data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"data: {data}\n\n".encode()


Answer = MockResponse | BaseException
Answers = Answer | Sequence[Answer] | Callable[[HTTPRequest], Answer | Awaitable[Answer]]


class MockTransport:
    """A :class:`Transport` without a network.

    Args:
        answers: one answer for every request; a sequence of answers, one a request; or a function of the request,
            plain or async. An exception among them is raised as the transport's own failure.

    ``requests`` holds every request in order, ``exchanges`` what became of each that was answered.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.requests: list[HTTPRequest] = []
        self.exchanges: list[MockExchange] = []

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] = _NO_HEADERS) -> "MockTransport":
        """Every request is answered with ``value`` as JSON."""
        return cls(MockResponse.json(value, status, headers))

    @classmethod
    def sse(
        cls, events: bytes | Iterable[Mapping[str, Any] | str | float], headers: Mapping[str, str] = _NO_HEADERS
    ) -> "MockTransport":
        """Every request is answered with this stream; see :meth:`MockResponse.sse`."""
        return cls(MockResponse.sse(events, headers))

    def __repr__(self) -> str:
        return f"MockTransport({len(self.requests)} requests)"

    async def send(self, request: HTTPRequest) -> "MockExchange":
        """Record the request and give its answer.

        Raises:
            ConfigurationError: the script has no more answers.
            TimeoutExceeded: the answer's ``delay`` is longer than the ``first_byte`` timeout.
        """
        self.requests.append(request)
        answer = await self._next(request)
        if isinstance(answer, BaseException):
            raise answer
        exchange = MockExchange(request, answer)
        if answer.delay:
            await exchange._wait(answer.delay, request.timeouts.first_byte, "first_byte_timeout")
        self.exchanges.append(exchange)
        return exchange

    async def _next(self, request: HTTPRequest) -> Answer:
        answers = self._answers
        if isinstance(answers, MockResponse | BaseException):
            return answers
        if isinstance(answers, Sequence):
            if len(self.requests) > len(answers):
                raise ConfigurationError(
                    f"MockTransport has {len(answers)} answers, and this is request {len(self.requests)}"
                )
            return answers[len(self.requests) - 1]
        answer = answers(request)
        return await answer if inspect.isawaitable(answer) else answer


@dataclass(slots=True)
class MockExchange:
    """A mock answer on its way: an :class:`HTTPResponse` that tells what was done with it.

    ``bytes_read`` counts what was read; ``ended`` is true when the body was read to its end, ``released`` and
    ``closed`` when the reader said so.
    """

    request: HTTPRequest
    response: MockResponse = field(repr=False)
    bytes_read: int = 0
    ended: bool = False
    released: bool = False
    closed: bool = False
    _position: int = field(default=0, repr=False)

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.response.headers.items()}

    async def read(self) -> bytes:
        """The whole (rest of the) body; raises as a real one does."""
        chunks = []
        while chunk := await self.read_some():
            chunks.append(chunk)
        return b"".join(chunks)

    async def read_some(self) -> bytes:
        """The next chunk, ``b""`` at the end; raises as a real one does."""
        if self.closed or self.released:
            raise TransportError("the answer of the mock host was closed here and cannot be read any more")
        body = self.response.body
        chunks: Sequence[bytes | float] = (body,) if isinstance(body, bytes) else body
        while self._position < len(chunks):
            chunk = chunks[self._position]
            self._position += 1
            if not isinstance(chunk, bytes):
                await self._pause(chunk)
            elif chunk:
                return self._take(chunk)
        if self.response.cut_after is not None:
            raise self._cut()
        self.ended = True
        return b""

    async def _pause(self, seconds: float) -> None:
        timeouts = self.request.timeouts
        if self.bytes_read:
            await self._wait(seconds, timeouts.idle, "idle_timeout")
        else:
            await self._wait(seconds, timeouts.first_byte, "first_byte_timeout")

    async def _wait(self, seconds: float, limit: float | None, name: str) -> None:
        from asyncio import sleep

        if limit is not None and seconds > limit:
            await sleep(limit)
            raise TimeoutExceeded(f"nothing came from the mock host within {limit:g} s ({name})", retryable=True)
        await sleep(seconds)

    def _take(self, chunk: bytes) -> bytes:
        cut = self.response.cut_after
        if cut is not None:
            chunk = chunk[: max(cut - self.bytes_read, 0)]
            if not chunk:
                raise self._cut()
        self.bytes_read += len(chunk)
        if self.bytes_read > self.request.max_bytes:
            raise TransportError(
                f"the answer of the mock host is larger than {self.request.max_bytes} bytes (max_bytes)"
            )
        return chunk

    def _cut(self) -> StreamInterrupted:
        return StreamInterrupted(f"the answer of the mock host was cut after {self.bytes_read} bytes", retryable=True)

    def release(self) -> None:
        """Noted in ``released``."""
        self.released = True

    def close(self) -> None:
        """Noted in ``closed``."""
        self.closed = True
