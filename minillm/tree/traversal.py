"""Walks over a subtree: lazy, without recursion, at any depth.

A walk takes a snapshot of a node's children when it comes to that node, before it hands it out. So
the node in hand may be detached, moved or given new children; new ones under it are not visited.
"""

from collections import deque
from collections.abc import Iterator
from typing import TypeVar

from .bare_node import BareNode
from .ids import id_value, peek_id

__all__ = ["breadth_first", "count", "depth_first", "find", "last_child", "last_leaf", "leaves"]

N = TypeVar("N", bound=BareNode)


def depth_first(node: N) -> Iterator[N]:
    """The node, then each child's whole subtree in order."""
    stack = [node]
    pop, push, extend = stack.pop, stack.append, stack.extend
    while stack:
        current = pop()
        children = current._children
        if children is not None:
            if type(children) is list:
                extend(children[::-1])
            else:
                push(children)
        yield current


def breadth_first(node: N) -> Iterator[N]:
    """The node, its children, their children, level by level."""
    queue = deque((node,))
    pop, push, extend = queue.popleft, queue.append, queue.extend
    while queue:
        current = pop()
        children = current._children
        if children is not None:
            if type(children) is list:
                extend(children)
            else:
                push(children)
        yield current


def leaves(node: N) -> Iterator[N]:
    """The nodes without children, in depth-first order."""
    stack = [node]
    while stack:
        current = stack.pop()
        children = current._children
        if not children:
            yield current
        elif type(children) is list:
            stack.extend(children[::-1])
        else:
            stack.append(children)


def count(node: BareNode) -> int:
    """How many nodes there are, this one included."""
    found = 1
    stack = [node]
    while stack:
        children = stack.pop()._children
        if type(children) is list:
            found += len(children)
            stack.extend([child for child in children if child._children is not None])
        elif children is not None:
            found += 1
            stack.append(children)
    return found


def find(node: N, id: str) -> N | None:
    """The node with this id in the subtree, or None."""
    if not isinstance(id, str):
        raise TypeError(f"an id is a text, not {type(id).__name__}")
    wanted = id_value(id)
    return next((each for each in depth_first(node) if peek_id(each) == wanted), None)


def last_child(node: N) -> N | None:
    """The newest child, None for a leaf."""
    children = node._children
    if not children:
        return None
    return children[-1] if type(children) is list else children  # type: ignore[no-any-return]


def last_leaf(node: N) -> N:
    """Down the last child each time: the end of the newest conversation."""
    while children := node._children:
        node = children[-1] if type(children) is list else children
    return node
