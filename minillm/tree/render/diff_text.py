"""A diff of two trees for a terminal."""

from collections.abc import Sequence
from typing import Any

from ...types import CostInfo
from ..node_changes import NodeChange
from .diff_lines import changed_lines, headline, summary
from .printable import printable

__all__ = ["diff_to_text"]

_SIGNS = {"added": "+", "removed": "-", "moved": ">", "changed": "~"}


def diff_to_text(
    a: Any,
    b: Any,
    changes: Sequence[NodeChange],
    nodes: tuple[int, int],
    costs: tuple[CostInfo, CostInfo],
    *,
    limit: int,
) -> str:
    lines = [summary(changes, nodes, costs)]
    for change in changes[:limit]:
        lines.append(f"{_SIGNS[change.kind]} {headline(change, a, b)}")
        for aspect in change.aspects:
            lines.append(f"    {printable(aspect.name)}:")
            lines += [f"      {sign} {line}".rstrip() for sign, line in changed_lines(aspect.before, aspect.after)]
    if len(changes) > limit:
        lines.append(f"… and {len(changes) - limit} more")
    return "\n".join(lines)
