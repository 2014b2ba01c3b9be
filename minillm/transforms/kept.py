"""A function of events whose changes hold to the end."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..types import Message, MessageEnd, Part, PartEnd, StreamEvent
from .text_parts import DELTAS, FIELDS

__all__ = ["Kept"]

# The deltas, and the field of their parts that they make grow.
_GROWN: dict[type[Any], tuple[type[Any], str]] = {delta: (part, FIELDS[part]) for part, delta in DELTAS.items()}


class Kept:
    """Some wires say each part, and the whole message, once more when it is over. Who changes the pieces has
    changed these too; else they would take it back.
    """

    def __init__(self, function: Callable[[Sequence[StreamEvent]], Sequence[StreamEvent]]) -> None:
        self._function = function
        self._said: dict[tuple[Any, ...], list[str]] = {}
        self._made: dict[tuple[Any, ...], list[str]] = {}

    def __call__(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        _gather(events, self._said)  # now: the function may change them in place
        made: object = self._function(events)
        if not isinstance(made, list | tuple):
            return made  # type: ignore[return-value]  # the chain tells whose fault it is
        _gather(made, self._made)
        for event in made:
            if type(event) is PartEnd and event.part is not None:
                event.part = self._kept(event.part, (event.choice, event.index))
            elif type(event) is MessageEnd and event.message is not None:
                event.message = self._kept_message(event.message)
        return made

    def _kept(self, part: Part, place: tuple[int, int] | None = None) -> Part:
        for key, pieces in self._said.items():
            kind, field = _GROWN[key[0]]
            if type(part) is not kind or (place is not None and key[1:] != place):
                continue
            if getattr(part, field) == "".join(pieces):
                text = "".join(self._made.get(key, ()))
                whole: Any = part
                return part if text == getattr(part, field) else replace(whole, **{field: text})
        return part

    def _kept_message(self, message: Message) -> Message:
        parts = tuple(map(self._kept, message.parts))
        return message if parts == message.parts else replace(message, content=parts)


def _gather(events: Sequence[Any], texts: dict[tuple[Any, ...], list[str]]) -> None:
    for event in events:
        if type(event) in _GROWN:
            texts.setdefault((type(event), event.choice, event.index), []).append(event.delta)
