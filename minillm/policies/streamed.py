"""Ask for a stream and answer whole: who waits for the first content or shows what comes need not wait for the end."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ..chat_model import ChatModel, EventStream
from ..types import ChatRequest, ChatResponse

__all__ = ["Streamed"]


class Streamed:
    """Answers as the model does, but reads the answer as it comes.

    Nobody is handed the pieces, so that a cut stream fails like any other call and may be asked again.

    Args:
        begun: called with the stream when its first content has come; at each attempt. What it has ``collected`` may be
            looked at, nothing taken.
    """

    def __init__(self, model: ChatModel, begun: Callable[[EventStream], object]) -> None:
        self._model = model
        self._begun = begun

    async def complete(self, request: ChatRequest) -> ChatResponse:
        async with self._model.stream(request) as stream:
            self._begun(stream)
            return await stream.collect()

    def stream(self, request: ChatRequest) -> AbstractAsyncContextManager[EventStream]:
        return self._model.stream(request)
