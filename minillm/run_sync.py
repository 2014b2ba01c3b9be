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

    return _in_thread(main()) if _a_loop_runs() else asyncio.run(main())


def _a_loop_runs() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_thread(coroutine: Coroutine[Any, Any, T]) -> T:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    # The context goes along: whoever set something for "everything in here" means this too.
    with ThreadPoolExecutor(1, thread_name_prefix="minillm-run-sync") as pool:
        return pool.submit(copy_context().run, asyncio.run, coroutine).result()
