"""Work that several tasks wait for."""

import asyncio

import pytest

from minillm.chat.shared_task import SharedTask


async def test_all_get_the_same_result():
    """It is done once."""
    runs = []

    async def work():
        runs.append(1)
        await asyncio.sleep(0)
        return object()

    task = SharedTask(work())
    first, *others = await asyncio.gather(*(task.result() for _ in range(5)))
    assert all(other is first for other in others)
    assert len(runs) == 1
    assert await task.result() is first


async def test_who_leaves_does_not_end_it():
    """As long as one is left."""
    gate = asyncio.Event()
    task = SharedTask(gate.wait())
    leaving, staying = asyncio.ensure_future(task.result()), asyncio.ensure_future(task.result())
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert not task.abandoned
    gate.set()
    assert await staying is True


async def test_the_last_who_leaves_ends_it():
    """Its clean-up is over when the caller goes on."""
    ends = []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ends.append("cleaned up")

    task = SharedTask(work())
    waiting = asyncio.ensure_future(task.result())
    for _ in range(3):
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ends == ["cleaned up"]
    assert task.abandoned
    assert task.task.cancelled()


async def test_an_error_is_everybodys():
    """And where nobody waits any more it is nobody's: no warning about one that was never seen."""

    async def work():
        raise ValueError("no")

    task = SharedTask(work())
    ends = await asyncio.gather(task.result(), task.result(), return_exceptions=True)
    assert [type(end) for end in ends] == [ValueError, ValueError]
    forgotten = SharedTask(work())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert forgotten.task.done()
