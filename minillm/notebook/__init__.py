"""Floor 9: conversations in notebooks. Plain Python, no magics; everything is shown as words, nothing in them can run.

    reply = await notebook.show(node.stream(gen))          # while it is written
    replies = await notebook.show(node.branch(gen, n=8))   # siblings side by side
    reply = await notebook.show(node.run(gen, tools=...))  # rounds, calls, what became of them
    view = notebook.tree(root)                             # to be clicked; view.selected is a node

The tree that is clicked needs the extra ``notebook`` (anywidget); without it, and for all else, there is plain HTML.
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .billing import CostTable as CostTable
    from .billing import cost_table as cost_table
    from .comparison import compare as compare
    from .cost_picture import plot_costs as plot_costs
    from .fragment import Fragment as Fragment
    from .picture import Picture as Picture
    from .showing import Shown as Shown
    from .showing import show as show
    from .static_tree import StaticTree as StaticTree
    from .tree_picture import plot_tree as plot_tree
    from .tree_view import tree as tree
    from .tree_widget import TreeWidget as TreeWidget

__all__ = [
    "CostTable",
    "Fragment",
    "Picture",
    "Shown",
    "StaticTree",
    "TreeWidget",
    "compare",
    "cost_table",
    "plot_costs",
    "plot_tree",
    "show",
    "tree",
]

_HOMES = {
    "CostTable": "billing",
    "Fragment": "fragment",
    "Picture": "picture",
    "Shown": "showing",
    "StaticTree": "static_tree",
    "TreeWidget": "tree_widget",
    "compare": "comparison",
    "cost_table": "billing",
    "plot_costs": "cost_picture",
    "plot_tree": "tree_picture",
    "show": "showing",
    "tree": "tree_view",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
