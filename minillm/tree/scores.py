"""Scores and labels of nodes, where everybody finds them: in the metadata.

    {"score": 0.7, "labels": ["funny", "checked"]}

Further scores stand under names of their own. All of it is saved with the node and never sent.
"""

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar

from ..errors import TreeError
from .bare_node import BareNode, Details
from .node import Node
from .traversal import leaves

__all__ = ["best_leaf", "label", "labels_of", "score", "score_of", "unlabel"]

N = TypeVar("N", bound=Node)


def score(node: Node, value: float, *, name: str = "score") -> None:
    """Give a node a score, the higher the better.

    Raises:
        ValueError: it is not finite, or true or false.
        TypeError: it is no number.
    """
    if isinstance(value, bool) or not isfinite(value):
        raise ValueError(f"a score must be a finite number, not {value!r}")
    node.metadata[name] = value


def score_of(node: BareNode, *, name: str = "score") -> float | None:
    """The node's score, None where it has none."""
    value = _metadata(node).get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def label(node: Node, *labels: str) -> None:
    """Put labels on a node that it does not have yet.

    Raises:
        TypeError: one is no text.
    """
    for each in labels:
        if not isinstance(each, str):
            raise TypeError(f"a label is a text, not {type(each).__name__}")
    said = labels_of(node)
    added = [each for each in dict.fromkeys(labels) if each not in said]
    if added:
        node.metadata["labels"] = [*said, *added]


def unlabel(node: Node, *labels: str) -> None:
    """Take labels off a node; those it does not have do not matter."""
    said = labels_of(node)
    if not set(said).isdisjoint(labels):
        node.metadata["labels"] = [each for each in said if each not in labels]


def labels_of(node: BareNode) -> tuple[str, ...]:
    """The node's labels, in the order they were given."""
    said = _metadata(node).get("labels")
    return tuple(each for each in said if isinstance(each, str)) if isinstance(said, list) else ()


def best_leaf(node: N, key: str | Callable[[N], Any] = "score") -> N:
    """The leaf here or below with the highest score; of equals the first in depth-first order.

    Args:
        key: the name of a score, or what to compare leaves by. Leaves for which it gives None, and
            those that have no such score, are passed over.

    Raises:
        TreeError: every leaf was passed over.
    """
    by: Callable[[N], Any] = key if not isinstance(key, str) else lambda leaf: score_of(leaf, name=key)
    best: tuple[N, Any] | None = None
    for leaf in leaves(node):
        value = by(leaf)
        if value is not None and (best is None or value > best[1]):
            best = leaf, value
    if best is None:
        named = f"the score {key!r}" if isinstance(key, str) else "a value by this key"
        raise TreeError(f"no leaf here has {named}: give scores first, with score(leaf, value)")
    return best[0]


def _metadata(node: BareNode) -> dict[str, Any]:
    """To look at only, without making an empty one."""
    details = node._details
    return (details.metadata if type(details) is Details else None) or {}
