"""Results as tables on a screen."""

from rich.console import Console

from ...benchmark.figures import FORMULAE, TIMES, Figures
from ...benchmark.results import Results
from ...benchmark.spread import Spread
from ...benchmark.words import count_words, rate_words, share_words, time_words
from ...tree.render.figures import money
from ..listing import print_table
from ..screen import note
from ..terminal_text import one_line

__all__ = ["cost_of", "print_results", "sentence"]

_COLUMNS = ("mean", "p50", "p90", "p95", "p99", "high")
_ALWAYS = ("first_token", "inter_token", "wait", "speed", "end_to_end")
_MOST_DETAILS = 8
_TELLING = 100  # requests: of fewer the 99th percentile is about the slowest


def print_results(console: Console, results: Results) -> None:
    """An overview where there are several series, the figures of each, what failed, and how it was computed."""
    series = results.series
    if not series:
        note(console, "nothing was measured")
        return
    if len(series) > 1:
        _overview(console, series)
    for figures in series[:_MOST_DETAILS]:
        console.print()
        _details(console, figures)
    if len(series) > _MOST_DETAILS:
        note(console, f"... and {len(series) - _MOST_DETAILS} more series; --html, --csv and --json give all")
    _failures(console, results)
    console.print("\nHow it is computed", style="bold")
    for name, formula in FORMULAE.items():
        note(console, f"{name}: {formula}")
    if results.ending not in ("done", ""):
        console.print(
            f"\nNot finished: {one_line(results.ending)}. These are the figures of what was measured.", markup=False
        )


def _overview(console: Console, series: list[Figures]) -> None:
    rows = [
        (
            " · ".join(_names(figures)),
            time_words(figures.first_token.p50),
            time_words(figures.first_token.p99),
            time_words(figures.inter_token.p50),
            time_words(figures.end_to_end.p50),
            time_words(figures.end_to_end.p99),
            rate_words(figures.throughput),
            count_words(figures.failed),
        )
        for figures in series
    ]
    columns = ("median, 99th percentile", "first", "p99", "token", "whole", "p99", "tokens/s", "failed")
    print_table(console, columns, rows, title="Overview", numbers=7)


def _details(console: Console, figures: Figures) -> None:
    rows = [
        (time.label, *_cells(getattr(figures, time.name), time.unit))
        for time in TIMES
        if time.name in _ALWAYS or _tells(figures, time.name)
    ]
    title = " · ".join(one_line(name) for name in _names(figures))
    print_table(console, ("", "mean", "median", "p90", "p95", "p99", "highest"), rows, title=title, numbers=6)
    note(console, sentence(figures))


def _cells(spread: Spread, unit: str) -> list[str]:
    words = time_words if unit == "s" else rate_words
    return [words(getattr(spread, name)) for name in _COLUMNS]


def _tells(figures: Figures, name: str) -> bool:
    """Whether a row says something that no other does."""
    if name == "first_text":
        return figures.first_text != figures.first_token
    return figures.load.endswith("a second")


def sentence(figures: Figures) -> str:
    """What a series came to beside its times."""
    words = [f"{figures.answered:,} answered, {figures.failed:,} failed in {time_words(figures.duration)}"]
    words.append(f"{rate_words(figures.requests_per_second)} requests/s")
    if figures.throughput is not None:
        words.append(f"{rate_words(figures.throughput)} output tokens/s")
    if figures.uncounted:
        words.append(f"{figures.uncounted} without reported usage")
    if figures.good is not None:
        words.append(f"goodput {rate_words(figures.goodput)}/s, {share_words(figures.good_share)} within the limits")
    if figures.cache_hits is not None:
        words.append(f"cache hits {share_words(figures.cache_hits)}")
    words.append(cost_of(figures))
    if 0 < figures.answered < _TELLING:
        words.append(f"p99 of {figures.answered} is about the slowest of them")
    return " · ".join(words)


def cost_of(figures: Figures) -> str:
    """The sum, or why there is none."""
    if figures.usd is not None:
        return money(figures.usd)
    if figures.known_usd:
        return f"at least {money(figures.known_usd)}"
    return "no price known" if figures.priced == "unpriced" else f"cost {figures.priced}"


def _names(figures: Figures) -> tuple[str, str, str]:
    return figures.target, figures.prompt, figures.load


def _failures(console: Console, results: Results) -> None:
    failed = [figures for figures in results.series if figures.failed]
    if not failed:
        return
    rows = [
        (*_names(figures), kind, f"{count:,}", _said(results, figures, kind))
        for figures in failed
        for kind, count in figures.errors.items()
    ]
    console.print()
    print_table(console, ("target", "prompt", "load", "failure", "times", "one of them said"), rows, title="Failures")


def _said(results: Results, figures: Figures, kind: str) -> str:
    from ...benchmark.figures import kind_of

    for row in results.measured:
        if row.series == _names(figures) and not row.ok and kind_of(row) == kind:
            return one_line(row.message or "", 160)
    return ""
