"""Results as one page: it holds all it needs, and lets the browser fetch nothing."""

from collections.abc import Callable, Sequence

from ..trials.page import said, title_of, unfinished, whole_page
from .charts import axis, bar, curves, dots, span
from .figures import FORMULAE, TIMES, Figures, kind_of
from .measurement import Measurement
from .results import Results
from .scale import Scale
from .spread import percentile
from .words import UNKNOWN, count_words, rate_words, share_words, time_words

__all__ = ["page"]

_COLOURS = 8
_MOST_TIMELINES = 24
_SHARES = (*range(0, 90, 2), *(90 + step / 2 for step in range(21)))
_SPANS = (
    ("first_token", "Time to first token"),
    ("inter_token", "Inter-token latency"),
    ("end_to_end", "End to end"),
)


def page(results: Results) -> str:
    """The HTML text, complete and to be saved as it is."""
    series = results.series
    body = [_head(results)]
    if series:
        body.append(_overview(series))
        body += [_spans(series, name, title) for name, title in _SPANS]
        body.append(_bars(series))
        body.append(_curves(results))
        body.append(_timelines(results))
        body.append(_failures(results))
        body.append(_numbers(series))
    else:
        body.append("<p>Nothing was measured.</p>")
    body.append(_formulae())
    return whole_page(_title(results), "minillm.benchmark", body)


def _title(results: Results) -> str:
    targets = results.facts.get("targets")
    names = [str(each.get("name")) for each in targets if isinstance(each, dict)] if isinstance(targets, list) else []
    return title_of("Benchmark", names, else_="Benchmark")


def _head(results: Results) -> str:
    facts, measured = results.facts, results.measured
    told = [
        f"{len(measured):,} requests measured, {results.failed:,} failed",
        *(words.format(_plain(facts[key])) for key, words in _FACTS if facts.get(key) is not None),
    ]
    limits = [
        f"{name.replace('_', ' ')} {time_words(limit)}"
        for name in ("first_token", "inter_token", "end_to_end")
        if (limit := getattr(results.limits, name)) is not None
    ]
    if limits:
        told.append(f"limits: {', '.join(limits)}")
    return f"<h1>{said(_title(results))}</h1><p>{said(' · '.join(told))}</p>{unfinished(results.ending)}"


_FACTS = (
    ("started", "begun {} UTC"),
    ("max_tokens", "at most {} tokens an answer"),
    ("timeout", "{} seconds allowed"),
)


def _plain(value: object) -> str:
    """Without the second's zone and the fraction that is none."""
    return f"{value:g}" if isinstance(value, float) else str(value)[:16].replace("T", " ")


def _overview(series: Sequence[Figures]) -> str:
    columns = (
        "",
        "first token",
        "p99",
        "between tokens",
        "end to end",
        "p99",
        "tokens/s",
        "requests/s",
        "within limits",
        "cache hits",
        "failed",
        "cost",
    )
    rows = [
        [
            _name(place, _key(figures)),
            time_words(figures.first_token.p50),
            time_words(figures.first_token.p99),
            time_words(figures.inter_token.p50),
            time_words(figures.end_to_end.p50),
            time_words(figures.end_to_end.p99),
            rate_words(figures.throughput),
            rate_words(figures.requests_per_second),
            share_words(figures.good_share),
            share_words(figures.cache_hits),
            count_words(figures.failed),
            _cost(figures),
        ]
        for place, figures in enumerate(series)
    ]
    empty = {column for column in range(1, len(columns)) if all(row[column] == UNKNOWN for row in rows)}
    kept = [column for column in range(len(columns)) if column not in empty]
    return _section(
        "Overview",
        "Medians, and where it says so the 99th percentile.",
        _table([columns[column] for column in kept], [[row[column] for column in kept] for row in rows]),
    )


def _spans(series: Sequence[Figures], name: str, title: str) -> str:
    spreads = [getattr(figures, name) for figures in series]
    scale = Scale.over(value for spread in spreads for value in (spread.low, spread.high))
    rows = [
        [
            _name(place, _key(figures)),
            span(spread, scale, time_words, _colour(place)),
            time_words(spread.p50),
            time_words(spread.p99),
        ]
        for place, (figures, spread) in enumerate(zip(series, spreads, strict=True))
    ]
    rows.append(["", axis(scale, time_words), "", ""])
    note = "Dot: median. Thick: up to the 90th percentile. Bar: the 99th. Thin: lowest to highest."
    note += " The scale is logarithmic." if scale.log else ""
    return _section(title, note, _table(("", "", "median", "p99"), rows, chart=True))


def _bars(series: Sequence[Figures]) -> str:
    scale = Scale.over((figures.throughput for figures in series), may_be_log=False)
    rows = [
        [
            _name(place, _key(figures)),
            bar(figures.throughput, scale, rate_words, _colour(place)),
            rate_words(figures.throughput),
            rate_words(figures.requests_per_second),
            rate_words(figures.goodput),
        ]
        for place, figures in enumerate(series)
    ]
    rows.append(["", axis(scale, rate_words), "", "", ""])
    columns = ["", "", "tokens/s", "requests/s", "goodput/s"]
    if all(figures.good is None for figures in series):
        columns, rows = columns[:4], [row[:4] for row in rows]
    return _section("Throughput", "Output tokens a second, all requests together.", _table(columns, rows, chart=True))


