"""Pure changes around a model: of the request on its way out, of the events on their way back."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from ..chat_model import ChatModel, EventStream
from ..errors import MiniLLMError, StreamInterrupted
from ..transforms.chain import StreamChain, change_response, run_request_middleware_chain
from ..transforms.chain import Transform as Change
from ..types import ChatRequest, ChatResponse, StreamEvent, StreamFailed

__all__ = ["Transform"]

Read = Callable[[], Awaitable[Sequence[StreamEvent] | None]]


class Transform:
    """Applies changes in order to the request, and in reverse order to what comes back.

    A whole answer is changed through the same functions as a stream, by replaying it, so that a
    change is written once.
    """

    __slots__ = ("_answers", "_changes", "_model", "_requests")

    def __init__(self, model: ChatModel, changes: Sequence[Change]) -> None:
        self._model = model
        self._changes = changes
        self._answers = self._requests = False
        for change in changes:
            if change.request is not None:
                self._requests = True
            if change.events is not None or change.stream is not None:
                self._answers = True

    def complete(self, request: ChatRequest) -> Coroutine[Any, Any, ChatResponse]:
        """What the model gives itself, where answers are not changed."""
        if self._answers:
            return self._changed(request)
        if self._requests:
            request = run_request_middleware_chain(request, self._changes)
        return self._model.complete(request)

    async def _changed(self, request: ChatRequest) -> ChatResponse:
        response = await self._model.complete(run_request_middleware_chain(request, self._changes))
        return change_response(response, self._changes)

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        async with self._model.stream(run_request_middleware_chain(request, self._changes)) as stream:
            if self._answers:
                chain = StreamChain(self._changes)
                stream.map(chain)
                stream.around(lambda read: _to_the_end(read, chain))
            yield stream


def _to_the_end(read: Read, chain: StreamChain) -> Read:
    """Reads so that every end is an event: what a function holds back is given out before it, and is in the partial."""

    async def reading() -> Sequence[StreamEvent] | None:
        try:
            batch = await read()
        except MiniLLMError as error:
            if chain.ended:
                raise
            return [StreamFailed(error)]
        if batch is None and not chain.ended:
            return [StreamFailed(StreamInterrupted("the stream ended before its terminal event"))]
        return batch

    return reading
