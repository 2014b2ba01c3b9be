"""A tree that is clicked, as an anywidget: the page does, Python knows. Needs the extra ``notebook``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..tree import Node
from .comparison import compared
from .fragment import style
from .static_tree import static_html
from .tree_state import TreeState

__all__ = ["TreeWidget"]

_HERE = Path(__file__)


class TreeWidget(anywidget.AnyWidget):
    """See :func:`minillm.notebook.tree`.

    The traits are what travels between page and Python: ids and words. Its properties speak of nodes. What the page
    asks for comes as ``wish``, since a trait is the one thing that all front ends carry.
    """

    _esm = _HERE.with_name("tree.js")
    _css = style() + _HERE.with_name("tree.css").read_text("utf-8")

    head = traitlets.Unicode("").tag(sync=True)
    nodes = traitlets.List(traitlets.Dict()).tag(sync=True)
    selected_id = traitlets.Unicode("").tag(sync=True)
    compared_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    folded_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)
    comparison = traitlets.List(traitlets.Dict()).tag(sync=True)
    cut = traitlets.Int(0).tag(sync=True)
    fault = traitlets.Unicode("").tag(sync=True)
    wish = traitlets.Dict().tag(sync=True)

    def __init__(self, root: Node, *, score: str = "score", limit: int = 2000) -> None:
        self._state = state = TreeState(root, score=score, limit=limit)
        super().__init__(head=state.head(), nodes=state.cards())

    @property
    def root(self) -> Node:
        return self._state.root

    @property
    def selected(self) -> Node | None:
        """The node that was clicked last."""
        return self._state.of_id(self.selected_id)

    def select(self, node: Node | None) -> None:
        self.selected_id = "" if node is None else node.id

    @property
    def compared(self) -> tuple[Node, ...]:
        """The nodes that stand side by side, in the order they were chosen."""
        return self._state.of_ids(self.compared_ids)

    def compare(self, *nodes: Node) -> None:
        self.compared_ids = [node.id for node in nodes]

    @property
    def folded(self) -> tuple[Node, ...]:
        """The nodes whose branches are out of sight."""
        return self._state.of_ids(self.folded_ids)

    def fold(self, *nodes: Node) -> None:
        self.folded_ids = [node.id for node in nodes]

    @property
    def pruned(self) -> tuple[Node, ...]:
        """What was cut off, each now the root of a tree of its own."""
        return self._state.pruned

    def score(self, node: Node, value: float | None) -> None:
        """Give the node a score; None takes it away. Raises ValueError or TypeError where it is no finite number."""
        self._state.score(node, value)
        self.refresh()

    def prune(self, node: Node) -> None:
        """Cut the node off with all that is under it. Raises ValueError where it is not under what is shown."""
        self._state.prune(node)
        self.refresh()

    def restore(self) -> Node | None:
        """Put back what was cut off last, where it was; None where there is nothing."""
        node = self._state.restore()
        self.refresh()
        return node

    def refresh(self) -> None:
        """Show the tree as it is now."""
        state = self._state
        self.compared_ids = [node.id for node in self.compared]
        self.folded_ids = [node.id for node in self.folded]
        if self.selected is None:
            self.selected_id = ""
        self.cut = len(state.pruned)
        self.head = state.head()
        self.nodes = state.cards()

    @traitlets.observe("wish")
    def _on_wish(self, change: Any) -> None:
        self.fault = self._state.perform(change["new"])
        self.refresh()

    @traitlets.observe("selected_id", "compared_ids")
    def _on_gone(self, change: Any) -> None:
        """The page may still show what Python has cut off meanwhile."""
        asked = [change["new"]] if change["name"] == "selected_id" else change["new"]
        if len(self._state.of_ids(asked)) < len([id for id in asked if id]):
            self.refresh()

    @traitlets.observe("compared_ids", "nodes")
    def _on_compared(self, change: Any) -> None:
        self.comparison = _side_by_side(self.compared, self._state.score_name)

    def __repr__(self) -> str:
        return f"<TreeWidget: {self.head}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and the plain tree for pages without a kernel: saved, exported, on a code host."""
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": static_html(self._state)}, metadata


def _side_by_side(nodes: Sequence[Node], score: str) -> list[dict[str, Any]]:
    return [
        {"id": node.id, "title": column.title, "pieces": column.text, "note": column.note, "score": column.score}
        for node, column in zip(nodes, compared(nodes, score), strict=True)
    ]
