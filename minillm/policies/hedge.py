"""Ask a second route where the first is slow to begin, take what begins first, and cancel the other at once.

The routes run as tasks only until one has begun: their group is closed before its stream is handed on.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import MiniLLMError, TransportError
from .candidates import Candidates, Route
from .fallback import Fallback

if TYPE_CHECKING:
    import anyio
    from anyio.abc import TaskGroup

__all__ = ["Hedge"]

T = TypeVar("T")


class Hedge(Fallback):
    """A fallback that may ask more than one route at a time; a failure is followed by the next route at once."""

    __slots__ = ()

    def _answer(
        self,
        candidates: Candidates,
        ask: Callable[[Route], Awaitable[T]],
        undo: Callable[[T], Awaitable[object]] | None = None,
    ) -> Awaitable[T]:
        return _Race(candidates, ask, undo).won()


class _Race(Generic[T]):
    """The routes that are being asked, until one has begun to answer.

    Args:
        ask: what is asked of each.
        undo: takes back what a route gave that came second; None where that holds nothing open.
    """

    def __init__(
        self,
        candidates: Candidates,
        ask: Callable[[Route], Awaitable[T]],
        undo: Callable[[T], Awaitable[object]] | None,
    ) -> None:
        self._candidates = candidates
        self._ask = ask
        self._undo = undo
        self._running: list[Route] = []
        self._answers: dict[Route, T] = {}
        self._errors: dict[Route, Exception] = {}
        self._news: anyio.Event | None = None

    async def won(self) -> T:
        """What the fastest gave; all the others have ended when it is returned.

        Raises:
            AllRoutesFailed: all of them failed.
            MiniLLMError: the error of a route is none that moves on; or the deadline has passed.
        """
        import anyio

        winner: Route | None = None
        failure: Exception | None = None
        try:
            async with anyio.create_task_group() as group:
                try:
                    winner = await self._winner(group)
                except Exception as error:  # raised below: from within it would come out in a group
                    failure = error
                group.cancel_scope.cancel()
            await self._leave(winner)
            if winner is not None:
                await self._candidates.answered(winner)
        except BaseException:
            for route in self._running:
                self._candidates.left(route)
            for answer in self._answers.values():
                await self._take_back(answer)
            raise
        if isinstance(failure, MiniLLMError):
            failure.attempts = self._candidates.spent  # those of the others too
        if winner is None:
            raise failure if failure is not None else self._candidates.exhausted()
        return self._answers[winner]

    async def _winner(self, group: "TaskGroup") -> Route | None:
        """Ask one after the other until one has answered; None where none has."""
        import anyio

        candidates = self._candidates
        after = candidates.hedge_after()
        while True:
            if not self._running and not await self._next(group, beside=False):
                return None
            news = self._news = anyio.Event()
            wait = after if candidates.more else None
            with anyio.move_on_after(wait):
                if not self._answers and not self._errors:
                    await news.wait()
            for route, error in [*self._errors.items()]:
                del self._errors[route]
                self._running.remove(route)
                if not isinstance(error, MiniLLMError):
                    candidates.left(route)
                    raise error
                await candidates.failed(route, error)
            if self._answers:
                return next(iter(self._answers))
            if self._running and not news.is_set():
                await self._next(group, beside=True)

    async def _next(self, group: "TaskGroup", *, beside: bool) -> bool:
        route = await self._candidates.next()
        if route is None:
            return False
        self._running.append(route)
        if beside:
            await self._candidates.hedged(route)
        group.start_soon(self._run, route)
        return True

    async def _run(self, route: Route) -> None:
        """Ask, and keep what came of it. A cancellation ends here: the group sees to what it means, and one that came
        from within the route is a failure like others."""
        from asyncio import CancelledError

        try:
            self._answers[route] = await self._ask(route)
        except Exception as error:
            self._errors[route] = error
        except CancelledError:
            self._errors[route] = TransportError("the call of this route was cancelled from within", retryable=True)
        if self._news is not None:
            self._news.set()

    async def _leave(self, winner: Route | None) -> None:
        """Book those that came second, or were cancelled."""
        for route in self._running:
            if route is not winner:
                if route in self._answers:
                    await self._take_back(self._answers.pop(route))
                error = self._errors.pop(route, None)
                if isinstance(error, MiniLLMError) and len(error.attempts) > len(route.attempts):
                    route.attempts.extend(error.attempts[len(route.attempts) :])
                await self._candidates.abandoned(route)
        self._running = [] if winner is None else [winner]

    async def _take_back(self, answer: T) -> None:
        if self._undo is not None:
            await self._undo(answer)
