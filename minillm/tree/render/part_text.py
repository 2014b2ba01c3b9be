"""One message as words: its text, and a short note for everything that is no text."""

from collections.abc import Iterator

from ...types import (
    MediaPart,
    Message,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = ["message_text", "part_note"]

_LONGEST_URL = 80


def message_text(message: Message, *, reasoning: bool = False) -> str:
    """Text, refusals and tool results as they are; calls and media as ``[notes]``; a line break between.

    Args:
        reasoning: show the thinking too.
    """
    if isinstance(message.content, str):
        return message.content
    return "\n".join(_pieces(message.content, reasoning))


def _pieces(parts: tuple[Part, ...], reasoning: bool) -> Iterator[str]:
    for part in parts:
        if isinstance(part, TextPart | RefusalPart):
            yield part.text
        elif isinstance(part, ReasoningPart):
            if reasoning and part.text:
                yield f"[thinking] {part.text}"
        elif isinstance(part, ToolResultPart) and isinstance(part.content, str):
            yield part.content
        elif isinstance(part, ToolResultPart) and not isinstance(part.content, str):
            yield from _pieces(part.content, reasoning)
        else:
            yield part_note(part)


def part_note(part: Part) -> str:
    """A part in one short line, such as ``[image https://...]`` or ``[calls get_weather {"city": "Paris"}]``."""
    if isinstance(part, ToolCallPart):
        cut = " (cut off)" if part.incomplete else ""
        arguments = f" {part.arguments}" if part.arguments else ""
        return f"[calls {part.name}{arguments}{cut}]"
    if isinstance(part, MediaPart):
        kind = type(part).__name__.removesuffix("Part").lower()
        where = part.name or part.url or part.file_id or part.mime or ""
        shown = where if len(where) <= _LONGEST_URL else where[: _LONGEST_URL - 1] + "…"
        return f"[{kind} {shown}]" if shown else f"[{kind}]"
    if isinstance(part, NativePart):
        return f"[{part.wire} block]"
    return f"[{type(part).__name__.removesuffix('Part').lower()}]"
