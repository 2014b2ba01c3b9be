"""Which node of one tree is which node of another; nothing is changed."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from .alike import Alike, same_message
from .bare_node import BareNode, all_below, children_of
from .ids import peek_id

__all__ = ["Twins", "twins_by_content", "twins_by_id", "twins_for_reading"]

Twins = dict[Any, Any]  # node of the second tree -> node of the first


def twins_by_id(first: BareNode, second: BareNode) -> Twins:
    """The same id and the same message; where somebody has edited a file, the two are no twins."""
    named = {found: node for node in all_below(first) if (found := peek_id(node)) is not None}
    pairs = ((node, named.get(peek_id(node))) for node in all_below(second))  # type: ignore[arg-type]
    return {node: twin for node, twin in pairs if twin is not None and same_message(node, twin)}


def twins_by_content(first: BareNode, second: BareNode) -> Twins:
    """The same words on the same way from the root; of equal siblings those with one id, then in their order.

    Two answers of two calls are two, even where their words are the same.
    """
    twins: Twins = {}
    stack = _equal_ones((first,), (second,))
    twins.update((theirs, ours) for ours, theirs in stack)
    while stack:
        one, other = stack.pop()
        pairs = _equal_ones(children_of(one), children_of(other))
        twins.update((theirs, ours) for ours, theirs in pairs)
        stack += pairs
    return twins


def twins_for_reading(first: BareNode, second: BareNode) -> Twins:
    """What a reader would call the same: the two tops, then by id, by content, by role and place.

    Copies of one tree share ids; there a node that has no twin by then is new, and nobody's edit.
    """
    ours = {found: node for node in all_below(first) if (found := peek_id(node)) is not None}
    theirs = {found for node in all_below(second) if (found := peek_id(node)) is not None}
    spoken_for = {ours[shared] for shared in ours.keys() & theirs}
    twins: Twins = {second: first}
    taken = {first}
    stack = [(first, second)]
    while stack:
        one, other = stack.pop()
        pairs: list[tuple[Any, Any]] = []
        rest = []
        for child in children_of(other):
            twin = ours.get(peek_id(child))  # type: ignore[arg-type]
            if twin is None or twin in taken:
                rest.append(child)
            else:
                pairs.append((twin, child))
        free = [child for child in children_of(one) if child not in spoken_for and child not in taken]
        equal = _equal_ones(free, rest)
        pairs += equal
        if not spoken_for:
            done = {node for pair in equal for node in pair}
            pairs += _in_order(*([node for node in nodes if node not in done] for nodes in (free, rest)))
        twins.update((theirs_, ours_) for ours_, theirs_ in pairs)
        taken.update(pair[0] for pair in pairs)
        stack += pairs
    return twins


def _equal_ones(ours: Iterable[Any], theirs: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Pairs of the same words; of equal siblings those with one id, so that no copy is taken for its neighbour."""
    free = dict.fromkeys(ours)
    named = {found: node for node in free if (found := peek_id(node)) is not None}
    pairs, rest = [], []
    for node in theirs:
        twin = named.get(peek_id(node))  # type: ignore[arg-type]
        if twin is not None and twin in free and same_message(node, twin):
            del free[twin]
            pairs.append((twin, node))
        else:
            rest.append(node)
    waiting = Alike(free)
    equal = ((waiting.take(node), node) for node in rest)
    return pairs + [(twin, node) for twin, node in equal if twin is not None]


def _in_order(ours: list[Any], theirs: list[Any]) -> list[tuple[Any, Any]]:
    by_role: dict[Any, list[Any]] = defaultdict(list)
    for node in reversed(ours):
        by_role[node._role].append(node)
    return [(by_role[node._role].pop(), node) for node in theirs if by_role[node._role]]
