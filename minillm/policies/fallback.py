"""Ask one route after another until one answers. Outermost: each route has its own retries, prices and purses inside.

Where all routes are well, and the rules ask for nothing more, the first of them is asked at once: what else a plan may
have to do is begun when that fails. Nothing here makes a task or a scope.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from ..chat_model import EventStream
from ..errors import MiniLLMError
from ..types import Attempt, ChatRequest, ChatResponse
from .candidates import Candidates, Route, Routes
from .commit import Committed, Opened, opened, whole
from .deadline import Deadline
from .health import ailing, board
from .midstream import Relay
from .routes import Rules

__all__ = ["Fallback"]

T = TypeVar("T")


class Fallback:
    """A model out of the routes of a plan.

    Raises (from both methods):
        AllRoutesFailed: no route answered; ``errors`` and ``routes`` name each, ``attempts`` are those of all.
        MiniLLMError: the first error of a route that does not move on.
        TimeoutExceeded: the deadline of the call has passed.
    """

    __slots__ = ("_attempts", "_deadline", "_routes", "_rules")

    def __init__(self, routes: Routes, rules: Rules, attempts: list[Attempt], deadline: Deadline | None = None) -> None:
        self._routes = routes
        self._rules = rules
        self._attempts = attempts
        self._deadline = deadline

    async def complete(self, request: ChatRequest) -> ChatResponse:
        rules, candidates = self._rules, None
        if rules.plain and not ailing and not self._attempts:
            routes, attempts = self._routes, self._attempts
            model = routes.model(0, attempts, self._deadline, last=len(routes.keys) == 1, prefix=None)
            assert model is not None  # there is nothing to go on with
            try:
                response = await model.complete(request)
            except MiniLLMError as error:
                candidates = self._candidates(request, streamed=False)
                await candidates.first_failed(model, error)
            else:
                if ailing and rules.cooldown is not None:
                    board().answered(routes.keys[0])  # for another call it has failed meanwhile
                return response
        candidates = candidates or self._candidates(request, streamed=False)
        response = await self._answer(candidates, lambda route: route.model.complete(request))
        spent = candidates.spent
        return replace(response, attempts=(*spent, *response.attempts)) if spent else response

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        """The answer as it comes; what is committed is never asked again, but as ``midstream`` says."""
        rules = self._rules
        candidates = self._candidates(request, streamed=True)
        if rules.commit == "end":
            ask = partial(whole, request=request)
        else:
            ask = partial(opened, request=request, until=rules.until)
        answer = await self._answer(candidates, ask, Opened.close)
        relayed = rules.midstream != "fail" and rules.commit != "end"
        async with Relay(candidates, request, answer, ask) if relayed else Committed(candidates, answer) as stream:
            yield stream

    def _answer(
        self,
        candidates: Candidates,
        ask: Callable[[Route], Awaitable[T]],
        undo: Callable[[T], Awaitable[object]] | None = None,
    ) -> Awaitable[T]:
        """What the route gives that answers.

        Args:
            undo: takes back what a route gave for which nobody waits any more.
        """
        return candidates.first(ask, undo=undo)

    def _candidates(self, request: ChatRequest, *, streamed: bool) -> Candidates:
        return Candidates(
            self._routes,
            self._rules,
            request,
            attempts=self._attempts,
            deadline=self._deadline,
            streamed=streamed,
        )
