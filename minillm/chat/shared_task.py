"""One piece of work that several tasks wait for: it ends when it ends, or when the last of them has left."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

__all__ = ["SharedTask"]

T = TypeVar("T")


class SharedTask(Generic[T]):
    """Starts the work at once.

    Example:
        >>> work = SharedTask(fetch())
        >>> value = await work.result()  # in as many tasks as like; one that is cancelled leaves the others waiting
    """

    __slots__ = ("_waiting", "abandoned", "task")

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.task: asyncio.Task[T] = asyncio.ensure_future(work)
        self.task.add_done_callback(_seen)
        self._waiting = 0
        self.abandoned = False  # cancelled, since nobody waited any more: who comes now starts anew

    async def result(self) -> T:
        """What came of it, or its error; cancelling the last who waits cancels the work, and waits for its end."""
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                self.abandoned = True
                self.task.cancel()
                await _over(self.task)


async def _over(task: "asyncio.Task[Any]") -> None:
    """Neither the task nor its socket outlives the caller, who may be in a cancelled scope himself."""
    import anyio

    with anyio.CancelScope(shield=True):
        await asyncio.wait({task})


def _seen(task: "asyncio.Task[Any]") -> None:
    """Its error is its waiters' affair; where they have all left it is nobody's."""
    if not task.cancelled():
        task.exception()
