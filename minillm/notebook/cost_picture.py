"""A bill as bars."""

from collections.abc import Iterable

from ..tree import Node
from ..tree.render.figures import cost_words
from ..tree.render.printable import printable
from .billing import By, Row, bill
from .fragment import said
from .picture import Picture

__all__ = ["plot_costs"]

_NAMES, _BARS, _WORDS, _HEIGHT, _MARGIN = 230, 340, 190, 26, 8
_LETTERS = 30
_MOST_ROWS = 40


def plot_costs(root: Node | Iterable[Node], *, by: By = "model") -> Picture:
    """Draw what calls have cost, a bar each row of :func:`cost_table`, the dearest first.

    A dashed bar is a cost of which a part, or all, is not known: it is never drawn as nothing.

    Args:
        root: a node with all that is under it, or just these nodes.
        by: what a bar is, as for :func:`cost_table`.

    Raises:
        ConfigurationError: ``by`` is nothing to group by.
        TypeError: ``root`` is no node.
    """
    rows = sorted(bill(root, by), key=lambda row: -row.cost.known_usd)
    shown, more = rows[:_MOST_ROWS], len(rows) - _MOST_ROWS
    dearest = max((row.cost.known_usd for row in shown), default=0)
    body = [
        _bar(row, place, float(row.cost.known_usd / dearest) if dearest else 0.0) for place, row in enumerate(shown)
    ]
    if not rows:
        body.append(f'<text class="soft" x="0" y="{_HEIGHT - 8}">No calls were made here.</text>')
    if more > 0:
        body.append(f'<text class="soft" x="0" y="{_HEIGHT * (len(shown) + 1) - 8}">and {more:,} more, cheaper</text>')
    lines = max(len(shown), 1) + (more > 0)
    return Picture(body, (_NAMES + _BARS + _WORDS, lines * _HEIGHT + _MARGIN), f"Costs: {len(rows):,} bars")


def _bar(row: Row, place: int, share: float) -> str:
    top = place * _HEIGHT + 5
    name = printable(row.name)
    name = name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…"
    cost = row.cost
    width = max(share * _BARS, 2)
    kind = "bar"
    if cost.usd is None:
        kind, width = "unknown", max(width, 24)
    height, base = _HEIGHT - 10, top + 12
    return (
        f"<g><title>{said(row.name)}: {said(cost_words(cost))}</title>"
        f'<text x="{_NAMES - 10}" y="{base}" text-anchor="end">{said(name)}</text>'
        f'<rect class="{kind}" x="{_NAMES}" y="{top}" width="{width:.4g}" height="{height}" rx="3"/>'
        f'<text class="soft" x="{_NAMES + width + 8:.4g}" y="{base}">{said(cost_words(cost))}</text></g>'
    )
