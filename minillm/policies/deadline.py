"""The moment by which a call must be over."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..errors import MiniLLMError, TimeoutExceeded

__all__ = ["Deadline"]

T = TypeVar("T")


class Deadline:
    """A moment on the monotonic clock, ``seconds`` from now.

    It stands over one wait at a time and is held across none, so that a stream may be opened in one
    task and left in another.
    """

    __slots__ = ("ends", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.ends - time.monotonic())

    async def within(self, call: Callable[[], Awaitable[T]]) -> T:
        """What ``call()`` gives, if it gives it in time.

        Raises:
            TimeoutExceeded: the moment came first; the call was cancelled, or not even begun.
        """
        import asyncio

        if self.left() <= 0.0:
            raise self.passed()
        scope = asyncio.timeout(self.left())
        try:
            async with scope:
                return await call()
        except TimeoutError:
            if not scope.expired():
                raise  # a timeout of another kind, which says so itself
        # Raised out here: the frames of what was cancelled may hold keys.
        raise self.passed()

    def passed(self, error: MiniLLMError | None = None) -> TimeoutExceeded:
        """The error to raise when it has passed, or would; keeps what the last failure knew."""
        last = f"; the last failure was {type(error).__name__}" if error is not None else ""
        return TimeoutExceeded(
            f"the deadline of {self.seconds:g} s for this call passed{last}",
            retry_at=None if error is None else error.retry_at,
            attempts=() if error is None else error.attempts,
        )
