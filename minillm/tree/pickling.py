"""Whole trees in and out of a pickle, flat, so that no depth is too deep.

Pickle would follow the links from node to node and end in a RecursionError at a few hundred levels.
Here a root is written as columns (classes, parents, roles, messages, details), and any other node as
its root and the way down to it; so several nodes of one tree in one pickle stay nodes of one tree.
An unlisted node is on no way down: it is an *anchor*, written like a root, with its parent's address.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from .bare_node import BareNode, Details, all_below, blank, path_of
from .garbage import collector_held_off
from .ids import assign_ids
from .moves import link, link_unlisted

__all__ = ["reduce_node"]

Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


def reduce_node(node: BareNode) -> Reduced:
    """For ``__reduce_ex__``: the whole tree travels, ids included."""
    anchors, steps = _address(node)
    if anchors[-1] is not node:
        return _follow, (tuple(anchors), steps)
    if len(anchors) == 1:
        return _revive, (_columns(node),)
    # The anchors above come first in the pickle, each known by then: no recursion from one to the next.
    above, to_parent = _address(node._parent)
    return _revive_unlisted, (tuple(above), to_parent, _columns(node))


def _address(node: BareNode) -> tuple[list[Any], tuple[int, ...]]:
    """The root and the unlisted nodes on the path, and the child positions from the last of them on."""
    path = path_of(node)
    anchors, steps = [path[0]], []
    for parent, child in pairwise(path):
        children = parent._children
        if children is child:
            steps.append(0)
        elif type(children) is list and child in children:
            steps.append(children.index(child))
        else:
            anchors.append(child)
            steps.clear()
    return anchors, tuple(steps)


def _columns(top: BareNode) -> dict[str, list[Any]]:
    kinds: list[Any] = []
    parents, roles, messages, details, attributes = [], [], [], [], {}
    position: dict[int, int] = {}
    nodes = list(all_below(top))
    assign_ids(nodes)
    for number, node in enumerate(nodes):
        position[id(node)] = number
        kinds.append(type(node))
        parents.append(position[id(node._parent)] if number else -1)
        roles.append(node._role)
        messages.append(node._message)
        details.append(_pack(node._details))
        extra = getattr(node, "__dict__", None)
        if extra:
            attributes[number] = extra
    return {
        "kinds": kinds,
        "parents": parents,
        "roles": roles,
        "messages": messages,
        "details": details,
        "attributes": [attributes] if attributes else [],
    }


def _pack(details: Any) -> Any:
    if type(details) is not Details:
        return details
    return dict(details.said())


def _unpack(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    details = Details()
    for name, value in packed.items():
        setattr(details, name, value)
    return details


def _revive(columns: dict[str, list[Any]]) -> Any:
    nodes: list[Any] = []
    with collector_held_off():
        rows = zip(
            columns["kinds"],
            columns["parents"],
            columns["roles"],
            columns["messages"],
            columns["details"],
            strict=True,
        )
        for kind, parent, role, message, details in rows:
            node = blank(kind, role, message)
            node._details = _unpack(details)
            if nodes:
                link(nodes[parent], node)
            nodes.append(node)
        for attributes in columns["attributes"]:
            for number, extra in attributes.items():
                nodes[number].__dict__.update(extra)
    return nodes[0]


def _revive_unlisted(anchors: Sequence[Any], steps: Sequence[int], columns: dict[str, list[Any]]) -> Any:
    node = _revive(columns)
    link_unlisted(_follow(anchors, steps), node)
    return node


def _follow(anchors: Sequence[Any], steps: Sequence[int]) -> Any:
    node = anchors[-1]
    for step in steps:
        children = node._children
        node = children[step] if type(children) is list else children
    return node
