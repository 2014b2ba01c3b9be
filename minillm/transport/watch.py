"""Who waits too long: one timer for all that wait, since a timer for each costs more than their wait."""

import asyncio
from collections.abc import Collection
from math import inf
from typing import Any

__all__ = ["Watch"]


class Watch:
    """Ends waits in one event loop. The timer stands where the first wait ends that was known when it was set; who has
    stopped to wait by then need not say so, and where nobody waits any more no timer is set again.

    Args:
        waiting: all that may wait, as they are whenever it is looked. Who does has an ``until``, the moment on the
            loop's clock when it has waited too long, ``inf`` while it does not wait, and is told by ``set_exception``.
    """

    __slots__ = ("_loop", "_timer", "_waiting", "looks_at")

    def __init__(self, waiting: Collection[Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting = waiting
        self._timer: asyncio.TimerHandle | None = None
        self.looks_at = inf
        """When it looks next; whoever waits less long asks for :meth:`sooner`."""

    def sooner(self, when: float) -> None:
        """Look at this moment, before the one that was known."""
        if self._timer is not None:
            self._timer.cancel()
        self.looks_at = when
        self._timer = None if when == inf else self._loop.call_at(when, self._look)

    def _look(self) -> None:
        now, first = self._loop.time(), inf
        for each in tuple(self._waiting):
            until = getattr(each, "until", inf)
            if until <= now:
                each.set_exception(TimeoutError())
            elif until < first:
                first = until
        self.sooner(first)
