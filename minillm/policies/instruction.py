"""Asking for a form in words: for hosts that cannot be held to one, and when an answer is asked for again."""

from collections.abc import Set
from dataclasses import replace
from typing import Any

from ..types import UNSET, ChatRequest, Loss, Message, ResponseFormat, Role, Severity, TextPart

__all__ = ["in_words", "instructed"]


def in_words(wanted: ResponseFormat) -> str:
    """What a model has to be told where nothing holds it to the form."""
    from ..json import dumps

    wish = "Answer with JSON alone: no words before or behind it, and no code fence."
    if wanted.schema is None:
        return wish
    return f"{wish} It must fit this JSON Schema:\n{dumps(wanted.schema).decode()}"


def instructed(request: ChatRequest, formats: Set[str]) -> tuple[ChatRequest, tuple[Loss, ...]]:
    """The request for a host that knows these kinds of response format, and what that weakens.

    The words stand at the end of the last thing that the user says. What comes before stays as it is, so that
    the host's cache of the prompt and the marks for it hold; and so does the whole in the next turns of a tool loop.
    """
    wanted: Any = request.parameters.response_format
    if not isinstance(wanted, ResponseFormat) or wanted.kind != "json_schema" or wanted.kind in formats:
        return request, ()
    left: Any = ResponseFormat("json") if "json" in formats else UNSET
    messages = _with_words(request.messages, in_words(wanted))
    reason = "this host cannot be held to a schema: it is asked for in words, and the answer is checked here"
    return (
        replace(request, messages=messages, parameters=replace(request.parameters, response_format=left)),
        (Loss("parameters.response_format", "JSON schema", reason, Severity.DEGRADED),),
    )


def _with_words(messages: tuple[Message, ...], words: str) -> tuple[Message, ...]:
    for at in range(len(messages) - 1, -1, -1):
        message = messages[at]
        if message.role == Role.USER and (isinstance(message.content, str) or not message.tool_results):
            if words in message.text:
                return messages  # asked again: the words are there
            return (*messages[:at], _appended(message, words), *messages[at + 1 :])
    return (*messages, Message(Role.USER, words))


def _appended(message: Message, words: str) -> Message:
    if isinstance(message.content, str):
        return replace(message, content=f"{message.content}\n\n{words}")
    # A part of its own, behind a mark for the cache that the last part may carry.
    return replace(message, content=(*message.parts, TextPart(words)))
