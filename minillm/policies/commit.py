"""A route's stream read as far as it must be to be committed, and given out as the plan's."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from types import TracebackType

from ..chat_model import EventStream
from ..errors import MiniLLMError
from ..types import ChatRequest, ChatResponse, StreamEvent
from .candidates import Candidates, Route

__all__ = ["Committed", "Opened", "opened", "whole"]

Until = Callable[[StreamEvent], bool]


@dataclass(slots=True, eq=False)
class Opened:
    """A route that has begun to answer, and how to leave it; None where it has been left already."""

    stream: EventStream
    route: Route
    manager: AbstractAsyncContextManager[EventStream] | None

    async def close(self, error: BaseException | None = None) -> bool | None:
        """Leave it once; as ``__aexit__``, true where it takes care of the error."""
        manager, self.manager = self.manager, None
        if manager is None:
            return False
        if error is None:
            return await manager.__aexit__(None, None, None)
        return await manager.__aexit__(type(error), error, error.__traceback__)


async def opened(route: Route, request: ChatRequest, until: Until | None) -> Opened:
    """Enter the route's stream; where ``until`` is given, read ahead to the first event that it is true of.

    Raises:
        MiniLLMError: it failed before that.
    """
    manager = route.model.stream(request)
    answer = Opened(await manager.__aenter__(), route, manager)
    if until is not None:
        try:
            await answer.stream.read_ahead(until)
        except BaseException as error:
            await answer.close(error)
            raise
    return answer


async def whole(route: Route, request: ChatRequest) -> Opened:
    """Read the route's stream to its end and judge it, and only then give it, again as a stream.

    Raises:
        MiniLLMError: it was cut, or is not what was asked for.
    """
    async with route.model.stream(request) as inner:
        batches = [[event async for event in inner]]
        verdict = await inner.judged()

    async def read() -> Sequence[StreamEvent] | None:
        return batches.pop() if batches else None

    async def judge(response: ChatResponse) -> ChatResponse:
        return replace(verdict, attempts=response.attempts)

    stream = EventStream(read, attempt=inner.attempt)
    stream.attempts, stream.losses, stream.origin = inner.attempts, inner.losses, inner.origin
    stream.on_response(judge)
    return Opened(stream, route, None)


class Committed:
    """The stream of the one route that answers, as the plan's: with the attempts of the others on it, and left once.

    What cuts it is the end of the call; the plan is told.
    """

    def __init__(self, candidates: Candidates, answer: Opened) -> None:
        self._candidates = candidates
        self._answer = answer
        self._error: BaseException | None = None
        answer.stream.attempts = (*candidates.spent, *answer.stream.attempts)
        answer.stream.on_end(self._ended)

    def _ended(self, _: EventStream, error: BaseException | None) -> None:
        self._error = error

    async def __aenter__(self) -> EventStream:
        return self._answer.stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        try:
            return await self._answer.close(error)
        finally:
            self._answer.stream.end(None)
            if isinstance(self._error, MiniLLMError):
                await self._candidates.cut(self._answer.route, self._error)
