"""A tree as plain HTML that folds: for pages that have no kernel behind them, and where anywidget is missing."""

from ..tree.render.html import tree_to_html
from ..tree.render.text import format_tree
from .cards import note
from .fragment import said, style
from .tree_state import TreeState

__all__ = ["StaticTree", "static_html"]

_MOST_FOLDABLE = 500


class StaticTree(TreeState):
    """The tree as plain HTML: it folds, and that is all. What Python sets on it is kept as a widget would keep it."""

    def refresh(self) -> None:
        """Nothing to do: the page is made anew whenever it is shown."""

    def __str__(self) -> str:
        return format_tree(self.root)

    def __repr__(self) -> str:
        return f"<StaticTree: {self.head()}>"

    def _repr_html_(self) -> str:
        return static_html(self)


def static_html(state: TreeState) -> str:
    """Without scripts; where a page cannot show the widget, this stands in its place."""
    folding = tree_to_html(
        state.root, limit=min(state.limit, _MOST_FOLDABLE), note=lambda node: note(node, state.score_name)
    )
    return f'<div class="minillm-nb"><style>{style()}</style><p class="head">{said(state.head())}</p>{folding}</div>'
