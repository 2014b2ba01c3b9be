"""Events in the order that every wire can say: one part open at a time, numbered without gaps.

Some wires interleave parts (parallel tool calls by index), some send whole parts, some send a signature
after the next part has begun. Targets that keep one block open at a time want none of that: the part
that opened first goes out as it comes, the others are held back until it ends.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..types import (
    AudioDelta,
    CitationAdded,
    Finish,
    MessageEnd,
    MessageStart,
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

    __slots__ = ("_choice", "_count", "_current", "_ended", "_held", "_number", "_started")

    def __init__(self, choice: int = 0) -> None:
        self._choice = choice
        self._count = 0
        self._current: int | None = None  # the part that is open, by the source's index
        self._number: dict[int, int] = {}
        self._held: dict[int, list[StreamEvent]] = {}  # parts that opened meanwhile, in their order
        self._ended: set[int] = set()
        self._started = False

    def feed(self, event: StreamEvent) -> Iterator[StreamEvent]:
        if getattr(event, "choice", self._choice) != self._choice:
            return
        if isinstance(event, MessageStart):
            if not self._started:
                self._started = True
                yield event
            return
        if not self._started:
            self._started = True
            yield MessageStart()
        if isinstance(event, PartStart):
            yield from self._open(event)
        elif isinstance(event, _OF_A_PART):
            yield from self._within(event.index, event)
        elif isinstance(event, Finish | MessageEnd | StreamFailed):
            yield from self.close()
            yield event
        else:
            yield event

    def close(self) -> Iterator[StreamEvent]:
        """End every part: the answer is over."""
        while self._current is not None:
            yield from self._end(self._current, PartEnd(self._current))

    def _is_open(self) -> bool:
        return self._current is not None

    def _open(self, event: PartStart) -> Iterator[StreamEvent]:
        if self._current is not None and self._current != event.index:
            if self._implicitly_over(event):
                yield from self._end(self._current, PartEnd(self._current))
            else:
                self._held.setdefault(event.index, []).append(event)
                return
        yield from self._start(event)

    def _implicitly_over(self, event: PartStart) -> bool:
        """Wires without part ends: a new part of any kind but another tool call ends the one before."""
        return not self._held and not isinstance(event.part, ToolCallPart)

    def _start(self, event: PartStart) -> Iterator[StreamEvent]:
        number, self._count = self._count, self._count + 1
        self._number[event.index] = number
        self._current = event.index
        spelled = _SPELLED.get(type(event.part))
        if spelled is None:
            yield PartStart(number, event.part)
            return
        field, delta = spelled
        said = getattr(event.part, field)
        yield PartStart(number, _shell(event.part, field))
        if said:
            yield delta(number, said)
        part = event.part
        if isinstance(part, ReasoningPart) and part.signature is not None:
            yield SignatureDelta(number, part.signature)
        if isinstance(part, TextPart):
            for citation in part.citations:
                yield CitationAdded(number, citation)

    def _within(self, index: int, event: StreamEvent) -> Iterator[StreamEvent]:
        if index == self._current:
            if isinstance(event, PartEnd):
                yield from self._end(index, event)
            else:
                yield _numbered(event, self._number[index])
        elif index in self._held:
            self._held[index].append(event)
        elif index not in self._number:
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
