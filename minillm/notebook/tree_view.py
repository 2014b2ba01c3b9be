"""A tree to look at in a notebook: to be clicked where anywidget is installed, foldable everywhere."""

from typing import TYPE_CHECKING

from ..tree import Node
from .static_tree import StaticTree

if TYPE_CHECKING:
    from .tree_widget import TreeWidget

__all__ = ["tree"]


def tree(root: Node, *, score: str = "score", limit: int = 2000, clickable: bool = True) -> "TreeWidget | StaticTree":
    """Show a node and all that is under it: a line a node, what each has cost, its score.

    With anywidget (``pip install 'minillm-tree[notebook]'``) lines are clicked to fold, select, compare, score and
    prune, and Python sees it: ``view.selected`` is a node, ``view.compared`` a tuple of nodes, ``view.pruned`` what was
    cut off (``view.restore()`` puts it back); scores are in the tree itself (:func:`minillm.tree.score_of`).
    ``view.refresh()`` shows what has changed in Python since. Without anywidget the tree is HTML that folds.

    Args:
        score: the name of the score that is shown and given.
        limit: how many nodes are shown at most, the nearest to the root first.
        clickable: False gives the tree that folds, for pages that are exported and have no kernel behind them.

    Raises:
        TypeError: ``root`` is no node.
    """
    if not clickable:
        return StaticTree(root, score=score, limit=limit)
    try:
        from .tree_widget import TreeWidget
    except ImportError:
        return StaticTree(root, score=score, limit=limit)
    return TreeWidget(root, score=score, limit=limit)
