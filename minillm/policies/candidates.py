"""The routes of one call: which one is next, how each has ended, and what is told and learned of it."""

import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, TypeVar

from ..chat_model import ChatModel
from ..errors import AllRoutesFailed, APIError, MiniLLMError, TimeoutExceeded
from ..types import Attempt, ChatRequest, CostInfo, Outcome
from .deadline import Deadline, RouteDeadline
from .health import State, board
from .latency import latencies
from .route_order import in_order
from .routes import RouteEvent, RouteNews, Rules, tell

__all__ = ["Candidates", "Route", "Routes"]

T = TypeVar("T")


class Routes(Protocol):
    """The routes of a plan as a call finds them, made by ``stack.build``."""

    @property
    def names(self) -> Sequence[str]:
        """One a route, ``host:model`` for a generator."""
        ...

    @property
    def keys(self) -> Sequence[Hashable]:
        """By which their health and speed are remembered."""
        ...

    def model(
        self, index: int, attempts: list[Attempt], deadline: Deadline | None, *, last: bool, prefix: str | None
    ) -> ChatModel | None:
        """The route behind its own policies; None where it cannot go on with a started answer (``prefix``)."""
        ...

    def price(self, index: int, request: ChatRequest) -> Decimal | None:
        """What the request is likely to cost there, where that is known."""
        ...


@dataclass(slots=True, eq=False)
class Route:
    """A route that is being asked.

    Args:
        attempts: its exchanges for this call, as they start.
        trial: it has cooled, and this call finds out whether it is well.
    """

    index: int
    name: str
    key: Hashable
    model: ChatModel
    attempts: list[Attempt]
    deadline: RouteDeadline | None
    trial: bool = False
    started: float = field(default_factory=time.monotonic)

    def spent(self, error: BaseException | None = None) -> tuple[Attempt, ...]:
        """Its exchanges, as far as anybody knows of them."""
        known = error.attempts if isinstance(error, MiniLLMError) else ()
        return tuple(self.attempts) if len(self.attempts) >= len(known) else known


class _Kept(list[Attempt]):
    """The exchanges of a route, which are on the list of the whole call too."""

    __slots__ = ("_all",)

    def __init__(self, attempts: list[Attempt]) -> None:
        super().__init__()
        self._all = attempts

    def append(self, attempt: Attempt) -> None:
        super().append(attempt)
        self._all.append(attempt)


