"""Cutting a tree back."""

from collections.abc import Callable
from typing import Any, TypeVar

from .bare_node import BareNode, checked_node
from .watching import tell_removed, watchers

__all__ = ["prune"]

N = TypeVar("N", bound=BareNode)


def prune(node: N, drop: Callable[[N], object]) -> list[N]:
    """Detach every node under this one for which ``drop`` is true, with all that is under it.

    Linear in the nodes looked at, however many siblings there are. ``drop`` is asked from the top
    down, never for ``node`` itself nor below a node that goes; if it raises, nothing has changed.

    Returns:
        The detached nodes, each now the root of a tree of its own.

    Example:
        >>> kept = set(best_leaf(root, "score").path())
        >>> prune(root, lambda node: node not in kept)
    """
    dropped: list[N] = []
    thinned: list[tuple[N, list[N]]] = []
    stack = [checked_node(node)]
    pop, extend = stack.pop, stack.extend
    while stack:
        current = pop()
        children = current._children
        if children is None:
            continue
        kept: list[Any] = []
        below = children if type(children) is list else (children,)
        for child in below:
            (dropped if drop(child) else kept).append(child)
        if len(kept) != len(below):
            thinned.append((current, kept))
        kept_with_children = [child for child in kept if child._children is not None]
        kept_with_children.reverse()
        extend(kept_with_children)
    for parent, kept in thinned:
        # A list stays one: it may have unlisted nodes, see ``_children`` in bare_node.
        parent._children = kept if type(parent._children) is list else None
    for child in dropped:
        child._parent = None
        if watchers:
            tell_removed(child)
    return dropped
