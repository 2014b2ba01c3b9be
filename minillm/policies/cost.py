"""Put the price on every attempt. Innermost, so that rejected and failed ones are on the bill too."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from ..chat_model import ChatModel, EventStream
from ..cost import cost_of
from ..errors import MiniLLMError
from ..types import Attempt, ChatRequest, ChatResponse, Outcome, TokenPrice

__all__ = ["Cost"]


class Cost:
    """Books each attempt as it ends.

    Args:
        price: USD per million tokens, where one is known.
        price_wins: the price was given for this very call and beats what the host reports.
    """

    def __init__(self, model: ChatModel, price: TokenPrice | None, *, price_wins: bool = False) -> None:
        self._model = model
        self._price = price
        self._price_wins = price_wins

    async def complete(self, request: ChatRequest) -> ChatResponse:
        try:
            response = await self._model.complete(request)
        except MiniLLMError as error:
            self._book(error.attempts)
            raise
        if not response.attempts:
            attempt = _unseen(response)
            attempt.usage = response.usage
            object.__setattr__(response, "attempts", (attempt,))  # a fresh response of the model within
        self._book(response.attempts)
        return response

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        try:
            manager = self._model.stream(request)
            stream = await manager.__aenter__()
        except MiniLLMError as error:
            self._book(error.attempts)
            raise
        if stream.attempt is None and not stream.attempts:
            stream.attempt = _unseen(None)
            stream.attempts = (stream.attempt,)
        stream.on_end(self._book_stream)
        try:
            yield stream
        except BaseException as error:
            if not await manager.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await manager.__aexit__(None, None, None)

    def _book_stream(self, stream: EventStream, error: BaseException | None) -> None:
        if stream.attempt is not None:
            stream.attempt.usage = stream.collector.usage
            if stream.attempt.outcome is Outcome.PENDING:
                stream.attempt.outcome = Outcome.ACCEPTED if stream.collector.complete else Outcome.CANCELLED
            self._book((stream.attempt,))

    def _book(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            if attempt.cost is None:
                attempt.cost = cost_of(attempt.usage, self._price, price_wins=self._price_wins)


def _unseen(response: ChatResponse | None) -> Attempt:
    """The attempt of a model that tells of none: what it did is booked all the same, as far as it is known."""
    model = response.model if response is not None else ""
    outcome = Outcome.ACCEPTED if response is not None else Outcome.PENDING
    return Attempt("unknown", model, "unknown", time.time(), outcome=outcome)
