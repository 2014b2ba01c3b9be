"""Hooks that are coroutines: run beside the calls they watch, in order, one task an event loop."""

from asyncio import CancelledError, Task, current_task, get_running_loop
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from .. import loop_local
from .faults import complain

__all__ = ["run_beside"]


class _Beside:
    """What waits to be run in one loop."""

    __slots__ = ("_task", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[..., Any], Awaitable[None]]] = deque()
        self._task: Task[None] | None = None

    def add(self, hook: Callable[..., Any], awaitable: Awaitable[None]) -> None:
        self._waiting.append((hook, awaitable))
        if self._task is None or self._task.done():
            self._task = get_running_loop().create_task(self._run(), name="minillm hooks")

    async def _run(self) -> None:
        while self._waiting:
            hook, awaitable = self._waiting.popleft()
            try:
                await awaitable
            except CancelledError as error:
                task = current_task()
                if task is None or task.cancelling():
                    raise
                complain(hook, error)  # its own, and no wish of who waits here
            except Exception as error:
                complain(hook, error)

    async def drain(self) -> None:
        """Run what is left: the loop ends."""
        if self._task is not None and not self._task.done():
            await self._task
        await self._run()


def run_beside(hook: Callable[..., Any], awaitable: Awaitable[None]) -> None:
    """Run it when the loop comes to it, after those before it; nobody waits for it but the end of the loop."""
    try:
        running = loop_local.get("minillm.observe", _Beside, _Beside.drain)
    except RuntimeError:  # a stream that was left behind after its loop had ended
        close = getattr(awaitable, "close", None)
        if close is not None:
            close()
        return
    running.add(hook, awaitable)
