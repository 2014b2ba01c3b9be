"""Streams of routes: opened as far as they must be to be committed, and what follows where one is cut after that."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace

from ..chat_model import EventStream
from ..errors import AllRoutesFailed, MiniLLMError
from ..observe import current_request
from ..types import (
    ChatRequest,
    ChatResponse,
    Loss,
    MessageEnd,
    MessageStart,
    PartEnd,
    PartStart,
    ReasoningPart,
    Severity,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
)
from .candidates import Candidates, Route
from .routes import RouteNews

__all__ = ["Opened", "Relay", "opened", "whole"]

Until = Callable[[StreamEvent], bool]


@dataclass(slots=True, eq=False)
class Opened:
    """A route that has begun to answer, and how to leave it; None where it has been left already."""

    stream: EventStream
    route: Route
    manager: AbstractAsyncContextManager[EventStream] | None
    error: BaseException | None = None  # what it ended with

    def watched(self) -> None:
        """Remember what the stream ends with."""
        self.stream.on_end(self._ended)

    def _ended(self, _: EventStream, error: BaseException | None) -> None:
        self.error = error

    async def close(self, error: BaseException | None = None) -> bool | None:
        """Leave it once; as ``__aexit__``, true where it takes care of the error."""
        manager, self.manager = self.manager, None
        if manager is None:
            return False
        if error is None:
            return await manager.__aexit__(None, None, None)
        return await manager.__aexit__(type(error), error, error.__traceback__)


async def opened(route: Route, request: ChatRequest, until: Until | None) -> Opened:
    """Enter the route's stream; where ``until`` is given, read ahead to the first event that it is true of.

    Raises:
        MiniLLMError: it failed before that.
    """
    manager = route.model.stream(request)
    answer = Opened(await manager.__aenter__(), route, manager)
    if until is not None:
        try:
            await answer.stream.read_ahead(until)
        except BaseException as error:
            await answer.close(error)
            raise
    return answer


async def whole(route: Route, request: ChatRequest) -> Opened:
    """Read the route's stream to its end and judge it, and only then give it, again as a stream.

    Raises:
        MiniLLMError: it was cut, or is not what was asked for.
    """
    async with route.model.stream(request) as inner:
        batches = [[event async for event in inner]]
        verdict = await inner.judged()

    async def read() -> Sequence[StreamEvent] | None:
        return batches.pop() if batches else None

    async def judge(response: ChatResponse) -> ChatResponse:
        return replace(verdict, attempts=response.attempts)

    stream = EventStream(read, attempt=inner.attempt)
    stream.attempts, stream.losses, stream.origin = inner.attempts, inner.losses, inner.origin
    stream.on_response(judge)
    return Opened(stream, route, None)


class Relay:
    """One stream out of those of several routes: where one is cut, the next begins anew, or goes on.

    ``stream`` is what the caller reads; ``opened`` what has to be left at its end.
    """

    def __init__(
        self,
        candidates: Candidates,
        request: ChatRequest,
        first: Opened,
        ask: Callable[[Route], Awaitable[Opened]],
    ) -> None:
        self._candidates = candidates
        self._request = request
        self._ask = ask
        self._watch = current_request()  # the plan's: whoever reads the stream is in no context of ours
        self._cut: MiniLLMError | None = None
        self._change: Callable[[Sequence[StreamEvent]], Sequence[StreamEvent]] | None = None
        self._text = 0  # the index of the text
        self._indices = 0  # of parts that have begun
        self.opened = first
        self.stream = EventStream(self._read)
        self.stream.on_response(self._judge)
        self._took_over(())

    async def _judge(self, response: ChatResponse) -> ChatResponse:
        return await self.opened.stream.judge(response)  # of the route that ends the answer

    def _took_over(self, told: tuple[Loss, ...]) -> None:
        stream, inner = self.stream, self.opened.stream
        stream.attempt = inner.attempt
        stream.attempts = (*self._candidates.spent, *inner.attempts)
        stream.losses = (*inner.losses, *told)
        stream.origin = inner.origin

    async def _read(self) -> Sequence[StreamEvent] | None:
        if self._cut is not None:
            cut, self._cut = self._cut, None
            await self._next_route(cut)
        inner = self.opened.stream
        batch: list[StreamEvent] = []
        try:
            if not await inner.fill():
                return None
            for event in inner.ready():
                batch.append(event)  # noqa: PERF402  what came before a failure is kept
        except MiniLLMError as error:
            self._cut = error  # after what has come before it
        events = batch if self._change is None else self._change(batch)
        for event in events:
            if type(event) is PartStart:
                self._indices = max(self._indices, event.index + 1)
                self._text = event.index if isinstance(event.part, TextPart) else self._text
        return events

    async def _next_route(self, cut: MiniLLMError) -> None:
        """Give the answer to the next route.

        Raises:
            MiniLLMError: ``cut``, where it does not move on, or no route can go on with the answer.
            AllRoutesFailed: those that were asked failed.
        """
        candidates, before, stream = self._candidates, self.opened, self.stream
        goes_on = candidates.rules.midstream == "continue"
        so_far = cut.partial = stream.response()
        prefix = _continuable(so_far) if goes_on else None
        await before.close()
        try:
            await candidates.failed(before.route, cut, RouteNews.CUT)
            if goes_on and prefix is None:
                raise cut
            asked, news = candidates.asked, RouteNews.CONTINUED if goes_on else RouteNews.RESTARTED
            try:
                with nullcontext() if self._watch is None else self._watch.around():
                    self.opened = await candidates.first(self._ask, undo=Opened.close, prefix=prefix, news=news)
            except AllRoutesFailed as failed:
                if candidates.asked == asked:
                    raise cut from None  # nobody else was there to be asked
                failed.partial = so_far
                raise
        except MiniLLMError:
            stream.attempts = candidates.spent
            raise
        if prefix is None:
            stream.begin_anew(replace(so_far, attempts=before.route.spent(cut)))
            self._took_over(())
            self._change = _Began()
        else:
            self._onward(before.route.name, so_far, prefix)

    def _onward(self, name: str, so_far: ChatResponse, prefix: str) -> None:
        """What comes now goes into the text that is open. The reply is that text: thoughts of the first model
        are no thoughts of the second, whose host might refuse them."""
        stream, index = self.stream, self._text
        stream.begin_from((PartStart(index, TextPart("")), TextDelta(index, prefix)))
        reason = f"{name} was cut after {len(prefix)} characters, and {self.opened.route.name} went on"
        told = [Loss("message", "one author", reason, Severity.NOTE)]
        if so_far.reasoning:
            told.append(Loss("message", "reasoning", "the thoughts of the model that was cut", Severity.NOTE))
        self._took_over(tuple(told))
        self._change = _Onward(stream, index, len(prefix), self._indices)


def _continuable(so_far: ChatResponse) -> str | None:
    """The text of an answer that can be gone on with: one text, behind thoughts at most."""
    if len(so_far.choices) != 1:
        return None
    parts = [part for part in so_far.message.parts if not isinstance(part, ReasoningPart)]
    if len(parts) != 1 or not isinstance(parts[0], TextPart) or not parts[0].text.strip():
        return None
    return parts[0].text


class _Began:
    """Sees that an answer which begins anew says so, whatever its wire does."""

    def __init__(self) -> None:
        self._begun = False

    def __call__(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        if self._begun or not events:
            return events
        self._begun = True
        said = any(type(event) is MessageStart for event in events)
        return events if said else [MessageStart(), *events]


class _Onward:
    """Puts the events of an answer that was gone on with behind those of the one that was cut.

    Its text begins with the prefix, which the caller has read already.
    """

    def __init__(self, stream: EventStream, index: int, skip: int, free: int) -> None:
        self._stream = stream
        self._index = index
        self._skip = skip
        self._free = free
        self._places: dict[int, int | None] = {}  # None: dropped
        self._text = False  # the first text has begun

    def __call__(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        out: list[StreamEvent] = []
        for event in events:
            kind = type(event)
            if kind is MessageStart:
                self._stream.collector.feed(event)  # the reply is of this model; the caller has had its start
            elif kind is MessageEnd:
                out.append(MessageEnd(native=event.native))
            elif kind is StreamFailed or getattr(event, "index", None) is None:
                out.append(event)
            else:
                self._one(event, out)
        return out

    def _one(self, event: StreamEvent, out: list[StreamEvent]) -> None:
        index: int = event.index  # type: ignore[union-attr, assignment]
        if type(event) is PartStart and index not in self._places and self._begins(event, out):
            return
        place = self._places.get(index, self._index)
        if place is None:
            return
        event.index = place  # type: ignore[union-attr]
        if place != self._index:
            out.append(event)
        elif type(event) is TextDelta:
            self._rest(event.delta, event, out)
        elif type(event) is PartEnd:
            out.append(PartEnd(place, choice=event.choice))  # its own form of the part is that of one author
        elif type(event) is not PartStart:
            out.append(event)

    def _begins(self, event: PartStart, out: list[StreamEvent]) -> bool:
        """Find the place of a part; whether nothing else is to be done with its start."""
        if isinstance(event.part, TextPart) and not self._text:
            self._text = True
            self._places[event.index] = self._index
            if event.part.text:
                self._rest(event.part.text, TextDelta(self._index, ""), out)
            return True
        if isinstance(event.part, ReasoningPart) and not self._text:
            self._places[event.index] = None  # thoughts about how to go on, amid the answer
            return True
        self._places[event.index] = self._free
        self._free += 1
        return False

    def _rest(self, text: str, event: TextDelta, out: list[StreamEvent]) -> None:
        if self._skip >= len(text):
            self._skip -= len(text)
            return
        event.delta, self._skip = text[self._skip :], 0
        out.append(event)
