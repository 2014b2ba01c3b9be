"""When requests are sent: again as soon as one is answered, or whenever one is due."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import anyio

__all__ = ["send_closed", "send_open"]

#: Sends the request of a number, due at a time of the clock (None: now), and returns when it has ended.
Send = Callable[[int, float | None], Coroutine[Any, Any, None]]
Clock = Callable[[], float]

_COARSE = 0.0015  # seconds: the system's timers may be so late


async def send_closed(concurrency: int, count: int, send: Send) -> None:
    """``count`` requests, ``concurrency`` of them under way at any time."""
    numbers = iter(range(count))

    async def asker() -> None:
        for number in numbers:
            await send(number, None)

    async with anyio.create_task_group() as group:
        for _ in range(min(concurrency, count)):
            group.start_soon(asker)


async def send_open(
    due: Sequence[float], send: Send, clock: Clock, stopped: Callable[[], bool] = lambda: False
) -> None:
    """A request whenever one is due, whether or not those before it have been answered.

    Args:
        due: seconds from now, rising.
        stopped: whether no more are to be sent.
    """
    start = clock()
    async with anyio.create_task_group() as group:
        for number, after in enumerate(due):
            await _until(start + after, clock)
            if stopped():
                break
            group.start_soon(send, number, start + after)


async def _until(at: float, clock: Clock) -> None:
    """Wait for a time, more closely than timers do; what is late by then counts as latency."""
    left = at - clock()
    if left > _COARSE:
        await asyncio.sleep(left - _COARSE)
    while clock() < at:  # noqa: ASYNC110  no event tells that a time has come
        await asyncio.sleep(0)
