"""Spend no more than is in the purse. Inside retry, so that every attempt is looked at; outside cost, which makes the
bill that is settled here."""

from asyncio import CancelledError, Task, current_task
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from ..chat_model import ChatModel, EventStream
from ..cost.budget import Budget, Needed, Reservation, open_budgets, reserve, reserve_roughly
from ..errors import BudgetExceeded, ConfigurationError, EncodeError, MiniLLMError
from ..types import Attempt, ChatRequest, ChatResponse

if TYPE_CHECKING:
    from ..cost import Estimate

__all__ = ["Budgeted", "budgets_of"]

T = TypeVar("T")


def budgets_of(*given: Budget | None) -> tuple[Budget, ...]:
    """The purses that a call draws on, each once: those whose blocks it is made in, and those given."""
    found: tuple[Budget, ...] = ()
    for budget in (*open_budgets(), *given):
        if budget is not None and budget not in found:
            found = (*found, budget)
    return found


class Budgeted:
    """Sets the most that a request may cost aside before it is sent, and settles when it has ended.

    Args:
        budgets: the purses; all of them are charged.
        estimate: what a request will take.
        rough: the most that it can take, told faster, where that can be; it is set aside while plenty is left.
    """

    __slots__ = ("_budgets", "_estimate", "_model", "_rough")

    def __init__(
        self,
        model: ChatModel,
        budgets: Iterable[Budget],
        estimate: "Callable[[ChatRequest], Estimate]",
        rough: Callable[[ChatRequest], Needed | None] | None = None,
    ) -> None:
        self._model = model
        self._budgets = tuple(budgets)
        self._estimate = estimate
        self._rough = rough

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """As the model does.

        Raises:
            BudgetExceeded: it might cost more than is left, and was not sent; or a purse was empty before it ended.
            ConfigurationError: nobody can say what it may cost, and a purse wants to know.
        """
        call = self._reserve(request, current_task())
        if call.emptied is None:
            try:
                response = await self._model.complete(request)
            except BaseException as error:
                if not call.caught(error):
                    _settle_failed(call, error)
                    raise
            else:
                call.end()
                _settle(call, response.attempts)
                return response
        call.end()
        emptied = call.failure()
        _settle_failed(call, emptied)
        raise emptied

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        """As the model does; raises as :meth:`complete` does, also while it is read."""
        call = self._reserve(request)
        try:
            manager = self._model.stream(request)
            stream = await call.over(manager.__aenter__)
        except BaseException as error:
            _settle_failed(call, error)
            raise
        own = stream.attempts  # who stands outside puts those of other tries before them, which have been settled
        stream.on_end(lambda _ended, _error: _settle(call, own))
        stream.around(lambda read: lambda: call.over(read))
        try:
            yield stream
        except BaseException as error:
            if not await manager.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await manager.__aexit__(None, None, None)

    def _reserve(self, request: ChatRequest, task: Task[Any] | None = None) -> "_Call":
        call = _Call(self._needed, request, task)
        rough = None if self._rough is None else self._rough(request)
        if rough is None or not reserve_roughly(self._budgets, rough, call):
            reserve(self._budgets, self._needed(request), call)
        return call

    def _needed(self, request: ChatRequest) -> Needed:
        """The most that this request may take."""
        estimate = self._estimate(request)
        ask, answer = estimate.input.upper, estimate.output.upper
        why = ""
        if answer is None:
            why = "set max_tokens, which bounds the answer"
        elif ask is None:
            why = f"the prompt brings in {', '.join(estimate.unseen)}"
        elif estimate.usd.upper is None:
            why = f"no price of {estimate.model or 'the model'} is known; give price= or token_price="
        return Needed(estimate.usd.upper, None if ask is None or answer is None else ask + answer, why)


