"""When requests are sent, in virtual time."""

import asyncio

import pytest

from minillm.benchmark.sending import send_closed, send_open
from tests.benchmark.virtual_time import virtually


def test_a_closed_loop_sends_again_when_it_is_answered() -> None:
    """Two askers, a second each: two at 0, two at 1, one at 2; none is due before it is sent."""

    async def main(clock):
        sent = []

        async def send(number, due):
            sent.append((number, due, round(clock())))
            await asyncio.sleep(1)

        await send_closed(2, 5, send)
        return sent

    assert virtually(main) == [(0, None, 0), (1, None, 0), (2, None, 1), (3, None, 1), (4, None, 2)]


def test_an_open_loop_sends_when_it_is_due_whatever_is_open() -> None:
    async def main(clock):
        sent = []

        async def send(number, due):
            sent.append((number, due, clock()))
            await asyncio.sleep(100)

        await asyncio.sleep(7)
        await send_open([0.0, 0.25, 3.0], send, clock)
        return sent, clock()

    sent, end = virtually(main)
    assert [number for number, _, _ in sent] == [0, 1, 2]
    assert [due for _, due, _ in sent] == pytest.approx([7, 7.25, 10], abs=1e-3)
    assert all(due <= at < due + 0.001 for _, due, at in sent)
    assert end == pytest.approx(110, abs=0.01)


def test_a_late_program_catches_up_and_keeps_the_schedule() -> None:
    """What was due meanwhile is sent at once, and its due time stays what it was."""

    async def main(clock):
        dues = []

        async def send(number, due):
            dues.append((due, clock()))

        loop = asyncio.get_running_loop()
        loop.call_at(0.15, lambda: setattr(loop, "_now", 5.0))
        await send_open([0.0, 0.1, 0.2, 0.3, 6.0], send, clock)
        return dues

    dues = virtually(main)
    assert [round(due, 3) for due, _ in dues] == [0, 0.1, 0.2, 0.3, 6.0]
    assert [round(at, 2) for _, at in dues] == [0, 0.1, 5.0, 5.0, 6.0]
