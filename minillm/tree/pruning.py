"""Cutting a tree back."""

from collections.abc import Callable
from typing import TypeVar

from .bare_node import BareNode, children_of
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
    stack = [node]
    while stack:
        current = stack.pop()
        children = children_of(current)
        gone = [child for child in children if drop(child)]
        if gone:
            dropped += gone
            left_out = set(gone)
            children = tuple([child for child in children if child not in left_out])
            thinned.append((current, list(children)))
        stack.extend(reversed(children))
    for parent, kept in thinned:
        # A list stays one: it may have unlisted nodes, see ``_children`` in bare_node.
        parent._children = kept if type(parent._children) is list else None
    for child in dropped:
        child._parent = None
        if watchers:
            tell_removed(child)
    return dropped
