"""Begin the answer for the model: the text goes out as a started answer and comes back first."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from ..chat_model import ChatModel, EventStream
from ..errors import ConfigurationError
from ..types import (
    ChatRequest,
    ChatResponse,
    Message,
    PartStart,
    Role,
    StreamEvent,
    TextDelta,
    TextPart,
)

__all__ = ["Prefill"]


class Prefill:
    """Sends ``text`` as the start of the answer and restores it in front of what comes back.

    Args:
        continues: whether the host continues a started answer (its row says so).
        instruct: where it does not, ask for the start in words instead of raising.

    Raises (from both methods):
        ConfigurationError: the host cannot continue a started answer.
    """

    def __init__(self, model: ChatModel, text: str, *, continues: bool, instruct: bool = False, host: str = "") -> None:
        self._model = model
        self._text = text
        self._continues = continues
        self._instruct = instruct
        self._host = host

    async def complete(self, request: ChatRequest) -> ChatResponse:
        response = await self._model.complete(self._started(request))
        if not response.choices:
            return response
        choice = response.choices[0]
        said = choice.message
        if said.text.startswith(self._text):
            return response
        if isinstance(said.content, str):
            message = replace(said, content=self._text + said.content)
        else:
            message = replace(said, content=_prefixed(self._text, said))
        return replace(response, choices=(replace(choice, message=message), *response.choices[1:]))

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        async with self._model.stream(self._started(request)) as stream:
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
        wish = Message(Role.SYSTEM, f"Begin your answer with exactly this text: {self._text}")
        return replace(request, messages=(*request.messages, wish))


def _prefixed(prefix: str, message: Message) -> tuple[object, ...]:
    parts = list(message.parts)
    for i, part in enumerate(parts):
        if isinstance(part, TextPart):
            parts[i] = replace(part, text=prefix + part.text)
            return tuple(parts)
    return (*parts, TextPart(prefix))


class _Restore:
    """Puts the prefix before the first text of a stream, and drops it where the model repeats it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._waiting = prefix  # how much of a repeated prefix may still come
        self._held = ""
        self._given = False

    def __call__(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        if self._waiting == "" and self._given:
            return events
        out: list[StreamEvent] = []
        for event in events:
            kind = type(event)
            if kind is PartStart and isinstance(event.part, TextPart) and not self._given:  # type: ignore[union-attr]
                out.append(event)
                out.append(TextDelta(event.index, self._prefix))  # type: ignore[union-attr]
                self._given = True
            elif kind is TextDelta and self._waiting:
                self._text(event, out)  # type: ignore[arg-type]
            else:
                if self._held and kind is not TextDelta:
                    out.append(TextDelta(self._index, self._held))
                    self._held, self._waiting = "", ""
                out.append(event)
        return out

    _index = 0

    def _text(self, event: TextDelta, out: list[StreamEvent]) -> None:
        if not self._given:
            out.append(TextDelta(event.index, self._prefix))
            self._given = True
        self._index = event.index
        said = self._held + event.delta
        if said.startswith(self._prefix):
            self._waiting, self._held = "", ""
            if rest := said[len(self._prefix) :]:
                out.append(TextDelta(event.index, rest))
        elif self._prefix.startswith(said):
            self._held = said  # it may be repeating the prefix: wait for more
        else:
            self._waiting, self._held = "", ""
            out.append(TextDelta(event.index, said))
