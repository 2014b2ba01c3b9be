"""A node as a card: what a page needs to show it, as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import ThreadFormatError
from ..tree import Node, attempts_of
from ..tree.bare_node import children_of
from ..tree.render.figures import summary
from ..tree.render.part_text import message_text
from ..tree.render.printable import printable
from ..tree.scores import labels_of, score_of

__all__ = ["card", "cards", "figures", "full_text", "note", "shortened", "tail", "who"]

LONGEST_TEXT = 4000
_PREVIEW = 200
_MOST_TEXT = 1_000_000  # of all cards together: they travel as one message


def cards(root: Node, *, score: str = "score", limit: int = 2000) -> list[dict[str, Any]]:
    """The cards of the first nodes, each before its children; after a million letters only how texts begin.

    Args:
        score: the name of the score that is shown.
        limit: how many at most. Breadth first, so that no branch is left out because its neighbour is long.
    """
    made = []
    left = _MOST_TEXT
    for node, level in _first(root, limit):
        text = message_text(node.message, reasoning=True)
        shown = printable(shortened(text, LONGEST_TEXT if left > 0 else _PREVIEW))
        made.append(card(node, shown, level, score, top=node is root))
        left -= len(text)
    return made


def card(node: Node, text: str, level: int, score: str, *, top: bool = False) -> dict[str, Any]:
    """One node.

    Args:
        level: how many branchings are above it: only they are indented.
        top: nothing above it is shown.
    """
    parent = node.parent
    return {
        "id": node.id,
        "parent": "" if parent is None or top else parent.id,
        "level": level,
        "role": printable(str(node.role)),
        "text": text,
        "who": who(node),
        "figures": figures(node),
        "score": score_of(node, name=score),
        "labels": [printable(each) for each in labels_of(node)],
        "below": len(children_of(node)),
    }


def full_text(node: Node, longest: int | None = None) -> str:
    """What there is to read in a node, thinking included, safe to show.

    Args:
        longest: so many characters at most, and how many more there are; None is all.
    """
    text = message_text(node.message, reasoning=True)
    return printable(text if longest is None else shortened(text, longest))


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} more characters)"


def tail(text: str, longest: int) -> str:
    """How it ends, for what is being written."""
    if len(text) <= longest:
        return text
    return f"… ({len(text) - longest:,} characters before)\n{text[-longest:]}"


def who(node: Node) -> str:
    """The model that wrote it, as its host is told; ``""`` where nobody knows."""
    try:
        attempts = attempts_of(node)
        response = node.response
    except ThreadFormatError:
        return ""
    name = response.model if response is not None and response.model else attempts[-1].model if attempts else ""
    return printable(name or "")


def figures(node: Node) -> str:
    """Tokens, time and cost in one line; a record that cannot be read is told as such and hides nothing else."""
    try:
        return printable(summary(node))
    except ThreadFormatError:
        return "its record cannot be read"


def _first(root: Node, limit: int) -> Iterator[tuple[Node, int]]:
    """The nodes nearest to the root, in the order in which they are read."""
    shown: set[int] = set()
    for node in root.iter_breadth_first():
        if len(shown) >= limit:
            break
        shown.add(id(node))
    stack: list[tuple[Node, int]] = [(root, 0)]
    while stack:
        node, level = stack.pop()
        yield node, level
        below: Sequence[Node] = [child for child in node.children if id(child) in shown]
        deeper = level + (len(node.children) > 1)
        stack.extend((child, deeper) for child in reversed(below))


def note(node: Node, score: str = "score") -> str:
    """All figures of a node on one line: its model, what it took, its score and labels."""
    given = score_of(node, name=score)
    words = [who(node), figures(node), "" if given is None else f"{score} {given:g}", *labels_of(node)]
    return " · ".join(word for word in words if word)
