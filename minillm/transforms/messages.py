"""Messages as a host with a narrower idea of a conversation takes them."""

from collections.abc import Iterable
from dataclasses import replace

from ..types import ChatRequest, Message, Part, Role, TextPart, ToolResultPart

__all__ = ["merge_contiguous", "merged", "normalize_messages", "system_as_user"]

_INSTRUCTIONS = (Role.SYSTEM, Role.DEVELOPER)


def system_as_user(request: ChatRequest) -> ChatRequest:
    """Instructions said by the user, for models whose template knows no system message (Gemma, early Mistral).

    Such templates demand that user and assistant take turns, so each becomes one with the user's words beside it.

    Example:
        >>> await node.complete(gen, transforms=[system_as_user])
    """
    if not any(message.role in _INSTRUCTIONS for message in request.messages):
        return request
    messages = (_by_the_user(message) if message.role in _INSTRUCTIONS else message for message in request.messages)
    return replace(request, messages=tuple(merged(messages)))


def merge_contiguous(request: ChatRequest) -> ChatRequest:
    """Neighbouring messages of one role and name as one, texts joined by a newline; calls and results stay apart.

    Example:
        >>> await node.complete(gen, transforms=[merge_contiguous])
    """
    messages = merged(request.messages)
    return request if len(messages) == len(request.messages) else replace(request, messages=tuple(messages))


def normalize_messages(request: ChatRequest) -> ChatRequest:
    """The plainest form that says the same, for hosts that are strict about forms: no empty text, no message without
    content, neighbouring plain texts of a message as one, a lone plain text as a string, tool results in messages of
    their own before what the user says with them.

    No character is added or taken away; white space is content.

    Example:
        >>> await node.complete(gen, transforms=[normalize_messages])
    """
    messages = tuple(plain for message in request.messages for plain in _plainest(message))
    same = len(messages) == len(request.messages) and all(
        new is old for new, old in zip(messages, request.messages, strict=True)
    )
    return request if same else replace(request, messages=messages)


def _plainest(message: Message) -> list[Message]:
    if isinstance(message.content, str):
        return [message] if message.content else []
    results = tuple(part for part in message.content if isinstance(part, ToolResultPart))
    if results and message.role == Role.USER:
        others = tuple(part for part in message.content if not isinstance(part, ToolResultPart))
        if others:
            # What its wire said of the message beside its parts was said of both.
            rest = _plainest(replace(message, content=others, native=None))
            return [replace(message, role=Role.TOOL, content=results, native=None), *rest]
    parts = _joined(message.content)
    if len(parts) == 1 and _is_plain(parts[0]):
        return [replace(message, content=parts[0].text)]  # type: ignore[union-attr]
    if len(parts) == len(message.content):
        return [message] if parts else []
    return [replace(message, content=tuple(parts))] if parts else []


def _joined(parts: Iterable[Part]) -> list[Part]:
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, TextPart) and not part.text and _is_plain(part):
            continue
        if isinstance(part, TextPart) and isinstance(last, TextPart) and _is_plain(part) and _is_plain(last):
            joined[-1] = TextPart(last.text + part.text)
        else:
            joined.append(part)
    return joined


def _is_plain(part: Part) -> bool:
    """A text, and nothing else is said of it."""
    return isinstance(part, TextPart) and part == TextPart(part.text) and part.native is None


def merged(messages: Iterable[Message]) -> list[Message]:
    """The messages, with those joined that can be."""
    joined: list[Message] = []
    for message in messages:
        last = joined[-1] if joined else None
        if last is not None and _joinable(last, message):
            joined[-1] = replace(last, content=_both(last, message))
        else:
            joined.append(message)
    return joined


def _both(first: Message, second: Message) -> str | tuple[Part, ...]:
    if isinstance(first.content, str) and isinstance(second.content, str):
        return f"{first.content}\n{second.content}"
    return (*first.parts, *second.parts)


def _joinable(a: Message, b: Message) -> bool:
    if a.role != b.role or a.name != b.name or a.role == Role.TOOL:
        return False
    return not (a.tool_calls or b.tool_calls or a.tool_results or b.tool_results)


def _by_the_user(message: Message) -> Message:
    # What its wire said of it beside the words belongs to an instruction.
    return replace(message, role=Role.USER, native=None)
