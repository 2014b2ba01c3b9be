"""Measured times of routes: medians, percentiles, and when they are too old or too few."""

import pytest

from minillm.policies.latency import Latencies, latencies


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def known(*seconds):
    measured = Latencies(Clock())
    for each in seconds:
        measured.note("a", each)
    return measured


def test_what_was_not_measured_is_not_known():
    assert known().usual("a") is None
    assert known().percentile("a", 0.95) is None


def test_the_usual_time_is_the_median():
    assert known(3, 1, 2).usual("a") == 2
    assert known(3, 1, 2).usual("b") is None


def test_a_percentile_wants_ten_calls():
    assert known(*range(9)).percentile("a", 0.95) is None
    assert known(*range(10)).percentile("a", 0.95) == 9
    assert known(*range(100)).percentile("a", 0.95) == 95
    assert known(*range(100)).percentile("a", 0.5) == 50


def test_the_last_hundred_count():
    assert known(*[9.0] * 50, *[1.0] * 100).percentile("a", 0.99) == 1.0


def test_what_was_measured_ten_minutes_ago_says_nothing_of_now():
    """A route that was slow once gets another chance; how its times spread is known longer."""
    clock = Clock()
    measured = Latencies(clock)
    for _ in range(10):
        measured.note("a", 5.0)
    clock.now = 601.0
    assert measured.usual("a") is None
    assert measured.percentile("a", 0.95) == 5.0


def test_it_does_not_grow_for_ever(monkeypatch):
    from minillm.policies import latency

    monkeypatch.setattr(latency, "_MOST", 2)
    measured = Latencies()
    for key in "abc":
        measured.note(key, 1.0)
    assert [measured.usual(key) for key in "abc"] == [None, 1.0, 1.0]


async def test_each_loop_has_its_own():
    assert latencies() is latencies()
    assert latencies().percentile("a", 0.5) is None
    with pytest.raises(TypeError):
        latencies().note([], 1.0)  # type: ignore[arg-type]
