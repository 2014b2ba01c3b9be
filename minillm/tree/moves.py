"""Putting nodes under others and taking them away; nothing here walks further than it must."""

from contextlib import suppress
from typing import Any

from ..errors import CycleError, TreeError
from ..types import Message, Role
from .bare_node import BareNode, Details, blank, children_of
from .ids import peek_id
from .unique_ids import refuse_equal_ids
from .watching import tell_placed, tell_removed, tell_spliced, watchers

__all__ = [
    "add_new",
    "attach",
    "detach",
    "link",
    "link_unlisted",
    "list_under_parent",
    "new_node",
    "new_unlisted",
    "splice_out",
    "unlink",
]


def new_node(kind: type[Any], role: Role | str, content: Any) -> Any:
    """A lone node; ``content`` may be a whole message."""
    if type(content) is str:
        return blank(kind, role, content)
    message = content if isinstance(content, Message) else Message(role, content)
    return blank(kind, message.role, message)


def new_unlisted(parent: BareNode, message: Message) -> Any:
    """A new node that knows its parent, which does not list it."""
    node = blank(parent._plain, message.role, message)
    link_unlisted(parent, node)
    return node


def add_new(parent: BareNode, role: Role | str, content: Any) -> Any:
    """A new child. Written out for the common case: this is what building a tree costs."""
    if type(content) is str:
        node = object.__new__(parent._plain)
        node._role = role
        node._message = content
        node._children = node._details = None
    else:
        node = new_node(parent._plain, role, content)
    node._parent = parent
    children = parent._children
    if children is None:
        parent._children = node
    elif type(children) is list:
        children.append(node)
    else:
        parent._children = [children, node]
    if watchers:
        tell_placed(node)
    return node


def attach(parent: BareNode, child: BareNode, *, listed: bool = True) -> None:
    """Move ``child`` with all that is under it to the end of ``parent``'s children.

    A fresh node costs the same at any depth: only one that has children or an id sends us up to the
    root, to look for a cycle and for equal ids.

    Raises:
        CycleError: ``child`` is ``parent`` or above it.
        TreeError: the tree already holds a node with the same id.
    """
    if not isinstance(child, BareNode):
        raise TypeError(f"a node is expected, not {type(child).__name__}; add_user() and its sisters take text")
    if child is parent:
        raise CycleError("a node cannot stand under itself")
    details = child._details
    known = details.id if type(details) is Details else details
    if child._children is not None or known is not None:
        root = _root_above(parent, child)
        if child._parent is None or _root_above(child, None) is not root:
            refuse_equal_ids(child, root)
    if child._parent is not None:
        unlink(child)
    if type(details) is Details:
        details.index = None  # of its ids: it is no root any more
    if listed:
        link(parent, child)
    else:
        link_unlisted(parent, child)
    if watchers:
        (tell_placed if listed else tell_removed)(child)


def _root_above(node: Any, forbidden: BareNode | None) -> Any:
    while True:
        if node is forbidden:
            raise CycleError("a node cannot stand under one of its own descendants; detach() that one first")
        parent = node._parent
        if parent is None:
            return node
        node = parent


def link(parent: Any, child: Any) -> None:
    """The last step of every addition; no checks."""
    children = parent._children
    if children is None:
        parent._children = child
    elif type(children) is list:
        children.append(child)
    else:
        parent._children = [children, child]
    child._parent = parent


def link_unlisted(parent: Any, child: Any) -> None:
    """``child`` knows its parent, ``parent`` does not list it."""
    children = parent._children
    if type(children) is not list:  # see ``_children`` in bare_node: from now on it promises nothing
        parent._children = [] if children is None else [children]
    child._parent = parent


def list_under_parent(child: BareNode) -> None:
    """Let the parent list a node that it did not list so far."""
    parent = child._parent
    if parent is None:
        raise TreeError("this node has no parent that could list it")
    siblings = parent._children
    if siblings is child or (type(siblings) is list and siblings and is_listed(child)):
        return
    if child._children is not None or (child._details is not None and peek_id(child) is not None):
        refuse_equal_ids(child, _root_above(parent, None))
    link(parent, child)
    if watchers:
        tell_placed(child)


def is_listed(child: BareNode) -> bool:
    """Whether the parent lists it. Looks from the end, where the newest are."""
    children = child._parent._children
    if type(children) is not list:
        return children is child
    for each in reversed(children):  # noqa: SIM110  a generator would cost more than the looks
        if each is child:
            return True
    return False


def detach(node: BareNode) -> None:
    """Make the node a root, with all that is under it."""
    if node._parent is not None:
        unlink(node)
        if watchers:
            tell_removed(node)


def unlink(child: BareNode) -> None:
    """Cut the edge to the parent, on both sides; nobody is told."""
    parent = child._parent
    if parent is None:
        return
    child._parent = None
    children = parent._children
    if children is child:
        parent._children = None
    elif type(children) is list and children:
        if children[-1] is child:
            children.pop()
            return
        with suppress(ValueError):  # it was not listed; nodes are equal by identity
            children.remove(child)


def splice_out(node: BareNode) -> None:
    """Take one node out; its children stand in its place, in their order.

    Raises:
        TreeError: the node is a root.
    """
    parent = node._parent
    if parent is None:
        raise TreeError("a root has no parent that could take its children; detach() them instead")
    grandchildren = children_of(node)
    siblings = parent._children
    if siblings is node:
        parent._children = list(grandchildren)
    elif type(siblings) is list and node in siblings:
        position = siblings.index(node)
        siblings[position : position + 1] = grandchildren
    for each in grandchildren:
        each._parent = parent
    node._parent = None
    node._children = [] if type(node._children) is list else None  # a list may have unlisted ones
    if watchers:
        tell_spliced(node, grandchildren)
