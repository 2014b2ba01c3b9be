"""The moment by which a call must be over."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from types import EllipsisType
from typing import TypeVar

from ..chat_model import ChatModel, EventStream
from ..errors import MiniLLMError, TimeoutExceeded
from ..types import ChatRequest, ChatResponse

__all__ = ["Deadline", "RouteDeadline", "Timed"]

T = TypeVar("T")

_NEVER = float("inf")


class Deadline:
    """A moment on the monotonic clock, ``seconds`` from now.

    It stands over one wait at a time and is held across none, so that a stream may be opened in one
    task and left in another.
    """

    __slots__ = ("ends", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.ends - time.monotonic())

    async def within(self, call: Callable[[], Awaitable[T]]) -> T:
        """What ``call()`` gives, if it gives it in time.

        Raises:
            TimeoutExceeded: the moment came first; the call was cancelled, or not even begun.
        """
        if self.left() <= 0.0:
            raise self.passed()
        scope = asyncio.timeout(self.left())
        try:
            async with scope:
                return await call()
        except TimeoutError:
            if not scope.expired():
                raise  # a timeout of another kind, which says so itself
        # Raised out here: the frames of what was cancelled may hold keys.
        raise self.passed()

    async def each(self, items: AsyncIterator[T]) -> AsyncIterator[T]:
        """The same items, none waited for beyond the moment.

        Raises:
            TimeoutExceeded: it came first.
        """
        ended: EllipsisType = ...

        async def following() -> T | EllipsisType:
            return await anext(items, ended)

        while not isinstance(item := await self.within(following), EllipsisType):
            yield item

    def passed(self, error: MiniLLMError | None = None) -> TimeoutExceeded:
        """The error to raise when it has passed, or would; keeps what the last failure knew."""
        last = f"; the last failure was {type(error).__name__}" if error is not None else ""
        return TimeoutExceeded(
            f"{self._words()} passed{last}",
            retry_at=None if error is None else error.retry_at,
            attempts=() if error is None else error.attempts,
        )

    def _words(self) -> str:
        return f"the deadline of {self.seconds:g} s for this call"


class RouteDeadline(Deadline):
    """The time that one route of a plan has to begin; once it has, only that of the whole call counts.

    Args:
        seconds: from now.
        whole: the deadline of the call, where it has one; it counts wherever it is earlier.
    """

    __slots__ = ("_whole",)

    def __init__(self, seconds: float, whole: Deadline | None) -> None:
        super().__init__(seconds)
        self._whole = whole

    def begun(self) -> None:
        """The route is in time."""
        self.ends = _NEVER

    def left(self) -> float:
        own = super().left()
        return own if self._whole is None else min(own, self._whole.left())

    async def within(self, call: Callable[[], Awaitable[T]]) -> T:
        return await (call() if self.left() == _NEVER else super().within(call))

    def _words(self) -> str:
        whole = self._whole
        if whole is not None and whole.left() <= super().left():
            return whole._words()
        return f"the time of {self.seconds:g} s for this route (timeout)"


class Timed:
    """A model that knows nothing of deadlines, under one."""

    def __init__(self, model: ChatModel, deadline: Deadline) -> None:
        self._model = model
        self._deadline = deadline

    async def complete(self, request: ChatRequest) -> ChatResponse:
        return await self._deadline.within(partial(self._model.complete, request))

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        manager = self._model.stream(request)
        stream = await self._deadline.within(manager.__aenter__)
        stream.around(lambda read: lambda: self._deadline.within(read))
        try:
            yield stream
        except BaseException as error:
            if not await manager.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await manager.__aexit__(None, None, None)
