"""Hooks that are coroutines: in order, beside the call, and to the end of the loop."""

import asyncio
import logging

import pytest

from minillm import MockModel, loop_local, observe
from minillm.observe import Observer, Paced, hooks
from minillm.policies.options import CallOptions
from minillm.stack import build
from minillm.types import ChatRequest, Message


async def test_events_come_in_order_and_nobody_waits():
    seen, gate = [], asyncio.Event()

    async def hook(event):
        await gate.wait()
        seen.append(event.wait)

    for number in range(5):
        hooks.tell((Observer(hook),), Paced(id=1, wait=number))
    assert seen == []
    gate.set()
    await loop_local.aclose()
    assert seen == [0, 1, 2, 3, 4]


def test_what_waits_is_run_when_the_loop_ends():
    """Right after the answer; but the one that is at work then is cancelled like any task."""
    seen = []

    async def hook(event):
        if event.name == "request_started":
            await asyncio.sleep(30)
        seen.append(event.name)

    async def main():
        with observe.watching(hook):
            await build(MockModel("Hi."), CallOptions()).complete(ChatRequest("m", (Message("user", "Hi"),)))

    asyncio.run(main())
    assert seen == ["attempt_started", "attempt_ended", "request_ended"]


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_one_that_raises_is_logged_once_and_the_others_run(caplog, error):
    """Also where it is cancelled from within: that is no wish of whoever waits for the end."""
    seen = []

    async def faulty_beside(event):
        raise error("c4n4ry")

    async def hook(event):
        seen.append(event.wait)

    with caplog.at_level(logging.DEBUG, "minillm"):
        for number in range(3):
            hooks.tell((Observer(faulty_beside), Observer(hook)), Paced(id=1, wait=number))
        await loop_local.aclose()
    assert seen == [0, 1, 2]
    assert sum("faulty_beside" in record.getMessage() for record in caplog.records) == 1
    assert "c4n4ry" not in caplog.text


def test_without_a_loop_nothing_is_left_behind():
    """A stream that is dropped after its loop has ended still tells: nobody can run a coroutine then."""

    async def hook(event):
        raise AssertionError("it cannot run")

    hooks.tell((Observer(hook),), Paced(id=1, wait=0.0))
