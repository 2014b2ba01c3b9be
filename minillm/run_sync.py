"""Await something from code that is not async."""

from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

__all__ = ["run_sync"]

T = TypeVar("T")


def run_sync(awaitable: Awaitable[T]) -> T:
    """Run ``awaitable`` to its end and return its result.

    Without a running event loop it runs in a new one. Inside one (a notebook, an async program) it
    runs in a new loop on another thread and this thread waits; in a notebook a plain ``await`` is better.

    Example:
        >>> reply = minillm.run_sync(node.complete(gen))
    """
    import asyncio

    async def main() -> T:
        return await awaitable

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(main())
    return _in_thread(main())


def _in_thread(coroutine: Coroutine[Any, Any, T]) -> T:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1, thread_name_prefix="minillm-run-sync") as pool:
        return pool.submit(asyncio.run, coroutine).result()
