"""Who waits too long: one timer for all that wait equally long, since a timer for each costs more than their wait."""

import asyncio
from typing import Protocol

__all__ = ["Waiting", "Watch"]

# A program uses a few lengths. Beyond so many at a time they are of all sorts, and go with their last wait.
_LENGTHS = 8


class Waiting(Protocol):
    """What can be told that its wait is over."""

    def set_exception(self, exc: BaseException) -> None: ...


class _Queue(dict[Waiting, float]):
    """Those that wait equally long, with the moment from which they do: the oldest first."""

    __slots__ = ("timer",)
    timer: asyncio.TimerHandle


class Watch:
    """Ends waits in one event loop. Those of one length end in the order in which they began, so that only the oldest
    needs a timer; and that one stays when its wait is over, to be set anew for who is the oldest by then."""

    __slots__ = ("_loop", "_queues", "now")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time
        self._queues: dict[float, _Queue] = {}

    def add(self, waiting: Waiting, seconds: float, since: float) -> None:
        """Tell ``waiting`` of a ``TimeoutError`` when so many seconds have passed since then."""
        queue = self._queues.get(seconds)
        if queue is None:
            queue = self._queues[seconds] = _Queue()
            queue.timer = self._loop.call_at(since + seconds, self._look, seconds)
        queue[waiting] = since

    def remove(self, waiting: Waiting, seconds: float) -> None:
        """Its wait is over, if it was not ended."""
        queue = self._queues.get(seconds)
        if queue is None:
            return
        queue.pop(waiting, None)
        if not queue and len(self._queues) > _LENGTHS:
            queue.timer.cancel()
            del self._queues[seconds]

    def _look(self, seconds: float) -> None:
        queue = self._queues[seconds]
        while queue:
            oldest = next(iter(queue))
            ends = queue[oldest] + seconds
            if ends > self.now():
                queue.timer = self._loop.call_at(ends, self._look, seconds)
                return
            del queue[oldest]
            oldest.set_exception(TimeoutError())
        del self._queues[seconds]
