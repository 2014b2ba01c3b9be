"""Charts as inline SVG: no script, no library, nothing fetched.

Places are percentages, so that a chart is as wide as its column while its letters keep their size. Colours
are classes of ``page.css``: they follow the reader's light or dark.
"""

from collections.abc import Callable, Sequence

from ..trials.page import said
from .scale import Scale
from .spread import Spread

__all__ = ["axis", "bar", "curves", "dots", "span"]

Words = Callable[[float], str]

_ROW = 26  # pixels
_PLOT = 220
_APART = 20  # percent of a plot on a narrow screen that a number needs
_ROOM, _NARROW_ROOM = 12, 40  # percent of a row, which is narrower than a plot
_MOST_DOTS = 1500


def span(spread: Spread, scale: Scale, words: Words, colour: int) -> str:
    """Lowest to highest as a line, the middle 90 percent thicker, the median as a dot, the 99th percentile as a bar."""
    if spread.p50 is None or spread.low is None or spread.high is None or spread.p90 is None or spread.p99 is None:
        return '<span class="none">not known</span>'
    low, p50, p90, p99, high = (
        scale.at(each) for each in (spread.low, spread.p50, spread.p90, spread.p99, spread.high)
    )
    title = f"lowest {words(spread.low)}, median {words(spread.p50)}, p90 {words(spread.p90)}, "
    title += f"p99 {words(spread.p99)}, highest {words(spread.high)}"
    y = _ROW / 2
    return (
        f'<svg class="row c{colour}" height="{_ROW}" role="img"><title>{said(title)}</title>'
        f'<rect class="hit" width="100%" height="{_ROW}"/>'
        f'<line class="thin" x1="{low:.2f}%" x2="{high:.2f}%" y1="{y}" y2="{y}"/>'
        f'<line class="thick" x1="{p50:.2f}%" x2="{p90:.2f}%" y1="{y}" y2="{y}"/>'
        f'<line class="tick" x1="{p99:.2f}%" x2="{p99:.2f}%" y1="{y - 6}" y2="{y + 6}"/>'
        f'<circle class="dot" cx="{p50:.2f}%" cy="{y}" r="4.5"/></svg>'
    )


def bar(value: float | None, scale: Scale, words: Words, colour: int) -> str:
    """One number."""
    if value is None:
        return '<span class="none">not known</span>'
    return (
        f'<svg class="row c{colour}" height="{_ROW}" role="img"><title>{said(words(value))}</title>'
        f'<rect class="bar" width="{scale.at(value):.2f}%" y="6" height="{_ROW - 12}" rx="2"/></svg>'
    )


def axis(scale: Scale, words: Words) -> str:
    """The numbers below such rows; on a narrow screen some of them are left out."""
    kept, roomy = _spaced(scale, _NARROW_ROOM), ' class="roomy"'
    marks = "".join(
        f"<g{'' if (value, at) in kept else roomy}>"
        f'<line class="grid" x1="{at:.2f}%" x2="{at:.2f}%" y1="0" y2="4"/>'
        f'<text x="{at:.2f}%" y="16" text-anchor="{_anchor(at)}">{said(words(value))}</text></g>'
        for value, at in _spaced(scale, _ROOM)
    )
    return f'<svg class="row" height="20" aria-hidden="true">{marks}</svg>'


def curves(lines: Sequence[tuple[str, Sequence[tuple[float, float]], int]], scale: Scale, words: Words) -> str:
    """Percentile curves.

    Args:
        lines: name, points (share from 0 to 100, value), colour.
    """
    drawn = "".join(
        f'<polyline class="line c{colour}" points="{_points(points, scale)}"><title>{said(name)}</title></polyline>'
        for name, points, colour in lines
    )
    shares = "".join(
        f'<line class="grid" x1="{share}%" x2="{share}%" y1="0" y2="{_PLOT}"/>'
        f'<text x="{share}%" y="{_PLOT + 16}" text-anchor="{_anchor(share)}">{words_of}</text>'
        for share, words_of in (
            (0, "fastest"),
            (25, "25 %"),
            (50, "median"),
            (75, "75 %"),
            (90, "90 %"),
            (100, "all"),
        )
    )
    return (
        f'<svg class="plot" height="{_PLOT + 22}" role="img">{shares}'
        f'<svg width="100%" height="{_PLOT}" viewBox="0 0 100 100" preserveAspectRatio="none">{drawn}</svg>'
        f"{_levels(scale, words)}</svg>"
    )


def dots(
    points: Sequence[tuple[float, float, str | None]], scale: Scale, across: Scale, words: Words, colour: int
) -> str:
    """Requests over time.

    Args:
        points: seconds since the start, value, kind of failure or None.
    """
    shown = _thinned(points)
    drawn = []
    for second, value, failure in shown:
        x, y = across.at(second), _PLOT * (1 - scale.at(value) / 100)
        title = f"<title>{said(f'{words(value)} at {words(second)}' + (f': {failure}' if failure else ''))}</title>"
        if failure is None:
            drawn.append(f'<circle class="mark" cx="{x:.2f}%" cy="{y:.1f}" r="3">{title}</circle>')
        else:
            drawn.append(f'<rect class="failed" x="{x:.2f}%" y="{y - 4:.1f}" width="8" height="8">{title}</rect>')
    marks = "".join(
        f'<text x="{at:.2f}%" y="{_PLOT + 16}" text-anchor="{_anchor(at)}">{said(words(value))}</text>'
        for value, at in _spaced(across, _APART)
    )
    inner = f"{marks}{''.join(drawn)}{_levels(scale, words)}"
    return f'<svg class="plot c{colour}" height="{_PLOT + 22}" role="img">{inner}</svg>'


def _levels(scale: Scale, words: Words) -> str:
    """Horizontal lines, with their numbers above them on the left."""
    lines = []
    for value in scale.ticks():
        y = _PLOT * (1 - scale.at(value) / 100)
        lines.append(f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="0" y="{y - 3 if y > 12 else y + 12:.1f}">{said(words(value))}</text>')
    return "".join(lines)


def _points(points: Sequence[tuple[float, float]], scale: Scale) -> str:
    return " ".join(f"{share:.2f},{100 - scale.at(value):.2f}" for share, value in points)


def _spaced(scale: Scale, apart: float) -> list[tuple[float, float]]:
    """Ticks that do not stand on each other, with their places."""
    found: list[tuple[float, float]] = []
    for value in scale.ticks():
        at = scale.at(value)
        if not found or at - found[-1][1] >= apart:
            found.append((value, at))
    return found


def _anchor(at: float) -> str:
    return "start" if at < 10 else "end" if at > 90 else "middle"


def _thinned(points: Sequence[tuple[float, float, str | None]]) -> list[tuple[float, float, str | None]]:
    """Few enough to be drawn: all failures, the slowest, and of the others every so many."""
    if len(points) <= _MOST_DOTS:
        return list(points)
    failed = [point for point in points if point[2] is not None][:_MOST_DOTS]
    others = sorted((point for point in points if point[2] is None), key=lambda point: -point[1])
    slow, rest = others[: _MOST_DOTS // 3], others[_MOST_DOTS // 3 :]
    step = max(1, -(-len(rest) // (_MOST_DOTS // 2)))
    return [*rest[::step], *slow, *failed]
