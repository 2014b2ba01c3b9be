"""Put the price on every attempt. Innermost, so that rejected and failed ones are on the bill too."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial

from ..chat_model import ChatModel, EventStream
from ..cost import cost_of, price_of
from ..cost.experience import note
from ..errors import ConnectError, MiniLLMError
from ..types import UNSET, Attempt, ChatRequest, ChatResponse, CostInfo, CostResolution, Outcome, TokenPrice, Usage

__all__ = ["Cost", "LookUp"]

#: Begins to look a bill up at the host: the exchange, the answer's id, and what is told the usage found, or None. False
#: where there is nothing to be looked up.
LookUp = Callable[[Attempt, str, Callable[[Usage | None], None]], bool]


class Cost:
    """Books each attempt as it ends.

    Args:
        price: USD per million tokens, where one was given by hand.
        price_wins: the price was given for this very call and beats what the host reports.
        host: the provider row whose models the tables of prices are asked for where no price was given;
            None asks none.
        own_address: False where the generator has another base URL than its row.
        attempts: every exchange of the call, so that those of a cancelled one are booked too.
        look_up: asks the host later for a bill it did not tell.
    """

    __slots__ = ("_attempts", "_host", "_look_up", "_model", "_own_address", "_price", "_price_wins")

    def __init__(
        self,
        model: ChatModel,
        price: TokenPrice | None,
        price_wins: bool = False,
        host: str | None = None,
        own_address: bool = True,
        attempts: Sequence[Attempt] = (),
        look_up: LookUp | None = None,
    ) -> None:
        self._model = model
        self._price = price
        self._price_wins = price_wins
        self._host = host
        self._own_address = own_address
        self._attempts = attempts
        self._look_up = look_up

    async def complete(self, request: ChatRequest) -> ChatResponse:
        try:
            response = await self._model.complete(request)
        except MiniLLMError as error:
            self._book(error.attempts, request)
            raise
        except BaseException:
            self._book(self._attempts, request)  # cancelled: the host may have been at work
            raise
        if not response.attempts:
            attempt = _unseen(response)
            attempt.usage = response.usage
            response = replace(response, attempts=(attempt,))  # theirs is not ours to fill: they may give it again
        self._book(response.attempts, request, response.model, response.id)
        return response

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        try:
            manager = self._model.stream(request)
            stream = await manager.__aenter__()
        except MiniLLMError as error:
            self._book(error.attempts, request)
            raise
        except BaseException:
            self._book(self._attempts, request)
            raise
        if stream.attempt is None and not stream.attempts:
            stream.attempt = _unseen(None)
            stream.attempts = (stream.attempt,)
        stream.on_end(partial(self._book_stream, request))
        try:
            yield stream
        except BaseException as error:
            if not await manager.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await manager.__aexit__(None, None, None)

    def _book_stream(self, request: ChatRequest, stream: EventStream, error: BaseException | None) -> None:
        attempt = stream.attempt
        if attempt is not None:
            if stream.collector.usage is not None:
                attempt.usage = stream.collector.usage
            if attempt.outcome is Outcome.PENDING:
                attempt.outcome = _outcome(stream, error)
                attempt.error = None if error is None else type(error).__name__
            attempt.model = attempt.model or stream.collector._model  # a model that tells of no exchanges: as it signs
        collector = stream.collector
        self._book(stream.attempts, request, collector._model, collector._id)

    def _book(self, attempts: Iterable[Attempt], request: ChatRequest, answered: str = "", answer_id: str = "") -> None:
        for attempt in attempts:
            if attempt.cost is not None:
                continue
            usage = attempt.usage
            if usage is not None and self._host is not None and attempt.outcome is Outcome.ACCEPTED:
                note(self._host, attempt.model, request, usage)
            if usage is None and _was_refused(attempt):
                attempt.cost = _NOTHING
            elif self._look_up is not None and self._looked_up(self._look_up, attempt, request, answered, answer_id):
                attempt.cost = CostInfo(resolution=CostResolution.PENDING, usage=usage)
            else:
                price = self._price or self._listed(attempt, request, answered)
                attempt.cost = cost_of(usage, price, price_wins=self._price_wins)

    def _looked_up(
        self, look_up: LookUp, attempt: Attempt, request: ChatRequest, answered: str, answer_id: str
    ) -> bool:
        """Whether the host is being asked for a bill that it did not tell. The exchange is filled in when it answers:
        whoever holds it, a node or a ledger, sees the sum then."""
        usage = attempt.usage
        if usage is not None and usage.cost_usd is not None:
            return False
        if usage is not None and usage.output_tokens is not None and self._price_wins:
            return False  # all is known that the given price wants

        def settle(found: Usage | None) -> None:
            if found is not None:
                attempt.usage = found if attempt.usage is None else attempt.usage.updated(found)
            price = self._price or self._listed(attempt, request, answered)
            attempt.cost = cost_of(attempt.usage, price, price_wins=self._price_wins)

        return look_up(attempt, answer_id, settle)

    def _listed(self, attempt: Attempt, request: ChatRequest, answered: str) -> TokenPrice | None:
        """The price in the tables: of the model that was asked, else of the one that says it answered, which is
        all there is where the first is a deployment's name or an alias."""
        usage = attempt.usage
        if self._host is None or usage is None or usage.output_tokens is None or usage.cost_usd is not None:
            return None
        tier = request.parameters.service_tier
        tier = None if tier is UNSET else tier
        at, own = attempt.started_at, self._own_address
        price = price_of(self._host, attempt.model, at, service_tier=tier, own_address=own)
        if price is None and answered != attempt.model:
            price = price_of(self._host, answered, at, service_tier=tier, own_address=own)
        return price


_NOTHING = CostInfo(Decimal(0), Decimal(0), CostResolution.RESOLVED)

# Given up while the model may have been at work.
_UNCERTAIN = frozenset({408, 424, 499})


def _was_refused(attempt: Attempt) -> bool:
    """Whether the host turned the request down before any model saw it: such a one is not billed, and a
    single 429 must not make the sum of a whole program unknown. Behind a 5xx tokens may have been made."""
    if attempt.outcome is not Outcome.FAILED:
        return False
    if attempt.status is None:
        return attempt.error == ConnectError.__name__  # nothing was sent
    return 400 <= attempt.status < 500 and attempt.status not in _UNCERTAIN


def _outcome(stream: EventStream, error: BaseException | None) -> Outcome:
    if error is not None:
        return Outcome.FAILED
    return Outcome.ACCEPTED if stream.collector.complete else Outcome.CANCELLED


def _unseen(response: ChatResponse | None) -> Attempt:
    """The attempt of a model that tells of none: what it did is booked all the same, as far as it is known."""
    model = response.model if response is not None else ""
    outcome = Outcome.ACCEPTED if response is not None else Outcome.PENDING
    return Attempt("unknown", model, "unknown", time.time(), outcome=outcome)
