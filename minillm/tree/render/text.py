"""Conversations and trees as plain text."""

from collections.abc import Callable, Mapping
from typing import Any

from ...types import Role
from ..bare_node import BareNode, children_of, message_of
from ..templates import formatted_messages
from ..traversal import count
from .part_text import message_text
from .printable import printable

__all__ = ["format_conversation", "format_tree", "pretty_messages"]


def format_conversation(node: BareNode) -> str:
    """The conversation from the root to this node, ready to read. See :func:`pretty_messages`."""
    return pretty_messages(node)


def pretty_messages(
    node: BareNode,
    *,
    format_kwargs: Mapping[str, Any] | None = None,
    separator: str = "\n\n",
    reasoning: bool = False,
    system: str = "SYSTEM: ",
    developer: str = "DEVELOPER: ",
    user: str = "USER: ",
    assistant: str = "ASSISTANT: ",
    tool: str = "TOOL: ",
) -> str:
    """The conversation from the root to this node, placeholders filled.

    Messages without anything to show are left out, and control sequences are shown as escapes, so
    that model text cannot steer a terminal. A role of a host's own stands in capitals before its text.

    Args:
        format_kwargs: fill placeholders before any node's own.
        separator: between two messages.
        reasoning: show the thinking too.
        system, developer, user, assistant, tool: what stands before the text of that role.
    """
    labels: Mapping[str, str] = {
        Role.SYSTEM: system,
        Role.DEVELOPER: developer,
        Role.USER: user,
        Role.ASSISTANT: assistant,
        Role.TOOL: tool,
    }
    shown = []
    for message in formatted_messages(node, format_kwargs):
        text = message_text(message, reasoning=reasoning)
        if text:
            shown.append(labels.get(message.role, f"{message.role.upper()}: ") + printable(text))
    return separator.join(shown)


def format_tree(
    node: BareNode, *, label: Callable[[Any], str] | None = None, width: int = 100, limit: int = 1000
) -> str:
    """A subtree as an outline, a line a node.

    Only branching indents: a chain stays in its column, however long it is.

    Args:
        label: what to say of a node; its role and the beginning of its text by default. Control
            characters in it are escaped.
        width: where lines are cut.
        limit: how many nodes are shown at most; a last line tells how many are not.
    """
    describe = label or _label
    lines: list[str] = []
    stack: list[tuple[Any, str, str]] = [(node, "", "")]
    while stack and len(lines) < limit:
        current, lead, below = stack.pop()
        text = printable(" ".join(describe(current)[: 4 * width].split()))
        line = lead + text
        lines.append(line if len(line) <= width else line[: width - 1] + "…")
        children = children_of(current)
        if len(children) == 1:
            stack.append((children[0], below, below))
            continue
        for position, child in reversed(list(enumerate(children))):
            last = position == len(children) - 1
            stack.append((child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")))
    if stack:
        hidden = sum(count(each) for each, _, _ in stack)
        lines.append(f"… and {hidden} more")
    return "\n".join(lines)


def _label(node: BareNode) -> str:
    return f"{node._role}: {message_text(message_of(node))}"
