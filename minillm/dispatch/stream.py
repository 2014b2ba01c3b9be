"""An answer while it is being read, without a tree: its events, or the bytes of a wire."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, Self, TypeVar

from ..chat_model import EventStream
from ..errors import MiniLLMError, StreamConsumed
from ..report import Report
from ..types import ChatResponse, MessageEnd, StreamEvent, StreamFailed
from .call import DispatchedCall
from .reply import StreamSaid, warn_of_losses

__all__ = ["DispatchedBytes", "DispatchedEvents", "DispatchedStream"]

T = TypeVar("T", StreamEvent, bytes)

_NOT_OPEN = "open the stream first: async with dispatch_stream_events(...) as stream"


class DispatchedStream(ABC, Generic[T]):
    """An async iterator that is open inside its ``async with``.

    Entering it is the retry boundary: what raises there (a refusal, a failure before the first content) raises before
    anything was given out, so that a server can still answer with a status. Leaving it by any way, cancellation
    included, closes the connection at once and waits for nothing but the cost callback.
    """

    __slots__ = ("_call", "_events", "_judged", "_manager", "_settled")

    def __init__(self, call: DispatchedCall) -> None:
        self._call = call
        self._manager: AbstractAsyncContextManager[EventStream] | None = None
        self._events: EventStream | None = None
        self._judged: ChatResponse | None = None
        self._settled = False

    async def __aenter__(self) -> Self:
        """Raises what a whole call raises; StreamConsumed where it was opened before."""
        if self._manager is not None:
            raise StreamConsumed("this stream was opened before; dispatch the request again for a new one")
        call = self._call
        self._manager = call.model.stream(call.asked.request)
        try:
            self._events = await self._manager.__aenter__()
        except BaseException as error:
            self._settled = True
            await call.failed(error)
            raise
        call.report(self._events.losses)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        manager, events = self._manager, self._events
        if manager is None or events is None:
            raise StreamConsumed(_NOT_OPEN)
        try:
            await manager.__aexit__(kind, error, traceback)
        finally:
            if not self._settled:
                self._settled = True
                await self._left(events, error)

    def __aiter__(self) -> AsyncIterator[T]:
        """Raises StreamConsumed where the stream is not open, or has been read to its end."""
        events = self._events
        if events is None:
            raise StreamConsumed(_NOT_OPEN)
        if self._settled:
            raise StreamConsumed("this stream is closed, or has been read to its end")
        return self._items(events)

    @abstractmethod
    def _items(self, events: EventStream) -> AsyncIterator[T]: ...

    @property
    def response(self) -> ChatResponse:
        """What has come so far; at the end the whole answer, judged, with its attempts."""
        if self._judged is not None:
            return self._judged
        return ChatResponse() if self._events is None else self._events.response()

    @property
    def text(self) -> str:
        """The visible text so far."""
        return "" if self._events is None else self._events.collector.text()

    async def finish(self) -> ChatResponse:
        """Read (on) to the end and return the whole answer.

        Raises:
            StreamInterrupted: it was cut; ``.response`` holds what came.
            OutputError: it is not what was asked for.
        """
        if self._judged is None:
            async for _ in self:
                pass
        return self.response

    async def _more(self, events: EventStream) -> bool:
        """Wait for more events; at the end judge the whole, tell its bill, and say False."""
        try:
            if await events.fill():
                return True
            await self._settle(events)
        except StreamConsumed:
            raise
        except Exception as error:
            await self._failed(error)
            raise
        return False

    async def _settle(self, events: EventStream) -> None:
        self._judged = await events.judged()
        self._settled = True
        await self._call.answered(self._judged)

    async def _failed(self, error: Exception) -> None:
        if not self._settled:
            self._settled = True
            await self._call.failed(error)

    async def _left(self, events: EventStream, error: BaseException | None) -> None:
        if events.collector.complete and error is None:
            try:
                await self._settle(events)  # only the last step was not asked for: nothing is missing
            except MiniLLMError as rejected:
                await self._call.failed(rejected)
                raise
            return
        await self._call.failed(error, events.attempts)


class DispatchedEvents(DispatchedStream[StreamEvent]):
    """The events of an answer. A failure behind the first content is raised, with what came."""

    __slots__ = ()

    async def _items(self, events: EventStream) -> AsyncIterator[StreamEvent]:
        while True:
            for event in events.ready():
                yield event
            if not await self._more(events):
                return


class DispatchedBytes(DispatchedStream[bytes]):
    """An answer as the bytes of a wire's stream, as they come: server-sent events, ready to be written.

    A failure behind the first content is said in the stream, in the wire's own form, which then ends; ``error`` is
    that failure. Whoever asked hears of it, and nothing that was sent is taken for the whole.
    """

    __slots__ = ("_report", "error")

    def __init__(self, call: DispatchedCall) -> None:
        super().__init__(call)
        self._report = Report() if call.asked.report is None else call.asked.report
        self.error: MiniLLMError | None = None

    async def finish(self) -> ChatResponse:
        response = await super().finish()
        if self.error is not None:
            raise self.error
        return response

    async def _items(self, events: EventStream) -> AsyncIterator[bytes]:
        asked = self._call.asked
        source = None if events.attempt is None else events.attempt.wire
        said = StreamSaid(asked.reply or "", source, self._report, counts=asked.counts)
        end: list[StreamEvent] = []
        try:
            more = True
            while more:
                batch: list[StreamEvent] = []
                failure = _take(events, batch)
                if asked.options.judges and batch and type(batch[-1]) is MessageEnd:
                    end = [batch.pop()]  # it is not said before the answer has been judged
                if out := said.feed(batch):
                    yield out
                if failure is not None:
                    raise failure
                more = await self._more(events)
            if out := said.feed(end) + said.finish():
                yield out
        except MiniLLMError as error:
            await self._failed(error)
            self.error = error
            if out := said.feed([StreamFailed(error)]) + said.finish():
                yield out
        if asked.report is None and asked.options.unsupported != "drop":
            warn_of_losses(self._report, said.wire)


def _take(events: EventStream, batch: list[StreamEvent]) -> MiniLLMError | None:
    """Put what is ready into the batch; the failure that ends it."""
    try:
        batch.extend(events.ready())
    except MiniLLMError as error:
        return error
    return None
