"""Which node of one tree is which node of another; nothing is changed."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from ..types import Message, TextPart
from .bare_node import BareNode, Details, all_below, children_of
from .ids import peek_id

__all__ = ["Twins", "content_key", "twin_among", "twins_by_content", "twins_by_id", "twins_for_reading"]

Twins = dict[Any, Any]  # node of the second tree -> node of the first


def twins_by_id(first: BareNode, second: BareNode) -> Twins:
    """The same id and the same message; where somebody has edited a file, the two are no twins."""
    named = {found: node for node in all_below(first) if (found := peek_id(node)) is not None}
    pairs = ((node, named.get(peek_id(node))) for node in all_below(second))  # type: ignore[arg-type]
    return {node: twin for node, twin in pairs if twin is not None and _same_message(node, twin)}


def twins_by_content(first: BareNode, second: BareNode) -> Twins:
    """The same words on the same way from the root; of equal siblings the first is the first's twin.

    Two answers of two calls are two, even where their words are the same.
    """
    if not _may_be_one(first, second) or content_key(first) != content_key(second):
        return {}
    twins: Twins = {second: first}
    stack = [(first, second)]
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


def twin_among(candidates: Iterable[Any], node: BareNode) -> Any:
    """The first of them that says the same, or None."""
    wanted = content_key(node)
    return next((each for each in candidates if content_key(each) == wanted and _may_be_one(each, node)), None)


def _equal_ones(ours: Iterable[Any], theirs: Iterable[Any]) -> list[tuple[Any, Any]]:
    waiting: dict[Hashable, list[Any]] = defaultdict(list)
    for node in ours:
        waiting[content_key(node)].append(node)
    pairs = []
    for node in theirs:
        candidates = waiting.get(content_key(node), ())
        twin = next((each for each in candidates if _may_be_one(each, node)), None)
        if twin is not None:
            waiting[content_key(node)].remove(twin)
            pairs.append((twin, node))
    return pairs


def _in_order(ours: list[Any], theirs: list[Any]) -> list[tuple[Any, Any]]:
    by_role: dict[Any, list[Any]] = defaultdict(list)
    for node in reversed(ours):
        by_role[node._role].append(node)
    return [(by_role[node._role].pop(), node) for node in theirs if by_role[node._role]]


def content_key(node: BareNode) -> Hashable:
    """Equal for nodes that say the same, placeholders filled alike; most are a role and a text."""
    details = node._details
    kwargs = details.format_kwargs if type(details) is Details else None
    filled = tuple(sorted((name, str(value)) for name, value in kwargs.items())) if kwargs else ()
    return node._role, _said(node._message), filled


def _said(message: Message | str) -> Hashable:
    if isinstance(message, str):
        return message
    if message.name is None and message.extra is None:
        if isinstance(message.content, str):
            return message.content
        if len(message.content) == 1 and message.content[0] == TextPart(message.text):
            return message.text
    return message


def _same_message(one: BareNode, other: BareNode) -> bool:
    return one._role == other._role and _said(one._message) == _said(other._message)


def _may_be_one(one: BareNode, other: BareNode) -> bool:
    """Not the answers of two different calls."""
    calls = _call_id(one), _call_id(other)
    return None in calls or calls[0] == calls[1]


def _call_id(node: BareNode) -> Any:
    details = node._details
    if type(details) is not Details:
        return None
    if details.response is not None:
        return details.response.id or None
    return (details.record or {}).get("id") or None
