"""Ask again after a failure that may pass. The only file that imports tenacity.

The first try runs outside tenacity, which costs 12 to 19 microseconds and is entered on the first
failure. Entering a stream is retried like a whole answer; a started stream is never replayed.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ..chat_model import ChatModel, EventStream
from ..errors import InvalidOutput, MiniLLMError, OutputError
from ..observe import retry_scheduled
from ..types import Attempt, ChatRequest, ChatResponse
from .deadline import Deadline
from .options import CallOptions

if TYPE_CHECKING:
    import tenacity

__all__ = ["Retry"]

T = TypeVar("T")


class Retry:
    """Repeats what failed in a way that may pass, up to ``options.retry`` times.

    Args:
        observed: somebody watches the request, and is told; else the log alone.
    """

    __slots__ = ("_deadline", "_model", "_observed", "_options")

    def __init__(
        self, model: ChatModel, options: CallOptions, deadline: Deadline | None = None, *, observed: bool = False
    ) -> None:
        self._observed = observed
        self._model = model
        self._options = options
        self._deadline = deadline

    async def complete(self, request: ChatRequest) -> ChatResponse:
        try:
            return await self._model.complete(request)
        except MiniLLMError as error:
            return await self._completed(error, request)

    async def _completed(self, error: MiniLLMError, request: ChatRequest) -> ChatResponse:
        """The answer of a later try, with the attempts of those before it."""
        response, failed = await self._again(error, lambda: self._model.complete(request))
        return replace(response, attempts=(*failed, *response.attempts))

    @asynccontextmanager
    async def stream(self, request: ChatRequest) -> AsyncIterator[EventStream]:
        opened: list[AbstractAsyncContextManager[EventStream]] = []

        async def open_stream() -> EventStream:
            manager = self._model.stream(request)
            stream = await manager.__aenter__()
            opened.append(manager)
            return stream

        try:
            stream = await open_stream()
        except MiniLLMError as error:
            stream, failed = await self._again(error, open_stream)
            stream.attempts = (*failed, *stream.attempts)
        try:
            yield stream
        except BaseException as error:
            if not await opened[0].__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await opened[0].__aexit__(None, None, None)

    async def _again(self, first: MiniLLMError, call: Callable[[], Awaitable[T]]) -> tuple[T, tuple[Attempt, ...]]:
        """Hand the first failure and then fresh calls to tenacity; also return the failed attempts."""
        failed: list[Attempt] = []
        pending: MiniLLMError | None = first

        async def attempt() -> T:
            nonlocal pending
            try:
                if pending is not None:
                    error, pending = pending, None
                    raise error
                return await call()
            except MiniLLMError as error:
                failed.extend(error.attempts)
                raise

        try:
            result: T = await self._policy()(attempt)
        except MiniLLMError as error:
            error.attempts = tuple(failed)
            raise
        return result, tuple(failed)

    def _policy(self) -> "tenacity.AsyncRetrying":
        import tenacity

        return tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(self._may_pass),
            stop=tenacity.stop_after_attempt(self._options.retry + 1),
            wait=self._wait,
            before_sleep=self._before_sleep,
            reraise=True,
        )

    def _may_pass(self, error: BaseException) -> bool:
        if not isinstance(error, MiniLLMError) or not error.retryable:
            return False
        if isinstance(error, InvalidOutput) and self._options.corrections:
            return False  # asked again with the error shown: by Correction, which stands outside
        return error.retry_at is None or error.retry_at - time.time() <= self._options.max_retry_after

    def _wait(self, state: "tenacity.RetryCallState") -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, OutputError):
            return 0.0  # the host is well, only the answer was not: waiting helps nobody
        if isinstance(error, MiniLLMError) and error.retry_at is not None:
            return max(0.0, error.retry_at - time.time())
        import random

        options = self._options
        wait = options.back_off_time
        if options.exp_back_off:
            wait *= 2.0 ** min(state.attempt_number - 1, 32)
        # Up to a quarter less, so that clients that failed together do not come back together.
        return min(wait, options.max_back_off) * (1.0 - random.random() / 4.0)  # noqa: S311  no secret

    def _before_sleep(self, state: "tenacity.RetryCallState") -> None:
        """Fail at once rather than sleep past the deadline; tell that it is asked again."""
        error = state.outcome.exception() if state.outcome is not None else None
        sleep = state.next_action.sleep if state.next_action is not None else 0.0
        if self._deadline is not None and sleep >= self._deadline.left():
            raise self._deadline.passed(error if isinstance(error, MiniLLMError) else None) from error
        if error is not None:
            retry_scheduled(error, state.attempt_number, sleep, observed=self._observed)
