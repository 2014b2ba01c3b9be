"""What a series comes to."""

from decimal import Decimal

import pytest

from minillm.benchmark import FORMULAE, Limits
from minillm.benchmark.figures import TIMES, figures_of, is_good, kind_of
from tests.benchmark.rows import failure, row
from tests.import_graph import REPOSITORY


def figures(*rows, limits: Limits = Limits()):  # noqa: B008  frozen
    return figures_of(rows, limits)


def test_throughput_is_output_over_the_whole_duration() -> None:
    """Two answers of 21 tokens, the first due at 10, the last done at 20; a million prompt tokens change nothing."""
    made = figures(row(input_tokens=10**6), row(number=1, due=15.0, sent=15.0, ended=20.0))
    assert made.duration == 10
    assert made.output_tokens == 42
    assert made.throughput == pytest.approx(4.2)
    assert made.requests_per_second == pytest.approx(0.2)


def test_failures_are_counted_by_kind_and_measured_nowhere() -> None:
    made = figures(row(), failure(), failure(), failure(error="ConnectError", status=None))
    assert (made.requests, made.answered, made.failed) == (4, 1, 3)
    assert made.errors == {"RateLimitError 429": 2, "ConnectError": 1}
    assert made.end_to_end.count == made.speed.count == 1


def test_a_stream_that_was_cut_is_not_called_by_its_good_status() -> None:
    assert kind_of(failure(error="StreamInterrupted", status=200)) == "StreamInterrupted"


def test_when_all_failed_nothing_is_known() -> None:
    made = figures(failure(), failure())
    assert (made.first_token.p50, made.output_tokens, made.throughput, made.input_tokens) == (None,) * 4
    assert made.requests_per_second == 0
    assert made.to_json()["first_token"]["p50"] is None


@pytest.mark.parametrize(
    ("limits", "good"),
    [
        (Limits(first_token=1.0), True),
        (Limits(first_token=0.99), False),
        (Limits(inter_token=0.1001), True),
        (Limits(inter_token=0.05), False),
        (Limits(end_to_end=3), True),
        (Limits(end_to_end=2.9), False),
        (Limits(first_token=9, inter_token=9, end_to_end=2), False),
    ],
)
def test_good_is_within_all_limits(limits: Limits, good: bool) -> None:
    """First token after 1 s, 0.1 s between tokens, 3 s in all."""
    assert is_good(row(), limits) is good


def test_what_is_limited_and_not_known_is_not_within() -> None:
    assert not is_good(row(first=None, last=None), Limits(first_token=9))
    assert not is_good(row(output_tokens=None), Limits(inter_token=9))
    assert not is_good(failure(), Limits(end_to_end=1e9))


def test_a_single_token_has_nothing_between() -> None:
    assert is_good(row(output_tokens=1), Limits(inter_token=0.001))


def test_an_answer_that_came_at_once_is_not_the_fastest_of_all() -> None:
    """A proxy that gathers an answer has no time between its tokens: it is unknown, not 0, and within no limit."""
    gathered = row(last=11.0, pieces=1, waits=[])
    assert figures(gathered).inter_token.p50 is None
    assert not is_good(gathered, Limits(inter_token=0.1))


def test_how_many_tokens_came_in_a_piece() -> None:
    made = figures(row(pieces=3), row(pieces=4))
    assert made.tokens_per_piece == 6.0
    assert figures(row(output_tokens=1021, hidden_tokens=1000)).tokens_per_piece == 1.0
    assert figures(row(pieces=0)).tokens_per_piece is None
    assert figures(row(output_tokens=None)).tokens_per_piece is None


def test_the_share_of_good_ones_is_of_all() -> None:
    made = figures(row(), failure(), limits=Limits(end_to_end=5))
    assert (made.good, made.good_share) == (1, 0.5)
    assert made.goodput == pytest.approx(1 / 3)
    assert figures(failure(), row(), row(), limits=Limits(end_to_end=5)).good == 2
    assert figures(row()).good is None


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    made = figures(row(), row(usd=None, known_usd=Decimal("0.001"), priced="unpriced"))
    assert (made.usd, made.known_usd, made.priced) == (None, Decimal("0.003"), "unpriced")
    assert figures(row(), row()).usd == Decimal("0.004")


def test_cache_hits_are_of_those_that_told_of_them() -> None:
    made = figures(row(), row(cached_tokens=None))
    assert made.cache_hits == 0.25
    assert figures(row(cached_tokens=None)).cache_hits is None


def test_the_page_of_the_docs_has_every_formula() -> None:
    page = (REPOSITORY / "docs" / "benchmark.md").read_text("utf-8")
    assert [name for name, formula in FORMULAE.items() if f"| {name} | {formula} |" not in page] == []


def test_every_time_has_a_formula() -> None:
    assert {time.label for time in TIMES} <= FORMULAE.keys()
    assert {"output tokens", "percentiles", "throughput", "goodput", "cost"} <= FORMULAE.keys()
