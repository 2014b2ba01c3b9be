"""Waits that take too long are ended, each at its time, by one timer for all of one length."""

import asyncio
from typing import Any

import pytest

from minillm.transport import watch as module
from minillm.transport.watch import Watch


class Waiter:
    def __init__(self) -> None:
        self.error: BaseException | None = None

    def set_exception(self, exc: BaseException) -> None:
        self.error = exc


class Clock:
    """A loop's clock and timers, moved on by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Any] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Any, *args: Any) -> Any:
        timer = asyncio.TimerHandle(when, callback, args, asyncio.get_running_loop())
        self.timers.append(timer)
        return timer

    def standing(self) -> list[float]:
        return sorted(timer.when() for timer in self.timers if not timer.cancelled())

    def move_to(self, now: float) -> None:
        self.now = now
        for timer in [timer for timer in self.timers if timer.when() <= now]:
            self.timers.remove(timer)
            if not timer.cancelled():
                timer._run()


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "time", clock.time)
    monkeypatch.setattr(loop, "call_at", clock.call_at)
    return clock


async def test_a_wait_is_ended_at_its_time_and_no_earlier(clock: Clock) -> None:
    watch, waiter = Watch(), Waiter()
    watch.add(waiter, 10.0, watch.now())
    clock.move_to(109.9)
    assert waiter.error is None
    clock.move_to(110.0)
    assert isinstance(waiter.error, TimeoutError)
    assert clock.standing() == []
    watch.remove(waiter, 10.0)  # who was ended says so too


async def test_a_wait_that_is_over_is_not_ended(clock: Clock) -> None:
    watch, waiter = Watch(), Waiter()
    watch.add(waiter, 10.0, watch.now())
    watch.remove(waiter, 10.0)
    clock.move_to(200.0)
    assert waiter.error is None
    assert clock.standing() == []


async def test_a_thousand_waits_in_a_row_set_one_timer_and_each_has_its_full_time(clock: Clock) -> None:
    watch = Watch()
    for i in range(1000):
        clock.move_to(100.0 + i / 1000)
        waiter = Waiter()
        watch.add(waiter, 10.0, watch.now())
        watch.remove(waiter, 10.0)
    assert clock.standing() == [110.0]
    late = [Waiter(), Waiter()]
    for seconds, waiter in zip((105.0, 107.0), late, strict=True):
        clock.move_to(seconds)
        watch.add(waiter, 10.0, watch.now())
    for now, ended in ((110.0, [False, False]), (114.9, [False, False]), (115.0, [True, False]), (117.0, [True, True])):
        clock.move_to(now)
        assert [waiter.error is not None for waiter in late] == ended
    assert clock.standing() == []


async def test_lengths_do_not_wait_for_each_other(clock: Clock) -> None:
    watch, short, long = Watch(), Waiter(), Waiter()
    watch.add(long, 50.0, watch.now())
    watch.add(short, 5.0, watch.now())
    clock.move_to(105.0)
    assert short.error is not None
    assert long.error is None


async def test_lengths_of_all_sorts_leave_no_timers_behind(clock: Clock) -> None:
    watch = Watch()
    for i in range(1000):
        waiter = Waiter()
        watch.add(waiter, 600.0 + i, watch.now())
        watch.remove(waiter, 600.0 + i)
    assert len(clock.standing()) <= module._LENGTHS
