"""Siblings by what they say, for finding one that says the same among very many."""

from collections import deque
from collections.abc import Hashable, Iterable
from typing import Any

from ..types import Message, TextPart
from .bare_node import BareNode, Details

__all__ = ["Alike", "call_id", "content_key", "same_message"]


class Alike:
    """Nodes to look one up in. The answers of two calls are never the same, even where their words are.

    Args:
        nodes: in their order; of several that say the same the first is found first.
    """

    def __init__(self, nodes: Iterable[Any] = ()) -> None:
        self._nodes: dict[Hashable, dict[Any, deque[Any]]] = {}
        for node in nodes:
            self.add(node)

    def add(self, node: BareNode) -> None:
        self._nodes.setdefault(content_key(node), {}).setdefault(call_id(node), deque()).append(node)

    def find(self, node: BareNode) -> Any:
        """One that says the same, or None."""
        by_call = self._nodes.get(content_key(node))
        call = _matching_call(by_call, node) if by_call else _NONE
        return None if not by_call or call is _NONE else by_call[call][0]

    def take(self, node: BareNode) -> Any:
        """The same, and it is not found again."""
        by_call = self._nodes.get(content_key(node))
        call = _matching_call(by_call, node) if by_call else _NONE
        if not by_call or call is _NONE:
            return None
        found = by_call[call].popleft()
        if not by_call[call]:
            del by_call[call]
        return found


_NONE = object()


def _matching_call(by_call: dict[Any, deque[Any]], node: BareNode) -> Any:
    """Of the calls that gave these words, the one this node may be of: its own, or an unknown one."""
    call = call_id(node)
    if call is not None and call in by_call:
        return call
    if None in by_call:
        return None
    return next(iter(by_call)) if call is None else _NONE


def content_key(node: BareNode) -> Hashable:
    """Equal for nodes that say the same, placeholders filled alike; most are a role and a text."""
    details = node._details
    kwargs = details.format_kwargs if type(details) is Details else None
    filled = tuple(sorted((name, str(value)) for name, value in kwargs.items())) if kwargs else ()
    return node._role, _said(node._message), filled


def same_message(one: BareNode, other: BareNode) -> bool:
    return one._role == other._role and _said(one._message) == _said(other._message)


def _said(message: Message | str) -> Hashable:
    if isinstance(message, str):
        return message
    if message.name is None and message.extra is None:
        if isinstance(message.content, str):
            return message.content
        if len(message.content) == 1 and message.content[0] == TextPart(message.text):
            return message.text
    return message


def call_id(node: BareNode) -> Any:
    """The host's id of the answer that the node is; None where there is none."""
    details = node._details
    if type(details) is not Details:
        return None
    if details.response is not None:
        return details.response.id or None
    return (details.record or {}).get("id") or None
