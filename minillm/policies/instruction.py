"""Asking for a form in words: for hosts that cannot be held to one, and when an answer is asked for again."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..types import UNSET, ChatRequest, Loss, Message, ResponseFormat, Role, Severity, TextPart

if TYPE_CHECKING:
    from ..json.answer import AnswerSchema

__all__ = ["in_words", "instructed"]


def in_words(wanted: ResponseFormat) -> str:
    """What a model has to be told where nothing holds it to the form."""
    from ..json import dumps

    wish = "Answer with JSON alone: no words before or behind it, and no code fence."
    if wanted.schema is None:
        return wish
    return f"{wish} It must fit this JSON Schema:\n{dumps(wanted.schema).decode()}"


def instructed(
    request: ChatRequest, asked: "AnswerSchema", formats: frozenset[str] | None
) -> tuple[ChatRequest, tuple[Loss, ...]]:
    """The request with the form asked for in words where nothing else asks for it, and what that weakens.

    Args:
        asked: what is wanted.
        formats: the kinds of response format that the host's row names; None for a model that is no host.

    Where the caller asked for another format (``ResponseFormat("text")``, ``ResponseFormat("json")``), it is kept and
    the words say the rest; ``None`` is deliberately nothing. The words stand at the end of the last thing that the user
    says. What comes before stays as it is, so that the host's cache of the prompt and the marks for it hold; and so
    does the whole in the next turns of a tool loop.
    """
    wanted: Any = request.parameters.response_format
    if not isinstance(wanted, ResponseFormat):
        return request, ()
    if wanted.kind != "json_schema":
        words = in_words(ResponseFormat("json_schema", asked.schema))
        return replace(request, messages=_with_words(request.messages, words)), ()
    if formats is None or "json_schema" in formats:
        return request, ()
    if "closed_json_schema" in formats and (asked.closed or wanted.schema is not asked.schema):
        return request, ()  # held to an open one, as far as it can be said, the model could only leave things out
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
