"""The arguments of tool calls while an answer streams in: which call, and what has become known of it."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import InvalidOutput
from ..json.argument_stream import ArgumentStream, FieldDelta, FieldDone, FieldEvent, FieldStarted
from ..types import (
    Finish,
    FinishReason,
    MessageEnd,
    PartEnd,
    PartStart,
    StreamEvent,
    ToolCallDelta,
    ToolCallPart,
)

__all__ = ["ArgumentsFailed", "CallEvent", "StreamedCalls", "stream_arguments"]


@dataclass(slots=True)
class ArgumentsFailed:
    """The arguments of this call are no JSON, or broke off; nothing more comes of it. The others go on."""

    error: InvalidOutput


#: The call (its id and name; the arguments are not in it yet), and what has become known.
CallEvent: TypeAlias = tuple[ToolCallPart, FieldEvent | ArgumentsFailed]


class StreamedCalls:
    """Takes the events of an answer and follows the calls in it, several at once.

    Args:
        lenient: see :class:`minillm.json.ArgumentStream`.

    Example:
        >>> calls = StreamedCalls()
        >>> async for event in stream.events():
        ...     for call, field in calls.feed(event):
        ...         print(call.name, field)
    """

    __slots__ = ("_cut", "_lenient", "_open")

    def __init__(self, *, lenient: bool = False) -> None:
        self._lenient = lenient
        self._open: dict[tuple[int, int], _OpenCall] = {}
        self._cut: set[int] = set()  # choices that ended for want of tokens

    def feed(self, event: StreamEvent) -> list[CallEvent]:
        """What this event adds; nothing for those that are about other things."""
        if type(event) is ToolCallDelta:
            return self._at(event).feed(event.delta)
        if type(event) is PartStart and isinstance(event.part, ToolCallPart):
            call = self._open[event.choice, event.index] = _OpenCall(event.part, self._lenient)
            return call.feed(event.part.arguments)
        if type(event) is PartEnd:
            ended = self._open.pop((event.choice, event.index), None)
            return [] if ended is None else ended.end(event.part)
        if type(event) is Finish and event.reason is FinishReason.LENGTH:
            self._cut.add(event.choice)
        elif type(event) is MessageEnd:  # not every host says that a part has ended
            left, self._open = self._open, {}
            return [told for (choice, _), call in left.items() for told in call.end(None, cut=choice in self._cut)]
        return []

    def _at(self, event: ToolCallDelta) -> "_OpenCall":
        key = event.choice, event.index
        if key not in self._open:
            self._open[key] = _OpenCall(ToolCallPart("", ""), self._lenient)
        return self._open[key]


class _OpenCall:
    __slots__ = ("_arguments", "_call", "_failed", "_fed", "_lenient")

    def __init__(self, call: ToolCallPart, lenient: bool) -> None:
        self._call = call
        self._arguments = _Text() if call.kind == "custom" else ArgumentStream(lenient=lenient)
        self._lenient = lenient
        self._fed = False
        self._failed = False

    def feed(self, text: str) -> list[CallEvent]:
        if self._failed or not text:
            return []
        self._fed = True
        try:
            return self._told(self._arguments.feed(text))
        except InvalidOutput as error:
            return self._fail(error)

    def end(self, final: object, *, cut: bool = False) -> list[CallEvent]:
        """``final`` is the wire's own last word on the part, where it has one; else ``cut`` tells what it would."""
        told: list[CallEvent] = []
        if isinstance(final, ToolCallPart):
            cut = final.incomplete
            if not self._fed:
                told = self.feed(final.arguments)
        if self._failed:
            return told
        try:
            if cut and not self._lenient:
                raise InvalidOutput("the arguments were cut off")
            return [*told, *self._told(self._arguments.finish())]
        except InvalidOutput as error:
            return [*told, *self._fail(error)]

    def _told(self, events: list[FieldEvent]) -> list[CallEvent]:
        return [(self._call, event) for event in events]

    def _fail(self, error: InvalidOutput) -> list[CallEvent]:
        self._failed = True
        return [(self._call, ArgumentsFailed(error))]


class _Text:
    """The free text of a custom tool, as if it were a value."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def feed(self, text: str) -> list[FieldEvent]:
        first = not self._pieces
        self._pieces.append(text)
        return [FieldStarted((), "string"), FieldDelta((), text)] if first else [FieldDelta((), text)]

    def finish(self) -> list[FieldEvent]:
        started: list[FieldEvent] = [] if self._pieces else [FieldStarted((), "string")]
        return [*started, FieldDone((), "".join(self._pieces))]


async def stream_arguments(events: AsyncIterable[StreamEvent], *, lenient: bool = False) -> AsyncIterator[CallEvent]:
    """The arguments of the calls in a stream, field by field; everything else in it is passed over.

    Example:
        >>> async with node.stream(gen, tools=[write_file]) as stream:
        ...     async for call, field in stream_arguments(stream.events()):
        ...         match field:
        ...             case FieldDelta(("text",), delta):
        ...                 print(delta, end="")
    """
    calls = StreamedCalls(lenient=lenient)
    async for event in events:
        for told in calls.feed(event):
            yield told
