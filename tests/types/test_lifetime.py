"""How long a cached prompt lives, in the words of hosts."""

import pytest

from minillm.types.lifetime import lifetime_seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("5m", 300), ("1h", 3600), ("300s", 300), ("30m", 1800), ("2d", 172_800)]
)
def test_a_lifetime_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    """Minutes, hours, seconds and days are what hosts speak of."""
    assert lifetime_seconds(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "m", "0m", "-5m", "5 m", "5M", "1.5h", "9" * 30 + "h", "5m\n", "in_memory", "\u0665m"]
)
def test_anything_else_is_none(text: str) -> None:
    """What is no lifetime is told apart, not guessed at."""
    assert lifetime_seconds(text) is None
