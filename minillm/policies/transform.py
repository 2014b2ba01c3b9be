"""Pure changes around a model: of the request on its way out, of the events on their way back."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

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

    def __init__(self, model: ChatModel, changes: Sequence[Change]) -> None:
        self._model = model
        self._changes = changes
        self._answers = any(change.events or change.stream for change in changes)

    async def complete(self, request: ChatRequest) -> ChatResponse:
        response = await self._model.complete(run_request_middleware_chain(request, self._changes))
        return change_response(response, self._changes) if self._answers else response

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
