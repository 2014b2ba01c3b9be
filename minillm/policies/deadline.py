"""The moment by which a call must be over."""

import time

from ..errors import MiniLLMError, TimeoutExceeded

__all__ = ["Deadline"]


class Deadline:
    """A moment on the monotonic clock, ``seconds`` from now.

    It hands out what is left as timeouts rather than cancelling anybody's task, so that a stream
    may be opened in one task and left in another.
    """

    __slots__ = ("ends", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.ends - time.monotonic())

    def passed(self, error: MiniLLMError | None = None) -> TimeoutExceeded:
        """The error to raise when it has passed, or would; keeps what the last failure knew."""
        last = f"; the last failure was {type(error).__name__}" if error is not None else ""
        return TimeoutExceeded(
            f"the deadline of {self.seconds:g} s for this call passed{last}",
            retry_at=None if error is None else error.retry_at,
            attempts=() if error is None else error.attempts,
        )