def _curves(results: Results) -> str:
    lines = []
    for place, (key, rows) in enumerate(results.by_series().items()):
        ordered = sorted(row.end_to_end for row in rows if row.ok)
        if len(ordered) > 1:
            points = [(share, percentile(ordered, share)) for share in _SHARES]
            lines.append((" · ".join(key), points, _colour(place)))
    if not lines:
        return ""
    lines = lines[:_COLOURS]
    scale = Scale.over(value for _, points, _ in lines for _, value in points)
    legend = "".join(f'<li class="c{colour}">{said(name)}</li>' for name, _, colour in lines)
    return _section(
        "How many were answered within which time",
        "End to end, answered requests."
        + (f" The first {_COLOURS} series." if len(results.by_series()) > _COLOURS else "")
        + (" The scale is logarithmic." if scale.log else ""),
        f'{curves(lines, scale, time_words)}<ul class="legend">{legend}</ul>',
    )


def _timelines(results: Results) -> str:
    found = list(results.by_series().items())
    charts = [
        f"<figure><figcaption>{_name(place, key)}</figcaption>{_timeline(rows, _colour(place))}</figure>"
        for place, (key, rows) in enumerate(found[:_MOST_TIMELINES])
    ]
    left = f"<p>and {len(found) - _MOST_TIMELINES} more</p>" if len(found) > _MOST_TIMELINES else ""
    return _section(
        "When",
        "Each request at the time it was due, end to end. A stall is a slope: in an open loop those that came "
        "later waited less. Squares failed.",
        f'<div class="grid2">{"".join(charts)}</div>{left}',
    )


def _timeline(rows: Sequence[Measurement], colour: int) -> str:
    start = min(row.due for row in rows)
    points = [(row.due - start, row.end_to_end, None if row.ok else kind_of(row)) for row in rows]
    scale = Scale.over((value for _, value, _ in points), may_be_log=False)
    across = Scale.over((second for second, _, _ in points), may_be_log=False)
    return dots(points, scale, across, time_words, colour)


def _failures(results: Results) -> str:
    rows = []
    for place, figures in enumerate(results.series):
        for kind, count in figures.errors.items():
            told = next(
                (row.message for row in results.by_series()[_key(figures)] if not row.ok and kind_of(row) == kind), ""
            )
            rows.append(
                [_name(place, _key(figures)), said(kind), count_words(count), f"<small>{said(told or '')}</small>"]
            )
    if not rows:
        return ""
    return _section("Failures", "", _table(("", "kind", "times", "one of them said"), rows))


def _numbers(series: Sequence[Figures]) -> str:
    columns = ("", "", "mean", "lowest", "median", "p90", "p95", "p99", "highest")
    rows = []
    for place, figures in enumerate(series):
        for time in TIMES:
            spread = getattr(figures, time.name)
            if spread.count:
                words: Callable[[float | None], str] = time_words if time.unit == "s" else rate_words
                values = (spread.mean, spread.low, spread.p50, spread.p90, spread.p95, spread.p99, spread.high)
                rows.append([_name(place, _key(figures)), said(time.label), *(words(value) for value in values)])
    return _section("All figures", "", f"<details><summary>Show</summary>{_table(columns, rows)}</details>")


def _formulae() -> str:
    items = "".join(f"<dt>{said(name)}</dt><dd>{said(formula)}</dd>" for name, formula in FORMULAE.items())
    return _section("How it is computed", "", f"<dl>{items}</dl>")


def _section(title: str, note: str, inner: str) -> str:
    return f"<section><h2>{said(title)}</h2>{f'<p>{said(note)}</p>' if note else ''}{inner}</section>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, chart: bool = False) -> str:
    """Cells are markup already. The first column is no number; of a chart the second is drawn."""
    head = "".join(f"<th>{said(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    kind = ' class="chart"' if chart else ""
    return f'<div class="scroll"><table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _name(place: int, key: Sequence[str]) -> str:
    target, *others = key
    return f'<span class="name c{_colour(place)}"><b>{said(target)}</b> {said(" · ".join(others))}</span>'


def _key(figures: Figures) -> tuple[str, str, str]:
    return figures.target, figures.prompt, figures.load


def _colour(place: int) -> int:
    """A colour of its own for each of the first; the others share a grey one rather than somebody else's."""
    return place + 1 if place < _COLOURS else 0


def _cost(figures: Figures) -> str:
    if figures.usd is not None:
        return f"${figures.usd.normalize():f}" if figures.usd else "$0"
    known = f"at least ${figures.known_usd.normalize():f}" if figures.known_usd else ""
    return said(known or ("no price known" if figures.priced == "unpriced" else figures.priced))
