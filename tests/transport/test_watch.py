"""Waits that take too long are ended, each at its time, by one timer for all."""

import asyncio
from math import inf
from typing import Any

import pytest

from minillm.transport.watch import Watch


class Waiter:
    def __init__(self, until: float = inf) -> None:
        self.until = until
        self.error: BaseException | None = None

    def set_exception(self, exc: BaseException) -> None:
        self.error = exc
        self.until = inf  # it is told once


class Room:
    """Who waits, and who watches over them."""

    def __init__(self, clock: "Clock") -> None:
        self.clock = clock
        self.waiting: set[object] = {object()}  # and who never does
        self.watch = Watch(self.waiting)

    def enter(self, seconds: float) -> Waiter:
        waiter = Waiter(self.clock.now + seconds)
        self.waiting.add(waiter)
        if waiter.until < self.watch.looks_at:
            self.watch.sooner(waiter.until)
        return waiter

    def leave(self, waiter: Waiter) -> None:
        waiter.until = inf
        self.waiting.discard(waiter)


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


@pytest.fixture
async def room(clock: Clock) -> Room:
    return Room(clock)


async def test_a_wait_is_ended_at_its_time_and_no_earlier(room: Room, clock: Clock) -> None:
    waiter = room.enter(10.0)
    clock.move_to(109.9)
    assert waiter.error is None
    clock.move_to(110.0)
    assert isinstance(waiter.error, TimeoutError)
    assert clock.standing() == []


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "still there"])
async def test_a_wait_that_is_over_is_not_ended(room: Room, clock: Clock, gone: bool) -> None:
    waiter = room.enter(10.0)
    room.leave(waiter)
    if not gone:
        room.waiting.add(waiter)
    clock.move_to(200.0)
    assert waiter.error is None
    assert clock.standing() == []


async def test_a_thousand_waits_in_a_row_set_one_timer_and_each_has_its_full_time(room: Room, clock: Clock) -> None:
    for i in range(1000):
        clock.move_to(100.0 + i / 1000)
        room.leave(room.enter(10.0))
    assert clock.standing() == [110.0]
    late = []
    for now in (105.0, 107.0):
        clock.move_to(now)
        late.append(room.enter(10.0))
    for now, ended in ((110.0, [False, False]), (114.9, [False, False]), (115.0, [True, False]), (117.0, [True, True])):
        clock.move_to(now)
        assert [waiter.error is not None for waiter in late] == ended
    assert clock.standing() == []


async def test_a_short_wait_does_not_wait_for_a_long_one(room: Room, clock: Clock) -> None:
    long, short = room.enter(50.0), room.enter(5.0)
    assert clock.standing() == [105.0]
    clock.move_to(105.0)
    assert short.error is not None
    assert long.error is None
    clock.move_to(150.0)
    assert long.error is not None


async def test_waits_of_all_sorts_stand_behind_one_timer(room: Room, clock: Clock) -> None:
    for i in range(1000):
        room.enter(600.0 - i / 10)
    assert len(clock.standing()) == 1
    clock.move_to(650.0)
    assert sum(getattr(waiter, "error", None) is not None for waiter in room.waiting) == 500
    assert len(clock.standing()) == 1


async def test_who_begins_to_wait_again_is_watched_again(room: Room, clock: Clock) -> None:
    for now in (100.0, 300.0):
        clock.move_to(now)
        waiter = room.enter(10.0)
        clock.move_to(now + 10.0)
        assert waiter.error is not None
