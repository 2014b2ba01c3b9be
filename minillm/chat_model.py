"""The one shape: whatever answers a request is a ChatModel, and every policy takes one and is one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from .errors import StreamConsumed, StreamInterrupted
from .types import (
    Attempt,
    ChatRequest,
    ChatResponse,
    Collector,
    Finish,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    UsageUpdate,
)
from dataclasses import replace

__all__ = ["ChatModel", "EventStream", "is_content", "replay"]

Read = Callable[[], Awaitable[Sequence[StreamEvent] | None]]
Map = Callable[[Sequence[StreamEvent]], Sequence[StreamEvent]]
OnEnd = Callable[["EventStream", BaseException | None], None]


@runtime_checkable
class ChatModel(Protocol):
    """Answers requests, whole or as a stream."""

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """The whole answer."""
        ...

    def stream(self, request: ChatRequest) -> "AbstractAsyncContextManager[EventStream]":
        """The answer as it comes.

        Entering is the retry boundary: a refusal by the host, or an error before the first content
        event, is raised there. Leaving by any way closes the connection at once and waits for nothing.
        """
        ...


_CONTENT = frozenset({PartStart, TextDelta, RefusalDelta, ReasoningDelta, ToolCallDelta})


def is_content(event: StreamEvent) -> bool:
    """Whether this event begins or extends any part: from here on a stream is never replayed."""
    return type(event) in _CONTENT


class EventStream:
    """An async iterator of events that collects them as they pass.

    Args:
        read: the next batch of events, or None at the end.
        attempt: the HTTP exchange behind it, where there is one.

    One cursor: a second reader at the same time gets :class:`StreamConsumed`.
    """

    __slots__ = ("_batch", "_callbacks", "_ended", "_maps", "_read", "_reading", "attempt", "attempts", "collector", "losses")

    def __init__(self, read: Read, *, attempt: Attempt | None = None) -> None:
        self._read = read
        self._batch: list[StreamEvent] = []  # reversed: pop() from the end is O(1)
        self._maps: tuple[Map, ...] = ()
        self._callbacks: list[OnEnd] = []
        self._ended = False
        self._reading = False
        self.attempt = attempt
        self.attempts: tuple[Attempt, ...] = () if attempt is None else (attempt,)
        self.losses: tuple = ()
        self.collector = Collector()

    def map(self, function: Map) -> None:
        """Rewrite every batch before it is collected; what was already read ahead included.

        The batch that holds the terminal event is the last: a function that holds something back
        gives it out there.
        """
        self._maps = (*self._maps, function)
        if self._batch:
            self._batch = list(reversed(function(list(reversed(self._batch)))))

    def on_end(self, callback: OnEnd) -> None:
        """Call ``callback(stream, error)`` once: when the stream is finished, failed or left."""
        self._callbacks.append(callback)

    async def peek(self) -> None:
        """Read ahead to the first content event, or to the end.

        Raises:
            MiniLLMError: the stream failed before any content.
        """
        ahead: list[StreamEvent] = []
        while True:
            batch = await self._next_batch()
            if batch is None:
                break
            ahead.extend(batch)
            failure = next((event for event in batch if type(event) is StreamFailed), None)
            content = any(type(event) in _CONTENT for event in ahead)
            if failure is not None and not content:
                raise failure.error
            if content or failure is not None or any(type(event) is MessageEnd for event in batch):
                break
        ahead.reverse()
        self._batch = ahead

    async def _next_batch(self) -> Sequence[StreamEvent] | None:
        batch = await self._read()
        if batch is not None:
            for function in self._maps:
                batch = function(batch)
        return batch

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self

    async def __anext__(self) -> StreamEvent:
        batch = self._batch
        if not batch:
            await self._fill()
            batch = self._batch
            if not batch:
                raise StopAsyncIteration
        event = batch.pop()
        self.collector.feed(event)
        if type(event) is StreamFailed:
            self._fail(event.error)
        return event

    async def _fill(self) -> None:
        """Put the next non-empty batch in ``_batch``; leave it empty at the end."""
        if self._ended:
            return
        if self._reading:
            raise StreamConsumed("this stream is already being read: it has one reader")
        self._reading = True
        try:
            while True:
                batch = await self._next_batch()
                if batch is None:
                    self.end(None)
                    return
                if batch:
                    self._batch = list(reversed(batch))
                    return
        except BaseException as error:
            self.end(error)
            raise
        finally:
            self._reading = False

    def _fail(self, error: Exception) -> None:
        if getattr(error, "partial", ...) is None:
            error.partial = self.collector.response()  # type: ignore[attr-defined]
        if hasattr(error, "attempts") and not error.attempts:
            error.attempts = self.attempts
        self.end(error)
        raise error

    def end(self, error: BaseException | None) -> None:
        """Tell those who wait for the end; the first call counts."""
        if not self._ended:
            self._ended = True
            callbacks, self._callbacks = self._callbacks, []
            for callback in callbacks:
                callback(self, error)

    def response(self) -> ChatResponse:
        """What has come so far, as a response."""
        return replace(self.collector.response(), attempts=self.attempts, losses=self.losses)

    async def collect(self) -> ChatResponse:
        """Read to the end and return the whole response.

        Raises:
            StreamInterrupted: the stream was cut; ``.response`` holds what came.
        """
        async for _ in self:
            pass
        if not self.collector.complete:
            raise StreamInterrupted("the stream ended before its terminal event", partial=self.response(), attempts=self.attempts)
        return self.response()
