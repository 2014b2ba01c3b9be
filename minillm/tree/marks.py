"""Cache marks: "the prompt up to here may be cached by the host"."""

from collections.abc import Sequence
from dataclasses import replace

from ..errors import ConfigurationError
from ..types import CacheBreakpoint, MediaPart, Message, Part, TextPart, ToolCallPart, ToolResultPart
from ..types.lifetime import lifetime_seconds
from .bare_node import BareNode, Details, details_of
from .watching import tell_changed, watchers

__all__ = ["checked_lifetime", "has_marks", "mark_of", "marked", "marked_at_end", "set_mark"]

_MARKABLE = (TextPart, ToolCallPart, ToolResultPart, MediaPart)


def mark_of(node: BareNode) -> CacheBreakpoint | None:
    details = node._details
    return details.mark if type(details) is Details else None


def checked_lifetime(ttl: object) -> str | None:
    """``ttl``, if it is a lifetime as hosts spell one, or None.

    Raises:
        ConfigurationError: it is neither.
    """
    if ttl is None or (isinstance(ttl, str) and lifetime_seconds(ttl) is not None):
        return ttl
    raise ConfigurationError(f"ttl must be a number and a unit, such as '5m' or '1h', or None, not {ttl!r}")


def set_mark(node: BareNode, mark: CacheBreakpoint | None) -> None:
    if mark is not None or mark_of(node) is not None:
        details_of(node).mark = mark
        if watchers:
            tell_changed(node)


def marked(message: Message, mark: CacheBreakpoint) -> Message:
    """The message with the mark on its last part that can carry one; as it is where none can."""
    if isinstance(message.content, str):
        return replace(message, content=(TextPart(message.content, cache=mark),)) if message.content else message
    place = _markable_place(message)
    if place is None:
        return message
    parts: list[Part] = [*message.content]
    parts[place] = replace(parts[place], cache=mark)  # type: ignore[arg-type]
    return replace(message, content=tuple(parts))


def marked_at_end(messages: Sequence[Message], mark: CacheBreakpoint) -> list[Message]:
    """The messages with the mark as near to their end as it can stand; one that is there already keeps its lifetime,
    unless this one names another."""
    marked_ones = list(messages)
    for i in range(len(marked_ones) - 1, -1, -1):
        place = _markable_place(marked_ones[i])
        if place is not None:
            there = marked_ones[i].parts[place].cache  # type: ignore[union-attr]
            if there is None or mark.ttl is not None:
                marked_ones[i] = marked(marked_ones[i], mark)
            break
    return marked_ones


def has_marks(messages: Sequence[Message]) -> bool:
    """Whether any part carries a mark, results of tools looked into."""
    return any(
        _carries(part) for message in messages if not isinstance(message.content, str) for part in message.content
    )


def _carries(part: Part) -> bool:
    if getattr(part, "cache", None) is not None:
        return True
    inner = part.content if isinstance(part, ToolResultPart) else ""
    return not isinstance(inner, str) and any(_carries(each) for each in inner)


def _markable_place(message: Message) -> int | None:
    """The last part that can carry a mark: hosts refuse one on an empty text."""
    parts = message.parts
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if isinstance(part, _MARKABLE) and not (isinstance(part, TextPart) and not part.text):
            return place
    return None
