"""Charts as text: what is drawn, where, and that words stay words. tests/browser/ looks at them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from minillm.benchmark.charts import axis, bar, curves, dots, span
from minillm.benchmark.scale import Scale
from minillm.benchmark.spread import Spread
from minillm.benchmark.words import rate_words, time_words
from minillm.trials.page import said

TEN = Scale(0.0, 10.0)


def numbers(markup: str, name: str) -> list[float]:
    return [float(found) for found in re.findall(rf'\b{name}="(-?[\d.]+)%?"', markup)]


def test_a_spread_is_drawn_where_it_is() -> None:
    drawn = span(Spread(100, 4, 1, 3, 5, 6, 8, 9), TEN, time_words, 2)
    assert 'class="row c2"' in drawn
    assert numbers(drawn, "cx") == [30]
    assert numbers(drawn, "x1") == [10, 30, 80]
    assert numbers(drawn, "x2") == [90, 50, 80]
    assert "median 3.00 s, p90 5.00 s, p99 8.00 s" in drawn


def test_what_is_not_known_is_said() -> None:
    assert "not known" in span(Spread(), TEN, time_words, 1)
    assert "not known" in bar(None, TEN, rate_words, 1)


def test_a_bar_is_as_long_as_its_number() -> None:
    assert 'width="25.00%"' in bar(2.5, TEN, rate_words, 1)


def test_an_axis_has_round_numbers() -> None:
    assert re.findall(r">([\d.]+ s)<", axis(TEN, time_words)) == [
        "0 s",
        "2.00 s",
        "4.00 s",
        "6.00 s",
        "8.00 s",
        "10.0 s",
    ]


def test_a_curve_goes_through_its_points() -> None:
    drawn = curves([("a & b", [(0, 0.0), (50, 5.0), (100, 10.0)], 3)], TEN, time_words)
    assert 'points="0.00,100.00 50.00,50.00 100.00,0.00"' in drawn
    assert "a &amp; b" in drawn


def test_failures_are_marked_apart_with_their_kind() -> None:
    drawn = dots([(0.0, 1.0, None), (1.0, 2.0, "RateLimitError 429")], TEN, TEN, time_words, 1)
    assert drawn.count('class="mark"') == drawn.count('class="failed"') == 1
    assert "RateLimitError 429" in drawn


def test_of_very_many_requests_the_slowest_and_the_failed_are_drawn() -> None:
    """A page must open: a hundred thousand dots are thinned, and what matters stays."""
    points = [(float(at), 1.0, None) for at in range(100_000)]
    points[777] = (777.0, 9.0, None)
    points[5] = (5.0, 1.0, "ServerError")  # type: ignore[assignment]
    drawn = dots(points, TEN, Scale(0.0, 1e5), time_words, 1)
    assert drawn.count("<circle") + drawn.count("<rect") <= 2001
    assert "9.00 s at 777 s" in drawn
    assert "ServerError" in drawn


@given(st.text())
def test_any_text_is_only_words(text: str) -> None:
    assert not set(said(text)) & set("<>\"'")
