"""A model that answers from a script: for tests of programs, ours and yours."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from .chat_model import EventStream, replayed
from .errors import ConfigurationError
from .types import ChatRequest, ChatResponse, Choice, FinishReason, Message, Role, StreamEvent

__all__ = ["MockModel"]

Answer: TypeAlias = str | Message | ChatResponse | Sequence[StreamEvent] | Exception
Answering: TypeAlias = Callable[[ChatRequest], "Answer | Awaitable[Answer]"]


class MockModel:
    """Answers without any network.

    Args:
        replies: the answers in order: a text, a Message, a ChatResponse, a list of stream events,
            or an exception to raise; or a function of the request, plain or async, that returns one of them.

    Example:
        >>> model = MockModel(["Paris.", ServerError("down", retryable=True), "Rome."])
        >>> reply = await ChatNode.root("Be terse.").chat("Capital of France?", model)
        >>> model.requests[0].messages[-1].text
        'Capital of France?'
    """

    def __init__(self, replies: Iterable[Answer] | Answering = ()) -> None:
        self.requests: list[ChatRequest] = []
        self._answering: Answering | None = None
        self._replies: list[Answer] = []
        if callable(replies):
            self._answering = replies
        elif isinstance(replies, str):
            self._replies = [replies]
        else:
            self._replies = list(replies)

    async def complete(self, request: ChatRequest) -> ChatResponse:
        from .types import collect

        answer = await self._next(request)
        return answer if isinstance(answer, ChatResponse) else collect(answer)

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        answer = await self._next(request)
        stream = replayed(answer) if isinstance(answer, ChatResponse) else _stream_of(answer)
        await stream.peek()
        try:
            yield stream
        finally:
            stream.end(None)

    async def _next(self, request: ChatRequest) -> ChatResponse | Sequence[StreamEvent]:
        self.requests.append(request)
        if self._answering is not None:
            answer = self._answering(request)
            if isinstance(answer, Awaitable):
                answer = await answer
        elif self._replies:
            answer = self._replies.pop(0)
        else:
            raise ConfigurationError(f"the MockModel has no reply left for request {len(self.requests)}")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            answer = Message(Role.ASSISTANT, answer)
        if isinstance(answer, Message):
            reason = FinishReason.TOOL_CALLS if answer.tool_calls else FinishReason.STOP
            answer = ChatResponse("mock", request.model or "mock", (Choice(0, answer, reason, reason.value),))
        return answer


def _stream_of(events: Sequence[StreamEvent]) -> EventStream:
    """One event a read, as the slowest host would send them."""
    batches = [[event] for event in reversed(events)]

    async def read() -> Sequence[StreamEvent] | None:
        return batches.pop() if batches else None

    return EventStream(read)
