"""Messages as a host with a narrower idea of a conversation takes them."""

from collections.abc import Iterable
from dataclasses import replace

from ..types import ChatRequest, Message, Part, Role

__all__ = ["merge_contiguous", "merged", "system_as_user"]

_INSTRUCTIONS = (Role.SYSTEM, Role.DEVELOPER)


def system_as_user(request: ChatRequest) -> ChatRequest:
    """Instructions said by the user, for models whose template knows no system message (Gemma, early Mistral).

    Such templates demand that user and assistant take turns, so each becomes one with the user's words beside it.

    Example:
        >>> await node.complete(gen, transforms=[Transform(request=system_as_user)])
    """
    if not any(message.role in _INSTRUCTIONS for message in request.messages):
        return request
    messages = (_by_the_user(message) if message.role in _INSTRUCTIONS else message for message in request.messages)
    return replace(request, messages=tuple(merged(messages)))


def merge_contiguous(request: ChatRequest) -> ChatRequest:
    """Neighbouring messages of one role and name as one, texts joined by a newline; calls and results stay apart."""
    messages = merged(request.messages)
    return request if len(messages) == len(request.messages) else replace(request, messages=tuple(messages))


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
