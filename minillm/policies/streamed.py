"""Ask for a stream and answer whole: who waits for the first content can go on before the answer is complete."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ..chat_model import ChatModel, EventStream
from ..types import ChatRequest, ChatResponse

__all__ = ["Streamed"]


class Streamed:
    """Answers as the model does, but reads the answer as it comes.

    Nobody sees the pieces, so that a cut stream fails like any other call and may be asked again.

    Args:
        begun: called when the first content has come; at each attempt.
    """

    def __init__(self, model: ChatModel, begun: Callable[[], object]) -> None:
        self._model = model
        self._begun = begun

    async def complete(self, request: ChatRequest) -> ChatResponse:
        async with self._model.stream(request) as stream:
            self._begun()
            return await stream.collect()

    def stream(self, request: ChatRequest) -> AbstractAsyncContextManager[EventStream]:
        return self._model.stream(request)
