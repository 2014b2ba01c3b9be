"""Begin the answer for the model: the text goes out as a started answer and comes back first."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from ..chat_model import ChatModel, EventStream
from ..errors import ConfigurationError
from ..types import (
    ChatRequest,
    ChatResponse,
    Finish,
    Loss,
    Message,
    MessageEnd,
    PartEnd,
    PartStart,
    ReasoningPart,
    Role,
    Severity,
    StreamEvent,
    StreamFailed,
    TextDelta,
    TextPart,
)
from ..wire.codec import Quirks

__all__ = ["Prefill", "continues"]

_IN_WORDS = (Loss("force_prepend", "started answer", "it is asked for in words", Severity.DEGRADED),)


def continues(quirks: Quirks, model: str) -> bool:
    """Whether a host goes on with an answer that was started for this model."""
    if quirks.prefill is None:
        return False
    return quirks.prefill_refused is None or re.search(quirks.prefill_refused, model) is None


class Prefill:
    """Sends ``text`` as the start of the answer and restores it in front of what comes back.

    Args:
        continues: whether the host continues a started answer; see :func:`continues`.
        instruct: where it does not, ask for the start in words instead of raising; a loss tells so.
        host: how host and model are called in the error.

    Raises (from both methods):
        ConfigurationError: the host cannot continue a started answer.
    """

    def __init__(self, model: ChatModel, text: str, *, continues: bool, instruct: bool = False, host: str = "") -> None:
        self._model = model
        self._text = text
        self._continues = continues
        self._instruct = instruct
        self._host = host
        self._told = () if continues else _IN_WORDS

    async def complete(self, request: ChatRequest) -> ChatResponse:
        response = await self._model.complete(self._started(request))
        response = replace(response, losses=(*response.losses, *self._told))
        if not response.choices:
            return response
        choice = replace(response.choices[0], message=_restored(self._text, response.choices[0].message))
        return replace(response, choices=(choice, *response.choices[1:]))

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        async with self._model.stream(self._started(request)) as stream:
            stream.losses = (*stream.losses, *self._told)
            stream.map(_Restore(self._text))
            yield stream

    def _started(self, request: ChatRequest) -> ChatRequest:
        if self._continues:
            # Anthropic and others refuse trailing white space in a started answer; it is restored anyway.
            start = Message(Role.ASSISTANT, self._text.rstrip())
            return replace(request, messages=(*request.messages, start)) if start.content else request
        if not self._instruct:
            raise ConfigurationError(
                f"{self._host or 'this host'} cannot continue a started answer (force_prepend); "
                "prepend_instruction=True asks for the start in words instead"
            )
        return replace(request, messages=_wished(request.messages, self._text))


def _wished(messages: tuple[Message, ...], start: str) -> tuple[Message, ...]:
    """The wish at the end of what the user said last: some hosts want the roles to take turns, and what stands
    before it stays as it is, in the host's cache too."""
    wish = f"Begin your answer with exactly this text: {start}"
    last = messages[-1] if messages else None
    if last is None or last.role != Role.USER or last.tool_results:
        return (*messages, Message(Role.USER, wish))
    if isinstance(last.content, str):
        return (*messages[:-1], replace(last, content=f"{last.content}\n\n{wish}"))
    return (*messages[:-1], replace(last, content=(*last.content, TextPart(wish))))


def _restored(prefix: str, message: Message) -> Message:
    """The message with the prefix in front of its text, unless the host repeats it there."""
    if message.text.startswith(prefix):
        return message
    if isinstance(message.content, str):
        return replace(message, content=_joined(prefix, message.content))
    parts = list(message.content)
    # Thinking comes before the answer that was started.
    at = next((i for i, part in enumerate(parts) if not isinstance(part, ReasoningPart)), len(parts))
    first = parts[at] if at < len(parts) else None
    parts[at : at + 1] = (
        [replace(first, text=_joined(prefix, first.text))]
        if isinstance(first, TextPart)
        else [TextPart(prefix), *parts[at : at + 1]]
    )
    return replace(message, content=tuple(parts))


def _joined(prefix: str, text: str) -> str:
    """Both in a row, and what the host repeats of the prefix once."""
    for repeated in _repeatable(prefix):
        if text.startswith(repeated):
            return prefix + text[len(repeated) :]
    return prefix + text


def _repeatable(prefix: str) -> tuple[str, ...]:
    """All of it, or the white space at its end, which was not sent and which the model may say itself."""
    blank = prefix[len(prefix.rstrip()) :]
    return (prefix, blank) if blank else (prefix,)


# What comes only when a text is over, or the answer. Counts and pings come in its middle.
_AFTER_TEXT = frozenset({PartStart, PartEnd, Finish, MessageEnd, StreamFailed})


class _Restore:
    """Puts the prefix before the first text of a stream, and drops it where the host repeats it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given = False
        self._settled = False  # it is known whether the host repeats the prefix
        self._held = ""  # what may turn out to repeat it
        self._index = -1  # of the text part that the prefix begins
        self._shift = 0  # a part of our own moves the others up

    def __call__(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        out: list[StreamEvent] = []
        for event in events:
            if self._shift and (index := getattr(event, "index", None)) is not None:
                event.index = index + self._shift  # type: ignore[union-attr]
            self._one(event, out)
        return out

    def _one(self, event: StreamEvent, out: list[StreamEvent]) -> None:
        if type(event) is TextDelta and not self._settled and event.choice == 0:
            self._text(event, out)
            return
        if self._held and type(event) in _AFTER_TEXT:
            out.append(TextDelta(self._index, self._held))
            self._held, self._settled = "", True
        if type(event) is PartStart and not self._given and not isinstance(event.part, ReasoningPart):
            self._first(event, out)
            return
        if type(event) is PartEnd and event.index == self._index and isinstance(event.part, TextPart):
            event.part = self._whole(event.part)
        elif type(event) in (Finish, MessageEnd) and not self._given:
            self._own_part(max(self._index, 0), out)
        if type(event) is MessageEnd and event.message is not None:
            event.message = _restored(self._prefix, event.message)
        if type(event) is PartStart and not self._given:
            self._index = event.index + 1  # where our own part goes, should no text come
        out.append(event)

    def _first(self, event: PartStart, out: list[StreamEvent]) -> None:
        if not isinstance(event.part, TextPart):
            self._own_part(event.index, out)
            self._shift = 1
            event.index += 1
            out.append(event)
            return
        self._given, self._index = True, event.index
        if event.part.text:  # whole already
            event.part, self._settled = self._whole(event.part), True
            out.append(event)
        else:
            out += (event, TextDelta(event.index, self._prefix))

    def _own_part(self, index: int, out: list[StreamEvent]) -> None:
        out += (PartStart(index, TextPart("")), TextDelta(index, self._prefix), PartEnd(index))
        self._given = self._settled = True

    def _whole(self, part: TextPart) -> TextPart:
        return replace(part, text=_joined(self._prefix, part.text))

    def _text(self, event: TextDelta, out: list[StreamEvent]) -> None:
        if not self._given:
            out.append(TextDelta(event.index, self._prefix))
            self._given = True
        self._index = event.index
        said = self._held + event.delta
        if any(repeated != said and repeated.startswith(said) for repeated in _repeatable(self._prefix)):
            self._held = said  # wait for more
            return
        event.delta = _joined(self._prefix, said)[len(self._prefix) :]
        self._held, self._settled = "", True
        if event.delta:
            out.append(event)
