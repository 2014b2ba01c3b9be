"""A subtree as a foldable page fragment for notebooks.

Self-contained and inert: no script, no link, no image, nothing is fetched. Every text goes through
``html.escape``, so neither ``</script>`` nor an attribute can be closed from inside, and a
``javascript:`` or ``data:`` URL is only ever words on the page.
"""

from collections.abc import Callable
from html import escape
from typing import Any

from ..bare_node import BareNode, children_of, message_of
from ..traversal import count
from .part_text import message_text
from .printable import printable

__all__ = ["tree_to_html"]

_STYLE = (
    ".minillm{font-family:sans-serif;font-size:13px;line-height:1.4}"
    ".minillm details{margin-left:1em;border-left:1px solid #8884;padding-left:.6em}"
    ".minillm summary{cursor:pointer;color:#888}"
    ".minillm b{font-size:11px;text-transform:uppercase;color:#888;margin-right:.6em}"
    ".minillm pre{margin:0 0 .5em;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;"
    "font:inherit;color:inherit}"
    ".minillm i{color:#888}"
)

_END = "</details>"
_MOST_NODES = 500
_DEEPEST = 40  # browsers stop nesting elements at a few hundred levels
_LONGEST_TEXT = 4000


def tree_to_html(node: BareNode, *, limit: int = _MOST_NODES, note: Callable[[Any], str] = lambda _: "") -> str:
    """The node and what is under it; only branching nests, and each branch folds.

    Args:
        limit: how many nodes are shown at most; a last line tells how many are not.
        note: words about a node, shown beside its role.
    """
    pieces = [f'<div class="minillm"><style>{_STYLE}</style>']
    # A string on the stack is markup to write when the nodes above it are done.
    stack: list[Any] = [(node, 0)]
    shown = unclosed = 0
    while stack and shown < limit:
        entry = stack.pop()
        if isinstance(entry, str):
            pieces.append(entry)
            unclosed += -1 if entry == _END else 1
            continue
        current, depth = entry
        shown += 1
        pieces.append(_block(current, note(current)))
        children = children_of(current)
        if len(children) == 1 or depth >= _DEEPEST:
            stack.extend((child, depth) for child in reversed(children))
            continue
        for position, child in reversed(list(enumerate(children, 1))):
            summary = f"<details open><summary>{position} of {len(children)}</summary>"
            stack.extend((_END, (child, depth + 1), summary))
    hidden = sum(count(entry[0]) for entry in stack if not isinstance(entry, str))
    pieces.append(_END * unclosed)
    if hidden:
        pieces.append(f"<p><i>and {hidden} more</i></p>")
    pieces.append("</div>")
    return "".join(pieces)


def _block(node: BareNode, note: str) -> str:
    text = message_text(message_of(node))
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]}… ({len(text) - _LONGEST_TEXT} more characters)"
    role, beside = (escape(printable(words)) for words in (str(node._role), note))
    return f"<div><b>{role}</b>{beside and f'<i>{beside}</i>'}<pre>{escape(printable(text))}</pre></div>"
