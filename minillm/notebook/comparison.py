"""Nodes side by side, with the words marked that differ."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from ..tree import Node
from ..tree.bare_node import checked_node
from ..tree.scores import score_of
from .cards import figures, full_text, who
from .columns import Column, Piece, columns
from .fragment import Fragment

__all__ = ["compare", "compared"]

_LONGEST_TEXT = 20_000  # what a page can hold; the viewer begins with as much
_MOST_WORDS = 4000  # of two texts: comparing is quadratic at its worst
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def compare(*nodes: Node, score: str = "score") -> Fragment:
    """Two or more nodes side by side, what they cost below, words marked in which one differs from the first.

    In the first itself the words are marked that the second lacks, where there are two. Long texts are not
    marked, and very long ones are cut, with how much is left out.

    Args:
        score: the name of the score that is shown.

    Raises:
        TypeError: something is no node.
        ValueError: there are none.
    """
    if not nodes:
        raise ValueError("compare() needs nodes: compare(*question.children)")
    return columns(compared([checked_node(node) for node in nodes], score))


def compared(nodes: Sequence[Node], score: str = "score") -> list[Column]:
    texts = [full_text(node, _LONGEST_TEXT) for node in nodes]
    if not texts:
        return []
    first = [(texts[0], False)] if len(texts) != 2 else _marked(texts[0], texts[1])
    pieces = [first, *(_marked(text, texts[0]) for text in texts[1:])]
    return [
        Column(_title(place, node), shown, figures(node), "done", score_of(node, name=score))
        for place, (node, shown) in enumerate(zip(nodes, pieces, strict=True), 1)
    ]


def _title(place: int, node: Node) -> str:
    return f"{place} · {who(node) or node.role}"


def _marked(text: str, other: str) -> list[Piece]:
    """The text in pieces, and whether each is lacking in the other."""
    ours, theirs = _WORDS.findall(text), _WORDS.findall(other)
    if len(ours) + len(theirs) > _MOST_WORDS:
        return [(text, False)]
    pieces: list[Piece] = []
    for kind, start, end, _, _ in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        words = "".join(ours[start:end])
        if words:
            pieces.append((words, kind != "equal" and not words.isspace()))
    return pieces