class Candidates:
    """One call's way through the routes of a plan.

    Args:
        attempts: every exchange of the call is put here as it starts.
        streamed: whether the answer is wanted as a stream.
    """

    def __init__(
        self,
        routes: Routes,
        rules: Rules,
        request: ChatRequest,
        *,
        attempts: list[Attempt],
        deadline: Deadline | None,
        streamed: bool,
    ) -> None:
        self._routes = routes
        self.rules = rules
        self._request = request
        self._attempts = attempts
        self._deadline = deadline
        self._streamed = streamed
        self._measured = "stream" if streamed else "whole"
        self._measures = rules.order == "fastest" or rules.percentile is not None
        self._health = None if rules.cooldown is None else board()
        self._left: list[int] | None = None
        self.asked = 0
        self._errors: list[MiniLLMError] = []
        self._failed: list[str] = []
        self.spent: tuple[Attempt, ...] = ()  # of routes that have ended without an answer, in that order

    # Which one is next

    def _order(self) -> list[int]:
        rules, keys = self.rules, self._routes.keys
        if rules.order == "ordered":
            places = list(range(len(keys)))
        else:
            places = in_order(rules.order, keys, weights=rules.weights, price=self._price, measured=self._measured)
        health = self._health
        if not health:
            return places
        # Those that cool are asked before giving up, but behind those that are well.
        return sorted(places, key=lambda place: health.state(keys[place]) in (State.COOLING, State.TOLD))

    def _price(self, place: int) -> Decimal | None:
        return self._routes.price(place, self._request)

    async def next(self, prefix: str | None = None) -> Route | None:
        """The next route to be asked; None where there is none left.

        Args:
            prefix: the answer has begun with this, and the route is to go on with it.
        """
        left, health = self._queue(), self._health
        while left:
            index = left.pop(0)
            name, key = self._routes.names[index], self._routes.keys[index]
            if health and health.state(key) is State.TOLD:
                error = health.refusal(key, name)
                self._note(name, error)
                await self._tell(RouteNews.SKIPPED, index, error, until=error.retry_at)
                continue
            kept, deadline = _Kept(self._attempts), self._route_deadline()
            model = self._routes.model(index, kept, deadline or self._deadline, last=not left, prefix=prefix)
            if model is None:
                await self._tell(RouteNews.SKIPPED, index)
                continue
            self.asked += 1
            return Route(
                index, name, key, model, kept, deadline, health is not None and bool(health) and health.asked(key)
            )
        return None

    @property
    def more(self) -> bool:
        """Whether there may be another one."""
        return bool(self._queue())

    def _queue(self) -> list[int]:
        if self._left is None:
            self._left = self._order()
        return self._left

    def _route_deadline(self) -> RouteDeadline | None:
        seconds = self.rules.timeout
        return None if seconds is None else RouteDeadline(seconds, self._deadline)

    def hedge_after(self) -> float | None:
        """After how many seconds the next route is asked beside the first; None where that is not known yet."""
        rules, share = self.rules, self.rules.percentile
        if share is None:
            return None if rules.after is None else float(rules.after)
        queue = self._queue()
        if not queue:
            return None
        measured = latencies().percentile((self._routes.keys[queue[0]], self._measured), share)
        return rules.unmeasured if measured is None else measured

    # How it has ended

    async def first(
        self,
        ask: Callable[[Route], Awaitable[T]],
        *,
        undo: Callable[[T], Awaitable[object]] | None = None,
        prefix: str | None = None,
        news: RouteNews = RouteNews.SELECTED,
    ) -> T:
        """What the first route gives that answers ``ask``, one after another.

        Args:
            undo: takes back what it gave, where nobody waits for it any more.
            prefix: the answer has begun with this, and the route is to go on with it.
            news: what is told of the one that answers.

        Raises:
            AllRoutesFailed: none did.
            MiniLLMError: the error of a route is none that moves on; or the deadline has passed.
        """
        while (route := await self.next(prefix)) is not None:
            try:
                answer = await ask(route)
            except MiniLLMError as error:
                await self.failed(route, error)
            except BaseException:
                self.left(route)
                raise
            else:
                try:
                    await self.answered(route, news)
                except BaseException:  # cancelled in the caller's own function
                    if undo is not None:
                        await undo(answer)
                    raise
                return answer
        raise self.exhausted()

    async def answered(self, route: Route, news: RouteNews = RouteNews.SELECTED) -> None:
        """The route has answered, or begun to."""
        if route.deadline is not None:
            route.deadline.begun()
        route.trial = False
        if self._health:
            self._health.answered(route.key)
        if self._measures:
            self._measure(route)
        if self.rules.on_route is not None:
            await self._tell(news, route.index, attempts=route.spent())

    async def first_failed(self, model: ChatModel, error: MiniLLMError) -> None:
        """The first route was asked without these, while all were well, and has failed. Raises as :meth:`failed`."""
        self._left = [*range(1, len(self._routes.keys))]
        self.asked = 1
        names, keys = self._routes.names, self._routes.keys
        await self.failed(Route(0, names[0], keys[0], model, [*self._attempts], None), error)

    async def cut(self, route: Route, error: MiniLLMError) -> None:
        """The stream of the route broke off, and that was the end of the call."""
        until = self._cools_until(route, error)
        await self._tell(RouteNews.CUT, route.index, error, error.attempts, until)

    async def failed(self, route: Route, error: MiniLLMError, news: RouteNews = RouteNews.FAILED) -> None:
        """The route has failed. Returns where the next one may be asked.

        Raises:
            MiniLLMError: this error, or that of the deadline, with all attempts.
        """
        self.left(route)
        spent = error.attempts = route.spent(error)
        until = self._cools_until(route, error)
        before = self._errors[-1] if self._errors else None
        self._note(route.name, error)
        self.spent = (*self.spent, *spent)
        await self._tell(news, route.index, error, spent, until)
        whole = self._deadline
        if whole is not None and whole.left() <= 0.0:
            late = error if isinstance(error, TimeoutExceeded) else whole.passed(error)
            late.attempts = self.spent
            raise late from (before if late is error else error)
        if not self._goes_on(error, spent):
            error.attempts = self.spent
            raise error from (error.__cause__ or before)

    def _cools_until(self, route: Route, error: MiniLLMError) -> float | None:
        """Note the failure: until when the route is let alone, None where it is not. What the caller's own deadline
        ends says nothing of it."""
        if self._health is None or (self._deadline is not None and self._deadline.left() <= 0.0):
            return None
        cooldown, failures = self.rules.cooldown or 0.0, self.rules.failures
        return self._health.failed(route.key, error, cooldown=cooldown, failures=failures)

    def _goes_on(self, error: MiniLLMError, spent: Sequence[Attempt]) -> bool:
        rules = self.rules
        final = rules.commit == "start" and rules.midstream == "fail"
        if self._streamed and final and spent and _began(spent[-1]):
            return False
        return rules.moves_on(error)

    def left(self, route: Route) -> None:
        """Nobody waits for the route any more."""
        if route.trial and self._health is not None:
            route.trial = False
            self._health.left(route.key)

    async def hedged(self, route: Route) -> None:
        """The route is asked beside others."""
        await self._tell(RouteNews.HEDGED, route.index)

    async def abandoned(self, route: Route) -> None:
        """Another one was faster; this one has been cancelled."""
        self.left(route)
        if self._measures:
            self._measure(route)  # it took at least so long: else the slow ones would never be counted
        spent = route.spent() or (_unseen(route),)
        self.spent = (*self.spent, *spent)
        await self._tell(RouteNews.ABANDONED, route.index, attempts=spent)

    def exhausted(self) -> MiniLLMError:
        """The error of a call that no route has answered."""
        errors = self._errors
        said = ", ".join(f"{name}: {_short(error)}" for name, error in zip(self._failed, errors, strict=True))
        error = AllRoutesFailed(
            f"no route answered: {said}" if errors else "no route can do this",
            errors=errors,
            routes=self._failed,
            attempts=self.spent,
            retryable=any(error.retryable for error in errors),
            retry_at=min((error.retry_at for error in errors if error.retry_at is not None), default=None),
            partial=next((error.partial for error in reversed(errors) if error.partial is not None), None),
        )
        error.__cause__ = errors[-1] if errors else None
        return error

    def _note(self, name: str, error: MiniLLMError) -> None:
        self._failed.append(name)
        self._errors.append(error)

    def _measure(self, route: Route) -> None:
        latencies().note((route.key, self._measured), time.monotonic() - route.started)

    async def _tell(
        self,
        news: RouteNews,
        index: int,
        error: MiniLLMError | None = None,
        attempts: tuple[Attempt, ...] = (),
        until: float | None = None,
    ) -> None:
        if self.rules.on_route is not None:
            event = RouteEvent(news, self._routes.names[index], index, error, attempts, until)
            await tell(self.rules.on_route, event)


def _began(attempt: Attempt) -> bool:
    """Whether the host had begun to answer."""
    return attempt.status is not None and attempt.status < 300 and attempt.outcome is not Outcome.REJECTED


def _unseen(route: Route) -> Attempt:
    """The exchange of a model that tells of none: it may have been at work."""
    since = time.time() - (time.monotonic() - route.started)
    return Attempt("unknown", route.name, "unknown", since, outcome=Outcome.CANCELLED, cost=CostInfo())


def _short(error: MiniLLMError) -> str:
    """Its class and status: what hosts say may be long, and stands in the error itself."""
    status = error.status if isinstance(error, APIError) else None
    return type(error).__name__ if status is None else f"{type(error).__name__} {status}"
