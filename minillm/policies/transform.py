"""Pure changes around a model: of the request on its way out, of the events on their way back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from ..chat_model import ChatModel, EventStream, replay
from ..types import ChatRequest, ChatResponse, Choice, StreamEvent, collect
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
            events = function(events)
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
                stream.map(function)
            yield stream

    def _changed(self, request: ChatRequest) -> ChatRequest:
        for function in self._requests:
            request = function(request)
        return request


def _as_before(choice: Choice, response: ChatResponse) -> Choice:
    """The changed choice with what events do not carry: where it came from."""
    for before in response.choices:
        if before.index == choice.index:
            message = replace(choice.message, name=before.message.name, origin=before.message.origin)
            return replace(choice, message=message)
    return choice
