"""Percentiles as numpy and spreadsheets compute them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.benchmark.spread import Spread, percentile


@pytest.mark.parametrize(
    ("numbers", "share", "expected"),
    [([7.0], 99, 7), ([1.0, 2.0], 50, 1.5), ([1, 2, 3, 4, 5], 90, 4.6), ([0.0, 10.0], 0, 0), ([0.0, 10.0], 100, 10)],
)
def test_it_lies_between_its_neighbours_in_proportion(numbers, share, expected) -> None:
    assert percentile(numbers, share) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_it_is_what_the_standard_library_says(numbers: list[float]) -> None:
    """``statistics.quantiles`` in its inclusive form is the same definition, written by others."""
    import statistics

    cuts = statistics.quantiles(sorted(numbers), n=100, method="inclusive")
    for share in (50, 90, 95, 99):
        assert percentile(sorted(numbers), share) == pytest.approx(cuts[share - 1], rel=1e-9, abs=1e-9)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=40))
def test_its_figures_are_in_order(numbers: list[float | None]) -> None:
    spread = Spread.of(numbers)
    known = [number for number in numbers if number is not None]
    assert spread.count == len(known)
    figures = [spread.low, spread.p50, spread.p90, spread.p95, spread.p99, spread.high]
    if not known:
        assert figures == [None] * 6
        return
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(figures))  # type: ignore[operator]
    assert (spread.low, spread.high) == (min(known), max(known))
    assert spread.median == spread.p50


def test_as_json() -> None:
    assert Spread.of([1.0, 3.0]).to_json() == {
        "count": 2, "mean": 2.0, "low": 1.0, "p50": 2.0, "p90": 2.8, "p95": 2.9, "p99": 2.98, "high": 3.0,
    }  # fmt: skip
