"""No two equal ids in one tree.

Ids are random, so two nodes can only share one when a copy of one of them came back from a file or a
pickle. A node whose id nobody ever asked for has none to compare: adding it costs nothing. For the
others the root keeps an index of its tree's ids from the first graft on, so that gathering ten
thousand loaded threads under one root does not walk the growing tree ten thousand times.
"""

from ..errors import TreeError
from .bare_node import BareNode, Id, all_below, details_of
from .ids import id_text, mint_count, peek_id

__all__ = ["refuse_equal_ids"]


def refuse_equal_ids(subtree: BareNode, root: BareNode) -> None:
    """Let ``subtree`` come under ``root``'s tree, and into its index.

    Raises:
        TreeError: both hold a node with the same id.
    """
    incoming = _ids_below(subtree)
    if not incoming:
        return
    details = details_of(root)
    index = details.index
    # An id made since then may belong to a node of this tree.
    fresh = index is None or index[0] != mint_count()
    known = _ids_below(root) if fresh or index is None else index[1]
    shared = not known.isdisjoint(incoming)
    if shared and not fresh:  # what was detached since is still in the index: look again
        known = _ids_below(root)
        shared = not known.isdisjoint(incoming)
    if shared:
        clash = id_text(next(iter(known & incoming)))
        raise TreeError(
            f"both trees hold a node with the id {clash}: one is a copy of the other. "
            "clone() gives a copy ids of its own, and so does merge(copy=True)"
        )
    known |= incoming
    details.index = (mint_count(), known)


def _ids_below(node: BareNode) -> set[Id]:
    return {found for each in all_below(node) if (found := peek_id(each)) is not None}
