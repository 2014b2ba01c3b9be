"""A long conversation made short: its middle said in a few words, its beginning and end kept."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..types import Content, Role
from .bare_node import BareNode, message_of, path_of
from .copies import copy_node
from .moves import add_new, attach

__all__ = ["collapse_thread", "middle_of_thread"]

N = TypeVar("N", bound=BareNode)
Summary = Content | Callable[[list[Any]], Content]


def middle_of_thread(leaf: N, *, first: int = 1, last: int = 4) -> list[N]:
    """The nodes between the first and the last few on the way from the root to this one.

    A tool call and its results stay on one side: a host refuses one without the other. So the
    middle may be smaller than asked for, down to nothing.

    Args:
        first: how many nodes to keep at the beginning, 1 or more.
        last: how many to keep at the end.
    """
    if first < 1 or last < 0:
        raise ValueError(f"first must be at least 1 and last at least 0, not {first} and {last}")
    path = path_of(leaf)
    start, end = first, len(path) - last
    while start < end and _answers_call(path, start):
        start += 1
    while start < end < len(path) and _answers_call(path, end):
        end -= 1
    return path[start:end] if start < end else []


def collapse_thread(
    leaf: BareNode, summary: Summary = "[...]", *, first: int = 1, last: int = 4, role: Role = Role.USER
) -> Any:
    """A second, shorter way to the end of this conversation: the first nodes, a summary, copies of the last.

    The summary becomes a new child of the last of the first nodes; nothing is taken away.

    Args:
        summary: what stands for the middle: content, or a function that makes it from the nodes there.
            A model's summary is awaited before: ``middle_of_thread`` gives what to summarise.
        first, last: how many nodes are kept, see :func:`middle_of_thread`.
        role: who says the summary.

    Returns:
        The copy of ``leaf``, to go on from; ``leaf`` itself where there is no middle.

    Example:
        >>> middle = middle_of_thread(leaf)
        >>> words = await summarise(middle)
        >>> leaf = collapse_thread(leaf, words)
    """
    middle = middle_of_thread(leaf, first=first, last=last)
    if not middle:
        return leaf
    path = path_of(leaf)
    end = path.index(middle[-1]) + 1
    content = summary(middle) if callable(summary) else summary
    node = add_new(middle[0]._parent, role, content)
    for original in path[end:]:
        copy = copy_node(original, keep_id=False)
        attach(node, copy)
        node = copy
    return node


def _answers_call(path: Sequence[Any], position: int) -> bool:
    """Whether the node there holds results: those answer calls above it."""
    node = path[position]
    return node._role == Role.TOOL or bool(message_of(node).tool_results)
