"""Results as tables on a screen."""

import io
import re
from decimal import Decimal

import pytest
from rich.console import Console

from minillm.benchmark import Limits
from minillm.benchmark.figures import FORMULAE
from minillm.cli.benchmark.tables import cost_of, print_results, sentence
from tests.benchmark.rows import failure, results, row


def shown(console: Console, *rows, **said) -> str:
    print_results(console, results(*rows, **said))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_one_series_needs_no_overview(console: Console) -> None:
    text = shown(console, row())
    assert "Overview" not in text
    assert "host:model · short · 1 at once" in text
    assert re.search(r"time to first token( +1\.00 s){6}", text)


def test_several_have_one(console: Console) -> None:
    assert "Overview" in shown(console, row(), row(load="2 at once"))


def test_the_overview_says_once_what_all_have_in_common(console: Console) -> None:
    head, _, rows = shown(console, row(), row(load="2 at once")).partition("highest")[0].partition("median, 99th")
    assert "Overview · host:model · short" in head
    assert re.search(r"^2 at once +1\.00 s", rows, re.MULTILINE)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_narrow_terminal_sees_fewer_figures_and_all_names(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    long = "openrouter:some-vendor/some-model-of-a-long-name"
    figures = shown(console, row(target=long), row(target="b", load="2 at once")).partition("How it is computed")[0]
    overview, _, details = figures.partition("answered")
    squeezed = "".join(overview.split())
    for name in ("openrou", "2at", "median", "p99", "timetofirsttoken", "1.00s"):
        assert name in squeezed
    assert "\N{HORIZONTAL ELLIPSIS}" not in figures
    assert "end to end" in details
    assert max(map(len, figures.replace("about the slowest", "").splitlines()[:4])) <= width


def test_a_name_is_no_markup(console: Console) -> None:
    text = shown(console, row(target="a [/b] [red]c"), row(target="a [/b] [red]c", load="2 at once"))
    assert text.count("a [/b] [red]c") == 3


def test_a_run_that_was_killed_is_not_called_whole(console: Console) -> None:
    made = results(row())
    made.ending = ""
    print_results(console, made)
    assert isinstance(console.file, io.StringIO)
    assert "Not finished: it runs still, or was killed" in console.file.getvalue()


def test_what_makes_figures_doubtful_is_told() -> None:
    def words(*rows) -> str:
        return sentence(results(*rows).series[0])

    assert "at least 7.00 output tokens/s · 1 without reported usage" in words(row(), row(output_tokens=None))
    assert "5.25 tokens a piece" in words(row(pieces=4))
    assert "tokens a piece" not in words(row())
    assert "1 without a first token (empty, or not streamed)" in words(row(first=None, last=None, pieces=0))
    assert "without a first token" not in words(row())
    assert "this program was late" in words(row(load="5 a second"))
    assert "this program was late" not in words(row(load="5 a second", sent=10.01))


def test_every_formula_is_printed(console: Console) -> None:
    text = shown(console, row())
    assert all(f"{name}: {formula}" in text for name, formula in FORMULAE.items())


def test_an_open_loop_shows_what_a_closed_one_has_not(console: Console) -> None:
    pieces = [shown(console, row(load=load)).split("How it is computed")[-2] for load in ("1 at once", "5 a second")]
    assert ["sent late by  " in piece.rpartition("cost:")[2] for piece in pieces] == [False, True]


def test_failures_are_told_by_kind_with_words_that_steer_no_terminal(console: Console) -> None:
    text = shown(console, row(), failure(message="bad \x1b[31m[bold]thing"), failure())
    assert "RateLimitError 429" in text
    assert "bad \\x1b[31m[bold]thing" in text


def test_a_failure_of_many_series_is_one_row(console: Console) -> None:
    text = shown(
        console, failure(), failure(load="2 at once"), failure(load="2 at once"), failure(error="ConnectError")
    )
    rows = text.partition("Failures")[2].partition("How it is computed")[0]
    assert rows.count("too fast") == 2
    assert re.search(r"RateLimitError +429 +3 +2", " ".join(rows.split()).replace("429", " 429"))


def test_a_sentence_says_the_rest() -> None:
    (figures,) = results(row(), failure(), limits=Limits(end_to_end=5)).series
    said = sentence(figures)
    assert said.startswith("1 answered, 1 failed in 3.00 s")
    for words in ("7.00 output tokens/s", "50.0 % within", "cache hits 25.0 %", "$0.002"):
        assert words in said
    assert "p99 of 1 is about the slowest" in said


def test_a_cost_that_is_not_known_is_not_nothing() -> None:
    def words(**said) -> str:
        return cost_of(results(row(**said)).series[0])

    assert words(usd=None, known_usd=Decimal(0), priced="unpriced") == "no price known"
    assert words(usd=None, known_usd=Decimal(0), priced="unknown") == "cost unknown"
    assert words(usd=None, known_usd=Decimal("0.5"), priced="unknown") == "at least $0.50"
    assert words(usd=Decimal(0), known_usd=Decimal(0)) == "$0"


def test_nothing_measured(console: Console) -> None:
    assert shown(console) == "nothing was measured\n"


def test_nothing_measured_says_why(console: Console) -> None:
    """A budget that is smaller than one request."""
    made = results()
    made.ending = "the budget of $0.002 is empty"
    print_results(console, made)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "nothing was measured\n\nNot finished: the budget of $0.002 is empty.\n"
