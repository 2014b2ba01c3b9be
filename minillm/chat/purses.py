"""Purses over subtrees: every call made on a node or under it draws on that node's."""

from threading import Lock
from weakref import WeakKeyDictionary

from ..cost import Budget
from ..errors import ConfigurationError
from ..tree import Node

__all__ = ["SubtreeBudget", "budgets_over"]

# Beside the tree, not in it: few nodes have one, and it is neither saved nor copied.
_purses: "WeakKeyDictionary[Node, Budget]" = WeakKeyDictionary()
_lock = Lock()
_ever = False  # whether any node was ever given one: in most programs none is, and then no call walks its path


class SubtreeBudget:
    """A purse that every call on this node or under it draws on: set it, or None. It is neither saved nor copied.

    Raises:
        ConfigurationError: what is set is no Budget.
    """

    def __get__(self, node: Node | None, kind: type[Node]) -> Budget | None:
        return None if node is None else _purses.get(node)

    def __set__(self, node: Node, budget: Budget | None) -> None:
        if budget is not None and not isinstance(budget, Budget):
            raise ConfigurationError(f"budget must be a Budget, like Budget(usd=1), not {type(budget).__name__}")
        global _ever  # noqa: PLW0603
        with _lock:
            if budget is None:
                _purses.pop(node, None)
            else:
                _purses[node] = budget
                _ever = True


def budgets_over(node: Node) -> tuple[Budget, ...]:
    """The purses of a node and of those above it, widest first."""
    if not _ever:
        return ()
    with _lock:
        return tuple(budget for above in node.path() if (budget := _purses.get(above)) is not None)
