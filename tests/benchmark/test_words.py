"""Figures as people read them."""

import pytest

from minillm.benchmark.words import count_words, rate_words, share_words, time_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "-"),
        (0, "0 s"),
        (0.0000004, "0.40 µs"),
        (0.00043, "430 µs"),
        (0.0009996, "1.00 ms"),
        (0.01234, "12.3 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (12.345, "12.3 s"),
        (128.4, "128 s"),
        (4321, "4,321 s"),
    ],
)
def test_times(seconds, words: str) -> None:
    assert time_words(seconds) == words


def test_rates() -> None:
    assert [rate_words(each) for each in (None, 0, 0.5, 12.34, 1234.5)] == ["-", "0", "0.50", "12.3", "1,234"]


def test_shares_are_all_or_none_only_where_they_are() -> None:
    said = [share_words(each) for each in (None, 0, 0.0001, 0.975, 0.99999, 1)]
    assert said == ["-", "0 %", "0.1 %", "97.5 %", "99.9 %", "100 %"]


def test_counts() -> None:
    assert (count_words(None), count_words(12345)) == ("-", "12,345")
