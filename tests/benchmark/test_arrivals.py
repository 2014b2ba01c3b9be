"""The schedule of an open loop: Poisson, the same for a seed, and known before anything is sent."""

import itertools
import statistics

import pytest

from minillm.benchmark.arrivals import arrivals


def test_a_seed_gives_one_schedule() -> None:
    assert arrivals(5, 20, 1) == arrivals(5, 20, 1)
    assert arrivals(5, 20, 1) != arrivals(5, 20, 2)


@pytest.mark.parametrize("rate", [0.2, 5, 400])
def test_gaps_are_exponential(rate: float) -> None:
    """Their mean is the rate's inverse, and so is their deviation: that is what tells them from an even beat."""
    due = arrivals(rate, 20_001, 3)
    gaps = [later - earlier for earlier, later in itertools.pairwise(due)]
    assert statistics.mean(gaps) == pytest.approx(1 / rate, rel=0.03)
    assert statistics.stdev(gaps) == pytest.approx(1 / rate, rel=0.03)


def test_the_first_is_due_at_once_and_none_before_another() -> None:
    due = arrivals(100, 500, 1)
    assert due[0] == 0
    assert due == sorted(due)
    assert arrivals(1, 0, 1) == []
