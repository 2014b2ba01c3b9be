"""Ask no faster than the host allows. Inside retry, so that every attempt is counted; outside budget, so that nothing
is set aside for those that wait."""

import time
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager

from ..chat_model import ChatModel, EventStream
from ..errors import ConfigurationError, EncodeError, MiniLLMError, RateLimitError
from ..observe import paced
from ..types import (
    UNSET,
    Attempt,
    ChatRequest,
    ChatResponse,
    MediaPart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from .deadline import Deadline
from .limiter import NO_LANE, Grant, Limiter

__all__ = ["Pacing", "rough_size"]

_CHARACTERS = 4.0  # a token, in English; what a limiter's answers report puts it right
_MESSAGE, _TOOL, _MEDIUM = 5.0, 80.0, 1000.0  # tokens


class Pacing:
    """Waits for the turn of each request.

    Args:
        limiter: gives the running loop's limiter.
        lane: gives the lanes in which the call waits: its tree and its node.
        deadline: no wait goes beyond it.
        patience: how many seconds the host may ask all requests to wait.
        observed: somebody watches the request, and is told how long it waited.
    """

    __slots__ = ("_deadline", "_lane", "_limiter", "_model", "_observed", "_patience")

    def __init__(
        self,
        model: ChatModel,
        limiter: Callable[[], Limiter],
        lane: Callable[[], Sequence[Hashable]] | None = None,
        deadline: Deadline | None = None,
        patience: float = float("inf"),
        observed: bool = False,
    ) -> None:
        self._observed = observed
        self._model = model
        self._limiter = limiter
        self._lane = lane
        self._deadline = deadline
        self._patience = patience

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """As the model does, when its turn has come.

        Raises:
            TimeoutExceeded: that would be after the deadline; with ``retry_at``.
            RateLimitError: the host has asked for a longer wait than ``max_retry_after``.
        """
        limiter = self._limiter()
        grant = rough_size(request) if limiter.counts_tokens else Grant()
        given = limiter.at_once(grant, self._patience)
        if not given or self._observed:
            await self._turn(limiter, grant, given)
        try:
            response = await self._model.complete(request)
        except BaseException as error:
            _failed(limiter, grant, error)
            raise
        attempts = response.attempts
        if attempts:
            last = attempts[-1]
            limiter.ended(grant, last.usage, last.rate_limits)
        else:
            limiter.ended(grant)
        return response

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        """As the model does, when its turn has come; raises as :meth:`complete` does."""
        limiter = self._limiter()
        grant = rough_size(request) if limiter.counts_tokens else Grant()
        await self._turn(limiter, grant, limiter.at_once(grant, self._patience))
        try:
            manager = self._model.stream(request)
            stream = await manager.__aenter__()
        except BaseException as error:
            _failed(limiter, grant, error)
            raise
        if stream.attempts:
            limiter.heed(stream.attempts[-1].rate_limits, grant)  # they came before the answer
        stream.on_end(lambda ended, _: _ended(limiter, grant, ended.attempts))
        try:
            yield stream
        except BaseException as error:
            if not await manager.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await manager.__aexit__(None, None, None)

    async def _turn(self, limiter: Limiter, grant: Grant, given: bool) -> None:
        """Wait for the leave of a request, where it has none yet, and tell how long that took."""
        if given:
            if self._observed:
                paced(0.0)
            return
        asked = time.monotonic()
        path = NO_LANE if self._lane is None else self._lane()
        try:
            await limiter.acquire(grant, path, deadline=self._deadline, patience=self._patience)
        finally:
            if self._observed:
                paced(time.monotonic() - asked)


def _ended(limiter: Limiter, grant: Grant, attempts: Sequence[Attempt]) -> None:
    if attempts:
        last = attempts[-1]
        limiter.ended(grant, last.usage, last.rate_limits)
    else:
        limiter.ended(grant)


def _failed(limiter: Limiter, grant: Grant, error: BaseException) -> None:
    if isinstance(error, ConfigurationError | EncodeError):
        limiter.unsent(grant)
        return
    attempts = error.attempts if isinstance(error, MiniLLMError) else ()
    last = attempts[-1] if attempts else None
    if last is None:
        limiter.ended(grant)
    else:
        refused = last.usage is None and last.status is not None and 400 <= last.status < 500
        limiter.ended(grant, last.usage, last.rate_limits, refused=refused)
    if isinstance(error, RateLimitError) and error.retry_at is not None:
        limiter.hold(error.retry_at)


def rough_size(request: ChatRequest) -> Grant:
    """The size of a request by its characters: cheap, and good enough for what is put right afterwards."""
    characters, tokens = 0, _TOOL * len(request.tools)
    for message in request.messages:
        tokens += _MESSAGE
        content = message.content
        if isinstance(content, str):
            characters += len(content)
        else:
            for part in content:
                characters += _characters(part)
                tokens += _MEDIUM * isinstance(part, MediaPart)
    ceiling = request.parameters.max_tokens
    return Grant(tokens + characters / _CHARACTERS, None if ceiling is UNSET else ceiling)


def _characters(part: Part) -> int:
    if isinstance(part, TextPart | ReasoningPart | RefusalPart):
        return len(part.text)
    if isinstance(part, ToolCallPart):
        return len(part.arguments)
    if isinstance(part, ToolResultPart):
        content = part.content
        return len(content) if isinstance(content, str) else sum(_characters(inner) for inner in content)
    return 0
