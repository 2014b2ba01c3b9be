"""Ask one route after another until one answers. Outermost: each route has its own retries, prices and purses inside.

A call whose first route answers pays for a few attribute reads; nothing here makes a task or a scope.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from ..chat_model import EventStream
from ..errors import MiniLLMError
from ..types import Attempt, ChatRequest, ChatResponse
from .candidates import Candidates, Route, Routes
from .deadline import Deadline
from .midstream import Opened, Relay, opened, whole
from .routes import Rules

__all__ = ["Fallback"]


class Fallback:
    """A model out of the routes of a plan.

    Raises (from both methods):
        AllRoutesFailed: no route answered; ``errors`` and ``routes`` name each, ``attempts`` are those of all.
        MiniLLMError: the first error of a route that does not move on.
        TimeoutExceeded: the deadline of the call has passed.
    """

    def __init__(
        self, routes: Routes, rules: Rules, *, attempts: list[Attempt], deadline: Deadline | None = None
    ) -> None:
        self._routes = routes
        self._rules = rules
        self._attempts = attempts
        self._deadline = deadline

    async def complete(self, request: ChatRequest) -> ChatResponse:
        candidates = self._candidates(request, streamed=False)
        response = await candidates.first(lambda route: route.model.complete(request))
        spent = candidates.spent
        return replace(response, attempts=(*spent, *response.attempts)) if spent else response

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        """The answer as it comes; what is committed is never asked again, but as ``midstream`` says."""
        rules = self._rules
        candidates = self._candidates(request, streamed=True)

        async def ask(route: Route) -> Opened:
            if rules.commit == "end":
                return await whole(route, request)
            return await opened(route, request, rules.until)

        answer = await candidates.first(ask, undo=Opened.close)
        relay: Relay | None = None
        if rules.midstream == "fail" or rules.commit == "end":
            stream = answer.stream
            stream.attempts = (*candidates.spent, *stream.attempts)
            answer.watched()
        else:
            relay = Relay(candidates, request, answer, ask)
            stream = relay.stream
        try:
            yield stream
        except BaseException as error:
            if not await (answer if relay is None else relay.opened).close(error):
                raise
        else:
            await (answer if relay is None else relay.opened).close()
        finally:
            stream.end(None)
            if isinstance(answer.error, MiniLLMError):
                await candidates.cut(answer.route, answer.error)

    def _candidates(self, request: ChatRequest, *, streamed: bool) -> Candidates:
        return Candidates(
            self._routes,
            self._rules,
            request,
            attempts=self._attempts,
            deadline=self._deadline,
            streamed=streamed,
        )
