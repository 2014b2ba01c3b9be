"""The words and lines that a diff shows, for text and HTML alike."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from ...types import CostInfo
from ..bare_node import children_of, message_of
from ..node_changes import NodeChange, money
from .part_text import message_text
from .printable import printable

__all__ = ["address", "changed_lines", "headline", "preview", "summary"]

_MOST_LINES = 2000  # comparing is quadratic at its worst
_CONTEXT = 2
_LONGEST_LINE = 400
_PREVIEW = 60

Line = tuple[str, str]  # " ", "-", "+" or "…", and the line


def summary(changes: Sequence[NodeChange], nodes: tuple[int, int], costs: tuple[CostInfo, CostInfo]) -> str:
    """All of it in one line."""
    counted = dict.fromkeys(("added", "removed", "moved", "changed"), 0)
    for change in changes:
        counted[change.kind] += change.nodes
    told = ", ".join(f"{number} {kind}" for kind, number in counted.items() if number) or "no difference"
    before, after = (money(cost) for cost in costs)
    cost = f"; cost {before}" if before == after else f"; cost {before} -> {after}"
    return f"{nodes[0]} -> {nodes[1]} nodes: {told}{cost}"


def headline(change: NodeChange, a: Any, b: Any) -> str:
    """Which node, and what became of it."""
    node = change.after if change.after is not None else change.before
    place = address(node, b if change.after is not None else a)
    said = f"{place} {printable(str(node._role))}: {preview(node)}"
    if change.kind == "moved":
        return f"{said} (was {address(change.before, a)})"
    if change.nodes > 1:
        return f"{said} (and {change.nodes - 1} under it)"
    return said


def address(node: Any, top: Any) -> str:
    """The way down from the top, as the numbers of children: ``0.2.0``; the top is ``top``."""
    steps = []
    while node is not top and node._parent is not None:
        siblings = children_of(node._parent)
        steps.append(str(next((i for i, each in enumerate(siblings) if each is node), "?")))
        node = node._parent
    if len(steps) > 12:
        steps = [*steps[:6], f"({len(steps) - 12} more)", *steps[-6:]]
    return ".".join(reversed(steps)) or "top"


def preview(node: Any) -> str:
    text = " ".join(printable(message_text(message_of(node))[: 4 * _PREVIEW]).split())
    return text if len(text) <= _PREVIEW else text[: _PREVIEW - 1] + "…"


def changed_lines(before: str, after: str) -> Iterator[Line]:
    """The lines that differ, with a little around them."""
    old, new = ([] if not text else printable(text).split("\n") for text in (before, after))
    if len(old) + len(new) > _MOST_LINES:
        yield "…", f"{len(old)} lines became {len(new)}: too many to compare"
        return
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT):
        for operation, start, end, new_start, new_end in group:
            if operation == "equal":
                yield from ((" ", _cut(line)) for line in old[start:end])
                continue
            yield from (("-", _cut(line)) for line in old[start:end])
            yield from (("+", _cut(line)) for line in new[new_start:new_end])


def _cut(line: str) -> str:
    more = len(line) - _LONGEST_LINE
    return line if more <= 0 else f"{line[:_LONGEST_LINE]}… ({more} more characters)"
