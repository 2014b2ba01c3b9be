"""Results as tables on a screen."""

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.markup import escape

from ...benchmark.figures import FORMULAE, TIMES, Figures, kind_of
from ...benchmark.measurement import Measurement
from ...benchmark.results import Results
from ...benchmark.spread import Spread
from ...benchmark.words import count_words, rate_words, share_words, time_words
from ...tree.render.figures import money
from ..listing import print_table
from ..screen import note
from ..terminal_text import one_line

__all__ = ["cost_of", "print_results", "sentence"]

_COLUMNS = {"mean": "mean", "p50": "median", "p90": "p90", "p95": "p95", "p99": "p99", "high": "highest"}
_FIRST_KEPT = ("p50", "p99", "p90", "high", "mean", "p95")  # where a terminal is narrow
_LABEL, _NAME, _NUMBER = 24, 17, 9  # characters
_ALWAYS = ("first_token", "inter_token", "wait", "speed", "end_to_end")
_MOST_DETAILS = 8
_LATE = 0.1  # of the time an answer takes: figures are then those of this program rather than of the host
_TELLING = 100  # requests: of fewer the 99th percentile is about the slowest


def print_results(console: Console, results: Results) -> None:
    """An overview where there are several series, the figures of each, what failed, and how it was computed."""
    series = results.series
    if not series:
        note(console, "nothing was measured")
        _unfinished(console, results, "")
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
    _unfinished(console, results, " These are the figures of what was measured.")


def _unfinished(console: Console, results: Results, more: str) -> None:
    if results.ending != "done":
        why = one_line(results.ending).rstrip(".") or "it runs still, or was killed"
        console.print(f"\nNot finished: {why}.{more}", markup=False)


#: Of the overview, what matters most first: where a terminal is narrow, the last are left out.
_OVERVIEW: tuple[tuple[int, str, Callable[[Figures], str]], ...] = (
    (0, "first", lambda figures: time_words(figures.first_token.p50)),
    (5, "tokens/s", lambda figures: rate_words(figures.throughput)),
    (3, "whole", lambda figures: time_words(figures.end_to_end.p50)),
    (6, "failed", lambda figures: count_words(figures.failed)),
    (2, "token", lambda figures: time_words(figures.inter_token.p50)),
    (1, "p99", lambda figures: time_words(figures.first_token.p99)),
    (4, "p99", lambda figures: time_words(figures.end_to_end.p99)),
)


def _overview(console: Console, series: list[Figures]) -> None:
    names = [_names(figures) for figures in series]
    common = [len(set(parts)) == 1 for parts in zip(*names, strict=True)]
    columns = sorted(_OVERVIEW[: _fitting(console, _NAME)], key=lambda column: column[0])
    rows = [
        (
            " · ".join(part for part, known in zip(name, common, strict=True) if not known),
            *(words(figures) for _, _, words in columns),
        )
        for name, figures in zip(names, series, strict=True)
    ]
    title = " · ".join(["Overview", *(one_line(part) for part, known in zip(names[0], common, strict=True) if known)])
    head = ("median, 99th percentile", *(name for _, name, _ in columns))
    print_table(console, head, rows, title=escape(title), numbers=len(columns))


def _details(console: Console, figures: Figures) -> None:
    kept = _FIRST_KEPT[: _fitting(console, _LABEL)]
    columns = [name for name in _COLUMNS if name in kept]
    rows = [
        (time.label, *_cells(getattr(figures, time.name), time.unit, columns))
        for time in TIMES
        if time.name in _ALWAYS or _tells(figures, time.name)
    ]
    title = " · ".join(one_line(name) for name in _names(figures))
    head = ("", *(_COLUMNS[name] for name in columns))
    print_table(console, head, rows, title=escape(title), numbers=len(columns))
    note(console, sentence(figures))


def _fitting(console: Console, name: int) -> int:
    """How many figures stand beside a name: a figure that is cut, or has no name, is none."""
    return max((console.width - name) // _NUMBER, 2)


def _cells(spread: Spread, unit: str, columns: Sequence[str]) -> list[str]:
    words = time_words if unit == "s" else rate_words
    return [words(getattr(spread, name)) for name in columns]


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
        least = "at least " if figures.uncounted else ""
        words.append(f"{least}{rate_words(figures.throughput)} output tokens/s")
    if figures.uncounted:
        words.append(f"{figures.uncounted:,} without reported usage")
    if figures.answered > figures.first_token.count:
        untimed = figures.answered - figures.first_token.count
        words.append(f"{untimed:,} without a first token (empty, or not streamed)")
    if figures.tokens_per_piece is not None and not 0.8 < figures.tokens_per_piece < 1.25:
        words.append(f"{rate_words(figures.tokens_per_piece)} tokens a piece")
    if figures.good is not None:
        words.append(f"goodput {rate_words(figures.goodput)}/s, {share_words(figures.good_share)} within the limits")
    if figures.cache_hits is not None:
        words.append(f"cache hits {share_words(figures.cache_hits)}")
    words.append(cost_of(figures))
    if 0 < figures.answered < _TELLING:
        words.append(f"p99 of {figures.answered} is about the slowest of them")
    if (figures.late.p90 or 0) > _LATE * (figures.since_sent.p50 or 0):
        words.append(f"this program was late, by {time_words(figures.late.p90)} at p90: it is the bottleneck")
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
    """A row a target and kind: what fails under one load mostly fails under all."""
    kinds: dict[tuple[str, str], list[Measurement]] = {}
    for row in results.measured:
        if not row.ok:
            kinds.setdefault((row.target, kind_of(row)), []).append(row)
    if not kinds:
        return
    rows = [
        (
            target,
            kind,
            count_words(len(failed)),
            count_words(len({row.series for row in failed})),
            one_line(failed[0].message or "", 160),
        )
        for (target, kind), failed in kinds.items()
    ]
    console.print()
    print_table(console, ("target", "failure", "times", "in series", "one of them said"), rows, title="Failures")
