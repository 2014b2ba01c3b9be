"""A conversation tree on the screen: a line a node, with its tokens, time and cost.

Only branches are indented: a talk of a thousand turns is a thousand lines down, not a thousand
columns to the right.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from rich.console import Console
from rich.text import Text

from ..chat import ChatNode
from ..tree.render.figures import cost_words, time_words, token_words
from ..tree.render.part_text import message_text
from ..types import Message
from .terminal_text import one_line

__all__ = ["message_words", "print_tree", "rows"]

_MOST_NODES = 200
_MOST_INDENT = 24
_LEAST_TEXT = 20
_TEXT = 300  # more than any terminal shows on a line
_STYLES = {"system": "magenta", "developer": "magenta", "user": "cyan", "assistant": "green", "tool": "yellow"}


def print_tree(
    console: Console,
    root: ChatNode,
    *,
    label: Callable[[ChatNode], str] = lambda _: "",
    here: ChatNode | None = None,
) -> None:
    """Print the tree under ``root``.

    Args:
        label: a word shown before a node: its number, its temperature.
        here: the node in hand, marked with an arrow.
    """
    lines = list(islice(rows(root), _MOST_NODES))
    labels = [_label(label(node), here is node) for _, node in lines]
    figures = [_figures(node) for _, node in lines]
    label_width = max(word.cell_len for word in labels)
    figure_widths = [max(map(len, column)) for column in zip(*figures, strict=True)]
    # The text gives way to the figures, never the other way round.
    taken = label_width + sum(width + 2 for width in figure_widths if width) + (1 if label_width else 0)
    room = max(console.width - taken, _LEAST_TEXT)
    for (indent, node), word, numbers in zip(lines, labels, figures, strict=True):
        line = _line(indent, node)
        line.truncate(room, overflow="ellipsis", pad=True)
        row = Text(" " * (label_width - word.cell_len))
        row.append_text(word)
        row.append(" " if label_width else "")
        row.append_text(line)
        for number, width in zip(numbers, figure_widths, strict=True):
            row.append(f"  {number:>{width}}" if width else "", style="dim")
        row.rstrip()
        console.print(row, no_wrap=True, soft_wrap=True)
    left = root.node_count() - len(lines)
    if left:
        console.print(f"… and {left:,} more nodes", style="dim")


def rows(root: ChatNode) -> Iterator[tuple[str, ChatNode]]:
    """Each node with what stands before it: ``├─``, ``└─`` and the lines of the branches around it."""
    stack: list[tuple[str, str, ChatNode]] = [("", "", root)]
    while stack:
        first, rest, node = stack.pop()
        yield first, node
        children = node.children
        if len(children) == 1:
            stack.append((rest, rest, children[0]))
            continue
        last = len(children) - 1
        for position in range(last, -1, -1):
            tee, bar = ("└─", "  ") if position == last else ("├─", "│ ")
            stack.append((rest + tee, rest + bar, children[position]))


def message_words(message: Message) -> str:
    """The text of a message, or a note of what it holds instead."""
    return message_text(message).strip() or "[empty]"


def _label(word: str, here: bool) -> Text:
    word = one_line(word, 12)
    return Text.assemble(("→ ", "bold yellow"), (word, "bold")) if here else Text(word, style="dim")


def _line(indent: str, node: ChatNode) -> Text:
    role = str(node.message.role)
    if len(indent) > _MOST_INDENT:
        indent = "… " + indent[2 - _MOST_INDENT :]
    line = Text(indent, style="dim")
    line.append(f"{one_line(role, 12):<10}", style=_STYLES.get(role, "white") + " not dim")
    line.append(one_line(message_words(node.message), _TEXT), style="not dim")
    return line


def _figures(node: ChatNode) -> tuple[str, str, str]:
    cost = node.cost
    attempts = node.attempts
    return token_words(node), time_words(attempts), cost_words(cost) if attempts else ""
