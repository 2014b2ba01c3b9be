"""Two trees, or two siblings with all that is under them, compared."""

from decimal import Decimal
from typing import Any

from ..types import CostInfo
from .bare_node import BareNode, checked_node
from .node_changes import NodeChange, changes_between
from .render.diff_html import diff_to_html
from .render.diff_text import diff_to_text
from .totals import subtree_cost
from .traversal import count

__all__ = ["TreeDiff", "diff"]


def diff(a: BareNode, b: BareNode) -> "TreeDiff":
    """What is different under ``b`` from what is under ``a``: structure, text, tool arguments, cost.

    The two tops are compared with each other whatever they say, so siblings can be. Below, nodes are the
    same by id, else by content, else by role and place. Neither tree is changed.

    Example:
        >>> print(diff(first, second))
    """
    return TreeDiff(checked_node(a), checked_node(b))


class TreeDiff:
    """The differences, in the order of the second tree; ``str()`` and a notebook show them.

    Attributes:
        changes: what is different, node by node; none where all is equal.
        nodes: how many nodes the two have.
        costs: what the two cost, failed calls included.
    """

    def __init__(self, a: BareNode, b: BareNode) -> None:
        self.a, self.b = a, b
        self.changes: tuple[NodeChange, ...] = tuple(changes_between(a, b))
        self.nodes: tuple[int, int] = (count(a), count(b))
        self.costs: tuple[CostInfo, CostInfo] = (subtree_cost(a), subtree_cost(b))

    @property
    def cost_difference(self) -> Decimal | None:
        """In USD, positive where the second cost more; None where either is not known."""
        before, after = (cost.usd for cost in self.costs)
        return None if before is None or after is None else after - before

    def to_text(self, *, limit: int = 100) -> str:
        """For a terminal: ``+`` added, ``-`` removed, ``>`` moved, ``~`` changed, each with its place.

        Args:
            limit: how many nodes are shown at most.
        """
        return diff_to_text(self.a, self.b, self.changes, self.nodes, self.costs, limit=limit)

    def to_html(self, *, limit: int = 100) -> str:
        """A page fragment without scripts, links or images; every text in it is escaped.

        Args:
            limit: how many nodes are shown at most.
        """
        return diff_to_html(self.a, self.b, self.changes, self.nodes, self.costs, limit=limit)

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.changes)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<TreeDiff: {len(self.changes)} changes>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.to_text(), "text/html": self.to_html()}
