"""A row of the outline: fold mark, place among siblings, role, words, and what it has cost."""

from itertools import islice

from rich.text import Text

from ..tree import Node, attempts_of, labels_of, score_of
from ..tree.render.figures import cost_words
from ..tree.render.part_text import message_text
from ..types import CostInfo, total_cost
from ..view.outline import Outline
from .terminal_text import one_line

__all__ = ["bill_of", "figure_words", "message_head", "row_text", "short_id", "words_around"]

_MOST_LEVELS = 12
_TEXT = 400
_AROUND = 24
_STYLES = {"system": "magenta", "developer": "magenta", "user": "cyan", "assistant": "green", "tool": "yellow"}
_ID = 8


def row_text(outline: Outline, number: int, width: int, *, here: bool = False, ids: bool = True) -> Text:
    """The row, exactly ``width`` cells wide; the words give way to the figures.

    Args:
        here: the node in hand.
        ids: begin with the first letters of the id.
    """
    node = outline.nodes[number]
    folded = outline.is_folded(number)
    row = Text(f"{short_id(node)}  " if ids else "", style="dim")
    row.append("  " * min(outline.levels[number], _MOST_LEVELS))
    row.append("▸ " if folded else "▾ " if outline.children[number] else "  ")
    parent = outline.parents[number]
    if parent >= 0 and outline.children[parent] > 1:
        row.append(f"{outline.places[number]}/{outline.children[parent]} ")
    row.append(f"{one_line(str(node.role), 12)} ", style=_style(node) + " not dim")
    row.append(one_line(_said(node), _TEXT), style="bold not dim" if here else "not dim")
    below = f"+{outline.ends[number] - number - 1:,}" if folded else ""
    figures = "  ".join(word for word in ("", below, figure_words(node)) if word)
    figures = f"  {figures}" if figures else ""
    row.truncate(max(width - len(figures), 1), overflow="ellipsis", pad=True)
    row.append(figures, style="dim")
    if here:
        row.stylize("reverse")
    return row


def message_head(outline: Outline, number: int) -> Text:
    """The line above a whole message: who, which of how many, when it has a bill what it cost."""
    node = outline.nodes[number]
    parent = outline.parents[number]
    words = [f"{outline.places[number]} of {outline.children[parent]}" if parent >= 0 else ""]
    if parent >= 0 and outline.children[parent] == 1:
        words = []
    words += [figure_words(node), short_id(node)]
    role = (one_line(str(node.role), 40), f"bold {_style(node)}")
    return Text.assemble(role, ("  " + " · ".join(word for word in words if word), "dim"))


def figure_words(node: Node) -> str:
    """Score, labels and cost, those that there are."""
    score = score_of(node)
    words = [] if score is None else [f"{score:g}"]
    words += [one_line(each, 20) for each in islice(labels_of(node), 3)]
    bill = bill_of(node)
    if bill is not None:
        words.append(cost_words(bill))
    return "  ".join(words)


def bill_of(node: Node) -> CostInfo | None:
    """What a node has cost; None where no model was asked."""
    attempts = attempts_of(node)  # read out of the file's record each time: not twice
    return total_cost(attempts) if attempts else None


def words_around(node: Node, wanted: str) -> str:
    """The words of a node, from a little before those that are wanted."""
    text = message_text(node.message, reasoning=True)
    at = text.casefold().find(wanted.casefold())
    return _said(node) if at <= _AROUND else "…" + text[at - _AROUND :]


def short_id(node: Node) -> str:
    return one_line(node.id[:_ID], _ID).ljust(_ID)


def _said(node: Node) -> str:
    text = node._message if isinstance(node._message, str) else message_text(node.message)
    return text[: 4 * _TEXT].strip() or "[empty]"


def _style(node: Node) -> str:
    return _STYLES.get(str(node.role), "white")
