"""Events in the order that every wire can say: one part open at a time, numbered without gaps.

Some wires interleave parts (parallel tool calls by index), some send whole parts, some never end one, some
send a signature after the next part has begun. Targets that keep one block open at a time want none of
that: the call that opened first goes out as it comes, what opens meanwhile is held back until it is whole.
A text ends where anything else begins; what still comes of it is a text of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..errors import DecodeError
from ..json.serialization import loads
from ..types import (
    AudioDelta,
    CitationAdded,
    MessageEnd,
    MessageStart,
    NativeEvent,
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

__all__ = ["Sequencer"]

_OF_A_PART = (
    TextDelta,
    RefusalDelta,
    ReasoningDelta,
    ToolCallDelta,
    SignatureDelta,
    CitationAdded,
    AudioDelta,
    PartEnd,
)

# Kinds of part that are spelled out in deltas: field of the text, and the event that carries a piece of it.
_SPELLED: dict[type, tuple[str, type]] = {
    TextPart: ("text", TextDelta),
    RefusalPart: ("text", RefusalDelta),
    ReasoningPart: ("text", ReasoningDelta),
    ToolCallPart: ("arguments", ToolCallDelta),
}


class Sequencer:
    """Puts the events of one choice in sequence.

    Args:
        choice: the answer to follow; events of others are left out (the caller reports them).
    """

    __slots__ = (
        "_choice",
        "_count",
        "_current",
        "_early",
        "_held",
        "_kind",
        "_number",
        "_origins",
        "_pieces",
        "_started",
    )

    def __init__(self, choice: int = 0) -> None:
        self._choice = choice
        self._count = 0
        self._current: int | None = None  # the part that is open, by the source's index
        self._number: dict[int, int] = {}
        self._origins: list[int] = []  # the source's index of each part, by our number
        self._held: dict[int, list[StreamEvent]] = {}  # parts that opened meanwhile, in their order
        self._kind: type[Part] | None = None  # of the open part
        self._pieces: list[str] = []  # arguments of the open call, to see whether it is whole
        self._early: list[StreamEvent] = []  # counts that came before the start
        self._started = False

    def feed(self, event: StreamEvent) -> Iterator[StreamEvent]:
        if getattr(event, "choice", self._choice) != self._choice:
            return
        if isinstance(event, MessageStart):
            yield from self._start_message(event)
            return
        if not self._started:
            if isinstance(event, NativeEvent):  # a prelude (Azure) is no start: id and model are still to come
                yield event
                return
            if isinstance(event, UsageUpdate):
                self._early.append(event)
                return
            yield from self._start_message(MessageStart())
        if isinstance(event, PartStart):
            yield from self._open(event)
        elif isinstance(event, _OF_A_PART):
            yield from self._within(event.index, event)
        elif isinstance(event, MessageEnd | StreamFailed):  # a Finish is none: content may follow it
            yield from self.close()
            yield event
        else:
            yield event

    def path(self, number: int) -> str:
        """Where the part of this number of ours stands in the answer, for reports: in the source's count."""
        return f"choices[{self._choice}].message.content[{self._origins[number]}]"

    def close(self) -> Iterator[StreamEvent]:
        """End every part: the answer is over."""
        while self._current is not None:
            yield from self._end(self._current, PartEnd(self._current))

    def _start_message(self, event: MessageStart) -> Iterator[StreamEvent]:
        if not self._started:
            self._started = True
            yield event
            yield from self._early
            self._early = []

    def _is_open(self) -> bool:
        return self._current is not None

    def _open(self, event: PartStart) -> Iterator[StreamEvent]:
        if self._current is not None and self._current != event.index:
            if not self._implicitly_over():
                self._held.setdefault(event.index, []).append(event)
                return
            yield from self._end(self._current, PartEnd(self._current))
            if self._current is not None:  # one that was held is open now
                yield from self._open(event)
                return
        yield from self._start(event)

    def _implicitly_over(self) -> bool:
        """Wires without part ends: whatever opens ends the part before, unless that is a call whose arguments
        are not whole, since calls may come interleaved."""
        if self._kind is not ToolCallPart:
            return True
        try:
            loads("".join(self._pieces))
        except DecodeError:
            return False
        return True

    def _start(self, event: PartStart) -> Iterator[StreamEvent]:
        number, self._count = self._count, self._count + 1
        self._number[event.index] = number
        self._origins.append(event.index)
        self._current, self._kind, self._pieces = event.index, type(event.part), []
        spelled = _SPELLED.get(type(event.part))
        if spelled is None:
            yield PartStart(number, event.part)
            return
        field, delta = spelled
        said = getattr(event.part, field)
        part = event.part
        yield PartStart(number, _shell(part, field))
        logprobs = part.logprobs if isinstance(part, TextPart | RefusalPart) else None
        if said or logprobs:
            self._pieces.append(said)
            yield delta(number, said) if logprobs is None else delta(number, said, logprobs)
        if isinstance(part, ReasoningPart) and part.signature is not None:
            yield SignatureDelta(number, part.signature, native=part.native)  # whose it is
        if isinstance(part, TextPart):
            for citation in part.citations:
                yield CitationAdded(number, citation)

    def _within(self, index: int, event: StreamEvent) -> Iterator[StreamEvent]:
        if index == self._current:
            if isinstance(event, PartEnd):
                yield from self._end(index, event)
            else:
                if isinstance(event, ToolCallDelta):
                    self._pieces.append(event.delta)
                yield _numbered(event, self._number[index])
        elif index in self._held:
            self._held[index].append(event)
        elif index not in self._number or isinstance(event, TextDelta | ReasoningDelta | RefusalDelta):
            # Of a part that nobody opened, or of a text that had to end already: a part of its own.
            yield from self._open(PartStart(index, _shell_for(event)))
            yield from self._within(index, event)
        # else: it belongs to a part that is over (a late signature): nothing can be added to it any more

    def _end(self, index: int, event: PartEnd) -> Iterator[StreamEvent]:
        yield PartEnd(self._number[index], event.part)
        self._current = None
        while self._held and not self._is_open():
            following = next(iter(self._held))
            for held in self._held.pop(following):
                if isinstance(held, PartStart):
                    yield from self._start(held)
                else:
                    yield from self._within(following, held)


def _shell(part: Part, field: str) -> Part:
    changes: dict[str, object] = {field: ""}
    if isinstance(part, ReasoningPart):
        changes["signature"] = None
    if isinstance(part, TextPart):
        changes["citations"] = ()
    if isinstance(part, TextPart | RefusalPart):
        changes["logprobs"] = None
    return replace(part, **changes)  # type: ignore[arg-type]


def _shell_for(event: StreamEvent) -> Part:
    if isinstance(event, ReasoningDelta | SignatureDelta):
        return ReasoningPart("")
    if isinstance(event, RefusalDelta):
        return RefusalPart("")
    if isinstance(event, ToolCallDelta):
        return ToolCallPart("", "")
    return TextPart("")


def _numbered(event: Any, number: int) -> StreamEvent:
    renumbered: StreamEvent = replace(event, index=number, native=None)
    return renumbered
