"""Judge the answer: empty, refused, or not the JSON that was asked for."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from ..chat_model import ChatModel, EventStream
from ..errors import EmptyResponse, OutputError, Refusal
from ..types import (
    Attempt,
    ChatRequest,
    ChatResponse,
    FinishReason,
    MediaPart,
    Outcome,
    Part,
    TextPart,
)
from .options import CallOptions, Expect

__all__ = ["Output", "judge"]

_REFUSED = (FinishReason.REFUSAL, FinishReason.CONTENT_FILTER)


class Output:
    """Rejects answers that are not what was asked; a rejected one is still on the bill."""

    def __init__(self, model: ChatModel, options: CallOptions) -> None:
        self._model = model
        self._options = options

    async def complete(self, request: ChatRequest) -> ChatResponse:
        return await judge(await self._model.complete(request), self._options)

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        async with self._model.stream(request) as stream:
            stream.on_response(lambda response: judge(response, self._options))
            yield stream


async def judge(response: ChatResponse, options: CallOptions) -> ChatResponse:
    """The response with its JSON parsed, where JSON was asked for.

    An answer with tool calls is not judged: it is no answer yet.

    Raises:
        Refusal, EmptyResponse, InvalidOutput: the response stands in ``.response``.
    """
    try:
        return await _judged(response, options)
    except OutputError as error:
        error.response = response
        error.attempts = _rejected(response.attempts, error)
        raise


async def _judged(response: ChatResponse, options: CallOptions) -> ChatResponse:
    message = response.message
    if message.tool_calls:
        return response
    if options.crash_on_refusal and (message.refusal or response.finish_reason in _REFUSED):
        raise Refusal(f"the model declined or its answer was filtered (finish reason: {response.raw_finish_reason})")
    if options.crash_on_empty_response and not message.text.strip() and not _has_media(message.parts):
        raise EmptyResponse(f"the answer has no text, tool call or media (finish reason: {response.raw_finish_reason})")
    if options.expect is None and options.output is None:
        return response
    if message.refusal and not message.text.strip():
        raise Refusal("the model declined where JSON was asked for")
    return await _with_json(response, options)


async def _with_json(response: ChatResponse, options: CallOptions) -> ChatResponse:
    from ..json import repair_json_async

    said = response.text
    result = await repair_json_async(said, expect=options.expect or _kind_of(options.output))
    output: Any = result.value
    if options.output is not None:
        from ..json import build_output

        output = build_output(options.output, result.value)
    text = result.text if result.changed else said
    choice = response.choices[0]
    message = (
        replace(choice.message, content=_with_text(choice.message.parts, text)) if text != said else choice.message
    )
    return replace(
        response,
        choices=(replace(choice, message=message), *response.choices[1:]),
        raw_text=said,
        repaired=result.changed,
        output=output,
    )


def _kind_of(output: Any) -> Expect:
    """What kind of value a type or schema describes: of several in a text it tells which one is meant."""
    if output is None:
        return "any"
    from ..json import json_schema_of

    kind = (output if isinstance(output, Mapping) else json_schema_of(output)).get("type")
    return kind if kind in ("object", "array") else "any"


def _with_text(parts: tuple[Part, ...], text: str) -> str | tuple[Part, ...]:
    """The parts with all visible text replaced by ``text``, where the first text stood."""
    rest = [part for part in parts if not isinstance(part, TextPart)]
    if not rest:
        return text
    before = next((i for i, part in enumerate(parts) if isinstance(part, TextPart)), len(parts))
    return (*parts[:before], TextPart(text), *(part for part in parts[before:] if not isinstance(part, TextPart)))


def _has_media(parts: tuple[Part, ...]) -> bool:
    return any(isinstance(part, MediaPart) for part in parts)


def _rejected(attempts: tuple[Attempt, ...], error: Exception) -> tuple[Attempt, ...]:
    if attempts:
        attempts[-1].outcome = Outcome.REJECTED
        attempts[-1].error = type(error).__name__
    return attempts
