"""A reply while it is being written."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..chat_model import EventStream
from ..errors import MiniLLMError, StreamConsumed
from ..stack import Model
from ..tree import Node
from ..types import UNSET, ChatResponse, FinishReason, MessageEnd, PartStart, StreamEvent, TextDelta, TextPart
from .completion import Completion

if TYPE_CHECKING:
    from ..json.growing import GrowingValue

__all__ = ["ChatStream"]

R = TypeVar("R", bound=Node)

_NOT_OPEN = "open the stream first: async with node.stream(gen) as stream"


class ChatStream(Generic[R]):
    """An async iterator of text deltas; leaving its ``async with`` by any way closes the connection.

    Example:
        >>> async with node.stream(gen) as stream:
        ...     async for chunk in stream:
        ...         print(chunk.delta, end="")
        >>> reply = stream.node
    """

    __slots__ = ("_completion", "_events", "_manager", "_node", "_settled")

    def __init__(self, completion: Completion[R]) -> None:
        self._completion = completion
        self._manager: AbstractAsyncContextManager[EventStream] | None = None
        self._events: EventStream | None = None
        self._node: R | None = None
        self._settled = False

    async def __aenter__(self) -> "ChatStream[R]":
        if self._manager is not None:
            raise StreamConsumed("this stream was opened before; call node.stream() again for a new one")
        completion = self._completion
        self._manager = completion.model.stream(completion.request)
        try:
            self._events = await self._manager.__aenter__()
        except BaseException as error:
            self._settled = True
            await completion.failed(error)
            raise
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

    def __aiter__(self) -> AsyncIterator[TextDelta]:
        """Raises StreamConsumed where the stream is not open, or has been read to its end."""
        return self._texts(self._readable())

    async def _texts(self, events: EventStream) -> AsyncIterator[TextDelta]:
        """What ``async for`` runs: a generator costs a third less for each delta than ``__anext__``."""
        while True:
            for event in events.ready():
                if type(event) is TextDelta and event.choice == 0:
                    yield event
                elif type(event) is PartStart and (whole := _whole_text(event)) is not None:
                    yield whole
            if not await self._more(events):
                return

    async def __anext__(self) -> TextDelta:
        events = self._open()
        while True:
            for event in events.ready():
                if type(event) is TextDelta and event.choice == 0:
                    return event
                if type(event) is PartStart and (whole := _whole_text(event)) is not None:
                    return whole
            if not await self._more(events):
                raise StopAsyncIteration

    async def events(self) -> AsyncIterator[StreamEvent]:
        """All events instead of the text alone; shares the one cursor."""
        events = self._readable()
        while True:
            for event in events.ready():
                yield event
            if not await self._more(events):
                return

    async def partials(self) -> AsyncIterator[Any]:
        """The JSON value of the answer as it grows: each time it has changed, as far as it has come.

        A value is what JSON makes of it, a dict or list also where ``output=`` names a class: members that have
        not come are missing, texts and numbers may still go on, and nothing is checked. What is checked is
        ``stream.node.output``, at the end. Each is a new object. What came since the last one is read at once
        when the next is asked for; a long answer is read again when it has grown by a 64th. Shares the one cursor.

        Raises:
            StreamInterrupted: the answer was cut; ``.response`` holds what came.
            OutputError: the whole answer is not what was asked for.
        """
        from ..json.growing import GrowingValue

        events, options = self._readable(), self._completion.call.options
        if options.output is None:
            asked, kind = None, options.expect or "any"
        else:
            from ..json.answer import answer_schema

            asked = answer_schema(options.output)
            kind = "any" if asked.wrapped else "object"
        growing = GrowingValue(kind)
        growing.feed(events.collector.text())
        last: Any = UNSET
        more, begun_anew = True, len(events.abandoned)
        while more:
            if len(events.abandoned) != begun_anew:
                begun_anew, growing = len(events.abandoned), GrowingValue(kind)
            ended = _feed(growing, events)
            value = growing.changed(whole=ended)
            if asked is not None and value is not UNSET:
                value = asked.unwrapped(value)
            if value is not UNSET and (type(value) is not type(last) or value != last):
                last = value
                yield value
            more = await self._more(events)

    async def finish(self) -> R:
        """Read (on) to the end and return the reply.

        Raises:
            StreamInterrupted: the answer was cut; ``.response`` holds what came.
            OutputError: the answer is not what was asked for.
        """
        if self._node is None:
            async for _ in self:
                pass
        return self.node

    @property
    def text(self) -> str:
        """The visible text so far."""
        return "" if self._events is None else self._events.collector.text()

    @property
    def response(self) -> ChatResponse:
        """What has come so far, as a response."""
        return ChatResponse() if self._events is None else self._events.response()

    @property
    def model(self) -> Model:
        """Who is asked."""
        return self._completion.asked

    @property
    def ended_well(self) -> bool:
        """Whether there is a reply: :attr:`node`."""
        return self._node is not None

    @property
    def node(self) -> R:
        """The reply, once the stream has been read to its end.

        Raises:
            StreamConsumed: it has not, or it failed or was left early.
        """
        if self._node is None:
            state = "was left before its end" if self._settled else "has not been read to its end"
            raise StreamConsumed(f"there is no reply: the stream {state} (await stream.finish() reads on)")
        return self._node

    def _open(self) -> EventStream:
        if self._events is None:
            raise StreamConsumed(_NOT_OPEN)
        if self._settled and self._node is None:
            raise StreamConsumed("this stream is closed")
        return self._events

    def _readable(self) -> EventStream:
        events = self._open()
        if self._node is not None:
            raise StreamConsumed("this stream has been read to its end; the reply is stream.node")
        return events

    async def _more(self, events: EventStream) -> bool:
        """Wait for more events; at the end settle the reply and say False."""
        if self._node is not None:
            return False
        try:
            if await events.fill():
                return True
            await self._settle(events)
        except StreamConsumed:
            raise
        except Exception as error:
            if not self._settled:
                self._settled = True
                await self._completion.failed(error)
            raise
        return False

    async def _settle(self, events: EventStream) -> None:
        """Judge the whole answer and attach it."""
        response = await events.judged()
        self._settled = True
        self._node = await self._completion.replied(response, _abandoned(events))

    async def _left(self, events: EventStream, error: BaseException | None) -> None:
        """The block was left before the end was read: by break, an exception or cancellation, all the same."""
        completion = self._completion
        if events.collector.complete and error is None:
            try:
                await self._settle(events)  # only the last step was not asked for: nothing is missing
            except MiniLLMError as rejected:
                await completion.failed(rejected)
                raise
            return
        response = events.response()
        if completion.call.on_cancel == "keep" and response.choices:
            if completion.call.options.wants_value:
                response = replace(response, raw_text=response.text)  # not judged: it has no output
            self._node = await completion.replied(_interrupted(response), _abandoned(events))
        else:
            await completion.failed(error, events.attempts)


def _feed(growing: "GrowingValue", events: EventStream) -> bool:
    """Give it the text that has come; whether that was the end."""
    ended = False
    for event in events.ready():
        if type(event) is TextDelta:
            if event.choice == 0:
                growing.feed(event.delta)
        elif type(event) is PartStart and (whole := _whole_text(event)) is not None:
            growing.feed(whole.delta)
        elif type(event) is MessageEnd:
            ended = True
    return ended


def _whole_text(event: PartStart) -> TextDelta | None:
    """A text of the first choice that came whole, as a delta."""
    part = event.part
    return TextDelta(event.index, part.text) if type(part) is TextPart and part.text and not event.choice else None


def _abandoned(events: EventStream) -> tuple[ChatResponse, ...]:
    return tuple(map(_interrupted, events.abandoned)) if events.abandoned else ()


def _interrupted(response: ChatResponse) -> ChatResponse:
    choices: Any = tuple(replace(choice, finish_reason=FinishReason.INTERRUPTED) for choice in response.choices)
    return replace(response, choices=choices)
