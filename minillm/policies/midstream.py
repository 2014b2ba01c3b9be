"""What follows where a stream is cut after it was committed: the next route begins anew, or goes on."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from types import TracebackType

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
from .commit import Opened
from .routes import RouteNews

__all__ = ["Relay"]


class Relay:
    """One stream out of those of several routes: where one is cut, the next begins anew, or goes on.

    Args:
        first: the route that answers now.
        ask: how the next ones are asked.
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
        self._opened = first
        self._stream = EventStream(self._read)
        self._stream.on_response(self._judge)
        self._took_over(())

    async def __aenter__(self) -> EventStream:
        return self._stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        try:
            return await self._opened.close(error)
        finally:
            self._stream.end(None)

    async def _judge(self, response: ChatResponse) -> ChatResponse:
        return await self._opened.stream.judge(response)  # of the route that ends the answer

    def _took_over(self, told: tuple[Loss, ...]) -> None:
        stream, inner = self._stream, self._opened.stream
        stream.attempt = inner.attempt
        stream.attempts = (*self._candidates.spent, *inner.attempts)
        stream.losses = (*inner.losses, *told)
        stream.origin = inner.origin

    async def _read(self) -> Sequence[StreamEvent] | None:
        if self._cut is not None:
            cut, self._cut = self._cut, None
            await self._next_route(cut)
        inner = self._opened.stream
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
        candidates, before, stream = self._candidates, self._opened, self._stream
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
                    self._opened = await candidates.first(self._ask, undo=Opened.close, prefix=prefix, news=news)
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
        stream, index = self._stream, self._text
        stream.begin_from((PartStart(index, TextPart("")), TextDelta(index, prefix)))
        reason = f"{name} was cut after {len(prefix)} characters, and {self._opened.route.name} went on"
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