class _Call(Reservation):
    """What is set aside for one call, which is stopped when the purse is empty, as ``asyncio.timeout`` stops one when a
    time has come, for a third of its price: a purse is hardly ever empty, but each request comes through here."""

    __slots__ = ("_before", "_needed", "_request", "_stopped", "_task")

    def __init__(
        self, needed: Callable[[ChatRequest], Needed], request: ChatRequest, task: Task[Any] | None = None
    ) -> None:
        self.emptied = None
        self._needed = needed
        self._request = request
        # Which waits now. Set before the look at ``emptied``, which is set before stop() is called.
        self._task = task
        self._before = 0 if task is None else task.cancelling()  # how often others had cancelled it by then
        self._stopped = False

    def exactly(self) -> Needed:
        return self._needed(self._request)

    def stop(self) -> None:
        """End the present wait."""
        task = self._task
        if task is not None:
            try:
                task.get_loop().call_soon_threadsafe(self._cancel)
            except RuntimeError:
                pass  # that loop is closed, and so is whatever waited in it

    def _cancel(self) -> None:
        if self._task is not None and not self._stopped:
            self._stopped = True
            self._task.cancel()

    def begin(self) -> None:
        """This task is about to wait."""
        task = self._task = current_task()
        assert task is not None
        self._before = task.cancelling()

    def end(self) -> None:
        """It waits no more, and is not cancelled by this any more if it was."""
        task, self._task = self._task, None
        if self._stopped:
            self._stopped = False
            if task is not None:
                task.uncancel()

    def caught(self, error: BaseException) -> bool:
        """The same, after an error: whether that was the stop, and nobody else cancels the task as well."""
        task, stopped = self._task, self._stopped
        self.end()
        return stopped and isinstance(error, CancelledError) and task is not None and task.cancelling() <= self._before

    async def over(self, call: Callable[[], Awaitable[T]]) -> T:
        """What ``call()`` gives, unless the purse is empty first.

        Raises:
            BudgetExceeded: it was.
        """
        self.begin()
        if self.emptied is None:
            try:
                result = await call()
            except BaseException as error:
                if not self.caught(error):
                    raise
            else:
                self.end()
                return result
        self.end()
        raise self.failure()

    def failure(self) -> BudgetExceeded:
        """The error of a call that was stopped. To be raised outside of any handler: the frames of what was cancelled
        may hold keys."""
        assert self.emptied is not None
        return self.emptied


def _settle(reservation: Reservation, attempts: Sequence[Attempt]) -> None:
    """Book the bills of these attempts, as far as they are known."""
    if len(attempts) == 1:  # as mostly
        cost, usage = attempts[0].cost, attempts[0].usage
        if cost is not None and cost.usd is not None and usage is not None:
            reservation.settle(cost.usd, usage.total_tokens)
            return
    _settle_all(reservation, attempts)


def _settle_all(reservation: Reservation, attempts: Sequence[Attempt]) -> None:
    usd: Decimal | None = Decimal(0)
    tokens: int | None = 0
    known = Decimal(0)
    for attempt in attempts:
        cost, usage = attempt.cost, attempt.usage
        known += Decimal(0) if cost is None else cost.known_usd
        usd = None if usd is None or cost is None or cost.usd is None else usd + cost.usd
        free = usage is None and cost is not None and cost.usd == 0
        used = 0 if free else None if usage is None else usage.total_tokens
        tokens = None if tokens is None or used is None else tokens + used
    reservation.settle(usd, tokens, sent=len(attempts), known_usd=known)


# Raised before anything was sent.
_UNSENT = (ConfigurationError, EncodeError)


def _settle_failed(reservation: Reservation, error: BaseException) -> None:
    if isinstance(error, MiniLLMError) and error.attempts:
        _settle(reservation, error.attempts)
    elif isinstance(error, _UNSENT):
        reservation.settle(Decimal(0), 0, sent=0)
    else:
        reservation.settle(None, None)  # cancelled, or broken in an unknown way: it may be billed all the same
