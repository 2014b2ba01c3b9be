"""Calls of a turn that somebody has begun to run: the mark that is on disk before the tool does anything.

A call whose result stands under its turn has finished. One that has a mark and no result was interrupted, and
whether its tool did what it does nobody knows. In files::

    {"message": {...}, "minillm": {"id": ..., "started": [{"position": 0, "started_at": 1763800000.5}]}}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..types import Message
from .bare_node import BareNode, Details, checked_node, details_of
from .reading import integer, items, number, object_at, refuse, required, text
from .watching import tell_changed, watchers

__all__ = [
    "StartedCall",
    "begun_last",
    "forget_started_calls",
    "mark_started",
    "read_started",
    "started_calls",
    "started_to_json",
]


@dataclass(frozen=True, slots=True)
class StartedCall:
    """One start of a tool.

    Args:
        position: of the call among its turn's (ids need not differ).
        started_at: seconds since the epoch.
        arguments: what it was started with, where that is not what the model wrote.
    """

    position: int
    started_at: float
    arguments: str | None = None


def started_calls(node: BareNode) -> tuple[StartedCall, ...]:
    """The starts of this turn's calls, oldest first; one that was run again is there twice."""
    details = checked_node(node)._details
    return (details.started or ()) if type(details) is Details else ()


def begun_last(node: BareNode, position: int) -> StartedCall | None:
    """How the call at this place was begun the last time."""
    return next((each for each in reversed(started_calls(node)) if each.position == position), None)


def mark_started(node: BareNode, started: StartedCall) -> None:
    """Say that a call of this turn is about to run; an open journal has it when this returns."""
    details = details_of(node)
    details.started = (*(details.started or ()), started)
    if watchers:
        tell_changed(node)


def forget_started_calls(node: BareNode) -> None:
    """Take the marks off a turn: what has no result under it counts as never begun."""
    if started_calls(node):
        details_of(node).started = None
        if watchers:
            tell_changed(node)


def started_to_json(started: Sequence[StartedCall]) -> list[dict[str, Any]]:
    return [
        {"position": each.position, "started_at": each.started_at}
        | ({} if each.arguments is None else {"arguments": each.arguments})
        for each in started
    ]


def read_started(value: Any, message: Message, at: str) -> tuple[StartedCall, ...]:
    """The marks as a file tells them.

    Raises:
        ThreadFormatError: they are not what they must be.
    """
    calls = len(message.tool_calls)
    found = []
    for i, item in enumerate(items(value, at)):
        place = f"{at}[{i}]"
        said = object_at(item, place)
        position = integer(required(said, "position", place), f"{place}.position")
        if position < 0:
            refuse(f"{place}.position", "must not be negative")
        if position >= calls:
            continue  # another program has edited the message, and is believed
        arguments = said.get("arguments")
        found.append(
            StartedCall(
                position,
                number(required(said, "started_at", place), f"{place}.started_at"),
                None if arguments is None else text(arguments, f"{place}.arguments"),
            )
        )
    return tuple(found)
