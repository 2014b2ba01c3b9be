"""Pure changes around a model: of the request on its way out, of the events on their way back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from ..chat_model import ChatModel, EventStream, replay
from ..errors import ConfigurationError
from ..types import (
    ChatRequest,
    ChatResponse,
    Choice,
    Message,
    MessageEnd,
    Part,
    PartEnd,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    collect,
)
from .options import StreamTransform
from .options import Transform as Change

__all__ = ["Transform"]


class Transform:
    """Applies changes in order to the request, and in reverse order to what comes back.

    A whole answer is changed through the same functions as a stream, by replaying it, so that a
    change is written once.
    """

    def __init__(self, model: ChatModel, changes: Sequence[Change]) -> None:
        self._model = model
        self._requests = [change.request for change in changes if change.request is not None]
        self._events = [change.events for change in reversed(changes) if change.events is not None]

    async def complete(self, request: ChatRequest) -> ChatResponse:
        response = await self._model.complete(self._changed(request))
        if not self._events:
            return response
        events: Sequence[StreamEvent] = replay(response)
        for function in self._events:
            events = _events_of(function, events)
        changed = collect(events)
        return replace(
            response,
            id=changed.id,
            model=changed.model,
            choices=tuple(_as_before(choice, response) for choice in changed.choices),
            usage=changed.usage,
            created=changed.created,
        )

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        async with self._model.stream(self._changed(request)) as stream:
            for function in self._events:
                stream.map(_Kept(function))
            yield stream

    def _changed(self, request: ChatRequest) -> ChatRequest:
        for function in self._requests:
            changed: object = function(request)
            if not isinstance(changed, ChatRequest):
                raise _gave("request", changed, "a ChatRequest")
            request = changed
        return request


# The deltas, and the field of their parts that they make grow.
_GROWN: dict[type[Any], tuple[type[Any], str]] = {
    TextDelta: (TextPart, "text"),
    ReasoningDelta: (ReasoningPart, "text"),
    RefusalDelta: (RefusalPart, "text"),
    ToolCallDelta: (ToolCallPart, "arguments"),
}


class _Kept:
    """A function of events whose changes hold to the end.

    Some wires say each part, and the whole message, once more when it is over. Who changes the pieces has
    changed these too; else they would take it back.
    """

    def __init__(self, function: StreamTransform) -> None:
        self._function = function
        self._said: dict[tuple[Any, ...], list[str]] = {}
        self._made: dict[tuple[Any, ...], list[str]] = {}

    def __call__(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        _gather(events, self._said)  # now: the function may change them in place
        made = _events_of(self._function, events)
        _gather(made, self._made)
        for event in made:
            if type(event) is PartEnd and event.part is not None:
                event.part = self._kept(event.part)
            elif type(event) is MessageEnd and event.message is not None:
                event.message = self._kept_message(event.message)
        return made

    def _kept(self, part: Part) -> Part:
        for key, pieces in self._said.items():
            kind, field = _GROWN[key[0]]
            if type(part) is kind and getattr(part, field) == "".join(pieces):
                whole: Any = part
                return replace(whole, **{field: "".join(self._made.get(key, ()))})  # type: ignore[no-any-return]
        return part

    def _kept_message(self, message: Message) -> Message:
        return replace(message, content=tuple(map(self._kept, message.parts)))


def _events_of(function: StreamTransform, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
    made: object = function(events)
    if not isinstance(made, list | tuple):
        raise _gave("events", made, "a list of events")
    return made


def _gave(which: str, made: object, expected: str) -> ConfigurationError:
    return ConfigurationError(f"the {which} function of a Transform must return {expected}, not {type(made).__name__}")


def _gather(events: Sequence[Any], texts: dict[tuple[Any, ...], list[str]]) -> None:
    for event in events:
        if type(event) in _GROWN:
            texts.setdefault((type(event), event.choice, event.index), []).append(event.delta)


def _as_before(choice: Choice, response: ChatResponse) -> Choice:
    """The changed choice with what events do not carry: where it came from."""
    for before in response.choices:
        if before.index == choice.index:
            message = replace(choice.message, name=before.message.name, origin=before.message.origin)
            return replace(choice, message=message)
    return choice
