"""Judge the answer: empty, refused, or not the JSON that was asked for."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from ..chat_model import ChatModel, EventStream
from ..errors import DecodeError, EmptyResponse, InvalidOutput, OutputError, Refusal
from ..types import (
    UNSET,
    Attempt,
    ChatRequest,
    ChatResponse,
    Choice,
    FinishReason,
    Loss,
    MediaPart,
    Message,
    Outcome,
    Part,
    TextPart,
)
from .instruction import instructed
from .options import CallOptions, Expect, Validate

if TYPE_CHECKING:
    from ..json import RepairResult
    from ..json.answer import AnswerSchema

__all__ = ["Output", "judge"]

_REFUSED = (FinishReason.REFUSAL, FinishReason.CONTENT_FILTER)
_NO_CHOICE = Choice()
_CUT = (FinishReason.LENGTH, FinishReason.CONTEXT_FULL)


class Output:
    """Asks for the form in words where the host knows none, and rejects answers that are not what was asked.

    A rejected one is still on the bill.

    Args:
        formats: the kinds of response format that the host's row names; None where the model is no host.
    """

    __slots__ = ("_formats", "_model", "_options")

    def __init__(self, model: ChatModel, options: CallOptions, *, formats: frozenset[str] | None = None) -> None:
        self._model = model
        self._options = options
        self._formats = formats

    async def complete(self, request: ChatRequest) -> ChatResponse:
        if self._options.output is None:
            return await judge(await self._model.complete(request), self._options)
        request, losses = self._asked(request)
        response = await self._model.complete(request)
        if losses:
            response = replace(response, losses=(*losses, *response.losses))
        return await judge(response, self._options)

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        request, losses = self._asked(request)
        async with self._model.stream(request) as stream:
            if losses:
                stream.losses = (*losses, *stream.losses)
            stream.on_response(lambda response: judge(response, self._options))
            yield stream

    def _asked(self, request: ChatRequest) -> tuple[ChatRequest, tuple[Loss, ...]]:
        output = self._options.output
        if output is None:
            return request, ()
        from ..json.answer import answer_schema

        return instructed(request, answer_schema(output), self._formats)


async def judge(response: ChatResponse, options: CallOptions) -> ChatResponse:
    """The response with its JSON parsed, where JSON was asked for.

    An answer with tool calls is not judged: it is no answer yet.

    Raises:
        Refusal, EmptyResponse, InvalidOutput: the response stands in ``.response``.
    """
    choice = response.choices[0] if response.choices else _NO_CHOICE
    message = choice.message
    plain = type(message.content) is str  # so there is no call, refusal or medium in it
    if not plain and message.tool_calls:
        return replace(response, raw_text=response.text) if options.wants_value else response
    text = message.content if type(message.content) is str else message.text
    judged = response
    try:
        if options.crash_on_refusal and (choice.finish_reason in _REFUSED or (not plain and message.refusal)):
            raise Refusal(f"the model declined or its answer was filtered (finish reason: {choice.raw_finish_reason})")
        if options.crash_on_empty_response and not text.strip() and (plain or not _has_media(message.parts)):
            raise EmptyResponse(
                f"the answer has no text, tool call or media (finish reason: {choice.raw_finish_reason})"
            )
        if options.wants_value:
            judged = await _with_value(response, message, options)
        if options.validate is not None:
            later = _checked(options.validate, judged.output if options.wants_value else text)
            if later is not None:
                await later
    except OutputError as error:
        error.response = error.partial = response
        error.attempts = _rejected(response.attempts, error)
        raise
    return judged


async def _with_value(response: ChatResponse, message: Message, options: CallOptions) -> ChatResponse:
    if message.refusal and not message.text.strip():
        raise Refusal("the model declined where JSON was asked for")
    try:
        return await _with_json(response, options)
    except InvalidOutput as error:
        if response.finish_reason in _CUT and not _is_json(response.text):  # then that is what is wrong with it
            raise _cut(error.path) from None
        raise


async def _with_json(response: ChatResponse, options: CallOptions) -> ChatResponse:
    said = response.text
    if options.output is None:
        from ..json import repair_json_async

        result = await repair_json_async(said, expect=options.expect or "any")
        output: Any = result.value
    else:
        from ..json import build_output
        from ..json.answer import answer_schema

        asked = answer_schema(options.output)
        result = await _found(said, asked, options.expect)
        if result.changed and response.finish_reason in _CUT:
            raise _cut("")  # closing what breaks off would pass half a list for the whole
        output = asked.unwrapped(result.value)
        output = build_output(options.output, result.value if output is UNSET else output)
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


async def _found(said: str, asked: "AnswerSchema", expect: Expect | None) -> "RepairResult":
    """The value in the text: its kind tells which one of several is meant."""
    from ..json import repair_json_async

    if not asked.wrapped:
        return await repair_json_async(said, expect="object")
    try:
        result = await repair_json_async(said, expect="object")
        if asked.kind != "array" or asked.unwrapped(result.value) is not UNSET:
            return result
    except InvalidOutput:
        pass
    return await repair_json_async(said, expect=expect or asked.kind)  # without the object around it


def _is_json(text: str) -> bool:
    from ..json import loads

    try:
        loads(text)
    except DecodeError:
        return False
    return True


def _cut(path: str) -> InvalidOutput:
    return InvalidOutput("the answer was cut at its limit of tokens (max_tokens) before its JSON ended", path=path)


def _checked(validate: Validate, value: Any) -> Awaitable[None] | None:
    """What the caller's own check says; an error of another kind is a fault in it and goes its way.

    Returns:
        What is to be waited for, where the check has not yet come to an end.
    """
    try:
        verdict = validate(value)
    except (ValueError, AssertionError) as error:
        hint = _hint_of(error)
    else:
        if verdict is None or verdict is True:
            return None
        if isawaitable(verdict):
            return _checked_later(validate, verdict)
        if verdict is not False:
            return None
        hint = ""
    raise _not_accepted(validate, hint)


async def _checked_later(validate: Validate, verdict: Awaitable[bool | None]) -> None:
    hint = ""
    try:
        if await verdict is not False:
            return
    except (ValueError, AssertionError) as error:
        hint = _hint_of(error)
    raise _not_accepted(validate, hint)


def _hint_of(error: Exception) -> str:
    """For the model alone: its words may quote the answer."""
    return error.hint if isinstance(error, InvalidOutput) and error.hint else str(error)


def _not_accepted(validate: Validate, hint: str) -> InvalidOutput:
    name = getattr(validate, "__name__", type(validate).__name__)
    return InvalidOutput(f"the check {name} does not accept the answer", hint=hint)


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
