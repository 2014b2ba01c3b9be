"""The one shape: whatever answers a request is a ChatModel, and every policy takes one and is one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from .errors import MiniLLMError, StreamConsumed, StreamInterrupted
from .types import (
    Attempt,
    AudioDelta,
    ChatRequest,
    ChatResponse,
    CitationAdded,
    Collector,
    Finish,
    Loss,
    MessageEnd,
    MessageStart,
    Origin,
    Part,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    UsageUpdate,
)

__all__ = ["ChatModel", "EventStream", "is_content", "replay", "replayed"]

Read = Callable[[], Awaitable[Sequence[StreamEvent] | None]]
Map = Callable[[Sequence[StreamEvent]], Sequence[StreamEvent]]
OnEnd = Callable[["EventStream", BaseException | None], None]
OnResponse = Callable[[ChatResponse], Awaitable[ChatResponse]]


@runtime_checkable
class ChatModel(Protocol):
    """Answers requests, whole or as a stream."""

    def complete(self, request: ChatRequest) -> Coroutine[Any, Any, ChatResponse]:
        """The whole answer. Mostly an ``async def``; what only changes a request returns its model's own."""
        ...

    def stream(self, request: ChatRequest) -> "AbstractAsyncContextManager[EventStream]":
        """The answer as it comes.

        Entering is the retry boundary: a refusal by the host, or an error before the first content
        event, is raised there. Leaving by any way closes the connection at once and waits for nothing.
        """
        ...


_CONTENT = frozenset(
    {
        PartStart,
        TextDelta,
        RefusalDelta,
        ReasoningDelta,
        ToolCallDelta,
        SignatureDelta,
        CitationAdded,
        AudioDelta,
    }
)


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

    __slots__ = (
        "_batch",
        "_callbacks",
        "_came",
        "_collector",
        "_ended",
        "_judges",
        "_maps",
        "_read",
        "_reading",
        "abandoned",
        "attempt",
        "attempts",
        "losses",
        "origin",
    )

    def __init__(self, read: Read, *, attempt: Attempt | None = None) -> None:
        self._read = read
        self._batch: list[StreamEvent] = []  # reversed: pop() from the end is O(1)
        self._came: list[StreamEvent] = []  # the same in order, with what was taken since it was last collected
        self._maps: tuple[Map, ...] = ()
        self._callbacks: list[OnEnd] = []
        self._judges: list[OnResponse] = []
        self._ended = False
        self._reading = False
        self.attempt = attempt
        self.attempts: tuple[Attempt, ...] = () if attempt is None else (attempt,)
        self.losses: tuple[Loss, ...] = ()
        self.origin: Origin | None = None
        self.abandoned: tuple[ChatResponse, ...] = ()  # what came of answers that were begun anew
        self._collector = Collector()

    @property
    def collector(self) -> Collector:
        """All events up to the one taken last. They are collected when somebody looks, many at a time: that costs
        half as much as each in its turn."""
        taken = len(self._came) - len(self._batch)
        if taken > 0:
            self._collector.feed_many(self._came[:taken])
            del self._came[:taken]
        return self._collector

    def _hold(self, batch: list[StreamEvent]) -> None:
        """Have these to be taken next."""
        self._came = batch
        self._batch = batch[::-1]

    def map(self, function: Map) -> None:
        """Rewrite every batch before it is collected; what was already read ahead included.

        The batch that holds the terminal event is the last: a function that holds something back
        gives it out there.
        """
        self._maps = (*self._maps, function)
        if self._batch:
            self.collector  # noqa: B018  what was taken is collected as it was
            self._hold([*function(self._came)])

    def around(self, function: Callable[[Read], Read]) -> None:
        """Stand around every wait for more events from now on: ``function`` is given what waits, and gives what does
        so instead."""
        self._read = function(self._read)

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
                for event in ahead:  # tokens may have been counted all the same
                    self.collector.feed(event)
                raise failure.error
            if content or failure is not None or any(type(event) is MessageEnd for event in batch):
                break
        self._hold(ahead)

    async def read_ahead(self, until: Callable[[StreamEvent], bool]) -> None:
        """Hold all events up to one that ``until`` is true of, or to the end; none is taken.

        Raises:
            MiniLLMError: the stream failed before that, and has ended.
        """
        self.collector  # noqa: B018  what was taken is not read again
        ahead = self._came
        checked = 0
        while True:
            for event in ahead[checked:]:
                if type(event) is StreamFailed:
                    self._came, self._batch = ahead, []  # all of it has come
                    self._fail(event.error)
                if until(event) or type(event) is MessageEnd:
                    self._hold(ahead)
                    return
            checked = len(ahead)
            try:
                batch = await self._next_batch()
            except MiniLLMError as error:
                self._came, self._batch = ahead, []
                self._fail(error)
            else:
                if batch is None:
                    self._hold(ahead)
                    return
                ahead = [*ahead, *batch]

    def begin_anew(self, partial: ChatResponse) -> None:
        """The answer begins anew: what has been collected is put aside, in ``abandoned``, as ``partial``."""
        self.abandoned = (*self.abandoned, partial)
        self.begin_from(())

    def begin_from(self, events: Iterable[StreamEvent]) -> None:
        """Have only these been collected."""
        self.collector  # noqa: B018  what was taken goes with the rest
        self._collector = Collector()
        self._collector.feed_many(events)

    async def _next_batch(self) -> Sequence[StreamEvent] | None:
        batch = await self._read()
        if batch is not None:
            for function in self._maps:
                batch = function(batch)
        return batch

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self

    async def __anext__(self) -> StreamEvent:
        event = self.take()
        while event is None:
            if not await self.fill():
                raise StopAsyncIteration
            event = self.take()
        return event

    def take(self) -> StreamEvent | None:
        """The next event that has already been read, collected as it passes; None where :meth:`fill` must wait.

        Raises:
            MiniLLMError: the event says that the stream failed.
        """
        if not self._batch:
            return None
        event = self._batch.pop()
        if type(event) is StreamFailed:
            self._fail(event.error)
        return event

    def ready(self) -> Iterator[StreamEvent]:
        """What :meth:`take` would give, one after another: cheaper for a loop. Raises as that does."""
        batch = self._batch
        while batch:
            event = batch.pop()
            if type(event) is StreamFailed:
                self._fail(event.error)
            yield event

    async def fill(self) -> bool:
        """Wait until :meth:`take` has something; False at the end."""
        if self._batch:
            return True
        if self._ended:
            return False
        if self._reading:
            raise StreamConsumed("this stream is already being read: it has one reader")
        self._reading = True
        self.collector  # noqa: B018  a stream that waits holds no event any more
        try:
            while True:
                batch = await self._next_batch()
                if batch is None:
                    self.end(None)
                    return False
                if batch:
                    self._hold([*batch])
                    return True
        except Exception as error:
            if isinstance(error, MiniLLMError):
                self._fail(error)
            self.end(error)
            raise
        finally:
            self._reading = False

    def _fail(self, error: Exception) -> None:
        """Raise the error with what it should know."""
        if isinstance(error, MiniLLMError):
            if error.partial is None:
                error.partial = self.collector.response()
            if self.attempts:
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

    def on_response(self, judge: OnResponse) -> None:
        """Pass the whole response through ``judge`` when the stream has ended well; it may raise."""
        self._judges.append(judge)

    def response(self) -> ChatResponse:
        """What has come so far, as a response; not judged."""
        response = self.collector.response()
        attempt = self.attempt
        if self.origin is not None:
            for choice in response.choices:
                object.__setattr__(choice.message, "origin", self.origin)  # fresh, nobody has seen it yet
        return replace(
            response,
            attempts=self.attempts,
            losses=self.losses,
            rate_limits={} if attempt is None else attempt.rate_limits,
        )

    async def collect(self) -> ChatResponse:
        """Read to the end and return the whole, judged response.

        Raises:
            StreamInterrupted: the stream was cut; ``.response`` holds what came.
            OutputError: the answer is not what was asked for.
        """
        async for _ in self:
            pass
        return await self.judged()

    async def judged(self) -> ChatResponse:
        """The response of a stream that was read to its end. Raises as :meth:`collect` does."""
        response = self.response()
        if not self.collector.complete:
            raise StreamInterrupted(
                "the stream ended before its terminal event", partial=response, attempts=self.attempts
            )
        return await self.judge(response)

    async def judge(self, response: ChatResponse) -> ChatResponse:
        """A whole response passed through the judges of this stream. Raises as :meth:`collect` does."""
        for judge in self._judges:
            response = await judge(response)
        return response


