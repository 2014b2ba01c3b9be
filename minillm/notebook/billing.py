"""The bill of a tree as a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..errors import ConfigurationError
from ..tree import Node, attempts_of
from ..tree.bare_node import checked_node
from ..tree.render.figures import cost_words, time_words
from ..tree.render.printable import printable
from ..types import Attempt, CostInfo, Role, total_cost
from .cards import full_text
from .fragment import fragment, said

__all__ = ["CostTable", "Row", "bill", "cost_table"]

_MOST_ROWS = 200
_PREVIEW = 60
_HEADS = ("calls", "tokens in", "from cache", "tokens out", "time", "cost")

By = str | Callable[[Node, Attempt], object]


@dataclass(frozen=True, slots=True)
class Row:
    """What some exchanges took together."""

    name: str
    attempts: tuple[Attempt, ...]

    @property
    def cost(self) -> CostInfo:
        return total_cost(self.attempts)

    @property
    def cells(self) -> tuple[str, ...]:
        usages = [attempt.usage for attempt in self.attempts if attempt.usage is not None]
        told = (
            _sum(usage.input_tokens for usage in usages),
            _sum(usage.cache_read_tokens for usage in usages),
            _sum(usage.output_tokens for usage in usages),
        )
        return (f"{len(self.attempts):,}", *told, time_words(self.attempts) or "-", cost_words(self.cost))


class CostTable:
    """What :func:`cost_table` gives: ``rows``, ``total``, and a table for people.

    Args:
        kind: what a row is.
        rows: in the order in which they were first met.
    """

    def __init__(self, kind: str, rows: Sequence[Row]) -> None:
        self.kind = kind
        self.rows = tuple(rows)

    @property
    def total(self) -> CostInfo:
        """The sum; ``usd`` is None where a part of it is not known."""
        return self._all.cost

    @property
    def _all(self) -> Row:
        return Row("all", tuple(attempt for row in self.rows for attempt in row.attempts))

    def __str__(self) -> str:
        lines = [(self.kind, *_HEADS), *((printable(row.name), *row.cells) for row in (*self._shown, self._all))]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        words = [
            "  ".join(
                f"{word:{'<' if not place else '>'}{width}}"
                for place, (word, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        return "\n".join(words) + (f"\n({self._more})" if self._more else "")

    def __repr__(self) -> str:
        return f"<CostTable: {len(self.rows)} rows, {cost_words(self.total)}>"

    @property
    def _shown(self) -> tuple[Row, ...]:
        return self.rows[:_MOST_ROWS]

    @property
    def _more(self) -> str:
        more = len(self.rows) - _MOST_ROWS
        return f"{more:,} more rows are in the sum only" if more > 0 else ""

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{said(head)}</th>' for head in (self.kind, *_HEADS))
        rows = "".join(f"<tr>{_cells(row)}</tr>" for row in self._shown)
        more = f'<p class="head">{said(self._more)}</p>' if self._more else ""
        table = (
            f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>'
            f"<tfoot><tr>{_cells(self._all)}</tr></tfoot></table></div>{more}"
        )
        return fragment("costs", table, "").html


def cost_table(root: Node | Iterable[Node], *, by: By = "model") -> CostTable:
    """What all calls on a tree have cost, failed ones included; what is not known is said to be unknown.

    Args:
        root: a node with all that is under it, or just these nodes.
        by: what a row is: ``"model"``, ``"host"``, ``"outcome"``, ``"node"``, or a function of node and attempt.

    Raises:
        ConfigurationError: ``by`` is none of these.
        TypeError: ``root`` is no node.
    """
    kind = by if isinstance(by, str) else "of"
    return CostTable(kind, bill(root, by))


def bill(root: Node | Iterable[Node], by: By) -> list[Row]:
    """The rows of a table or picture. Raises as :func:`cost_table` does."""
    nodes = root.iter_depth_first() if isinstance(root, Node) else map(checked_node, root)
    key = _KEYS.get(by) if isinstance(by, str) else by
    if key is None:
        raise ConfigurationError(f"by must be {', '.join(map(repr, _KEYS))} or a function, not {by!r}")
    groups: dict[object, tuple[str, list[Attempt]]] = {}
    for node in nodes:
        for attempt in attempts_of(node):
            value = key(node, attempt)
            name = _node_name(value) if isinstance(value, Node) else str(value)
            groups.setdefault(value, (name, []))[1].append(attempt)
    return [Row(name, tuple(attempts)) for name, attempts in groups.values()]


_KEYS: dict[str, Callable[[Node, Attempt], object]] = {
    "model": lambda node, attempt: attempt.model or attempt.host or "unknown",
    "host": lambda node, attempt: attempt.host or "unknown",
    "outcome": lambda node, attempt: attempt.outcome.value,
    "node": lambda node, attempt: node,
}


def _node_name(node: Node) -> str:
    text = " ".join(full_text(node, 4 * _PREVIEW).split())
    text = text if len(text) <= _PREVIEW else text[: _PREVIEW - 1] + "…"
    return text if node.role == Role.ASSISTANT else f"{node.role}: {text}"


def _sum(counts: Iterable[int | None]) -> str:
    told = [count for count in counts if count is not None]
    return f"{sum(told):,}" if told else "-"


def _cells(row: Row) -> str:
    return f"<td>{said(row.name)}</td>" + "".join(f"<td>{said(cell)}</td>" for cell in row.cells)
