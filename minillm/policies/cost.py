"""Put the price on every attempt. Innermost, so that rejected and failed ones are on the bill too."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from ..chat_model import ChatModel, EventStream
from ..cost import cost_of
from ..errors import MiniLLMError
from ..types import Attempt, ChatRequest, ChatResponse, TokenPrice

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
            self._book((stream.attempt,))

    def _book(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            if attempt.cost is None:
                attempt.cost = cost_of(attempt.usage, self._price, price_wins=self._price_wins)
