"""An event loop whose clock jumps to the next timer: an hour of a benchmark in a moment, the same each time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")

_TICK = 1e-6  # seconds that a turn of the loop takes, so that what waits by turning gets somewhere


class VirtualLoop(asyncio.SelectorEventLoop):
    """Never waits: where it would, its clock moves on."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        select = self._selector.select  # type: ignore[attr-defined]

        def jump(timeout: float | None = None) -> Any:
            found = select(0)
            if not found:
                assert timeout is not None, "nothing would ever happen again"
                self._now += timeout or _TICK
            return found

        self._selector.select = jump  # type: ignore[attr-defined]

    def time(self) -> float:
        return self._now


def virtually(main: Callable[[Callable[[], float]], Awaitable[T]]) -> T:
    """Run ``main(clock)`` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()

        async def run() -> T:
            return await main(loop.time)

        return runner.run(run())
