"""Limits of a run: what they may be. What they do is tested with the loop."""

from typing import Any

import pytest

from minillm import Budget, ConfigurationError, RunLimits


def test_they_have_defaults_that_end_every_run() -> None:
    limits = RunLimits()
    assert (limits.rounds, limits.parallel) == (20, 16)
    assert (limits.calls, limits.seconds, limits.budget, limits.call_seconds) == (None, None, None, None)


@pytest.mark.parametrize(
    "said",
    [
        {"rounds": 0},
        {"rounds": True},
        {"calls": 1.5},
        {"parallel": 0},
        {"seconds": 0},
        {"seconds": float("inf")},
        {"call_seconds": "5"},
        {"budget": 3},
    ],
)
def test_impossible_ones_are_named(said: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"RunLimits: {next(iter(said))} must"):
        RunLimits(**said)


def test_none_is_no_limit() -> None:
    limits = RunLimits(rounds=None, parallel=None, budget=Budget(calls=3))
    assert (limits.rounds, limits.parallel) == (None, None)
