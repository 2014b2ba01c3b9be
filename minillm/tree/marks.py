"""Cache marks: "the prompt up to here may be cached by the host"."""

from dataclasses import replace

from ..types import CacheBreakpoint, MediaPart, Message, Part, TextPart, ToolCallPart, ToolResultPart
from .bare_node import BareNode, Details, details_of
from .watching import tell_changed, watchers

__all__ = ["mark_of", "marked", "set_mark"]

_MARKABLE = (TextPart, ToolCallPart, ToolResultPart, MediaPart)


def mark_of(node: BareNode) -> CacheBreakpoint | None:
    details = node._details
    return details.mark if type(details) is Details else None


def set_mark(node: BareNode, mark: CacheBreakpoint | None) -> None:
    if mark is not None or mark_of(node) is not None:
        details_of(node).mark = mark
        if watchers:
            tell_changed(node)


def marked(message: Message, mark: CacheBreakpoint) -> Message:
    """The message with the mark on its last part that can carry one; as it is where none can."""
    parts: list[Part] = list(message.parts)
    for position in range(len(parts) - 1, -1, -1):
        part = parts[position]
        if isinstance(part, _MARKABLE):
            parts[position] = replace(part, cache=mark)
            return replace(message, content=tuple(parts))
    return message
