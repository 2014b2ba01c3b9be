"""A diff of two trees as a page fragment: inert, like ``html``; every text goes through ``html.escape``."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from ...types import CostInfo
from ..node_changes import NodeChange
from .diff_lines import changed_lines, headline, summary
from .printable import printable

__all__ = ["diff_to_html"]

_STYLE = (
    ".minillm-diff{font-family:sans-serif;font-size:13px;line-height:1.4}"
    ".minillm-diff pre{margin:0 0 .5em 1em;white-space:pre-wrap}"
    ".minillm-diff b{font-size:11px;text-transform:uppercase;color:#888;margin-right:.6em}"
    ".minillm-diff i{color:#888;margin-left:1em}"
    ".minillm-diff ins{background:#2a22;text-decoration:none}"
    ".minillm-diff del{background:#c322}"
)
_TAGS = {"-": "del", "+": "ins", " ": "span", "…": "span"}


def diff_to_html(
    a: Any,
    b: Any,
    changes: Sequence[NodeChange],
    nodes: tuple[int, int],
    costs: tuple[CostInfo, CostInfo],
    *,
    limit: int,
) -> str:
    pieces = [f'<div class="minillm-diff"><style>{_STYLE}</style><p>{escape(summary(changes, nodes, costs))}</p>']
    for change in changes[:limit]:
        pieces += _change(change, a, b)
    if len(changes) > limit:
        pieces.append(f"<p>… and {len(changes) - limit} more</p>")
    pieces.append("</div>")
    return "".join(pieces)


def _change(change: NodeChange, a: Any, b: Any) -> Iterator[str]:
    words = escape(printable(headline(change, a, b)))
    tag = {"added": "ins", "removed": "del"}.get(change.kind, "span")
    yield f"<div><b>{change.kind}</b><{tag}>{words}</{tag}>"
    for aspect in change.aspects:
        yield f"<div><i>{escape(printable(aspect.name))}</i><pre>"
        for sign, line in changed_lines(aspect.before, aspect.after):
            yield f"<{_TAGS[sign]}>{sign} {escape(line)}\n</{_TAGS[sign]}>"
        yield "</pre></div>"
    yield "</div>"
