"""Copies of subtrees, at any depth."""

from collections.abc import Callable, Mapping
from typing import Any

from .bare_node import BareNode, Details, blank
from .garbage import collector_held_off

__all__ = ["clone"]


def clone(node: BareNode, memo: dict[int, Any] | None = None) -> Any:
    """The node and all under it as a tree of its own, with new ids.

    Messages, recorded answers and marks are shared, since they do not change; metadata and kwargs
    are copied.

    Args:
        memo: ``copy.deepcopy``'s own, told about every node.
    """
    with collector_held_off():
        top = _copy(node)
        pairs: list[tuple[Any, Any]] = [(node, top)]
        while pairs:
            original, copy = pairs.pop()
            if memo is not None:
                memo[id(original)] = copy
            children = original._children
            if children is None:
                continue
            if type(children) is not list:
                child = copy._children = _copy(children)
                child._parent = copy
                pairs.append((children, child))
            elif children:
                copies = copy._children = [_copy(child) for child in children]
                for child in copies:
                    child._parent = copy
                pairs.extend(zip(children, copies, strict=True))
    return top


def _copy(node: Any) -> Any:
    copy = blank(type(node), node._role, node._message)
    details = node._details
    if type(details) is Details:
        copy._details = _copy_details(details)
    attributes = getattr(node, "__dict__", None)  # of a user's subclass
    if attributes:
        copy.__dict__.update(attributes)
    return copy


def _copy_details(details: Details) -> Details:
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
