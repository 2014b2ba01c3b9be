"""A tree as a picture: from left to right, a dot a node, what it says beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..tree import Node
from ..tree.bare_node import checked_node
from ..tree.render.figures import cost_words
from ..tree.render.printable import printable
from ..tree.scores import score_of
from ..tree.totals import attempts_of, cost_of
from .cards import full_text
from .fragment import said
from .picture import Picture

__all__ = ["plot_tree"]

_ACROSS, _DOWN, _MARGIN = 168, 34, 14
_RADIUS = 6
_LETTERS = 18  # of a label between two dots
_LAST_LETTERS = 46  # of a label that has the rest of the line
_LETTER = 7.2  # pixels; a wide font takes as much
_ROLES = {"system", "developer", "user", "assistant", "tool"}


@dataclass(eq=False)
class _Spot:
    """A node with its place: ``x`` and ``y`` in columns and lines."""

    node: Node
    x: int
    y: float = 0.0
    below: "list[_Spot]" = field(default_factory=list)


def plot_tree(
    root: Node,
    *,
    label: Callable[[Node], object] | None = None,
    highlight: Node | Iterable[Node] = (),
    score: str = "score",
    limit: int = 200,
) -> Picture:
    """Draw a node and all that is under it.

    Args:
        label: what stands under a dot; None is how its text begins, with its score and its cost.
        highlight: a node, or several: the way to each is drawn thick.
        score: the name of the score that is shown.
        limit: how many nodes are drawn at most, the nearest to the root first; the others are counted.

    Raises:
        TypeError: ``root`` is no node.
    """
    checked_node(root)
    spots, left_out = _placed(root, limit)
    chosen = [highlight] if isinstance(highlight, Node) else list(highlight)
    way = {id(node) for leaf in chosen for node in leaf.path()}
    pairs = [(spot, child) for spot in spots for child in spot.below]
    thin = [_line(*pair, "thin") for pair in pairs if not _on(way, *pair)]
    body = [f'<g class="soft">{"".join(thin)}</g>', *(_line(*pair, "way") for pair in pairs if _on(way, *pair))]
    body += [_dot(spot, label or (lambda node: _words(node, score)), id(spot.node) in way) for spot in spots]
    leaves = max(spot.y for spot in spots) + 1
    widest = max(_at(spot)[0] + (_LETTER * _LAST_LETTERS if not spot.below else _ACROSS) for spot in spots)
    height = _MARGIN * 2 + leaves * _DOWN
    if left_out:
        body.append(f'<text class="soft" x="{_MARGIN}" y="{height + 6:g}">and {left_out:,} more nodes</text>')
        height += 18
    count = len(spots) + left_out
    return Picture(
        body, (widest + _MARGIN, height), f"A conversation tree of {count:,} node{'s' if count != 1 else ''}"
    )


def _placed(root: Node, limit: int) -> tuple[list[_Spot], int]:
    """Leaves take a line each, and a node stands in the middle of its children; no recursion, trees may be deep."""
    top = _Spot(root, 0)
    spots, waiting, left_out = [top], [top], 0
    for spot in waiting:  # grows while it is walked: level by level
        for child in spot.node.children:
            if len(spots) >= limit:
                left_out += child.node_count()
                continue
            made = _Spot(child, spot.x + 1)
            spot.below.append(made)
            spots.append(made)
            waiting.append(made)
    line = 0
    stack = [(top, False)]
    while stack:
        spot, done = stack.pop()
        if done:
            spot.y = (spot.below[0].y + spot.below[-1].y) / 2
        elif spot.below:
            stack.append((spot, True))
            stack.extend((child, False) for child in reversed(spot.below))
        else:
            spot.y, line = line, line + 1
    return spots, left_out


def _at(spot: _Spot) -> tuple[float, float]:
    return _MARGIN + spot.x * _ACROSS, _MARGIN + (spot.y + 0.5) * _DOWN


def _on(way: set[int], *spots: _Spot) -> bool:
    return all(id(spot.node) in way for spot in spots)


def _line(spot: _Spot, child: _Spot, kind: str) -> str:
    (x, y), (to_x, to_y) = _at(spot), _at(child)
    middle = to_x - _ACROSS / 4
    curve = f"M{x:g} {y:g}H{middle - 16:g}C{middle:g} {y:g} {middle - 8:g} {to_y:g} {to_x:g} {to_y:g}"
    return f'<path class="{kind}" d="{curve}"/>'


def _dot(spot: _Spot, label: Callable[[Node], object], chosen: bool) -> str:
    x, y = _at(spot)
    role = str(spot.node.role)
    kind = role if role in _ROLES else "other"
    words = printable(str(label(spot.node)))
    room = _LETTERS if spot.below else _LAST_LETTERS
    shown = words if len(words) <= room else words[: room - 1] + "…"
    place = (x + 11, y + 4) if not spot.below else (x - _RADIUS, y + 19)
    hint = said(f"{role}: {full_text(spot.node, 400)}")
    return (
        f'<g><title>{hint}</title><circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{_RADIUS + 2 * chosen}"/>'
        f'<text x="{place[0]:g}" y="{place[1]:g}">{said(shown)}</text></g>'
    )


def _words(node: Node, score: str) -> str:
    given = score_of(node, name=score)
    cost = cost_words(cost_of((node,))) if attempts_of(node) and not node.children else ""
    figures = " · ".join(filter(None, ("" if given is None else f"{given:g}", cost)))
    text = " ".join(full_text(node, 200).split()) or str(node.role)
    if not figures or node.children:
        return text if given is None else f"{given:g} · {text}"
    room = _LAST_LETTERS - len(figures) - 3
    return f"{text if len(text) <= room else text[: room - 1] + '…'} · {figures}"
