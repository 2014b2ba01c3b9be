"""Limits that a user gives."""

import pytest

from minillm.types import RateLimits


def test_nothing_is_limited_by_default():
    assert not RateLimits().given
    assert not RateLimits(burst=5, learn=False).given


@pytest.mark.parametrize(
    "name",
    [
        "requests_per_minute",
        "tokens_per_minute",
        "input_tokens_per_minute",
        "output_tokens_per_minute",
        "concurrency",
    ],
)
def test_any_limit_is_one(name):
    assert RateLimits(**{name: 5}).given


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests_per_minute": 0},
        {"tokens_per_minute": -1},
        {"burst": 0},
        {"burst": None},
        {"input_tokens_per_minute": float("nan")},
        {"output_tokens_per_minute": float("inf")},
        {"concurrency": 1.5},
        {"concurrency": True},
        {"requests_per_minute": "60"},
    ],
    ids=str,
)
def test_what_is_no_limit_is_told(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"RateLimits.{name}"):
        RateLimits(**wrong)
