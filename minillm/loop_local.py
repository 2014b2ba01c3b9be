"""What lives as long as one event loop: the HTTP session, limiters, route health, pending lookups.

    pool = loop_local.get("pool", make_pool, close_pool)

An aiohttp session or an asyncio lock belongs to the loop it was made in, and a second ``asyncio.run``
brings a second loop. So such a thing is asked for here each time, and made once a loop.

Everything hangs on the loop object itself and nothing else refers to it: a loop that is dropped takes its
resources along, although many of them refer back to the loop (which is why weak keys would not do: the
values would keep their own keys alive). No lock is needed, since a loop runs in one thread.

**Closing.** ``asyncio.run``, ``asyncio.Runner`` (so ``anyio.run`` and pytest-asyncio too) end a loop with
``loop.shutdown_asyncgens()``, which awaits ``aclose()`` of whatever the loop's first-iteration hook was
given (PEP 525). That hook is asked to take our registry as it would take an async generator. Who ends a loop
by hand, with ``loop.close()`` alone, should await :func:`aclose` first.
"""

import sys
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar, cast

__all__ = ["aclose", "get", "on_close"]

T = TypeVar("T")

_ATTRIBUTE = "_minillm_loop_local"


class _Resources:
    """What one loop holds, and how to close it."""

    __slots__ = ("__weakref__", "closers", "values")

    def __init__(self) -> None:
        self.values: dict[Hashable, Any] = {}
        self.closers: list[Callable[[], Awaitable[None]]] = []

    async def aclose(self) -> None:
        self.values.clear()  # first: who asks from now on gets new things, not half-closed ones
        failure: BaseException | None = None
        while self.closers:
            close = self.closers.pop()  # the last made first: it may use what was made before it
            try:
                await close()
            except BaseException as error:  # one that fails, or a cancellation, must not leave the others open
                failure = failure or error
            self.values.clear()  # what was asked for meanwhile is closed in its turn: nobody may be given it again
        if failure is not None:
            raise failure


def get(key: Hashable, make: Callable[[], T], close: Callable[[T], Awaitable[None]] | None = None) -> T:
    """The running loop's own value for ``key``, made by ``make()`` when it is first asked for.

    Args:
        key: names the value; use something of your own, such as a class or a string with its module's name.
        make: makes it; called inside the running loop.
        close: awaited with the value when the loop ends or :func:`aclose` is called.

    Raises:
        RuntimeError: no asyncio event loop is running in this thread.
    """
    loop = _running_loop()
    resources: _Resources | None = getattr(loop, _ATTRIBUTE, None)
    if resources is None:
        resources = _of(loop)
    values = resources.values
    if key in values:
        return values[key]  # type: ignore[no-any-return]
    value = make()
    values[key] = value
    if close is not None:
        closing = close
        resources.closers.append(lambda: closing(value))
    return value


def on_close(closer: Callable[[], Awaitable[None]]) -> None:
    """Await ``closer()`` when the running loop ends or :func:`aclose` is called; the last registered goes first.

    Raises:
        RuntimeError: no asyncio event loop is running in this thread.
    """
    _of(_running_loop()).closers.append(closer)


async def aclose() -> None:
    """Close what the running loop holds: connections first of all. What is used afterwards is made anew.

    Needed only where a loop is ended by hand; ``asyncio.run`` and its kind do it by themselves.
    Every closer is run; the first error among them is raised at the end.
    """
    resources: _Resources | None = getattr(_running_loop(), _ATTRIBUTE, None)
    if resources is not None:
        await resources.aclose()


def _of(loop: Any) -> _Resources:
    resources: _Resources | None = getattr(loop, _ATTRIBUTE, None)
    if resources is None:
        resources = _Resources()
        setattr(loop, _ATTRIBUTE, resources)
        first_iteration = sys.get_asyncgen_hooks().firstiter
        if first_iteration is not None:
            first_iteration(cast("Any", resources))
    return resources


def _first_running_loop() -> Any:
    """Load asyncio when a loop is first asked for: ``import minillm`` does without it."""
    global _running_loop  # noqa: PLW0603
    from asyncio import get_running_loop

    _running_loop = get_running_loop
    return get_running_loop()


_running_loop: Callable[[], Any] = _first_running_loop