def replay(response: ChatResponse) -> list[StreamEvent]:
    """A whole response as the events of a stream: for hosts that cannot stream."""
    events: list[StreamEvent] = [MessageStart(response.id, response.model, response.created)]
    for choice in response.choices:
        logprobs = choice.logprobs
        for index, part in enumerate(choice.message.parts):
            made = _part_events(choice.index, index, part)
            if logprobs and type(made[1]) is TextDelta:
                made[1].logprobs, logprobs = logprobs, None  # streams carry them on the text
            events.extend(made)
    if response.usage is not None:
        events.append(UsageUpdate(response.usage))
    events.extend(Finish(choice.index, choice.finish_reason, choice.raw_finish_reason) for choice in response.choices)
    events.append(MessageEnd())
    return events


def replayed(response: ChatResponse) -> EventStream:
    """The same as a stream, which knows what the response knows of its attempts, losses and origin."""
    batches: list[list[StreamEvent]] = [replay(response)]

    async def read() -> Sequence[StreamEvent] | None:
        return batches.pop() if batches else None

    stream = EventStream(read, attempt=response.attempts[-1] if response.attempts else None)
    stream.attempts = response.attempts
    stream.losses = response.losses
    stream.origin = response.message.origin
    return stream


def _part_events(choice: int, index: int, part: Part) -> list[StreamEvent]:
    """One part: those that streams send in pieces as a shell and one piece, the others whole."""
    for kind, field, delta in _PIECES:
        if type(part) is kind:
            text = getattr(part, field)
            shell: Any = part
            start: list[StreamEvent] = [PartStart(index, replace(shell, **{field: ""}), choice)]
            if text:
                start.append(delta(index, text, choice=choice))
            return [*start, PartEnd(index, choice=choice)]
    return [PartStart(index, part, choice), PartEnd(index, choice=choice)]


_PIECES: tuple[tuple[type, str, Any], ...] = (
    (TextPart, "text", TextDelta),
    (RefusalPart, "text", RefusalDelta),
    (ReasoningPart, "text", ReasoningDelta),
    (ToolCallPart, "arguments", ToolCallDelta),
)
