"""Copies of subtrees, at any depth."""

from collections.abc import Callable, Mapping
from typing import Any

from .bare_node import BareNode, Details, blank
from .garbage import collector_held_off

__all__ = ["clone", "copy_details", "copy_node"]


def clone(node: BareNode, memo: dict[int, Any] | None = None, *, keep_ids: bool = False) -> Any:
    """The node and all under it as a tree of its own, with new ids.

    Messages, recorded answers and marks are shared, since they do not change; metadata and kwargs
    are copied.

    Args:
        memo: ``copy.deepcopy``'s own, told about every node.
        keep_ids: the copies are the same nodes to everybody who goes by ids.
    """
    with collector_held_off():
        top = copy_node(node, keep_id=keep_ids)
        pairs: list[tuple[Any, Any]] = [(node, top)]
        while pairs:
            original, copy = pairs.pop()
            if memo is not None:
                memo[id(original)] = copy
            children = original._children
            if children is None:
                continue
            if type(children) is not list:
                child = copy._children = copy_node(children, keep_id=keep_ids)
                child._parent = copy
                pairs.append((children, child))
            elif children:
                copies = copy._children = [copy_node(child, keep_id=keep_ids) for child in children]
                for child in copies:
                    child._parent = copy
                pairs.extend(zip(children, copies, strict=True))
    return top


def copy_node(node: Any, *, keep_id: bool) -> Any:
    """The node alone, without parent and children."""
    copy = blank(type(node), node._role, node._message)
    details = node._details
    if type(details) is Details:
        copy._details = copy_details(details)
        copy._details.id = details.id if keep_id else None
    elif keep_id:
        copy._details = details
    attributes = getattr(node, "__dict__", None)  # of a user's subclass
    if attributes:
        copy.__dict__.update(attributes)
    return copy


def copy_details(details: Details) -> Details:
    """All but the id."""
    copy = Details()
    for name, value in details.said():
        if name != "id":
            setattr(copy, name, _copy_value(value))
    return copy


def _copy_value(value: Any) -> Any:
    """Dictionaries and lists anew, however deep; everything else is shared."""
    if type(value) not in _CONTAINERS:
        return value
    top: Any = _CONTAINERS[type(value)]()
    pairs: list[tuple[Any, Any]] = [(value, top)]
    while pairs:
        original, copy = pairs.pop()
        for key, each in original.items() if type(original) is dict else enumerate(original):
            new: Any = each
            if type(each) in _CONTAINERS:
                new = _CONTAINERS[type(each)]()
                pairs.append((each, new))
            if type(original) is dict:
                copy[key] = new
            else:
                copy.append(new)
    return top


_CONTAINERS: Mapping[type[Any], Callable[[], Any]] = {dict: dict, list: list}
